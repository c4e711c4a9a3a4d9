"""Characters: code points, case, Unicode categories."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.objects import FALSE, TRUE, Character, Symbol
from .texts import SEPARATORS, upper_of
from .values import character, string, truth

if TYPE_CHECKING:
    from collections.abc import Callable


def code(self: Character) -> int:
    """The Unicode code point."""
    return self.code


def less(self: Character, other: Any) -> Any:
    """`aCharacter < aCharacter`."""
    if type(other) is not Character:
        return current.world.send(self, "errorNotACharacter:", other)
    return TRUE if self.code < other.code else FALSE


def upper(self: Character) -> Character:
    """The upper case of a letter where that is one character."""
    text = upper_of(self.letter)
    return character(text) if len(text) == 1 else self


def lower(self: Character) -> Character:
    """The lower case of a letter where that is one character."""
    text = self.letter.lower()
    return character(text) if len(text) == 1 else self


def is_letter(self: Character) -> Any:
    """Whether it is a letter of any script."""
    return truth(self.letter.isalpha())


def is_digit(self: Character) -> Any:
    """Whether it is one of 0 to 9."""
    return TRUE if 48 <= self.code <= 57 else FALSE  # noqa: PLR2004 - the ASCII codes of 0 and 9


def digit_value(self: Character) -> int:
    """The value as a digit: 0 to 9, then 10 to 35 for A to Z; -1 if it is none."""
    letter = self.letter
    if "0" <= letter <= "9":
        return self.code - ord("0")
    return self.code - ord("A") + 10 if "A" <= letter <= "Z" else -1


def constant(letter: str) -> Callable[[Any], Character]:
    """A message to the class that answers one character: text is cut at these again and again."""
    answer = Character.of(ord(letter))

    def primitive(_self: Any) -> Character:
        return answer

    return primitive


def is_upper(self: Character) -> Any:
    """Whether it is an upper-case letter."""
    return truth(self.letter.isupper())


def is_lower(self: Character) -> Any:
    """Whether it is a lower-case letter."""
    return truth(self.letter.islower())


def is_separator(self: Character) -> Any:
    """Whether it is white space."""
    return TRUE if self.letter in SEPARATORS else FALSE


def category(self: Character) -> Symbol:
    """The two-letter general category of the Unicode standard, as a symbol."""
    return Symbol.intern(unicodedata.category(self.letter))


def as_string(self: Character) -> Any:
    """A string of this character alone."""
    return string(self.letter)


def as_symbol(self: Character) -> Symbol:
    """The symbol of this character alone."""
    return Symbol.intern(self.letter)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "characterCode": code,
    "characterLess": less,
    "characterUpper": upper,
    "characterLower": lower,
    "characterIsLetter": is_letter,
    "characterIsDigit": is_digit,
    "characterDigitValue": digit_value,
    "characterTab": constant("\t"),
    "characterLf": constant("\n"),
    "characterCr": constant("\r"),
    "characterSpace": constant(" "),
    "characterIsUpper": is_upper,
    "characterIsLower": is_lower,
    "characterIsSeparator": is_separator,
    "characterCategory": category,
    "characterAsString": as_string,
    "characterAsSymbol": as_symbol,
}
