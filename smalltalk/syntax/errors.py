"""What is wrong with a source: notices, and the failure that carries them.

The parser never stops at the first fault. It reports a notice, repairs and reads on, so that an editor can mark every
fault at once; a strict parse then raises the first error as a `SyntaxFailure`. Messages are those of Pharo's compiler
(its spelling included), because tools compare them; the suggestion says in plain words what to do about it.

Positions are 0-based character offsets, `stop` one past the last, as in `nodes`; lines and columns are 1-based.
"""

from __future__ import annotations

from typing import NamedTuple

from .advice import advice_on

#: What opens and what closes; the key is the last character of the opener, so `#(` and `(` share an entry.
CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">", "|": "|"}


class Notice(NamedTuple):
    """One remark about a source.

    Attributes:
        start: First character of the faulty piece.
        stop: One past its last character; equal to `start` where something is missing.
        position: Where the fault was noticed.
        message: Pharo's text.
        is_error: Whether the source cannot be compiled; False for a mere warning.
    """

    start: int
    stop: int
    position: int
    message: str
    is_error: bool = True


def line_and_column(source: str, position: int) -> tuple[int, int]:
    """Answer the 1-based line and column of a position; a line ends with CR, LF or both."""
    before = source[:position].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class SyntaxFailure(Exception):  # noqa: N818 - "failure", because SyntaxError is Python's own
    """The source is not Smalltalk.

    Attributes:
        message: Pharo's text for the first fault.
        start, stop, position: Its place, as in `Notice`.
        line, column: 1-based place of `position`.
        suggestion: One sentence that says what to do.
        notices: Every remark, in the order in which they were found.
    """

    def __init__(self, source: str, notices: tuple[Notice, ...]) -> None:
        first = next(notice for notice in notices if notice.is_error)
        self.message = first.message
        self.start = first.start
        self.stop = first.stop
        self.position = first.position
        self.line, self.column = line_and_column(source, first.position)
        self.suggestion = _suggestion(source, first, notices)
        self.notices = notices
        super().__init__(f"line {self.line} column {self.column}: {self.message} ({self.suggestion})")


def _suggestion(source: str, first: Notice, notices: tuple[Notice, ...]) -> str:
    """Say what to do: an opener left open at the place of the fault explains it best."""
    for notice in notices:
        closer = _missing_closer(notice.message)
        if closer is not None and notice.position == first.position:
            line, column = line_and_column(source, notice.start)
            opener = next(opener for opener in CLOSERS if CLOSERS[opener] == closer)
            return f"missing '{closer}' for the '{opener}' at line {line} column {column}"
    advice = advice_on(first.message, source, first.start, first.position)
    if first.message.startswith("Unmatched"):
        line, column = line_and_column(source, first.start)
        return f"{advice} (it begins at line {line} column {column})"
    return advice


def _missing_closer(message: str) -> str | None:
    """Answer the closing character that a message asks for, None when it asks for something else."""
    if message == "'|' or variable expected":
        return "|"
    if message[2:] == "' expected" and message[1] in CLOSERS.values():
        return message[1]
    return None
