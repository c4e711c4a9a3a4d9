"""What the shell asks of the person: the next line, and what commands may want besides."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

from .entry import Entry
from .sourceresults import Suggestions


class Line(NamedTuple):
    """How a line is asked for.

    Attributes:
        prompt: What stands before it.
        commands: Those that can be typed.
        keys: Which mean one of them.
        suggest: Answers what may stand in code at a position.
    """

    prompt: str
    commands: Mapping[str, Entry]
    keys: Mapping[str, str]
    suggest: Callable[[str, int], Awaitable[Suggestions]]


class Keyboard(Protocol):
    """A person who can be asked."""

    async def edit(self, text: str) -> str | None:
        """Have a text edited; None when the person drops it."""

    async def confirm(self, question: str) -> bool:
        """Ask a question whose answer is yes or no; Enter alone is yes."""
