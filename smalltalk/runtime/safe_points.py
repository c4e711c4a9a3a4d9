"""The flag that generated code tests at its safe points.

Generated code reads `_POLL` from its builtins dictionary at the entry of methods and blocks and at the end of loop
rounds, and calls `poll` when it is set. Every kernel has one such dictionary, shared by all its worlds.
"""

from __future__ import annotations

from typing import Any, Final

from . import current

#: Name of the flag in the builtins of generated code.
FLAG: Final = "_POLL"

_dictionaries: Final[list[dict[str, Any]]] = []


def register(builtins: dict[str, Any]) -> None:
    """Let `set_poll` reach the code that has these builtins."""
    builtins[FLAG] = False
    builtins["poll"] = poll
    _dictionaries.append(builtins)


def set_poll(flag: bool) -> None:  # noqa: FBT001 - the flag is the whole message
    """Ask running code to call `poll` at its next safe point, or no longer. Safe in a signal handler."""
    for builtins in _dictionaries:
        builtins[FLAG] = flag


def poll() -> None:
    """Safe point with the flag set: let the running evaluation look at its budget and its orders."""
    set_poll(False)
    current.evaluation.poll()
