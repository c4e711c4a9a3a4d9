"""The local names that operations mention: what a continuation needs to be given, and what of it must be boxes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from . import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Prefix of the local names of workspace variables, which are bindings.
BINDING: Final = "B_"

#: Names of the fields that hold a local name, per kind of thing.
_LOCAL_NAMES: Final[dict[type, tuple[str, ...]]] = {
    ir.BoxValue: ("name",),
    ir.Local: ("text",),
    ir.StoreBox: ("box",),
    ir.ToDo: ("variable",),
}


def local_names(code: list[ir.Operation]) -> set[str]:
    """Every local name that the operations mention, `self` and `home` included."""
    names: set[str] = set()
    pending: list[object] = list(code)
    while pending:
        thing = pending.pop()
        if isinstance(thing, (ir.Field, ir.StoreField, ir.SuperSend)):
            names.add("self")
        elif isinstance(thing, ir.NonLocalReturn):
            names.add("home")
        elif isinstance(thing, ir.MakeBlock):
            names.update(thing.function.captured)
            continue
        for name in _LOCAL_NAMES.get(type(thing), ()):
            names.add(getattr(thing, name))
        dst = getattr(thing, "dst", None)
        if dst is not None:
            names.add(dst)
        pending.extend(_parts(thing))
    return names


def box_names(code: list[ir.Operation]) -> set[str]:
    """Every local name that the operations, and those of blocks in them, read or store as a box or binding."""
    names: set[str] = set()
    pending: list[object] = list(code)
    while pending:
        thing = pending.pop()
        if isinstance(thing, ir.BoxValue):
            names.add(thing.name)
        elif isinstance(thing, ir.StoreBox):
            names.add(thing.box)
        pending.extend(thing.function.code if isinstance(thing, ir.MakeBlock) else _parts(thing))
    return names


def _parts(thing: object) -> Iterator[object]:
    if type(thing) in OPERANDS:
        return
    for each in fields(thing):  # type: ignore[arg-type]  # every operation and test is a dataclass
        value = getattr(thing, each.name)
        if isinstance(value, list):
            yield from value
        elif hasattr(value, "__dataclass_fields__") and each.name != "literal":
            yield value


#: What is read without effect.
OPERANDS: Final = (ir.Constant, ir.Named, ir.Local, ir.BoxValue, ir.Field, ir.ClassVariable)
