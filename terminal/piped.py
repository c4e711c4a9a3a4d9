"""Lines of a file or a pipe in place of a person at a keyboard: `stui-console < lines.st`."""

import asyncio
import io
from typing import Final, TextIO

from .input import Mode, is_complete
from .keyboard import Line
from .patience import Patience

#: Nobody is there to give up a server that does not come back: about half a minute is more than a restart takes. What
#: runs is waited for without end, as for a person.
PIPED_PATIENCE: Final = Patience(queued_answer_s=None, attempts=6)


class PipedLines:
    """Hands over what is read, as a person would send it; nobody is there to be asked for more.

    Args:
        lines: Where they come from; UTF-8, as all files of the language, whatever this machine's own encoding is.
    """

    def __init__(self, lines: TextIO) -> None:
        if isinstance(lines, io.TextIOWrapper):
            lines.reconfigure(encoding="utf-8", errors="strict")
        self._lines = lines

    async def ask(self, _line: Line) -> tuple[str, Mode]:
        """Return the next line, with those behind it while a string, comment or bracket is open.

        Raises:
            EOFError: There are no more.
            ValueError: They are not in UTF-8.
        """
        text = ""
        while not text or not is_complete(text):
            try:
                read = await asyncio.to_thread(self._lines.readline)
            except UnicodeDecodeError as error:
                raise ValueError("what is piped in is no text in UTF-8") from error
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
