"""Lines of a file or a pipe in place of a person at a keyboard: `stui-console < lines.st`."""

import asyncio
from typing import TextIO

from .input import Mode, is_complete
from .keyboard import Line


class PipedLines:
    """Hands over what is read, as a person would send it; nobody is there to be asked for more.

    Args:
        lines: Where they come from.
    """

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    async def ask(self, _line: Line) -> tuple[str, Mode]:
        """Return the next line, with those behind it while a string, comment or bracket is open.

        Raises:
            EOFError: There are no more.
        """
        text = ""
        while not text or not is_complete(text):
            read = await asyncio.to_thread(self._lines.readline)
            text += read
            if not read:
                break
        if not text:
            raise EOFError
        return text.rstrip("\n"), Mode.PRINT

    async def edit(self, _text: str) -> str | None:
        """Drop a text that is to be edited."""
        return None

    async def confirm(self, _question: str) -> bool:
        """Answer no."""
        return False
