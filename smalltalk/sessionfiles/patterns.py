"""What the text of a session file is made of, as regular expressions."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

_BLANK: Final = r"[ \t\r\n]*+"
_SIMPLE: Final = r"[A-Za-z0-9_./-]++"
_BODY: Final = r"[^'\\]*+(?:\\[\s\S][^'\\]*+)*+"

#: Any value without parts; the numbers of its groups follow.
SCALAR: Final = re.compile(
    rf"(?:(-?[0-9]++(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+)(?![\w.])|#({_SIMPLE})|'({_BODY})'|#'({_BODY})'"
    r"|(nil|true|false)(?!\w))"
).match
NUMBER, SYMBOL, STRING, QUOTED_SYMBOL, WORD = range(1, 6)

_SHORT: Final = (
    rf"{_BLANK}(?:(?:\[([0-9]{{1,18}})\]|'([^'\\]*+)'|(-?[0-9]{{1,18}})(?![\w.])|#({_SIMPLE})|(nil|true|false)(?!\w))"
    rf"{_BLANK}[,\]}}]|([\[{{]))"
)
#: What most elements of lists look like, with the mark behind them: read at one go, the others part by part. Of a list
#: or map it is the bracket.
SHORT_ELEMENT: Final = re.compile(_SHORT).match
#: What most entries of maps look like, with the mark behind them; the key is the first group.
SHORT_ENTRY: Final = re.compile(rf"{_BLANK}#({_SIMPLE}){_BLANK}:{_SHORT}").match
#: What most keys look like, with the colon.
SHORT_KEY: Final = re.compile(rf"{_BLANK}#({_SIMPLE}){_BLANK}:").match

BLANKS: Final = re.compile(_BLANK)
ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([\s\S]))")

#: A value without brackets and commas inside, but for a reference.
_PLAIN: Final = (
    rf"(?:\[[0-9]{{1,18}}+\]|-?[0-9]{{1,18}}+(?:\.[0-9]{{1,18}}+)?+(?:e-?[0-9]{{1,3}}+)?+|#{_SIMPLE}|nil|true|false)"
)
_PLAIN_ENTRY: Final = rf"#{_SIMPLE}:{_PLAIN}"
#: What most objects look like, with the mark behind them: they hold plain values, or a text without escapes. It goes
#: over all of an object at one go, which is a fourth of what reading entry by entry takes.
PLAIN_OBJECT: Final = re.compile(
    rf"{_BLANK}\{{#id:(?P<id>[0-9]{{1,18}}+),#class:#(?P<class>{_SIMPLE})(?:,#shape:(?P<shape>[0-9]{{1,18}}+))?+"
    rf"(?:,#variables:\{{(?P<variables>{_PLAIN_ENTRY}(?:,{_PLAIN_ENTRY})*+)\}})?+"
    rf"(?:,#items:\[(?P<items>(?:{_PLAIN}(?:,{_PLAIN})*+)?+)\]|,#(?P<form>text|bytes):'(?P<content>[^'\\]*+)')?+\}}"
    rf"{_BLANK}[,\]]"
).match
#: An object that was found so; each group is the text of an entry, None of one that is not there.
PlainObject: TypeAlias = "re.Match[str]"
_HEAD: Final = "{#id:"


def start_of(found: PlainObject) -> int:
    """Where an object begins in the text, in characters."""
    return found.start("id") - len(_HEAD)
