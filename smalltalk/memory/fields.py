"""Records of the objects that only the runtime and this room make: variables, boxes, homes, tables, the inspector.

Each is written field by field: first the plain fields (names, numbers, flags), then the fields that hold any value; a
list of values is the payload.
"""

from __future__ import annotations

from types import MappingProxyType, UnionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .ghosts import awake, ghost_class
from .records import live_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..runtime.objects import Object
    from .records import Decode, Encode, Record


#: Python classes, as `isinstance` takes them.
Kinds: TypeAlias = type | UnionType

#: Most objects hold what only code of the language looks at.
_ANYTHING: Final[Mapping[str, Kinds]] = MappingProxyType({})

#: Most objects have had the same fields from the beginning.
_NOTHING_LATER: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType({})


class FieldForm:
    """How the objects of one Python class are written and read, field by field.

    Args:
        ref: the class reference of their records, with `%` in front.
        live: their Python class.
        plain: attributes that hold None, bool, int or str.
        values: attributes that hold any value of the language.
        elements: the attribute that holds a list of such values.
        later: the last of the values, where older records lack it, and what makes the first one.
        kinds: attributes that the server itself relies on -> what they hold; anything else is damage.

    Attributes:
        encode: makes the record of an object.
    """

    __slots__ = (
        "_checked",
        "_later",
        "_names",
        "_plain_count",
        "_store_elements",
        "_stores",
        "encode",
        "ghost",
        "live",
        "ref",
    )

    encode: Callable[[Any, Encode], Record]

    def __init__(
        self,
        ref: str,
        live: type[Object],
        plain: tuple[str, ...] = (),
        values: tuple[str, ...] = (),
        elements: str | None = None,
        later: Mapping[str, Callable[[], Any]] = _NOTHING_LATER,
        kinds: Mapping[str, Kinds] = _ANYTHING,
    ) -> None:
        self.ref = ref
        self.live = live
        self.ghost = ghost_class(live)
        self._names = plain + values
        self._plain_count = len(plain)
        self._later = later
        self._checked = [(self._names.index(name), kinds[name]) for name in kinds]
        # A restore fills a dozen objects: with the slots' own descriptors that takes half the time.
        self._stores: list[Callable[[Any, Any], None]] = [getattr(live, name).__set__ for name in self._names]
        self._store_elements = None if elements is None else getattr(live, elements).__set__
        self.encode = _encoder(ref, plain, values, elements)

    def fill(self, obj: Any, record: Record, decode: Decode) -> None:
        """Turn a ghost into the object of that record; one whose record does not fit stays a ghost."""
        _, slots, payload = record
        count = self._plain_count
        values = [live_text(plain) if type(plain) is bytes else plain for plain in slots[:count]] if count else []
        values += [decode(plain) for plain in slots[count:]]
        elements = None if payload is None else [decode(plain) for plain in payload]
        if len(values) != len(self._stores):
            values += [self._later[name]() for name in self._names[len(values) :]]
        for index, kinds in self._checked:
            if not isinstance(values[index], kinds):
                raise TypeError(f"{self._names[index]} is a {type(values[index]).__name__}")
        fields = list(zip(self._stores, values, strict=True))
        awake(obj, self.live)
        for store, value in fields:
            store(obj, value)
        if self._store_elements is not None:
            self._store_elements(obj, elements)


def _encoder(
    ref: str, plain: tuple[str, ...], values: tuple[str, ...], elements: str | None
) -> Callable[[Any, Encode], Record]:
    """Make the function that writes objects with those fields.

    It is unrolled, because a workspace variable is written with nearly every evaluation: a loop takes thrice as long.
    """
    slots = "".join(f"plain(obj.{name}), " for name in plain) + "".join(f"encode(obj.{name}), " for name in values)
    payload = "None" if elements is None else f"tuple([encode(element) for element in obj.{elements}])"
    text = f"lambda obj, encode: ({ref!r}, ({slots}), {payload})"
    encoder: Callable[[Any, Encode], Record] = eval(text, {"plain": _plain_field})  # noqa: S307 - of this room's own names
    return encoder


def _plain_field(value: Any) -> Any:
    """A plain field as storage can keep it."""
    return plain_text(value) if type(value) is str else value
