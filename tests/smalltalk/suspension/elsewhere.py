"""Fresh processes that finish stopped computations: `python -m tests.smalltalk.suspension.elsewhere`.

A server that has loaded the kernel and nothing else forks for each request: what the child knows of the computation
are the records it is given. Requests and answers are packed bytes behind their length.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from storage.records import pack, unpack

if TYPE_CHECKING:
    from types import TracebackType

_LENGTH_BYTES = 8


class Elsewhere:
    """The server's client; used as a context manager."""

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def ask(self, records: bytes) -> Any:
        """Let a fresh process finish what those records hold; the fields of the `Answer`."""
        assert self._server.stdin
        assert self._server.stdout
        _write(self._server.stdin, records)
        return unpack(_read(self._server.stdout))


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)
    stream.flush()


def _read(stream: BinaryIO) -> bytes:
    """The next message; empty at the end."""
    return stream.read(int.from_bytes(stream.read(_LENGTH_BYTES), "big"))


def serve() -> None:
    """Answer requests until there are no more."""
    from tests.smalltalk.harness import kernel  # noqa: PLC0415 - the client has another module of that name
    from tests.smalltalk.suspension.subject import Subject  # noqa: PLC0415 - which imports this one

    kernel()
    while request := _read(sys.stdin.buffer):
        child = os.fork()
        if not child:
            _write(sys.stdout.buffer, pack(tuple(Subject.unpacked(request).finish())))
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    serve()
