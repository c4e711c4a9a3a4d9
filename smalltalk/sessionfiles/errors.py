"""What is wrong with a session file, and where."""

from __future__ import annotations


class SessionFileError(Exception):
    """A session cannot be written as a file, or a file is refused; the message is one sentence with the place."""


def refused_at(text: str, offset: int, reason: str) -> SessionFileError:
    """Make the error of a place in a file's text; `offset` counts characters from 0."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return SessionFileError(f"Line {line}, column {column}: {reason}.")
