"""Workspaces: the variables of each tool of a session, declared by being used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..runtime.objects import Binding
from .errors import TooManyVariablesError
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .heap import Heap
    from .root import Root

#: Variables of one session, all tools together: far more than people name, and some 2 MB of records.
VARIABLES_MAX: Final = 10_000

#: The tool of requests that name none.
SESSION_TOOL: Final = ""


class Workspaces:
    """The workspace variables of one session, by tool and name."""

    __slots__ = ("_count", "_heap", "_root", "_tools")

    def __init__(self, root: Root, heap: Heap) -> None:
        self._root = root
        self._heap = heap
        self._tools: dict[str, tuple[Table, dict[str, Binding]]] = {}
        self._count = 0
        for table in root.workspaces:
            self._tools[table.name] = table, {binding.name: binding for binding in table}
            self._count += len(self._tools[table.name][1])

    def variables(self, tool: str) -> dict[str, Binding]:
        """The variables of a tool by name, for reading."""
        known = self._tools.get(tool)
        return known[1] if known is not None else {}

    def declare(self, tool: str, name: str) -> Binding:
        """Return a tool's variable; a new one is nil.

        Raises:
            TooManyVariablesError: the session has as many as it may.
        """
        known = self._tools.get(tool)
        if known is None:
            known = self._tools[tool] = Table(tool), {}
            self._root.workspaces.append(known[0], self._heap.mark)
        table, variables = known
        binding = variables.get(name)
        if binding is None:
            if self._count >= VARIABLES_MAX:
                raise TooManyVariablesError(f"a session may have at most {VARIABLES_MAX} workspace variables")
            binding = variables[name] = Binding(name)
            table.append(binding, self._heap.mark)
            self._count += 1
        return binding

    def __iter__(self) -> Iterator[tuple[str, Binding]]:
        for tool, (_, variables) in self._tools.items():
            for binding in variables.values():
                yield tool, binding
