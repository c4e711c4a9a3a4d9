"""One row of a table of commands."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .shell import Shell


#: The argument of commands that take code.
EXPRESSION: Final = "EXPRESSION"


class Entry(NamedTuple):
    """One command: what it takes, what it does, how, whether it is about the current session, its other names.

    An argument in capitals must be given, one in brackets may be.
    """

    argument: str
    doc: str
    work: Callable[["Shell", str], Awaitable[None]]
    needs_session: bool = True
    short: tuple[str, ...] = ()

    def title(self, name: str) -> str:
        """Return what can be typed, as `:help` shows it."""
        return " ".join((*(f":{each}" for each in (name, *self.short)), self.argument)).rstrip()
