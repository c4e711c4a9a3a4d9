"""The limits of the language as rows, read from the constants where they are defined.

Each limit stands where it is used, beside its reason (a comment that begins with `#:`), and nowhere else. The table is
made of these: of every public constant whose name ends in `_MAX`, and of all constants of the modules named `limits`.
It is for the reference page; nothing in the running server asks for it.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONSTANT: Final = re.compile(r"([A-Z][A-Z0-9_]*)(?:: Final)? = ")
_REASON: Final = "#: "
#: What the name of a limit ends in, and the name of modules that hold nothing else.
_LIMIT: Final = "_MAX"
_MODULE_OF_LIMITS: Final = "limits"


class LanguageLimit(NamedTuple):
    """One limit.

    Attributes:
        name: name of the constant; its unit is told by it or by the reason.
        module: where it is defined, inside this package.
        value: the bound itself, allowed.
        reason: what is bounded and why, as sentences; empty if its definition does not say.
    """

    name: str
    module: str
    value: int
    reason: str


def language_limits() -> tuple[LanguageLimit, ...]:
    """Return all limits, by module and in the order of their definitions."""
    package = import_module(__package__)
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return tuple(limit for module in found if not module.ispkg for limit in _limits_of(module.name))


def _limits_of(module_name: str) -> Iterator[LanguageLimit]:
    module = import_module(module_name)
    place = module_name.removeprefix(f"{__package__}.")
    holds_only_limits = place.endswith(f".{_MODULE_OF_LIMITS}")
    for name, reason in _constants(inspect.getsource(module)):
        value = getattr(module, name)
        if type(value) is int and (holds_only_limits or name.endswith(_LIMIT)):
            yield LanguageLimit(name, place, value, reason)


def _constants(source: str) -> Iterator[tuple[str, str]]:
    """Return the public constants of a module with their reasons; constants without a line between them share one."""
    reason: list[str] = []
    is_taken = False
    for line in source.splitlines():
        constant = _CONSTANT.match(line)
        if constant is not None:
            yield constant[1], " ".join(reason)
            is_taken = True
            continue
        if is_taken:
            reason, is_taken = [], False
        if line.startswith(_REASON):
            reason.append(line.removeprefix(_REASON))
        else:
            reason = []
