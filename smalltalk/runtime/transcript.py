"""The Transcript of a world: text on its way to whoever watches the session."""

from __future__ import annotations

from typing import Final

from .limits import TRANSCRIPT_CHARACTERS_MAX

#: Stands where text was dropped because nobody drained it in time.
_DROPPED: Final = "... (output dropped)\n"


class Transcript:
    """Collects text until it is drained; bounded, the newest text is kept."""

    __slots__ = ("_pieces", "_size", "_told")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        #: How many pieces were in the news already.
        self._told = 0

    @property
    def has_text(self) -> bool:
        """Whether anything waits to be drained."""
        return bool(self._pieces)

    def append(self, text: str) -> None:
        """Add text at the end."""
        self._pieces.append(text)
        self._size += len(text)
        if self._size > 2 * TRANSCRIPT_CHARACTERS_MAX:
            self._shorten()

    def news(self) -> str:
        """Answer the text since the last news or drain, and go on keeping it."""
        count = len(self._pieces)
        if self._told == count:
            return ""
        text = "".join(self._pieces[self._told :])
        self._told = count
        return text

    def drain(self) -> str:
        """Answer the text since the last drain and forget it."""
        if not self._pieces:
            return ""
        if self._size > TRANSCRIPT_CHARACTERS_MAX:
            self._shorten()
        text = "".join(self._pieces)
        self._pieces.clear()
        self._size = self._told = 0
        return text

    def _shorten(self) -> None:
        """Drop the oldest text beyond the limit; what was in the news is not news again."""
        told = "".join(self._pieces[: self._told]).removeprefix(_DROPPED)
        untold = "".join(self._pieces[self._told :])
        if not told:
            untold = untold.removeprefix(_DROPPED)
        dropped = max(0, len(told) + len(untold) - TRANSCRIPT_CHARACTERS_MAX)
        told_pieces = [_DROPPED, told[dropped:]]
        if told and dropped <= len(told):
            self._pieces, self._told = [*told_pieces, untold], len(told_pieces)
        else:
            self._pieces, self._told = [_DROPPED, untold[dropped - len(told) :]], 0
        self._size = sum(map(len, self._pieces))


def ending(text: str, characters_max: int) -> str:
    """Return a text that is to be told: of one that is too long the end, and how much there is before it."""
    missing = len(text) - characters_max
    return text if missing <= 0 else f"... ({missing} characters before this)\n{text[missing:]}"
