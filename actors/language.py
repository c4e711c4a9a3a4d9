"""Smalltalk as the server's engine: one kernel for all sessions, kept compiled in the store."""

from collections.abc import Generator, Iterator
from typing import Final

from smalltalk import (
    Image,
    RecordSource,
    SessionContents,
    check_contents,
    load_kernel,
    read_session_file,
    session_file,
    set_poll,
)
from storage import Store, StoreError

from .clock import Clock
from .host import LanguageHost
from .logs import new_logger
from .version import SERVER_NAME, SERVER_VERSION

#: Key of the compiled kernel in the store's code cache; what it holds says itself which sources it was made of.
KERNEL_KEY: Final = b"kernel"


class SmalltalkEngine:
    """Images of Smalltalk."""

    def __init__(self, clock: Clock, store: Store) -> None:
        """Load the kernel; from the store if it was compiled before, else compiled now and kept there."""
        self._host = LanguageHost(clock)
        cached = store.code(KERNEL_KEY)
        self._kernel, compiled = load_kernel(cached)
        if compiled != cached:
            _keep(store, compiled)

    def create(self) -> Image:
        """Make the image of a new session."""
        return Image.create(self._kernel, self._host)

    def restore(self, source: RecordSource, *, is_safe: bool) -> Image:
        """Bring an image back; its objects are read when they are touched. In a safe one nothing goes on by itself."""
        return Image.restore(self._kernel, self._host, source, is_safe=is_safe)

    def set_poll(self, flag: bool) -> None:  # noqa: FBT001 - the flag is the whole message
        """Ask running code to call its evaluation's safe point. Safe in a signal handler."""
        set_poll(flag)

    def write_session(self, contents: SessionContents) -> Iterator[bytes]:
        """Write a session as a file, in steps; `SessionFileError` if it is damaged."""
        return session_file(contents, self._kernel, f"{SERVER_NAME} {SERVER_VERSION}")

    def read_session(self, data: bytes) -> Generator[None, None, SessionContents]:
        """Read a session file, in steps; `SessionFileError` if it is none."""
        return read_session_file(data, self._kernel)

    def check_session(self, contents: SessionContents) -> Iterator[int]:
        """Check, in steps, that the objects of a file make a session; `SessionFileError` if they do not."""
        return check_contents(contents, self._kernel, self._host)


def _keep(store: Store, compiled: bytes) -> None:
    """Keep the compiled kernel for the next start; without it that start takes longer, no more."""
    try:
        store.put_code([(KERNEL_KEY, compiled)])
    except StoreError as error:
        new_logger("language").warning("the compiled kernel was not kept", reason=str(error))
