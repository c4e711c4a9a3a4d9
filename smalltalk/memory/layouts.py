"""Records of ordinary objects: one reader and one writer for each payload kind.

`LayoutForm` is made once per class and session and then used for every object of the class, so it prepares all it can.
"""

from __future__ import annotations

from itertools import chain, islice
from math import copysign
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from ..runtime.entries import holding
from ..runtime.objects import PAYLOADS, Symbol
from .errors import BrokenImageError
from .ghosts import awake, ghost_class
from .records import live_text, plain_text
from .runs import RUN_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..runtime.objects import Object
    from .records import ClassRef, Decode, Encode, Pieces, Record, Value

#: A payload of more values is encoded in pieces of so many: a third of a millisecond each.
PIECE_VALUES: Final = RUN_MAX
_ENTRIES: Final = "entries"
_ELEMENTS: Final = "elements"


def _encode_key(where: Any, key: Any, encode: Encode) -> Value:
    """Say under which Python key an entry stands; see `where` in the table of `records.py`."""
    if where is key or _are_same_number(where, key):
        return None
    if type(where) is tuple:
        return ("hash", *where)
    if type(where) is str:
        return True if type(key) is Symbol and key.name == where else plain_text(where)
    return encode(where)


def _are_same_number(where: Any, key: Any) -> bool:
    """Whether two numbers are the same to the last bit: 0.0 and -0.0 meet as keys and are different all the same."""
    kind = type(where)
    if kind is not type(key) or where != key:
        return False
    return kind is int or (kind is float and copysign(1.0, where) == copysign(1.0, key))


def _decode_key(where: Value, key: Any, decode: Decode) -> Any:
    """Return the Python key that `_encode_key` described."""
    if where is None:
        return key
    if where is True:
        return key.name
    if isinstance(where, str | bytes):
        return live_text(where)
    if type(where) is tuple and where[0] == "hash":
        return tuple(where[1:])
    return decode(where)


def encode_items(items: list[Any], encode: Encode) -> tuple[Value, ...] | Pieces:
    """Code the payload of an array."""
    if len(items) > PIECE_VALUES:
        return _item_pieces(items, encode)
    return tuple([encode(item) for item in items])


def _item_pieces(items: list[Any], encode: Encode) -> Pieces:
    """The same, in pieces."""
    for first in range(0, len(items), PIECE_VALUES):
        yield [encode(item) for item in items[first : first + PIECE_VALUES]]


def encode_map(mapping: dict[Any, Any], encode: Encode) -> tuple[Value, ...] | Pieces:
    """Code the payload of a dictionary or set.

    A dictionary whose keys are numbers, each its own value, is the same payload as a set of them.
    """
    pieces = _map_pieces(mapping, encode)
    return pieces if len(mapping) > PIECE_VALUES else tuple(chain.from_iterable(pieces))


def _map_pieces(mapping: dict[Any, Any], encode: Encode) -> Pieces:
    """The same, in pieces; those in which it is found out which of the two it is are empty."""
    is_set = bool(mapping)
    held_under = iter(mapping.items())
    while is_set and (some := list(islice(held_under, PIECE_VALUES))):
        is_set = not any(_is_entry(where, held) for where, held in some)
        if len(some) == PIECE_VALUES:
            yield []
    plain: list[Value] = [_ELEMENTS if is_set else _ENTRIES]
    for where, held in mapping.items():
        if is_set:
            plain += (_encode_key(where, held, encode), encode(held))
        else:
            key, value = held if type(held) is list else (where, held)
            plain += (_encode_key(where, key, encode), encode(key), encode(value))
        if len(plain) > PIECE_VALUES:
            yield plain
            plain = []
    yield plain


def _is_entry(where: Any, held: Any) -> bool:
    """Whether what is held under a normal key can be no element of a set."""
    if type(held) is list:
        return True
    return (type(where) is int or type(where) is float) and where is not held and not _are_same_number(where, held)


def decode_map(plain: Sequence[Value], decode: Decode) -> dict[Any, Any]:
    """Make the payload that `encode_map` coded."""
    mapping: dict[Any, Any] = {}
    if plain[0] == _ELEMENTS:
        for k in range(1, len(plain), 2):
            element = decode(plain[k + 1])
            mapping[_decode_key(plain[k], element, decode)] = element
    else:
        for k in range(1, len(plain), 3):
            key = decode(plain[k + 1])
            where = _decode_key(plain[k], key, decode)
            held = holding(where, key, decode(plain[k + 2]))
            mapping[where if type(held) is list else key] = held  # of equal numbers the one that is the key
    return mapping


#: Payload -> plain payload, by kind.
_ENCODE_PAYLOAD: Final[dict[str, Callable[[Any, Encode], Value | Pieces]]] = {
    "items": encode_items,
    "bytes": lambda data, _: bytes(data),
    "text": lambda text, _: plain_text(text),
    "map": encode_map,
}

#: Plain payload -> payload, by kind; items have a way of their own, see `Heap.decode_all`.
_DECODE_PAYLOAD: Final[dict[str, Callable[[Value, Decode], Any]]] = {
    "bytes": lambda plain, _: bytearray(plain),
    "text": lambda plain, _: live_text(plain),
    "map": decode_map,
}


class LayoutForm:
    """How the objects of one class are written and read under one class reference.

    Args:
        decode_all: reads a list of values.
        ref: what their records and references name as class.
        live: their Python class, made from `runtime.objects.layout`.
        count: instance variables of the class today, inherited ones included.
        stored: for each variable in the record its place today, None where it is gone; None when nothing moved.
        shape: the object that `ref` names, when it may still have to be written itself.

    Attributes:
        has_items: whether the payload is a list of values, which may hold runs of references.
    """

    __slots__ = (
        "_count",
        "_decode_payload",
        "_kind",
        "_payload",
        "_slots",
        "_stored",
        "_variables",
        "ghost",
        "has_items",
        "live",
        "ref",
        "shape",
    )

    def __init__(
        self,
        decode_all: Callable[[Sequence[Value]], list[Any]],
        ref: ClassRef,
        live: Any,
        count: int,
        stored: Sequence[int | None] | None = None,
        shape: Object | None = None,
    ) -> None:
        self.ref = ref
        self.live: type[Object] = live
        self._kind: str = live.behavior.kind
        # An object without slots has nothing to load.
        self.ghost = ghost_class(live) if count or live.capacity or PAYLOADS[self._kind] else live
        self.shape = shape
        self._count = count
        self._stored = stored
        self._slots = tuple(f"i{k}" for k in range(max(count, live.capacity)))
        self._variables = attrgetter(*self._slots[:count]) if count else None
        payload = PAYLOADS[self._kind]
        self._payload = payload[0] if payload else None
        self.has_items = self._kind == "items"
        self._decode_payload = (
            (lambda plain, _: decode_all(plain)) if self.has_items else _DECODE_PAYLOAD.get(self._kind)
        )

    def encode(self, obj: Any, encode: Encode) -> Record:
        """Make the record of an object; a long payload comes in pieces, coded as they are asked for."""
        if self.shape is not None and self.shape.dirty:
            encode(self.shape)
        slots: tuple[Value, ...] = ()
        if self._variables:
            values = self._variables(obj)
            slots = (encode(values),) if self._count == 1 else tuple([encode(value) for value in values])
        if self._payload is None:
            return self.ref, slots, None
        return self.ref, slots, _ENCODE_PAYLOAD[self._kind](getattr(obj, self._payload), encode)

    def fill(self, obj: Any, record: Record, decode: Decode) -> None:
        """Turn a ghost into the object of that record.

        Raises:
            BrokenImageError: the record has more variables than its class.
        """
        _, plain_slots, plain_payload = record
        values = [decode(plain) for plain in plain_slots]
        if self._stored is not None:
            values = self._moved(values)
        if len(values) > self._count:
            raise BrokenImageError(f"object {obj.oid} has {len(values)} variables, its class has {self._count}")
        payload = None if self._decode_payload is None else self._decode_payload(plain_payload, decode)
        awake(obj, self.live)
        values += [None] * (len(self._slots) - len(values))
        for slot, value in zip(self._slots, values, strict=True):
            setattr(obj, slot, value)
        if self._payload is not None:
            setattr(obj, self._payload, payload)

    def _moved(self, values: list[Any]) -> list[Any]:
        """Put the variables of an older shape where they belong today."""
        moved: list[Any] = [None] * self._count
        for value, place in zip(values, self._stored or (), strict=True):
            if place is not None:
                moved[place] = value
        return moved
