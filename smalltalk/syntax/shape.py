"""The shape of a do-it: its text with number and string literals taken out.

Compiling costs ten times what running a line costs, so do-its are shared by shape: `x at: 3 put: 'a'` and
`x at: 4 put: 'b'` run the same code with other arguments. The scan is one compiled pattern, much cheaper than parsing.

What is taken out: integers, floats and strings. Comments become a space. Everything else stays in the key as it is:
other forms of numbers, symbols, characters, flat literal arrays, and a number after a minus sign of which the scan
cannot tell whether it is a sign or an operator. A source with a nested literal array is its own key; one that begins
with pragmas has none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .lexer import BINARY_CHARACTERS
from .literals import unquoted
from .numbers import PIECE_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence

Parameter = int | float | str

#: Stands for a literal, with its type; it occurs in no valid source outside of comments, strings, symbols and
#: characters, and a source that contains it anywhere has no shape.
_MARK = "\x01"
_INTEGER, _FLOAT, _STRING = _MARK + "i", _MARK + "f", _MARK + "s"
#: Sharing pays for lines that come again and again with other literals; long texts do not, and scanning them would
#: hold up everybody else.
_SOURCE_MAX = 4_096
#: Scans kept: a new do-it's key, places and mask are asked for one after the other.
_SCANS_MAX = 4
#: What stands for each character of a string or comment, and for each digit, in a masked source.
_BLANK, _ONE = "_", "1"
_DIGIT = re.compile(r"[0-9]")
#: What a minus sign before a digit is.
_SIGN, _OPERATOR, _UNKNOWN = "sign", "operator", "unknown"
#: Tokens that begin something which the pattern could not read to its end.
_UNFINISHED = frozenset({"'", '"', "$", "#"})
#: The one among them that may begin something valid.
_NESTED_ARRAY = "#"

#: Takes more than a number rather than less, so that no part of one is read as another.
_NUMBER = r"[0-9][0-9A-Za-z_]*+(?:\.[0-9][0-9A-Za-z_]*+|(?<=[a-z])-[0-9A-Za-z_]++)*+"
#: The first character leads the search, look-behinds tell what it begins: a number, a string, a comment, a number after
#: a minus, a character, a symbol or flat array. The last two may end with an operator character.
_TOKENS = re.compile(
    rf"""(['"$\#0-9-](?:
      (?<=[0-9])(?<!\w[0-9]){_NUMBER.removeprefix("[0-9]")}
    | (?<=')[^']*+(?:''[^']*+)*+'
    | (?<=")[^"]*+(?:""[^"]*+)*+"
    | (?<=-){_NUMBER}
    | (?<=\$)[\s\S]
    | (?<=\#)\#{{0,3}}+(?: '[^']*+(?:''[^']*+)*+' | [^\W\d][\w:]*+ | [{BINARY_CHARACTERS}]++
                   | \([^()'"$\#]*+\) | \[[^]'"$\#]*+\] )
    | (?<=['"$\#])
    ))""",
    re.VERBOSE,
)
#: A do-it that begins with pragmas: their literals are no parameters.
_PRAGMA = re.compile(r"""(?:[\s\0]++|"[^"]*+")*+<""")
#: Before a minus sign: the last characters of an operand; characters after which an expression begins; operators.
_OPERAND_ENDS = frozenset(")]}_")
_OPENERS = frozenset("([{^.:")
_OPERATORS = frozenset(r"+-*/\~<>=@,%|&?!")


def shape(source: str) -> tuple[str, tuple[Parameter, ...]] | None:
    """Answer a do-it's key and the values taken out of it, in order; None when the source cannot be scanned safely.

    Two sources with the same key have the same tree but for those values, which are of the same types.
    """
    scanned = _scan(source)
    return None if scanned is None else ("".join(scanned[0]), scanned[2])


def parameter_places(source: str) -> tuple[dict[int, int], tuple[Parameter, ...]]:
    """Answer start -> index of the literals that `shape` takes out, and their values in order."""
    scanned = _scan(source)
    if scanned is None or not scanned[2]:
        return {}, ()
    places: dict[int, int] = {}
    position = 0
    for part, original in zip(scanned[0], scanned[1], strict=True):
        if _MARK in part:
            places[position + (part[0] == "-")] = len(places)
        position += len(original)
    return places, scanned[2]


def masked(source: str) -> str:
    """Answer a source of the same shape and the same places that tells nothing of what makes this one special.

    The literals that `shape` takes out become others of their kind and length, comments are blanked out: whoever shares
    the compiled form of a do-it may come to see its text.
    """
    scanned = _scan(source)
    if scanned is None:
        return source
    return "".join(
        [
            part if part is original else _masked(part, original)
            for part, original in zip(scanned[0], scanned[1], strict=True)
        ]
    )


def _masked(part: str, token: str) -> str:
    """A token of a masked source; `part` is what stands for it in the key."""
    if token[:1] == '"' or _STRING in part:
        return token[0] + _BLANK * (len(token) - 2) + token[-1]
    return _DIGIT.sub(_ONE, token) if _MARK in part else token


@lru_cache(maxsize=_SCANS_MAX)
def _scan(source: str) -> tuple[Sequence[str], Sequence[str], tuple[Parameter, ...]] | None:
    """Answer the parts of the key, texts and tokens by turns; the same parts of the source; the values taken out."""
    if _MARK in source or len(source) > _SOURCE_MAX or ("<" in source and _PRAGMA.match(source)):
        return None
    originals = _TOKENS.split(source)
    parts = originals.copy()
    values: list[Parameter] = []
    last_token = ""
    for index in range(1, len(parts), 2):
        token = parts[index]
        if token.isdecimal() and len(token) <= PIECE_DIGITS:
            parts[index] = _INTEGER
            values.append(int(token))
        elif token in _UNFINISHED:
            return ([source], [source], ()) if token == _NESTED_ARRAY else None
        elif token[0] == '"':
            parts[index] = " "
        else:
            sign = token[0] == "-" and _minus(parts[index - 1], last_token)
            value = _value_of(token[1:] if sign == _OPERATOR else token) if sign != _UNKNOWN else None
            if value is not None:
                mark = _STRING if type(value) is str else _FLOAT if type(value) is float else _INTEGER
                parts[index] = "-" + mark if sign == _OPERATOR else mark
                values.append(value)
        last_token = token
    return parts, originals, tuple(values)


def _minus(before: str, last_token: str) -> str:
    """Tell what a minus sign is from the text before it or, where that is blank, from the token before it."""
    text = before.rstrip()
    if not text:
        return _SIGN if not last_token else _UNKNOWN if last_token[0] == '"' else _OPERATOR
    last = text[-1]
    if last.isalnum() or last in _OPERAND_ENDS:
        return _OPERATOR
    if last in _OPENERS or text.endswith(":=") or (last in _OPERATORS and len(text) < len(before)):
        return _SIGN
    return _UNKNOWN


def _value_of(token: str) -> Parameter | None:
    """Answer the value of a token that becomes a parameter, None for one that stays in the key."""
    if token[0] == "'":
        return unquoted(token)
    whole, point, fraction = token.removeprefix("-").partition(".")
    if not whole.isdecimal() or len(token) > PIECE_DIGITS:
        return None
    if not point:
        return int(token)
    return float(token) if fraction.isdecimal() else None
