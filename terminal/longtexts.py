"""Long texts in pages: how far one was shown, and where the rest of it is.

A reply brings a text up to a bound; the whole of a longer one is a String of the session, which `read_text` reads. A
terminal shows less at once than a reply brings, so either may have to be read on with `:more`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from .aclient import AsyncClient
    from .results import Evaluation, Whole
    from .shell import Shell

#: Characters of a text that are shown at once: some screens; a printString may have millions.
PAGE_CHARS: Final = 10_000
#: What the server puts behind a text that it cut, before how much is missing.
_CUT: Final = "... ("
#: What `:more` reads on, by what can be typed after it.
_TRANSCRIPT: Final = "transcript"
_VALUE: Final = ""


@dataclass(slots=True)
class LongText:
    """A text and how far it was shown.

    Attributes:
        text: As a reply brought it.
        whole: The session's String with all of it, where the reply's was cut.
        offset: Characters shown so far, counted in the whole if there is one.
    """

    text: str
    whole: "Whole | None" = None
    offset: int = 0

    @classmethod
    def of_value(cls, evaluation: "Evaluation") -> Self:
        """Return the text of a value of which the first page is shown.

        The whole of a long String's text is the String itself: it lacks the quotes that the text has. A text that was
        cut ends with a note of that, which is none of its characters.
        """
        text, whole = evaluation.result, evaluation.whole.get("result")
        shown = (text if whole is None else text.rpartition(_CUT)[0])[:PAGE_CHARS]
        is_string = whole is not None and whole.object_id == evaluation.object_id
        return cls(evaluation.result, whole, len(shown[1:].replace("''", "'")) if is_string else len(shown))

    @property
    def left(self) -> int:
        """How many characters were not shown."""
        return (len(self.text) if self.whole is None else self.whole.size) - self.offset

    async def next_page(self, client: "AsyncClient") -> str:
        """Return the characters that come next.

        Raises:
            ClientError: The server was asked for them and did not answer them.
        """
        if self.whole is None:
            page = self.text[self.offset : self.offset + PAGE_CHARS]
        else:
            page = (await client.read_text(self.whole.object_id, self.offset, PAGE_CHARS)).text
        self.offset += len(page)
        return page


class LongTexts:
    """What `:more` reads on: the last value, and what was written before it."""

    def __init__(self) -> None:
        self._texts: dict[str, LongText] = {}

    def forget(self) -> None:
        """Something else runs, or another session is there."""
        self._texts.clear()

    def note_value(self, text: LongText) -> None:
        """Remember the value that was shown last."""
        self._texts[_VALUE] = text

    def note_transcript(self, text: str, whole: "Whole | None") -> None:
        """Remember what code wrote, which can be read from its beginning."""
        self._texts[_TRANSCRIPT] = LongText(text, whole)

    def find(self, name: str) -> LongText | None:
        """Return the value or the transcript, None where there is none."""
        return self._texts.get(name)


async def read_on(shell: "Shell", argument: str) -> None:
    """Show the next page of the last value, or of the transcript.

    Raises:
        ClientError: The server was asked for it and did not answer it.
    """
    if argument not in (_VALUE, _TRANSCRIPT):
        shell.screen.refusal(":more reads on in the last value, :more transcript in what was written before it")
        return
    long = shell.long_texts.find(argument)
    if long is None or long.left <= 0:
        shell.screen.note("there is no more")
        return
    page = await long.next_page(shell.client)
    shell.screen.page(page, long.left if page else 0, f":more {argument}".rstrip())
