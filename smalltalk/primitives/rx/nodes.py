"""Trees of regular expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

#: What `:name:` and `[:name:]` test, by name.
PREDICATES: Final[dict[str, Callable[[str], bool]]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "cntrl": lambda each: each < " " or each == "\x7f",
    "digit": str.isdecimal,
    "graph": lambda each: each.isprintable() and each != " ",
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda each: each in ".,!?;:\"'-()`",
    "space": str.isspace,
    "upper": str.isupper,
    "xdigit": lambda each: each in "0123456789abcdefABCDEF",
    "word": lambda each: each.isalnum() or each == "_",
    "isAlphaNumeric": str.isalnum,
    "isCharacter": lambda _each: True,
    "isDigit": str.isdecimal,
    "isLetter": str.isalpha,
    "isLowercase": str.islower,
    "isSeparator": lambda each: each in " \t\n\r\f",
    "isSpecial": lambda each: each in "+-/\\*~<>=@,%|&?!",
    "isUppercase": str.isupper,
    "isVowel": lambda each: each in "aeiouAEIOU",
}


@dataclass(frozen=True, slots=True)
class CharacterTest:
    """One character: in one of `ranges`, or one that a predicate (name) accepts (holds) or not; or none of these."""

    ranges: tuple[tuple[str, str], ...] = ()
    predicates: tuple[tuple[str, bool], ...] = ()
    is_negated: bool = False

    def accepts(self, character: str) -> bool:
        """Whether it is such a character."""
        found = any(low <= character <= high for low, high in self.ranges) or any(
            PREDICATES[name](character) is holds for name, holds in self.predicates
        )
        return found is not self.is_negated


@dataclass(frozen=True, slots=True)
class Place:
    """No character but a place: `^ $ b B < >`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; empty for the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, the first that leads to a match."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `low` to `high` times (None: as often as can be), as many as possible first."""

    part: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose text is remembered under a number, from 1."""

    part: Node
    number: int


@dataclass(frozen=True, slots=True)
class Look:
    """A place before (or behind) which the part matches, or does not."""

    part: Node
    is_behind: bool
    is_negated: bool


Node: TypeAlias = CharacterTest | Place | Sequence | Choice | Repeat | Group | Look


def is_nullable(node: Node) -> bool:
    """Whether it can match without reading a character."""
    if isinstance(node, CharacterTest):
        return False
    if isinstance(node, Sequence):
        return all(map(is_nullable, node.parts))
    if isinstance(node, Choice):
        return any(map(is_nullable, node.options))
    if isinstance(node, Repeat):
        return node.low == 0 or is_nullable(node.part)
    return is_nullable(node.part) if isinstance(node, Group) else True
