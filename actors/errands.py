"""Errands: what a command of the operator asks of a server that runs, through files in its data directory.

Nobody but the server can read its store, and whoever may write into its private directory may ask. A command writes
the errand whole under another name and renames it; the server takes it, does it in steps between requests, and answers
in the same way.

| file | content |
|---|---|
| errand.json | `{"back_up": path}`: back the store up into that new directory |
| errand.answer | `{"done": path}`, or `{"error": why not}` |

Thread of the server's side: the loop.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from storage import Store, StoreError

from .limits import SERVER_LIMITS
from .logs import new_logger

_ERRAND: Final = "errand.json"
_ANSWER: Final = "errand.answer"
_BACK_UP: Final = "back_up"
_ERRAND_BYTES_MAX: Final = SERVER_LIMITS["errand_bytes_max"].value
_log = new_logger("errands")


class Errands:
    """The errands of one data directory."""

    def __init__(self, directory: Path) -> None:
        self._errand = directory / _ERRAND
        self._answer = directory / _ANSWER

    # The command's side

    def ask_for_backup(self, target: Path) -> None:
        """Ask the server for a backup; what was asked before and not taken is forgotten."""
        self._answer.unlink(missing_ok=True)
        _write(self._errand, {_BACK_UP: str(target.absolute())})

    def withdraw(self) -> None:
        """Forget an errand that the server did not take."""
        self._errand.unlink(missing_ok=True)

    def answer(self) -> dict[str, Any] | None:
        """Return and forget the server's answer, None if it did not answer yet."""
        answer = _read(self._answer)
        if answer is not None:
            self._answer.unlink(missing_ok=True)
        return answer

    # The server's side

    def steps(self, store: Store) -> Iterator[None]:
        """Do the errand that waits, if there is one, in steps."""
        asked = _read(self._errand)
        if asked is None:
            return
        try:
            self.withdraw()
            yield from self._do(asked, store)
        except OSError as error:  # of our own files: the server serves on, and the command sees no answer
            _log.error("an errand cannot be answered", reason=error.strerror)

    def _do(self, asked: dict[str, Any], store: Store) -> Iterator[None]:
        """Do one errand and answer it."""
        target = asked.get(_BACK_UP)
        if not isinstance(target, str):
            _write(self._answer, {"error": "The server knows no such errand; is it of another version?"})
            return
        try:
            for _ in store.back_up(Path(target)):
                yield
        except StoreError as error:
            _write(self._answer, {"error": str(error)})
        else:
            _write(self._answer, {"done": target})


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.rename(path)


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a file says, an empty map if that is nothing we know, None if there is no file."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_ERRAND_BYTES_MAX))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
