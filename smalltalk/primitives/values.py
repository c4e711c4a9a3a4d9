"""What every table of primitives needs to read arguments and to make answers.

A primitive takes live values and answers one. It never raises: what it cannot do it hands, as its last act, to a
Smalltalk method of the receiver (`fail_at`, `current.world.send`), so that handlers run on top of it and may resume.
Ghosts load themselves when a payload slot is read, so arguments are recognised by their slots, not by `type`.
"""

from __future__ import annotations

from typing import Any

from ..runtime import current
from ..runtime.objects import CHARACTERS, FALSE, TRUE, Character, Symbol


def truth(condition: object) -> Any:
    """Smalltalk's boolean for a Python condition."""
    return TRUE if condition else FALSE


def character(text: str) -> Character:
    """The character for a text of length one."""
    return CHARACTERS.get(text) or Character.of(ord(text))


def text_of(value: Any) -> str | None:
    """The content of a String or Symbol, None for anything else."""
    if type(value) is Symbol:
        return value.name
    return getattr(value, "text", None)


def string(text: str) -> Any:
    """A new String."""
    return current.world.new_text(text)


def array(items: list[Any]) -> Any:
    """A new Array that takes the list over."""
    return current.world.new_array(items)


def elements_of(value: Any) -> list[Any] | None:
    """The elements of any sequence that keeps them in one payload slot, None for anything else.

    The list of an Array or OrderedCollection is its own: callers that keep it copy it.
    """
    items: list[Any] | None = getattr(value, "items", None)
    if items is not None:
        return items
    text = text_of(value)
    if text is not None:
        if text.isascii():
            return list(map(CHARACTERS.__getitem__, text))
        return [character(each) for each in text]
    data = getattr(value, "data", None)
    return list(data) if data is not None else None


def changed(receiver: Any) -> None:
    """The write barrier: note that a heap object's slots were changed."""
    if not receiver.dirty:
        current.world.mark(receiver)


def fail_at(receiver: Any, index: Any) -> Any:
    """Let the receiver signal that `index` is none of its positions."""
    if type(index) is int:
        return current.world.send(receiver, "errorSubscriptBounds:", index)
    return current.world.send(receiver, "errorNonIntegerIndex")


def fail_with(receiver: Any, value: Any) -> Any:
    """Let the receiver signal that `value` cannot be stored in it or used by it."""
    return current.world.send(receiver, "errorImproperStore:", value)
