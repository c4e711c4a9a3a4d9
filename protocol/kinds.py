"""The kinds of parameters: how each is named in `describe`, what it accepts and what it answers.

A kind checks one value and answers it in canonical form, or raises InvalidRequest naming the field. Checks run on
every request: they test the exact type first, which refuses ``True`` as an integer and every subclass trick.
"""

from typing import Any, Final, NamedTuple, Protocol

from .errors import ProtocolError
from .limits import LIMITS
from .plain import check_plain, mismatch, path_text

_NAME_MAX: Final = LIMITS["name_chars_max"].value


class Kind(Protocol):
    """What the table may give as a parameter's kind."""

    @property
    def label(self) -> str:
        """The kind as `describe` and the reference page name it."""

    def check(self, value: Any, field: str) -> Any:
        """Return the value in canonical form.

        Raises:
            ProtocolError: InvalidRequest, naming the field and what it expects.
        """


class Text(NamedTuple):
    """Text of bounded length, in characters."""

    maximum: int = _NAME_MAX
    minimum: int = 0

    @property
    def label(self) -> str:
        """Type and bounds."""
        return f"text, {self.minimum} to {self.maximum} characters"

    def check(self, value: Any, field: str) -> str:
        """Return the text."""
        if type(value) is str and self.minimum <= len(value) <= self.maximum:
            return value
        if type(value) is str:
            raise out_of_bounds(field, self.label, f"{len(value)} characters")
        raise mismatch(field, self.label, value)


class Identifier:
    """The name of a thing of ours: text, or an integer from 0 that stands for its decimal text."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """Type and bounds."""
        return f"text of 1 to {_NAME_MAX} characters, or integer from 0"

    def check(self, value: Any, field: str) -> str:
        """Return the identifier as text."""
        if type(value) is str and 0 < len(value) <= _NAME_MAX:
            return value
        if type(value) is int and 0 <= value < 1 << 64:
            return str(value)
        raise mismatch(field, self.label, value)


class Integer(NamedTuple):
    """A whole number between two bounds."""

    minimum: int
    maximum: int

    @property
    def label(self) -> str:
        """Type and bounds."""
        return f"integer, {self.minimum} to {self.maximum}"

    def check(self, value: Any, field: str) -> int:
        """Return the integer."""
        if type(value) is int and self.minimum <= value <= self.maximum:
            return value
        if type(value) is int:
            shown = str(value) if value.bit_length() <= _BITS_SHOWN else f"{value.bit_length()} bits"
            raise out_of_bounds(field, self.label, shown)
        raise mismatch(field, self.label, value)


class Boolean:
    """True or false, nothing that looks like it."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The type."""
        return "boolean"

    def check(self, value: Any, field: str) -> bool:
        """Return the boolean."""
        if type(value) is bool:
            return value
        raise mismatch(field, self.label, value)


class Choice(NamedTuple):
    """One of a few words, in any case."""

    words: tuple[str, ...]

    @property
    def label(self) -> str:
        """The words."""
        return f"one of {', '.join(self.words)} (any case)"

    def check(self, value: Any, field: str) -> str:
        """Return the word as the table spells it."""
        if type(value) is not str:
            raise mismatch(field, self.label, value)
        for word in self.words:
            if value == word or value.lower() == word.lower():
                return word
        raise out_of_bounds(field, self.label, f"{value[:_SHOWN]!r}")


class ListOf(NamedTuple):
    """A list whose items are all of one kind."""

    item: Kind
    maximum: int

    @property
    def label(self) -> str:
        """Type, bound and the items' kind."""
        return f"list of at most {self.maximum}: {self.item.label}"

    def check(self, value: Any, field: str) -> list[Any]:
        """Return the list with every item in canonical form."""
        if type(value) is not list:
            raise mismatch(field, self.label, value)
        if len(value) > self.maximum:
            raise out_of_bounds(field, self.label, f"{len(value)} items")
        return [self.item.check(item, f"{field}[{index}]") for index, item in enumerate(value)]


class Object:
    """An object of the client's own making; only its extent is checked."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The type."""
        return "object"

    def check(self, value: Any, field: str) -> dict[str, Any]:
        """Return the object."""
        if type(value) is not dict:
            raise mismatch(field, self.label, value)
        check_plain(value, field)
        return value


class Anything:
    """Any plain value; only its extent is checked."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The type."""
        return "any"

    def check(self, value: Any, field: str) -> Any:
        """Return the value."""
        check_plain(value, field)
        return value


# How much of a wrong value an error repeats.
_SHOWN: Final = 40
_BITS_SHOWN: Final = 128


def out_of_bounds(field: str, expected: str, got: str) -> ProtocolError:
    """Return the error for a value of the right type that breaks its bounds."""
    place = path_text(field)
    details = {"field": place, "expected": expected, "got": got}
    return ProtocolError("InvalidRequest", f"{place} must be {expected}, not {got}", details)
