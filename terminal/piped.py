"""Lines of a file or a pipe in place of a person at a keyboard: `stui-console < lines.st`."""

import asyncio
import io
import signal
from collections.abc import Iterator
from contextlib import contextmanager
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
                with _ending_on_ctrl_c():
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


@contextmanager
def _ending_on_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process at once, as it ends other filters, unless whoever started it lets it be ignored.

    Nothing is under way while a line is awaited, and a thread that reads a pipe which stays open cannot be stopped:
    leaving in any other way would wait for the pipe's end.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
