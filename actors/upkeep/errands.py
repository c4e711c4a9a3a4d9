"""Errands: what a command of the operator asks of a server that runs, through files in its data directory.

Nobody but the server can read its store, and whoever may write into its private directory may ask. A command writes
the errand whole under another name and renames it; the server takes it, does it in steps between requests, and answers
in the same way.

| file | content |
|---|---|
| errand.json | `{"back_up": path}`: back the store up into that new directory |
| | `{"export": session id, "to": path}`: write the session's file into that directory, or under that name |
| | `{"take_in": path, "client": name or null}`: make a session of the parcel in that file |
| | `{"has_client": name}`: tell whether the client has sessions in this shard |
| | `{"list": client or "", "to": path}`: write a line of each session of the shard, or of the client, into that file |
| | `{"show": session id, "to": path}`: write the lines about that session into that file |
| | `{"library": path}`: write the compiled class library into that file |
| errand.answer | `{"done": path, session id, or yes or no}`, or `{"error": why not}` |

Thread of the server's side: the loop.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from smalltalk import SessionFileError
from storage import Store, StoreError, alone_in

from ..limits import SERVER_LIMITS
from ..logs import new_logger

#: Does one kind of errand: takes the store and what was asked; yields after each step, answers what was done.
Work: TypeAlias = Callable[[Store, Mapping[str, Any]], Generator[object, None, str]]

_ERRAND: Final = "errand.json"
_ANSWER: Final = "errand.answer"
_BACK_UP: Final = "back_up"
_ERRAND_BYTES_MAX: Final = SERVER_LIMITS["errand_bytes_max"].value
_UNKNOWN: Final = "The server knows no such errand; is it of another version?"
_log = new_logger("errands")


class Errands:
    """The errands of one data directory.

    Args:
        directory: the data directory.
        works: what does the kinds of errands beside backups, by their names; a command needs none.
    """

    def __init__(self, directory: Path, works: Mapping[str, Work] | None = None) -> None:
        self._errand = directory / _ERRAND
        self._answer = directory / _ANSWER
        self._works: dict[str, Work] = {_BACK_UP: _back_up, **(works or {})}

    # The command's side

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other command asks this server, and keep others from it: there is one answer at a time."""
        with alone_in(self._errand.parent):
            yield

    def ask(self, **asked: Any) -> None:
        """Ask something of the server, when it is this command's `turn`."""
        self._answer.unlink(missing_ok=True)
        _write(self._errand, asked)

    def ask_for_backup(self, target: Path) -> None:
        """Ask the server for a backup."""
        self.ask(**{_BACK_UP: str(target.absolute())})

    def withdraw(self) -> None:
        """Forget an errand that the server did not take."""
        self._errand.unlink(missing_ok=True)

    def is_answered(self) -> bool:
        """Tell whether the server's answer is there."""
        return self._answer.exists()

    def answer(self) -> dict[str, Any] | None:
        """Return and forget the server's answer, None if it did not answer yet."""
        answer = _read(self._answer)
        if answer is not None:
            self._answer.unlink(missing_ok=True)
        return answer

    # The server's side

    def is_asked(self) -> bool:
        """Tell whether an errand waits."""
        return self._errand.exists()

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
        work = next((work for name, work in self._works.items() if name in asked), None)
        if work is None:
            _write(self._answer, {"error": _UNKNOWN})
            return
        steps = work(store, asked)
        try:
            while True:
                next(steps)
                yield
        except StopIteration as end:
            _write(self._answer, {"done": end.value})
        except (StoreError, SessionFileError) as error:
            _write(self._answer, {"error": str(error)})
        finally:
            steps.close()


def asked_text(asked: Mapping[str, Any], name: str) -> str:
    """Return a text of an errand.

    Raises:
        StoreError: it has none.
    """
    text = asked.get(name)
    if not isinstance(text, str):
        raise StoreError(_UNKNOWN)
    return text


def _back_up(store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Back the store up."""
    target = asked_text(asked, _BACK_UP)
    yield from store.back_up(Path(target))
    return target


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
