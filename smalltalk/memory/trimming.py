"""Trimming: letting go of loaded objects that nothing live refers to any more.

The table of loaded objects keeps what it holds alive. When it has doubled, the objects that can be reached from the
root without loading anything are marked, and the others leave the table; if a ghost's record still refers to one of
them, it is read again. Doubling makes that a constant cost per loaded object, and reading again is right because of two
rules:

- an object that was read from the source and changed since is never dropped: the source still shows its former state;
- classes and shapes are never dropped: the runtime holds them, and there must be one of each. Methods and the sources
  of blocks are, once no class and no block refers to them: a session that compiles all day must not keep them all.

What those that are never dropped refer to stays as well, so that all who know an object know the same one.

Between evaluations only: the temporaries of running code are not searched.
"""

from __future__ import annotations

from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import Metaclass, Method
from .blocks import Source
from .ghosts import is_ghost
from .records import is_immediate

if TYPE_CHECKING:
    from collections.abc import Generator

    from .forms import Forms
    from .loaded import LoadedObjects

#: Below this many loaded objects nothing is trimmed: they take half a megabyte at most.
TRIM_OBJECTS_MIN: Final = 4_096

#: How many times as many objects as were kept the table holds when it is trimmed again.
TRIM_GROWTH: Final = 2

#: Values looked at in a step, and objects of the table: a third of a millisecond.
_VALUES_PER_STEP: Final = 512
_OBJECTS_PER_STEP: Final = 1_024


def reachable(root: Any, loaded: LoadedObjects, outdated: set[int], forms: Forms) -> Generator[None, None, set[int]]:
    """Return the ids of all objects that must stay, found in steps without loading one.

    Args:
        root: what everything durable hangs from.
        loaded: the table.
        outdated: ids of those that changed since they were read.
        forms: how what objects refer to is found.
    """
    pending = [root]
    for place, (oid, obj) in enumerate(loaded.items(), 1):
        if oid in outdated or not may_drop(obj, forms):
            pending.append(obj)
        if place % _OBJECTS_PER_STEP == 0:
            yield
    return (yield from _reached(pending, forms))


def _reached(pending: list[Any], forms: Forms) -> Generator[None, None, set[int]]:
    """Return the ids of all objects that can be reached from those that are pending."""
    reached: set[int] = set()
    looked_at = 0

    def visit(value: Any) -> None:
        nonlocal looked_at
        looked_at += 1
        if not is_immediate(value):
            pending.append(value.sole if type(value) is Metaclass else value)

    while pending:
        obj = pending.pop()
        looked_at += 1
        oid = obj.__dict__.get("oid", 0) if type(obj) is FunctionType else obj.oid
        if oid and oid not in reached:
            reached.add(oid)
            if not is_ghost(obj):
                payload = forms.writers[type(obj)].encode(obj, visit)[2]
                if type(payload) is GeneratorType:
                    for _ in payload:
                        yield
        if looked_at > _VALUES_PER_STEP:
            looked_at = 0
            yield
    return reached


def may_drop(obj: Any, forms: Forms) -> bool:
    """Whether an object is of a kind that may be made again from its record."""
    return type(obj) in (FunctionType, Method, Source) or forms.writers[type(obj)].ghost is not None
