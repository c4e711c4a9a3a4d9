"""The names generated code may use beside its world's: the `__builtins__` of every function of the language.

Nothing here gives a way to Python: `range`, `enumerate`, `len`, `int`, `float` and `type` are only ever applied by
generated text, which the source of a method cannot influence.
"""

from __future__ import annotations

import math
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from . import current
from .breakpoints import at_break
from .deopt import deopt
from .forwarding import forwarders_made
from .objects import CHARACTERS, FALSE, TRUE, Home, Symbol, new_box, new_home
from .reshape import settle
from .running import contexts_from
from .shortways import place_aliases
from .unwinding import NonLocalReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from .classes import ClassObject


#: What a wrong guess of generated code raises, and a call that found no room.
WRONG: Final = (TypeError, AttributeError, LookupError, OverflowError, RecursionError)


def ident(a: Any, b: Any) -> bool:
    """Whether two different Python objects are the same object to the language.

    Equal numbers are, but floats differ from integers, and -0.0 from 0.0; not-a-number is itself, though it equals
    nothing. So are objects of which one became the other.
    """
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return bool(a == b)
        if kind is float:
            return (a == b and math.copysign(1.0, a) == math.copysign(1.0, b)) or (math.isnan(a) and math.isnan(b))
    return bool(forwarders_made) and settle(a) is settle(b)


def nonboolean(value: Any, selector: str) -> Any:
    """`value ifTrue: ...` where value is no Boolean: what the error answers is taken for true, unless it is false."""
    return current.world.send(value, "errorNonBoolean:", Symbol.intern(selector))


def dead_home(_home: Home, value: Any) -> Any:
    """`^ value` in a block whose method has ended."""
    return current.world.signal("BlockCannotReturn", "the method of this block has already returned", result=value)


def scaled_decimal(numerator: int, denominator: int, scale: int) -> Any:
    """A literal like `3.14s2`."""
    world = current.world
    fraction = world.send(numerator, "/", denominator)
    return world.send(world.global_value("ScaledDecimal"), "newFromNumber:scale:", fraction, scale)


def this_context() -> Any:
    """`thisContext`."""
    return next(contexts_from(sys._getframe(1), current.evaluation), None)  # noqa: SLF001 - the frame that asks


def builtins_for(classes: dict[str, ClassObject]) -> dict[str, Any]:
    """The entry points for code that runs with those classes."""
    names: dict[str, Any] = {
        "TRUE": TRUE,
        "FALSE": FALSE,
        "FT": FunctionType,
        "NLR": NonLocalReturn,
        "Home": new_home,
        "Box": new_box,
        "Dec": scaled_decimal,
        "at_break": at_break,
        "deopt": deopt,
        "ident": ident,
        "nonboolean": nonboolean,
        "dead_home": dead_home,
        "this_context": this_context,
        "range": range,
        "len": len,
        "enumerate": enumerate,
        "type": type,
        "int": int,
        "float": float,
        "CHARS": CHARACTERS,
        "WRONG": WRONG,
    }
    place_aliases(classes)
    for name, class_name in (("Text", "ByteString"), ("Arr", "Array")):
        if class_name in classes:
            names[name] = classes[class_name].instance_type().make
    if "ByteArray" in classes:
        names["Bytes"] = _maker_of_bytes(classes["ByteArray"].instance_type().make)
    return names


def _maker_of_bytes(byte_array: Callable[..., Any]) -> Callable[[bytes | bytearray], Any]:
    """Make the function that makes a ByteArray of a copy of some bytes."""

    def new_bytes(data: bytes | bytearray) -> Any:
        return byte_array(bytearray(data))

    return new_bytes
