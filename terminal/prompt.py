"""The keyboard: a prompt with history, several lines, and a key for each way to send code."""

from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from prompt_toolkit import PromptSession
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import patch_stdout

from .completing import LineCompleter
from .editor import edit_in_program, named_editor
from .input import Mode, is_complete
from .keyboard import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Ends the prompt of a line that goes on.
_CONTINUATION: Final = "... "
#: What stands before a text that is edited line by line, and below it how to end that.
_EDIT_PROMPT: Final = "  | "
_EDIT_HELP: Final = "Alt-Enter takes it, Ctrl-C drops it; with EDITOR set, that program is used"
#: Keys that mean a command while there is one for them.
_COMMAND_KEYS: Final = ("f5", "f6", "f7", "f8")
#: Keys that send at once, as sequences: Alt is sent as Escape before the key.
_SENDING_KEYS: Final = ((Mode.PRINT, "enter"), (Mode.DO, "d"), (Mode.PRINT, "p"), (Mode.INSPECT, "i"))


class Prompt:
    """Asks a person for code or a command, for a text, or for a yes.

    Args:
        history_file: Where lines are kept between runs.
        keyboard: Another source of keys than the terminal.
        output: Another terminal to draw the prompt on.
    """

    def __init__(self, history_file: Path, keyboard: Input | None = None, output: Output | None = None) -> None:
        self._mode = Mode.PRINT
        self._keys: Mapping[str, str] = MappingProxyType({})
        self._keyboard, self._output = keyboard, output
        self._completer = LineCompleter()
        history_file.touch(mode=0o600)
        self._session: PromptSession[str] = PromptSession(
            multiline=True,
            prompt_continuation=lambda width, _number, _is_wrapped: _CONTINUATION.rjust(width),
            history=FileHistory(str(history_file)),
            completer=self._completer,
            complete_while_typing=False,
            enable_history_search=True,
            enable_suspend=True,
            bottom_toolbar=self._toolbar,
            key_bindings=self._key_bindings(),
            input=keyboard,
            output=output,
        )

    def above(self) -> AbstractContextManager[None]:
        """Return the time in which all that is written to stdout comes above the prompt."""
        return patch_stdout(raw=True)

    async def ask(self, line: Line) -> tuple[str, Mode]:
        """Return what a person sends, and what to do with it if it is code.

        Raises:
            KeyboardInterrupt: Ctrl-C: the line is dropped.
            EOFError: Ctrl-D: the person leaves.
        """
        self._mode, self._keys, self._completer.line = Mode.PRINT, line.keys, line
        text = await self._session.prompt_async(line.prompt)
        return text, self._mode

    def _toolbar(self) -> str | None:
        """Return what stands below the prompt: what the keys mean that mean a command."""
        return "  ".join(f"{key.upper()} {command}" for key, command in self._keys.items()) or None

    async def edit(self, text: str) -> str | None:
        """Have a text edited, in the person's editor if they have named one; None when they drop it."""
        editor = named_editor()
        return await self._edit_here(text) if editor is None else await edit_in_program(editor, text)

    async def _edit_here(self, text: str) -> str | None:
        session: PromptSession[str] = PromptSession(
            _EDIT_PROMPT,
            multiline=True,
            prompt_continuation=_EDIT_PROMPT,
            bottom_toolbar=_EDIT_HELP,
            input=self._keyboard,
            output=self._output,
        )
        try:
            return await session.prompt_async(default=text)
        except (KeyboardInterrupt, EOFError):
            return None

    async def confirm(self, question: str) -> bool:
        """Ask a question whose answer is yes or no; Enter alone is yes, Ctrl-C is no."""
        session: PromptSession[str] = PromptSession(f"{question} [Y/n] ", input=self._keyboard, output=self._output)
        try:
            return (await session.prompt_async()).strip().lower() in ("", "y", "yes")
        except (KeyboardInterrupt, EOFError):
            return False

    def _key_bindings(self) -> KeyBindings:
        """Return the keys that send; while earlier lines are searched they mean what they mean there."""
        bindings = KeyBindings()
        is_typing = has_focus(DEFAULT_BUFFER)

        @bindings.add("enter", filter=is_typing)
        def _enter(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            if is_complete(buffer.text):
                buffer.validate_and_handle()
            else:
                buffer.newline()

        for mode, key in _SENDING_KEYS:

            @bindings.add("escape", key, filter=is_typing)
            def _send(event: KeyPressEvent, mode: Mode = mode) -> None:
                self._mode = mode
                event.current_buffer.validate_and_handle()

        for key in _COMMAND_KEYS:

            def is_command(key: str = key) -> bool:
                return key in self._keys

            @bindings.add(key, filter=is_typing & Condition(is_command))
            def _command(event: KeyPressEvent, key: str = key) -> None:
                event.current_buffer.text = self._keys[key]
                event.current_buffer.validate_and_handle()

        return bindings
