"""What a person typed: code or a command, complete or not. Pure functions over text.

Enter continues the line while a string, a comment or a bracket is open. Only what is certainly open counts: a faulty
text is complete, because the server's error says best what is wrong with it.

A command begins with a colon and a letter: ``:inspect Date today``; ``:=`` alone begins none.
"""

import re
from enum import Enum
from typing import Final, NamedTuple

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_COMMAND: Final = re.compile(r"\s*:([A-Za-z_]+)(?:\s+(.*))?\s*", re.DOTALL)
#: What matters for completeness: a character literal, a string (quotes in it are doubled), a comment, a bracket.
_TOKEN: Final = re.compile(r"\$.|'[^']*'?|\"[^\"]*\"?|[()\[\]{}]", re.DOTALL)
_QUOTES: Final = "'\""


class Mode(Enum):
    """What to do with code."""

    DO = "do it"
    PRINT = "print it"
    INSPECT = "inspect it"


class Command(NamedTuple):
    """A colon command and its argument, empty if there is none."""

    name: str
    argument: str


def read_command(text: str) -> Command | None:
    """Return the command that a text is; None if it is code."""
    match = _COMMAND.fullmatch(text)
    return Command(match[1].lower(), (match[2] or "").strip()) if match else None


def is_complete(text: str) -> bool:
    """Tell whether a text can be sent: no string, comment or bracket in it is open."""
    command = read_command(text)
    expected: list[str] = []
    for match in _TOKEN.finditer(text if command is None else command.argument):
        token = match[0]
        if token[0] in _QUOTES:
            if len(token) == 1 or token[-1] != token[0]:
                return False
        elif token in _CLOSERS:
            expected.append(_CLOSERS[token])
        elif token[0] != "$" and (not expected or expected.pop() != token):
            return True
    return not expected
