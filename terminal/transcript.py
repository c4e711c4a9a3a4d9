"""Shows each text of the transcript once, although it comes twice: as events and with the reply of an evaluation.

Events bring it while the code runs and what others write in the session; the reply brings the whole of what one
evaluation wrote, and it is durable, so nothing is missing where events were lost with a connection. Either may be
first.
"""


class Transcript:
    """What was shown and what is still expected to come again. Pure: each method answers the text to show now."""

    def __init__(self) -> None:
        self._heard = ""
        self._owed = ""

    def begin(self) -> None:
        """An evaluation begins."""
        self._heard = self._owed = ""

    def hear(self, text: str) -> str:
        """An event brought a text."""
        if text and self._owed.startswith(text):
            self._owed = self._owed[len(text) :]
            return ""
        self._heard += text
        return text

    def conclude(self, text: str, total: int | None = None) -> str:
        """The reply brought all that the evaluation wrote, or its end.

        Args:
            text: What the reply brought; its first line says so if it is an end only.
            total: How many characters were written if it is an end only.
        """
        if total is None or text.startswith(self._heard):  # an event may have brought the same end
            rest = text.removeprefix(self._heard)
        else:
            rest = self._after_what_was_heard(text, total)
        self._heard, self._owed = "", rest
        return rest

    def _after_what_was_heard(self, text: str, total: int) -> str:
        """Return what of an end was not heard; all of it if that is not to be told."""
        end = text.partition("\n")[2]
        missing = total - len(end)
        heard = self._heard[missing:]
        return end.removeprefix(heard) if heard and end.startswith(heard) else text
