"""What to do about an exception that nobody handles: a sentence for those whose state tells it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import nearest_names
from .dispatch import own_methods
from .entries import entries
from .habits import ADVICE, SYNONYMS
from .objects import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .classes import Behavior
    from .world import World

#: Longest name that near ones are looked for: comparing takes time with the square of the length.
NAME_CHARACTERS_MAX: Final = 100

#: Keys of a dictionary that are looked at for a near one: a few milliseconds.
KEYS_MAX: Final = 500

#: Advice for a message to nil.
NIL_RECEIVER: Final = "the receiver is nil: a variable without a value, or something that was not found?"

#: Slots of an exception's own variables, after the three of Exception; and of Message's selector.
_FIRST: Final = "i3"
_SECOND: Final = "i4"
_THIRD: Final = "i5"
_SELECTOR: Final = "i0"

#: Beginning of the messages by which arithmetic asks its argument to help.
_COERCION: Final = "adaptTo"


def suggestion_for(world: World, exception: Any) -> str | None:
    """A way out, None where none is known."""
    behavior = world.class_of(exception)
    advise = _BY_CLASS.get(behavior.name) if behavior.is_kernel else None
    return advise(world, exception) if advise else None


def _of_message(world: World, exception: Any) -> str | None:
    """For a message nobody understands, what it is called here, or the selectors most like it that the receiver has."""
    selector = getattr(getattr(exception, _FIRST, None), _SELECTOR, None)
    receiver = getattr(exception, _SECOND, None)
    if type(selector) is not Symbol or len(selector.name) > NAME_CHARACTERS_MAX:
        return None
    if selector.name in ADVICE:
        return ADVICE[selector.name]
    if receiver is None and selector.name.startswith(_COERCION):
        return "the argument is nil: a variable without a value, or something that was not found?"
    if receiver is None:
        return NIL_RECEIVER
    behavior: Behavior | None = world.class_of(receiver)
    known: set[str] = set()
    while behavior is not None:
        known.update(own_methods(world, behavior))
        behavior = behavior.superclass
    synonym = SYNONYMS.get(selector.name)
    if synonym in known:
        return f"did you mean {synonym}?"
    # Comparing with all 800 selectors of a collection takes 20 ms; hardly anybody mistypes the first letter.
    return nearest_names(selector.name, [each for each in known if each[0] == selector.name[:1]])


def _of_key(_world: World, exception: Any) -> str | None:
    """For a key that is not there, the keys of the same kind that are most like it."""
    sought = getattr(exception, _FIRST, None)
    held = getattr(getattr(exception, _SECOND, None), "map", None)
    name = _name_of(sought)
    if name is None or len(name) > NAME_CHARACTERS_MAX or type(held) is not dict:
        return None
    keys = [key for key, _ in islice(entries(held), KEYS_MAX) if (type(key) is Symbol) is (type(sought) is Symbol)]
    return nearest_names(name, [known for known in map(_name_of, keys) if known is not None])


def _name_of(key: Any) -> str | None:
    """The characters of a symbol or string, None of anything else."""
    text = key.name if type(key) is Symbol else getattr(key, "text", None)
    return text if type(text) is str else None


def _of_condition(world: World, exception: Any) -> str:
    """For what is no condition, what it is instead."""
    found = getattr(exception, _FIRST, None)
    what = "nil: a variable without a value?" if found is None else f"of class {world.class_of(found).name}"
    return f"a condition is true or false; this one is {what}"


def _of_block(_world: World, exception: Any) -> str | None:
    """For a block without parameters that was given arguments, how parameters are written."""
    if getattr(exception, _FIRST, None) != 0:
        return None
    return "parameters of a block are written with colons before a bar: [ :each | ... ]"


def _of_code(_world: World, exception: Any) -> str | None:
    """For a text that does not compile, what the compiler proposes."""
    return _name_of(getattr(exception, _THIRD, None)) or None


_BY_CLASS: Final[dict[str, Callable[[World, Any], str | None]]] = {
    "MessageNotUnderstood": _of_message,
    "KeyNotFound": _of_key,
    "NonBooleanReceiver": _of_condition,
    "ArgumentsCountMismatch": _of_block,
    "CodeError": _of_code,
}
