"""Front doors that load what stands behind them when it is first asked for.

A server that starts after a crash is waited for, and a third of its start would be modules that the first requests do
not need. A package's `__getattr__` (PEP 562) is the one way in which this room leaves them for later.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LEFT: Final[list[str]] = []


def load_all() -> None:
    """Load everything that was left for later: before processes are forked, which then share it."""
    for module in _LEFT:
        import_module(module)


def door(package: str, later: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package.

    Args:
        package: its full name.
        later: its modules, each with the names that it gives the package.
    """
    modules = {name: module for module, names in later.items() for name in names}
    _LEFT.extend(f"{package}.{module}" for module in later)

    def load(name: str) -> object:
        """Load the module that has a name, and keep what the name stands for."""
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
