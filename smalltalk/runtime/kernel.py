"""The kernel: classes, primitives and entry points that all worlds share. Nothing in it changes once it is built."""

from __future__ import annotations

from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, Final

from . import entry_points, safe_points
from .capture import CapturedStack
from .classes import KIND_NONE, ClassObject, Metaclass, Method
from .contexts import Context
from .handlers import Handler, Signal
from .objects import Binding, Box, Character, FalseObject, Home, Symbol, TrueObject
from .pending import Pending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .classes import Behavior

#: Python type -> name of the class where lookup starts. Numbers and symbols have finer classes, see `class_of`.
IMMEDIATES: Final[dict[type, str]] = {
    NoneType: "UndefinedObject",
    TrueObject: "True",
    FalseObject: "False",
    int: "SmallInteger",
    float: "SmallFloat64",
    Symbol: "ByteSymbol",
    Character: "Character",
    FunctionType: "BlockClosure",
    Method: "CompiledMethod",
    Metaclass: "Metaclass",
    Box: "Object",
    Binding: "Object",
    Home: "Object",
    Handler: "Object",
    Signal: "Object",
    Pending: "Object",
    CapturedStack: "Object",
    Context: "Context",
}

#: Classes whose instances only the runtime makes, beside those of IMMEDIATES.
UNMAKEABLE: Final = (
    "SmallInteger",
    "LargePositiveInteger",
    "LargeNegativeInteger",
    "Float",
    "SmallFloat64",
    "BoxedFloat64",
    "Boolean",
    "True",
    "False",
    "UndefinedObject",
    "Symbol",
    "ByteSymbol",
    "WideSymbol",
    "Character",
    "BlockClosure",
    "CompiledMethod",
    "Context",
    "Behavior",
    "ClassDescription",
    "Class",
    "Metaclass",
    "Trait",
)

#: Class -> class whose Python type its instances have: which of the two a text is depends on its content.
SHARED_TYPES: Final = {"String": "ByteString", "WideString": "ByteString"}

#: Global name -> class of the one instance that each world has of it.
SINGLETONS: Final = {
    "Smalltalk": "SmalltalkImage",
    "Transcript": "ThreadSafeTranscript",
    "Processor": "ProcessorScheduler",
}

#: SmallIntegers have 61 bits as in 64-bit Pharo; below and above come the large ones.
SMALL_INTEGER_MAX: Final = 2**60 - 1
SMALL_INTEGER_MIN: Final = -(2**60)

#: Floats whose exponent lies in this range fit the tagged form of 64-bit Pharo (8 bits of exponent, zero included).
SMALL_FLOAT_MIN: Final = 2.0**-126
SMALL_FLOAT_MAX: Final = 2.0**129

#: Highest code point of a character of a byte string.
BYTE_CHARACTER_MAX: Final = "\xff"


class Kernel:
    """All that worlds share.

    Attributes:
        classes: name -> class.
        singletons: Global name -> class of the one instance that each world has of it.
        primitives: name -> Python function, for the `<primitive: #name>` of kernel methods.
        builtins: The names that generated code may use beside its world's; no Python builtin that does anything.
    """

    def __init__(self, classes: dict[str, ClassObject], primitives: Mapping[str, Callable[..., Any]]) -> None:
        self.classes = classes
        self.primitives = primitives
        self.singletons = {name: classes[owner] for name, owner in SINGLETONS.items() if owner in classes}
        self._immediates: dict[type, Behavior] = {
            python_type: classes[name] for python_type, name in IMMEDIATES.items() if name in classes
        }
        for name in UNMAKEABLE:
            if name in classes:
                classes[name].kind = KIND_NONE
        for name, owner in SHARED_TYPES.items():
            if name in classes and owner in classes:
                classes[name].share_instance_type(classes[owner].instance_type())
        self.builtins = entry_points.builtins_for(classes)
        safe_points.register(self.builtins)

    def behavior_of_type(self, python_type: type) -> Behavior:
        """The class where lookup starts for objects of that Python type.

        Raises:
            TypeError: no Smalltalk object has that type: a primitive answered a foreign value.
        """
        behavior: Behavior | None = getattr(python_type, "behavior", None)
        if behavior is None:
            behavior = self._immediates.get(getattr(python_type, "live", python_type))  # a ghost shows its live class
        if behavior is None:
            raise TypeError(f"{python_type.__name__} is no type of a Smalltalk object")
        return behavior

    def python_type_of(self, holder: ClassObject) -> type:
        """The Python type of a class's direct instances; of the number classes that of all their numbers."""
        known = {behavior: python_type for python_type, behavior in self._immediates.items()}
        return known.get(holder) or holder.instance_type()

    def class_of(self, value: Any) -> Behavior:
        """The class a value shows: numbers, strings and symbols decide by their content."""
        python_type = type(value)
        if python_type is int:
            return self.classes[_integer_class(value)]
        if python_type is float:
            return self.classes[_float_class(value)]
        if python_type is Symbol:
            return self.classes["ByteSymbol" if _is_bytes(value.name) else "WideSymbol"]
        behavior = self.behavior_of_type(python_type)
        if behavior is self.classes.get("ByteString") and not _is_bytes(value.text):
            return self.classes["WideString"]
        return behavior


def _integer_class(value: int) -> str:
    """Name of an integer's class."""
    if value > SMALL_INTEGER_MAX:
        return "LargePositiveInteger"
    return "SmallInteger" if value >= SMALL_INTEGER_MIN else "LargeNegativeInteger"


def _float_class(value: float) -> str:
    """Name of a float's class."""
    is_small = value == 0 or SMALL_FLOAT_MIN <= abs(value) < SMALL_FLOAT_MAX
    return "SmallFloat64" if is_small else "BoxedFloat64"


def _is_bytes(text: str) -> bool:
    """Whether every character fits a byte string."""
    return text.isascii() or max(text) <= BYTE_CHARACTER_MAX
