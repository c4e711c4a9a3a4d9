"""What the shell asks of the person: the next line, and what commands may want besides."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from .entry import Entry


class Line(NamedTuple):
    """How a line is asked for: the prompt, the commands that can be typed, and keys that mean one of them."""

    prompt: str
    commands: Mapping[str, Entry]
    keys: Mapping[str, str]


class Keyboard(Protocol):
    """A person who can be asked."""

    async def edit(self, text: str) -> str | None:
        """Have a text edited; None when the person drops it."""

    async def confirm(self, question: str) -> bool:
        """Ask a question whose answer is yes or no; Enter alone is yes."""
