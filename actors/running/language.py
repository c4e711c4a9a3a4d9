"""Smalltalk as the server's engine: one kernel for all sessions, kept compiled in the store."""

from collections.abc import Generator, Iterable, Iterator
from types import FrameType
from typing import Final, Protocol

import smalltalk
from smalltalk import (
    Bounds,
    Image,
    RecordSource,
    World,
    load_kernel,
    set_poll,
)
from storage import StoreError

from ..clock import Clock
from ..logs import new_logger
from ..settings import Settings
from ..version import SERVER_NAME, SERVER_VERSION
from .host import LanguageHost

#: Key of the compiled kernel in the store's code cache; what it holds says itself which sources it was made of.
KERNEL_KEY: Final = b"kernel"


class KeptCode(Protocol):
    """Where compiled code is kept: the part of a store that is needed for it, or `code_file.CodeFile`."""

    def code(self, key: bytes) -> bytes | None:
        """Return the code of a key, undamaged, or None."""

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep code under its keys; `StoreError` where a store cannot."""


class SmalltalkEngine:
    """Images of Smalltalk."""

    def __init__(self, clock: Clock, kept: KeptCode) -> None:
        """Load the kernel; from what is kept if it was compiled before, else compiled now and kept there."""
        self._host = LanguageHost(clock)
        cached = kept.code(KERNEL_KEY)
        if cached is None:
            new_logger("language").info("compiling the class library, which takes some seconds once")
        self._kernel, compiled = load_kernel(cached)
        if compiled != cached:
            _keep(kept, compiled)

    def configure(self, settings: Settings) -> None:
        """Hold the limits of these settings from now on, in all images."""
        self._host.bounds = Bounds(settings.stack_frames, settings.result_chars, settings.transcript_chars)

    def weigh(self, world: World, frame: FrameType | None) -> Generator[int, None, int]:
        """Measure, in steps, what the live objects of an image take: bytes so far, in the end all."""
        return smalltalk.weigh(world, frame)

    def create(self) -> Image:
        """Make the image of a new session."""
        return Image.create(self._kernel, self._host)

    def restore(self, source: RecordSource, *, is_safe: bool) -> Image:
        """Bring an image back; its objects are read when they are touched. In a safe one nothing goes on by itself."""
        return Image.restore(self._kernel, self._host, source, is_safe=is_safe)

    def set_poll(self, flag: bool) -> None:  # noqa: FBT001 - the flag is the whole message
        """Ask running code to call its evaluation's safe point. Safe in a signal handler."""
        set_poll(flag)

    def write_session(self, contents: "smalltalk.SessionContents") -> Iterator[bytes]:
        """Write a session as a file, in steps; `SessionFileError` if it is damaged."""
        return smalltalk.session_file(contents, self._kernel, f"{SERVER_NAME} {SERVER_VERSION}")

    def read_session(self, data: bytes) -> Generator[None, None, "smalltalk.SessionContents"]:
        """Read a session file, in steps; `SessionFileError` if it is none."""
        return smalltalk.read_session_file(data, self._kernel)

    def check_session(self, contents: "smalltalk.SessionContents") -> Iterator[int]:
        """Check, in steps, that the objects of a file make a session; `SessionFileError` if they do not."""
        return smalltalk.check_contents(contents, self._kernel, self._host)


def _keep(kept: KeptCode, compiled: bytes) -> None:
    """Keep the compiled kernel for the next start; without it that start takes longer, no more."""
    try:
        kept.put_code([(KERNEL_KEY, compiled)])
    except StoreError as error:
        new_logger("language").warning("the compiled kernel was not kept", reason=str(error))
