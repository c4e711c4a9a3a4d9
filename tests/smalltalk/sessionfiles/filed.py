"""Sessions as files and back, for the tests of session files."""

from __future__ import annotations

import hashlib
from typing import Any

from smalltalk import Image, SavedState, SessionContents, check_contents, read_session_file, session_file
from tests.smalltalk.harness import FakeHost, kernel
from tests.smalltalk.lifetimes import Lifetimes, Records

ABOUT = {"client": "ann", "meta": {"state": {"panes": [1, 2.5, None, True, "it's\n\\"]}}}


def contents_of(session: Lifetimes, history: Any = (), savepoints: Any = ()) -> SessionContents:
    return SessionContents(ABOUT, session.records.next_oid, session.records.records, list(history), list(savepoints))


def written(contents: SessionContents) -> bytes:
    return b"".join(session_file(contents, kernel(), "a test"))


def ended(steps: Any) -> Any:
    """Do all steps; return what they answer."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def read(data: bytes) -> SessionContents:
    """Read a file and check that it makes a session."""
    contents = ended(read_session_file(data, kernel()))
    for _ in check_contents(contents, kernel(), FakeHost()):
        pass
    return contents


def opened(contents: SessionContents, savepoint: SavedState | None = None) -> Lifetimes:
    """The session of a file, or what it was at a savepoint."""
    records = Records()
    records.records = {**contents.records, **(savepoint.records if savepoint else {})}
    records.next_oid = contents.next_oid
    session = Lifetimes.__new__(Lifetimes)
    session.records = records
    session.image = Image.restore(kernel(), FakeHost(), records)
    return session


def moved(session: Lifetimes) -> Lifetimes:
    """The session that a session's file makes."""
    return opened(read(written(contents_of(session))))


def sealed(text: str) -> bytes:
    """A file with that text before its checksum, and the checksum that belongs to it."""
    body = text.encode("utf-8", "surrogatepass")
    return body + f"#sha256:'{hashlib.sha256(body).hexdigest()}'\n}}\n".encode()


def body_of(data: bytes) -> str:
    """The text of a file before its checksum."""
    return data[: data.rindex(b"#sha256:")].decode()
