"""ByteArray: elements from 0 to 255 in a Python bytearray, its slot `data`; integers in them, text in UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import FALSE, TRUE
from .values import changed, elements_of, fail_at, fail_with, string

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes one integer access may span: as wide as the largest integer there is.
INTEGER_BYTES_MAX: Final = 32_768


def at(self: Any, index: Any) -> Any:
    """`aByteArray at: index`."""
    if type(index) is int and 0 < index <= len(self.data):
        return self.data[index - 1]
    return fail_at(self, index)


def at_put(self: Any, index: Any, value: Any) -> Any:
    """`aByteArray at: index put: aByte`."""
    if type(index) is not int or not 0 < index <= len(self.data):
        return fail_at(self, index)
    if type(value) is not int or not 0 <= value <= 255:  # noqa: PLR2004 - a byte
        return fail_with(self, value)
    self.data[index - 1] = value
    changed(self)
    return value


def size(self: Any) -> int:
    """`aByteArray size`."""
    return len(self.data)


def copy_from_to(self: Any, start: Any, stop: Any) -> Any:
    """The bytes from `start` to `stop`."""
    if type(start) is not int or type(stop) is not int:
        return fail_at(self, stop if type(start) is int else start)
    data = self.data
    if stop >= start and (start < 1 or stop > len(data)):
        return fail_at(self, start if start < 1 else stop)
    return type(self).behavior.instance_type().make(data[start - 1 : stop] if stop >= start else bytearray())


def concatenate(self: Any, other: Any) -> Any:
    """`aByteArray , aCollection of bytes`."""
    elements = getattr(other, "data", None)
    if elements is None:
        return current.world.send(self, "concatenate:", other)
    data = self.data
    if len(data) + len(elements) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    return type(self).behavior.instance_type().make(data + elements)


def replace_from_to(self: Any, start: Any, stop: Any, source: Any, source_start: Any) -> Any:
    """Store bytes of another collection over start..stop."""
    elements = getattr(source, "data", None)
    if elements is None or any(type(each) is not int for each in (start, stop, source_start)):
        return current.world.send(self, "replaceSlowlyFrom:to:with:startingAt:", start, stop, source, source_start)
    count = stop - start + 1
    if count <= 0:
        return self
    if start < 1 or stop > len(self.data):
        return fail_at(self, start if start < 1 else stop)
    if source_start < 1 or source_start + count - 1 > len(elements):
        return fail_at(source, source_start + count - 1)
    self.data[start - 1 : stop] = elements[source_start - 1 : source_start - 1 + count]
    changed(self)
    return self


def equal(self: Any, other: Any) -> Any:
    """Equal bytes in another ByteArray."""
    return TRUE if getattr(other, "data", None) == self.data else FALSE


def from_elements(_self: Any, collection: Any) -> Any:
    """A ByteArray of any collection of bytes that has a payload, nil if an element is none."""
    elements = elements_of(collection)
    if elements is None or any(type(each) is not int or not 0 <= each <= 255 for each in elements):  # noqa: PLR2004
        return None
    return current.world.new_bytes(bytes(elements))


def decode_utf8(self: Any) -> Any:
    """The text these bytes encode in UTF-8."""
    try:
        return string(self.data.decode("utf-8"))
    except UnicodeDecodeError:
        return current.world.send(self, "errorInvalidUtf8")


def as_latin1(self: Any) -> Any:
    """The string whose characters have these codes."""
    return string(self.data.decode("latin-1"))


def hexadecimal(self: Any) -> Any:
    """Two digits a byte, in lower case."""
    return string(self.data.hex())


def to_integer(self: Any, start: Any, count: Any, order: Any, signed: Any) -> Any:
    """The integer in `count` bytes from `start`; `order` is #little or #big."""
    if any(type(each) is not int for each in (start, count)) or not 0 < count <= INTEGER_BYTES_MAX:
        return fail_at(self, start)
    if start < 1 or start + count - 1 > len(self.data):
        return fail_at(self, start)
    part = self.data[start - 1 : start - 1 + count]
    return int.from_bytes(part, "little" if order.name == "little" else "big", signed=signed is TRUE)


def put_integer(self: Any, value: Any, start: Any, count: Any, order: Any) -> Any:
    """Store an integer's low bytes, two's complement, in `count` bytes from `start`; answer it."""
    if any(type(each) is not int for each in (start, count)) or not 0 < count <= INTEGER_BYTES_MAX:
        return fail_at(self, start)
    if start < 1 or start + count - 1 > len(self.data):
        return fail_at(self, start)
    if type(value) is not int or not -(1 << (8 * count - 1)) <= value < 1 << (8 * count):
        return fail_with(self, value)
    low = value & ((1 << (8 * count)) - 1)
    self.data[start - 1 : start - 1 + count] = low.to_bytes(count, "little" if order.name == "little" else "big")
    changed(self)
    return value


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "bytesAt": at,
    "bytesAtPut": at_put,
    "bytesSize": size,
    "bytesCopyFromTo": copy_from_to,
    "bytesConcatenate": concatenate,
    "bytesReplaceFromTo": replace_from_to,
    "bytesEqual": equal,
    "bytesFromElements": from_elements,
    "bytesDecodeUtf8": decode_utf8,
    "bytesAsLatin1": as_latin1,
    "bytesHex": hexadecimal,
    "bytesInteger": to_integer,
    "bytesPutInteger": put_integer,
}
