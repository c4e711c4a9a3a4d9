"""Shows each text of the transcript once, although it comes twice: as events and with the reply of an evaluation.

Events bring it as it is written, by evaluations of whatever console and by processes between them. A reply brings all
that was written since the reply before it, whoever got that one; it is durable, so nothing is missing where events were
lost with a connection. Either may be first. An event never holds texts of two replies, so what a reply brings begins
where an event did.
"""

from collections import deque
from itertools import accumulate
from typing import Final

#: Characters of events that are kept for the next reply: no server puts more into one.
_HEARD_CHARS_MAX: Final = 1024 * 1024
#: Events kept, to be looked through in a moment; where processes wrote more of them between two replies, the second
#: shows them again.
_HEARD_MAX: Final = 4096


class Transcript:
    """What was shown and what is still expected to come again. Pure: each method answers the text to show now."""

    def __init__(self) -> None:
        #: Texts of events that no reply brought yet, and how long they are together.
        self._heard: deque[str] = deque()
        self._size = 0
        #: What a reply brought and no event yet.
        self._owed = ""

    def forget(self) -> None:
        """Another session is there."""
        self._keep("")
        self.begin()

    def begin(self) -> None:
        """An evaluation begins."""
        self._owed = ""

    def hear(self, text: str) -> str:
        """An event brought a text."""
        if text and self._owed.startswith(text):
            self._owed = self._owed[len(text) :]
            return ""
        self._heard.append(text)
        self._size += len(text)
        while len(self._heard) > _HEARD_MAX or self._size > _HEARD_CHARS_MAX:
            self._size -= len(self._heard.popleft())
        return text

    def conclude(self, text: str, total: int | None = None) -> str:
        """The reply brought all that was written since the one before, or its end.

        Args:
            text: What the reply brought; its first line says so if it is an end only.
            total: How many characters were written if it is an end only.
        """
        if not text:
            return ""
        heard = "".join(self._heard)
        if total is None or text.startswith(heard):  # an event may have brought the same end
            start = self._start(heard, text)
            known = min(len(heard) - start, len(text))
            rest = text[known:]
            self._keep(heard[start + known :])
        else:
            rest = _after_what_was_heard(heard, text, total)
            self._keep("")
        self._owed = rest
        return rest

    def _start(self, heard: str, text: str) -> int:
        """Return from where on what was heard goes on as a text does; its end if nowhere."""
        for start in accumulate(map(len, self._heard), initial=0):
            if (
                heard[start : start + 1] != text[:1]
            ):  # else nearly all of two long texts would be copied to compare them
                continue
            if text[: len(heard) - start] == heard[start : start + len(text)]:
                return start
        return len(heard)

    def _keep(self, heard: str) -> None:
        """Remember so much of what was heard."""
        self._heard.clear()
        if heard:
            self._heard.append(heard)
        self._size = len(heard)


def _after_what_was_heard(heard: str, text: str, total: int) -> str:
    """Return what of an end was not heard; all of it if that is not to be told."""
    end = text.partition("\n")[2]
    known = heard[total - len(end) :]
    return end.removeprefix(known) if known and end.startswith(known) else text
