"""The keyboard: a prompt with history, several lines, and a key for each way to send code."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output

from .commands import COMMANDS
from .input import Mode, is_complete

_PROMPT: Final = "st> "
#: Below the prompt, as wide as it is.
_CONTINUATION: Final = "... "
#: Keys that send at once, as sequences: Alt is sent as Escape before the key.
_SENDING_KEYS: Final = ((Mode.PRINT, "enter"), (Mode.DO, "d"), (Mode.PRINT, "p"), (Mode.INSPECT, "i"))


class Prompt:
    """Asks a person for code or a command.

    Args:
        history_file: Where lines are kept between runs.
        keyboard: Another source of keys than the terminal.
        output: Another terminal to draw the prompt on.
    """

    def __init__(self, history_file: Path, keyboard: Input | None = None, output: Output | None = None) -> None:
        self._mode = Mode.PRINT
        history_file.touch(mode=0o600)
        self._session: PromptSession[str] = PromptSession(
            _PROMPT,
            multiline=True,
            prompt_continuation=_CONTINUATION,
            history=FileHistory(str(history_file)),
            completer=CommandCompleter(),
            complete_while_typing=False,
            enable_history_search=True,
            key_bindings=self._key_bindings(),
            input=keyboard,
            output=output,
        )

    async def ask(self) -> tuple[str, Mode]:
        """Return what a person sends, and what to do with it if it is code.

        Raises:
            KeyboardInterrupt: Ctrl-C: the line is dropped.
            EOFError: Ctrl-D: the person leaves.
        """
        self._mode = Mode.PRINT
        text = await self._session.prompt_async()
        return text, self._mode

    def _key_bindings(self) -> KeyBindings:
        """Return the keys that send."""
        bindings = KeyBindings()

        @bindings.add("enter")
        def _enter(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            if is_complete(buffer.text):
                buffer.validate_and_handle()
            else:
                buffer.newline()

        for mode, key in _SENDING_KEYS:

            @bindings.add("escape", key)
            def _send(event: KeyPressEvent, mode: Mode = mode) -> None:
                self._mode = mode
                event.current_buffer.validate_and_handle()

        return bindings


class CommandCompleter(Completer):
    """Completes the names of commands."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002 - the interface's signature
        """Yield the commands that begin like the text."""
        text = document.text_before_cursor
        if text.startswith(":") and " " not in text:
            for name, entry in COMMANDS.items():
                if name.startswith(text[1:]):
                    yield Completion(f":{name} ", start_position=-len(text), display_meta=entry.doc)
