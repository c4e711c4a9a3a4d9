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

    def conclude(self, text: str) -> str:
        """The reply brought all that the evaluation wrote."""
        rest = text.removeprefix(self._heard) if text.startswith(self._heard) else text
        self._heard, self._owed = "", rest
        return rest
