"""Texts of values for people: bounded, and contained when a `printOn:` fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.errors import BrokenImageError, UnknownObjectIdError
from ..runtime.classes import Behavior
from ..runtime.exceptions import on_do
from ..runtime.kernel import SMALL_INTEGER_MAX, SMALL_INTEGER_MIN
from ..runtime.objects import FALSE, TRUE, Character, Symbol

if TYPE_CHECKING:
    from ..runtime.world import World

#: Characters of a child's text in the inspector: one line; what is behind is one step into it away.
CHILD_CHARACTERS_MAX: Final = 256

#: Strings below this are printed without running code of the language; with every quote doubled they still fit a child.
PLAIN_CHARACTERS_MAX: Final = 120

_ATOMS: Final = {None: "nil", TRUE: "true", FALSE: "false"}


def printed(world: World, value: Any, selector: str = "printString", characters_max: int | None = None) -> str:
    """Return what a printing message answers, in an evaluation that runs.

    An error of the value's own methods shows as `<error printing a Foo>`; being stopped is not contained.

    Args:
        world: where.
        value: whose text.
        selector: `printString` or `displayString`.
        characters_max: the text is cut there, and says so; None for where results are cut.
    """
    if characters_max is None:
        characters_max = world.host.bounds.result_chars
    if characters_max >= PLAIN_CHARACTERS_MAX:
        plain = plain_text(world, value, is_display=selector == "displayString")
        if plain is not None:
            return plain
    if _is_text(world, value) and len(value.text) > characters_max and _is_of_kernel(world, value, selector):
        return _long_text(value.text, characters_max, is_display=selector == "displayString")
    function = world.table(selector)[type(value)]
    if characters_max <= CHILD_CHARACTERS_MAX and _is_of_object(world, value, selector):
        limited = world.table(f"{selector}LimitedTo:")[type(value)]
        answer = on_do(lambda: limited(value, characters_max), world.kernel.classes["Error"], _give_up)
    else:
        answer = on_do(lambda: function(value), world.kernel.classes["Error"], _give_up)
    text = getattr(answer, "text", None)
    if type(text) is not str:
        return f"<error printing {named_with_article(world.class_of(value).name)}>"
    return bounded(text, characters_max)


def _is_of_object(world: World, value: Any, selector: str) -> bool:
    """Whether a value prints as every Object does: then printing may end where the text is cut."""
    method = world.lookup(world.class_of(value), selector)
    return method is not None and method.is_kernel and method.owner is world.kernel.classes["Object"]


def _is_of_kernel(world: World, value: Any, selector: str) -> bool:
    """Whether a value prints as the class library says."""
    method = world.lookup(world.class_of(value), selector)
    return method is not None and method.is_kernel


def displayed(world: World, value: Any, result: str, characters_max: int | None = None) -> str:
    """Return the displayString of a value that printed as `result`; what only prints again is not asked twice."""
    if _is_of_object(world, value, "displayString"):
        return result
    return printed(world, value, "displayString", characters_max)


def is_its_own_text(world: World, value: Any, characters_max: int) -> bool:
    """Whether a value is a String longer than that which prints its own characters: the session did not change how."""
    return (
        _is_text(world, value)
        and len(value.text) > characters_max
        and all(_is_of_kernel(world, value, selector) for selector in ("printString", "displayString"))
    )


def _is_text(world: World, value: Any) -> bool:
    """Whether a value is a String itself, of no subclass."""
    return type(value) is world.kernel.classes["ByteString"].instance_type()


def plain_text(world: World, value: Any, *, is_display: bool = False) -> str | None:
    """Return the text of nil, a Boolean, a SmallInteger or a short String; None of any other value.

    It is what the class library's own methods answer, so it holds only while the world has not changed any of them.
    """
    if world.overlays and any(overlay.methods for overlay in world.overlays.values()):
        return None
    if type(value) is int:
        return str(value) if SMALL_INTEGER_MIN <= value <= SMALL_INTEGER_MAX else None
    if _is_text(world, value):
        text: str = value.text
        if len(text) >= PLAIN_CHARACTERS_MAX:
            return None
        return text if is_display else "'" + text.replace("'", "''") + "'"
    return _ATOMS[value] if value is None or value is TRUE or value is FALSE else None


def _long_text(text: str, characters_max: int, *, is_display: bool) -> str:
    """What `bounded` makes of a String's text or literal; no copy of the whole is made."""
    if is_display:
        return bounded(text, characters_max)
    missing = len(text) + text.count("'") + len("''") - characters_max
    start = "'" + text[:characters_max].replace("'", "''")
    return _with_note(start, characters_max, missing)


def _give_up(_error: Any) -> None:
    """Handle an error by answering nothing."""


def bounded(text: str, characters_max: int) -> str:
    """Cut a text that is too long, and say how much is missing."""
    missing = len(text) - characters_max
    return text if missing <= 0 else _with_note(text, characters_max, missing)


def _with_note(text: str, characters_max: int, missing: int) -> str:
    """The start of a text and how many characters follow there."""
    return f"{text[:characters_max]}... ({missing} more characters)"


def named_with_article(class_name: str) -> str:
    """`a Foo`, `an Array`."""
    return f"{'an' if class_name[0] in 'AEIOUaeiou' else 'a'} {class_name}"


def described(world: World, value: Any) -> str:
    """Return a short text of a value without running code of the language: for listings outside evaluations.

    Raises:
        BrokenImageError: it is no object of the language; a damaged record refers to it.
    """
    if value is None or value is TRUE or value is FALSE:
        return _ATOMS[value]
    if isinstance(value, int | float):
        return bounded(repr(value), CHILD_CHARACTERS_MAX) if _is_short(value) else "a very large integer"
    if isinstance(value, Symbol):
        return bounded(f"#{value.name}", CHILD_CHARACTERS_MAX)
    if isinstance(value, Character):
        return f"${chr(value.code)}"
    if isinstance(value, Behavior):
        return value.name
    try:
        class_name = world.class_of(value).name
    except TypeError as error:
        raise BrokenImageError(str(error)) from error
    text = getattr(value, "text", None) if getattr(type(value), "kind", None) == "text" else None
    return quoted(text) if text is not None else named_with_article(class_name)


def characters_of(value: Any, object_id: str) -> str:
    """Return the characters of a String or Symbol, without running code of the language.

    Args:
        value: the text.
        object_id: its id, for the error.

    Raises:
        UnknownObjectIdError: it is no text.
    """
    if isinstance(value, Symbol):
        return value.name
    if getattr(type(value), "kind", None) != "text":
        raise UnknownObjectIdError(f"the object '{object_id}' is no text")
    text: str = value.text
    return text


def quoted(text: str) -> str:
    """A string's text as a literal, cut where it is long."""
    return "'" + bounded(text, CHILD_CHARACTERS_MAX).replace("'", "''") + "'"


def _is_short(value: float) -> bool:
    """Whether a number's text is short; making the text of a huge integer takes quadratic time."""
    return not isinstance(value, int) or value.bit_length() <= 4 * CHILD_CHARACTERS_MAX
