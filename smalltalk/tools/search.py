"""Finding code in a world: who sends a message, who implements it, who refers to a name; classes and methods by text.

Nothing is run and nothing is kept. A method is parsed only when its text contains all the words asked for, because
parsing all of the kernel takes a third of a second. Searches over all methods call `pause` between classes and before
each method that is parsed, so that others are served in between and the search can be stopped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..runtime.classes import Metaclass
from ..runtime.dispatch import own_methods
from ..runtime.scopes import MethodScope
from ..syntax.errors import SyntaxFailure
from ..syntax.nodes import Message, Send, SymbolLiteral, Variable
from ..syntax.nodes import Method as MethodTree
from ..syntax.parser import parse_method
from ..syntax.walk import nodes_of
from .browse import ClassBrowser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..runtime.classes import Behavior, ClassObject, Method
    from ..runtime.world import World
    from .browse import Mode

#: The words of a camel-case name, for `OC` to find OrderedCollection.
_HUMPS: Final = re.compile(r"[A-Z0-9]")


class CodeSearch:
    """Searches one world.

    Args:
        world: where.
        pause: called now and then during a search over all methods.
    """

    def __init__(self, world: World, pause: Callable[[], None]) -> None:
        self._browser = ClassBrowser(world)
        self._world = world
        self._pause = pause

    def implementors(self, selector: str) -> list[Method]:
        """The methods of that selector."""
        found = []
        for behavior, _ in self._walk():
            method = own_methods(self._world, behavior).get(selector)
            if method is not None:
                found.append(method)
        return found

    def senders(self, selector: str) -> list[Method]:
        """The methods that send the message or hold its selector as a symbol."""
        words = _words(selector)
        return [
            method
            for _, methods in self._walk()
            for method in methods
            if all(word.search(method.source) for word in words) and self._mentions(method.source, selector)
        ]

    def references(self, name: str) -> list[Method]:
        """The methods that use the class or other global variable of that name."""
        return [
            method
            for behavior, methods in self._walk()
            for method in methods
            if name in method.source and self._refers(behavior, method.source, name)
        ]

    def _refers(self, behavior: Behavior, source: str, name: str) -> bool:
        """Whether a method uses the name, and means the global by it."""
        tree = self._tree(source)
        if tree is None or name not in _names_used(tree):
            return False
        scope = MethodScope(self._world, behavior)
        return name not in scope.instance_variables and scope.resolve(name) == ("global",)

    def _mentions(self, source: str, selector: str) -> bool:
        """Whether a method sends a message or names its selector."""
        tree = self._tree(source)
        if tree is None:
            return False
        for node in nodes_of(tree):
            if isinstance(node, Send | Message) and node.selector == selector:
                return True
            if isinstance(node, SymbolLiteral) and node.name == selector:
                return True
        return False

    def _tree(self, source: str) -> MethodTree | None:
        """A method's tree, None if it does not parse any more."""
        self._pause()
        try:
            return parse_method(source)
        except SyntaxFailure:
            return None

    def _walk(self) -> Iterator[tuple[Behavior, list[Method]]]:
        for behavior, methods in self._browser.all_methods():
            yield behavior, methods
            self._pause()

    def methods(self, query: str, class_name: str | None, mode: Mode) -> list[Method]:
        """The methods whose selectors contain the text, of one class or all; the best matches first.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        sides = None if class_name is None else self._browser.sides(class_name, mode)
        found = [
            (rank, method)
            for behavior, methods in self._walk()
            if (behavior in sides if sides is not None else _is_meant(behavior, mode))
            for method in methods
            if (rank := rank_of(query, method.selector)) is not None
        ]
        return [method for _, method in sorted(found, key=lambda pair: (pair[0], pair[1].selector))]

    def classes(self, query: str) -> list[ClassObject]:
        """The classes whose names contain the text, or its letters as the humps of the name; the best first."""
        ranked = [(rank_of(query, each.name), each) for each in self._browser.classes()]
        found = [(rank, each) for rank, each in ranked if rank is not None]
        return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


def rank_of(query: str, name: str) -> int | None:
    """How well a name answers a query, 0 is best, None not at all; case matters for being best only."""
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    lowered, wanted = name.lower(), query.lower()
    if lowered.startswith(wanted):
        return 2
    if "".join(_HUMPS.findall(name)).startswith(query):
        return 3
    return 4 if wanted in lowered else None


def _words(selector: str) -> list[re.Pattern[str]]:
    """What the text of a method contains, if it mentions the selector."""
    if not (selector[0].isalpha() or selector[0] == "_"):
        return [re.compile(re.escape(selector))]
    parts = [f"{part}:" for part in selector.split(":")[:-1]] or [selector]
    return [re.compile(rf"(?<!\w){re.escape(part)}") for part in parts]


def _is_meant(behavior: Behavior, mode: Mode) -> bool:
    """Whether a mode means that side."""
    is_class_side = isinstance(behavior, Metaclass)
    return mode == "All" or is_class_side == (mode == "Class")


def _names_used(tree: MethodTree) -> set[str]:
    """The names a method uses but does not declare."""
    used: set[str] = set()
    declared = {variable.name for variable in (*tree.parameters, *tree.temporaries)}
    for node in nodes_of(tree):
        if isinstance(node, Variable):
            used.add(node.name)
        else:
            declared |= {variable.name for variable in getattr(node, "parameters", ())}
            declared |= {variable.name for variable in getattr(node, "temporaries", ())}
    return used - declared
