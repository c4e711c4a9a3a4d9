"""Text -> tokens, one at a time, by two compiled patterns.

A token is the state of the `Lexer` itself: `kind`, `text`, `start`, `stop`; nothing is allocated for it. Kinds:

    name keyword binary          identifiers `at`, `at:`, operators
    integer float number         plain decimals; anything else that `numbers` reads (value in `number`)
    string symbol quoted         'it''s'; #at:put: or #+; #'with space'
    character array bytes        $a; `#(`; `#[`
    ( ) [ ] { } . ; : ^ :=       punctuation: the kind is the text itself
    error                        what cannot be read, with `fault` and `fault_position`
    end                          after the last character

Inside a literal array other rules hold (`at:put:` is one word, operators are symbols): the parser switches with
`is_in_array`. A comment counts as white space. `->-` is one operator, as in Pharo: a minus sign belongs to a number
only where no operator character stands before it.
"""

from __future__ import annotations

import re

from .errors import Notice, SyntaxFailure
from .numbers import PIECE_DIGITS, NumberFault, ScaledDecimal, read_number

#: Reading a source cannot be interrupted: this many tokens take a fifth of a second, in which nobody else is served.
TOKENS_MAX = 100_000

#: The characters of binary selectors, as they stand in a character class; the last four are Latin-1: middle dot,
#: division sign, plus-minus, multiplication sign.
BINARY_CHARACTERS = r"-+*/\\~<>=@,%|&?!\xb7\xf7\xb1\xd7"

_SKIP = r"""(?:[\s\0]++|"[^"]*+(?:""[^"]*+)*+")*+"""
_NAME = r"[^\W\d]\w*+"
_QUOTED = r"'[^']*+(?:''[^']*+)*+'"
_PUNCTUATION = r"(?P<punctuation>:=|[()\[\]{}.;:^])"
_BINARY = rf"(?P<binary>[{BINARY_CHARACTERS}]++)"
_NUMBERS = rf"""
    (?P<integer>-?[0-9]{{1,{PIECE_DIGITS}}}+(?!\.?[\w]))
  | (?P<float>-?[0-9]{{1,{PIECE_DIGITS}}}+\.[0-9]{{1,{PIECE_DIGITS}}}+(?![\w]))
  | (?P<number>-?[0-9])"""
_LITERALS = rf"""
    (?P<string>{_QUOTED})
  | (?P<symbol>\#++(?:{_NAME}(?::(?:{_NAME})?+)*+|[{BINARY_CHARACTERS}]++))
  | (?P<quoted>\#++{_QUOTED})
  | (?P<array>\#++\()
  | (?P<bytes>\#++\[)
  | (?P<character>\$[\s\S])"""
_REST = r"""
    (?P<end>\Z)
  | (?P<error>"[\s\S]*+ | \#*+'[\s\S]*+ | \#++ | [\s\S])"""

#: The next token by the rules of code, and by those of literal arrays.
_match_code = re.compile(
    rf"{_SKIP}(?:(?P<name>{_NAME}(?!:(?!=)))|(?P<keyword>{_NAME}:)|{_NUMBERS}|{_PUNCTUATION}|{_BINARY}|{_LITERALS}|{_REST})",
    re.VERBOSE,
).match
_match_array = re.compile(
    rf"{_SKIP}(?:(?P<word>{_NAME}(?::(?:{_NAME})?+)*+)|{_NUMBERS}|{_PUNCTUATION}|{_BINARY}|{_LITERALS}|{_REST})",
    re.VERBOSE,
).match


class Lexer:
    """A cursor over the tokens of a source; it stands on the first token when made."""

    __slots__ = (
        "_match",
        "_tokens_left",
        "fault",
        "fault_position",
        "kind",
        "number",
        "passed",
        "source",
        "start",
        "stop",
        "text",
    )

    def __init__(self, source: str) -> None:
        self.source = source
        self.kind = ""
        self.text = ""
        self.start = 0
        self.stop = 0
        #: One past the last character of the token before the current one.
        self.passed = 0
        self.number: int | float | ScaledDecimal = 0
        self.fault = ""
        self.fault_position = 0
        self._match = _match_code
        self._tokens_left = TOKENS_MAX
        self.advance()

    @property
    def is_in_array(self) -> bool:
        """Whether the rules of literal arrays hold for the tokens to come."""
        return self._match is _match_array

    @is_in_array.setter
    def is_in_array(self, value: bool) -> None:
        self._match = _match_array if value else _match_code

    def advance(self) -> None:
        """Go to the next token; the end stays the end.

        Raises:
            SyntaxFailure: If the source has more than `TOKENS_MAX`.
        """
        self.passed = self.stop
        self._tokens_left -= 1
        if self._tokens_left < 0:
            fault = Notice(self.start, self.stop, self.start, f"A source of at most {TOKENS_MAX} tokens expected")
            raise SyntaxFailure(self.source, (fault,))
        match = self._match(self.source, self.passed)
        assert match is not None  # every character is at least an error
        kind, group = match.lastgroup, match.lastindex
        assert kind is not None
        assert group is not None
        self.start, self.stop = match.span(group)
        self.text = match[group]
        if kind == "punctuation":
            self.kind = self.text
            return
        self.kind = kind
        if kind == "number":
            self._read_number()
        elif kind == "error":
            self._explain_fault()

    def split(self, length: int) -> None:
        """Let only the first characters be the current token, an operator; the rest is read again as the next."""
        self.kind = "binary"
        self.stop = self.start + length
        self.text = self.text[:length]

    def followed_by_name(self) -> bool:
        """Tell whether an identifier comes after the current token."""
        match = _match_code(self.source, self.stop)
        return match is not None and match.lastgroup == "name" and match["name"] not in ("nil", "true", "false")

    def _read_number(self) -> None:
        try:
            self.number, self.stop = read_number(self.source, self.start)
        except NumberFault as fault:
            self.kind = "error"
            self.stop = fault.stop
            self.fault = fault.message
            self.fault_position = fault.stop
        self.text = self.source[self.start : self.stop]

    def _explain_fault(self) -> None:
        """Say what is wrong with an error token; the place is where the missing character should stand."""
        text = self.text
        self.fault_position = self.stop
        if text.startswith('"'):
            self.fault = 'Unmatched " in comment.'
        elif text.startswith("'") or text.lstrip("#").startswith("'"):
            self.fault = "Unmatched ' in string literal."
        elif text.startswith("#"):
            self.fault = "Literal expected"
        elif text == "$":
            self.fault = "Character expected"
        else:
            self.fault = "Unknown character"
            self.fault_position = self.start
