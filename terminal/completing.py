"""Completion at the prompt: the names of commands from their table, code by asking the server."""

from collections.abc import AsyncGenerator, Iterable
from typing import TYPE_CHECKING, Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from .entry import EXPRESSION
from .sourceresults import Suggestion

if TYPE_CHECKING:
    from .keyboard import Line

#: Kinds of suggestions that are names of messages.
_MESSAGES: Final = frozenset({"method", "selector"})


class LineCompleter(Completer):
    """Completes what is typed.

    Attributes:
        line: What is asked for; None before anything was.
    """

    def __init__(self) -> None:
        self.line: Line | None = None

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002 - the interface's signature
        """Yield the commands that begin like the text."""
        text = document.text_before_cursor
        if self.line is not None and text.startswith(":") and " " not in text:
            for name, entry in self.line.commands.items():
                if name.startswith(text[1:]):
                    yield Completion(f":{name} ", start_position=-len(text), display_meta=entry.doc)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield the commands that begin like the text, or what may stand in code at the cursor."""
        for command in self.get_completions(document, complete_event):
            yield command
        begin = self._begin_of_code(document.text)
        position = document.cursor_position - begin
        code = document.text[begin:]
        if self.line is None or position <= 0 or not code[:position].strip():
            return
        found = await self.line.suggest(code, position)
        is_symbol = code[found.start - 1 : found.start] == "#"
        for each in found.suggestions:
            yield Completion(
                each.text if is_symbol else _typed(each),
                start_position=found.start - position,
                display=each.text,
                display_meta=each.signature if each.kind == "variable" else _first_line(each.doc) or each.kind,
            )

    def _begin_of_code(self, text: str) -> int:
        """Return where the code of a text begins: behind a command that takes some, at the end if it is none."""
        if not text.startswith(":"):
            return 0
        name, space, _ = text[1:].partition(" ")
        entry = self.line.commands.get(name) if self.line is not None and space else None
        is_code = entry is not None and entry.argument.strip("[]").upper() == EXPRESSION
        return len(name) + 2 if is_code else len(text)


def _typed(suggestion: Suggestion) -> str:
    """Return what a person types for a suggestion: the parts of a keyword message have room for their arguments."""
    return suggestion.text.replace(":", ": ") if suggestion.kind in _MESSAGES else suggestion.text


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
