r"""Pattern text -> tree.

    choice   = sequence { "|" sequence }
    sequence = { atom { quantifier } }
    quantifier = "*" | "+" | "?" | "{" [ low ] [ "," [ high ] ] "}"
    atom     = "(" choice ")" | "(?:" choice ")" | "(?=" | "(?!" | "(?<=" | "(?<!" choice ")"
             | "." | "^" | "$" | set | ":" [ "^" ] name ":" | "\" escape | character
    set      = "[" [ "^" ] { character [ "-" character ] | "[:" name ":]" | "\" escape } "]"

A repeated part must not match the empty text, as in the Smalltalk original (Vassili Bykov's regular expressions).
"""

from __future__ import annotations

from typing import Final

from .nodes import PREDICATES, CharacterTest, Choice, Group, Look, Node, Place, Repeat, Sequence, is_nullable

#: Highest count in braces: the part is written out so many times.
REPEAT_MAX: Final = 1_000

#: Deepest nesting of groups: the parser and the compiler recurse.
NESTING_MAX: Final = 100

#: Letters behind a backslash that stand for a kind of character, as predicate and whether it holds.
KINDS: Final = {
    "w": ("word", True),
    "W": ("word", False),
    "d": ("isDigit", True),
    "D": ("isDigit", False),
    "s": ("space", True),
    "S": ("space", False),
}

#: Characters behind a backslash that stand for a place.
PLACES: Final = frozenset("bB<>")

#: Letters behind a backslash that stand for a control character.
CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "e": "\x1b"}

#: Any character but the one of code 0.
ANY: Final = CharacterTest((("\0", "\0"),), is_negated=True)

#: Beginnings of groups that are no plain ones: longest first. None: the group is not remembered.
GROUPS: Final[dict[str, tuple[bool, bool] | None]] = {
    "?<=": (True, False),
    "?<!": (True, True),
    "?=": (False, False),
    "?!": (False, True),
    "?:": None,
}


class PatternError(Exception):
    """A fault of a pattern: what it is and at which index."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


class Parser:
    """Parser of one pattern.

    Attributes:
        group_count: Groups met so far.
    """

    def __init__(self, pattern: str) -> None:
        self.group_count = 0
        self._pattern = pattern
        self._index = 0
        self._depth = 0

    def parse(self) -> Node:
        """Parse the whole pattern.

        Raises:
            PatternError: It is none.
        """
        node = self._choice()
        if self._index < len(self._pattern):
            raise self._error("no group is open here")
        return node

    def _error(self, message: str) -> PatternError:
        return PatternError(message, self._index)

    def _peek(self) -> str:
        """The next character, an empty text at the end."""
        return self._pattern[self._index : self._index + 1]

    def _accept(self, text: str) -> bool:
        """Skip that text if it is next."""
        if not self._pattern.startswith(text, self._index):
            return False
        self._index += len(text)
        return True

    def _next(self) -> str:
        """Read a character that has to be there."""
        character = self._peek()
        if not character:
            raise self._error("the pattern ends too soon")
        self._index += 1
        return character

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._accept("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._quantified(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quantified(self, atom: Node) -> Node:
        """The atom, repeated as the quantifiers behind it say."""
        while (bounds := self._bounds()) is not None:
            if is_nullable(atom):
                raise self._error("what is repeated must not match the empty text")
            atom = Repeat(atom, *bounds)
        return atom

    def _bounds(self) -> tuple[int, int | None] | None:
        """Read a quantifier, None if there is none."""
        if self._accept("*"):
            return 0, None
        if self._accept("+"):
            return 1, None
        if self._accept("?"):
            return 0, 1
        if not self._accept("{"):
            return None
        low = self._count()
        high: int | None = low
        if self._accept(","):
            high = self._count()
        if not self._accept("}"):
            raise self._error("} expected")
        if high is not None and high < (low or 0):
            raise self._error("the larger count stands first")
        return low or 0, high

    def _count(self) -> int | None:
        """Read a count, None if there is none."""
        start = self._index
        while self._peek().isdecimal():
            self._index += 1
        digits = self._pattern[start : self._index]
        if digits and (len(digits) > len(str(REPEAT_MAX)) or int(digits) > REPEAT_MAX):
            raise self._error(f"a count is at most {REPEAT_MAX}")
        return int(digits) if digits else None

    def _atom(self) -> Node:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if character == "\\":
            return self._escape()
        if character == ".":
            return ANY
        if character in "^$":
            return Place(character)
        if character in "*+?{":
            raise self._error("nothing to repeat")
        if character == ":":
            return self._predicate()
        return CharacterTest(((character, character),))

    def _group(self) -> Node:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise self._error(f"groups nest deeper than {NESTING_MAX}")
        opening = next((each for each in GROUPS if self._accept(each)), None)
        if opening is None:
            self.group_count += 1
        number = self.group_count
        part = self._choice()
        if not self._accept(")"):
            raise self._error(") expected")
        self._depth -= 1
        if opening is None:
            return Group(part, number)
        look = GROUPS[opening]
        return part if look is None else Look(part, *look)

    def _predicate(self) -> Node:
        """Read `name:` behind a colon; a colon alone is itself."""
        end = self._pattern.find(":", self._index)
        name = self._pattern[self._index : max(end, self._index)]
        holds = not name.startswith("^")
        if name.lstrip("^") not in PREDICATES:
            return CharacterTest(((":", ":"),))
        self._index = end + 1
        return CharacterTest(predicates=((name.lstrip("^"), holds),))

    def _escape(self) -> Node:
        """Read what stands behind a backslash."""
        character = self._next()
        if character in KINDS:
            return CharacterTest(predicates=(KINDS[character],))
        if character in PLACES:
            return Place(character)
        plain = self._plain_escape(character)
        return CharacterTest(((plain, plain),))

    def _plain_escape(self, character: str) -> str:
        """The character that stands behind a backslash: itself, a control character, or the one of a code."""
        if character != "x":
            return CONTROLS.get(character, character)
        digits = self._pattern[self._index : self._index + 2]
        if len(digits) < 2 or not all(map(PREDICATES["xdigit"], digits)):  # noqa: PLR2004 - two digits
            raise self._error("two hexadecimal digits expected")
        self._index += 2
        return chr(int(digits, 16))

    def _set(self) -> Node:
        is_negated = self._accept("^")
        ranges: list[tuple[str, str]] = []
        predicates: list[tuple[str, bool]] = []
        is_first = True
        while is_first or self._peek() != "]":
            is_first = False
            if self._accept("[:"):
                predicates.append(self._class_in_set())
                continue
            character = self._next()
            if character == "\\":
                character = self._next()
                if character in KINDS:
                    predicates.append(KINDS[character])
                    continue
                character = self._plain_escape(character)
            ranges.append((character, self._range_end(character)))
        self._index += 1
        return CharacterTest(tuple(ranges), tuple(predicates), is_negated)

    def _class_in_set(self) -> tuple[str, bool]:
        """Read `name:]`."""
        end = self._pattern.find(":]", self._index)
        name = self._pattern[self._index : max(end, self._index)]
        if name not in PREDICATES:
            raise self._error("there is no such class of characters")
        self._index = end + 2
        return name, True

    def _range_end(self, first: str) -> str:
        """Read the end of a range whose first character was read; a single character ends with itself."""
        if self._peek() != "-" or self._pattern[self._index + 1 : self._index + 2] in {"", "]"}:
            return first
        self._index += 1
        last = self._next()
        if last == "\\":
            last = self._plain_escape(self._next())
        if last < first:
            raise self._error("the range ends before it begins")
        if self._peek() == "-" and self._pattern[self._index + 1 : self._index + 2] != "]":
            raise self._error("a range cannot begin with another")
        return last
