"""The computations of a session that wait, what code in their frames refers to, and the records of both.

| record         | slots                                                                              | payload    |
|----------------|------------------------------------------------------------------------------------|------------|
| `%Suspension`  | id, kind, class name, message, code, tool, is displayed, time, frames, transcript; |            |
|                | exception, process, %Stack, value                                                  |            |
| `%Suspensions` | how many ids were given                                                            | who waits  |
| `%Local`       | Python name, %Context                                                              |            |
| `%Field`       | slot, receiver, its name, how many variables had been renamed                      |            |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..runtime.capture import CapturedStack
from ..runtime.framevariables import ContextVariable, FieldVariable
from ..runtime.objects import Object, Symbol
from ..runtime.suspension import Suspension
from .fields import FieldForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Suspensions(Object):
    """Those of one session, the one that began to wait first in front.

    Attributes:
        given: how many ids were given so far; none is given twice.
        waiting: the suspensions; what else a damaged record names is overlooked.
    """

    __slots__ = ("given", "waiting")

    def __init__(self) -> None:
        self.oid = 0
        self.dirty = True
        self.given = 0
        self.waiting: list[Object] = []

    def __iter__(self) -> Iterator[Suspension]:
        return iter([each for each in self.waiting if isinstance(each, Suspension)])

    def __len__(self) -> int:
        return len(self.waiting)

    def find(self, context_id: str) -> Suspension | None:
        """Return the one of that name, None if there is none (any more)."""
        return next((each for each in self if name_of(each) == context_id), None)

    def of_process(self, process: Object) -> Suspension | None:
        """Return that of a process, None if none is."""
        return next((each for each in self if is_readable(each) and each.process is process), None)

    def new_id(self, mark: Callable[[Object], None], passed_over: int) -> str:
        """Give a name; `mark` is the heap's write barrier, `passed_over` how many others gave."""
        self.given = max(self.given, passed_over) + 1
        mark(self)
        return f"c{self.given}"

    def put_last(self, suspension: Suspension, mark: Callable[[Object], None]) -> None:
        """Let a computation be the one that began to wait last."""
        self.waiting = [*[each for each in self.waiting if each is not suspension], suspension]
        mark(self)

    def remove(self, suspension: Suspension, mark: Callable[[Object], None]) -> None:
        """Let a computation wait no longer."""
        self.waiting = [each for each in self.waiting if each is not suspension]
        mark(self)


def is_readable(suspension: Suspension) -> bool:
    """Whether the record of a computation that waits is there and makes sense."""
    try:
        return bool(suspension.context_id)
    except Exception:  # noqa: BLE001 - whatever the store says: it is this one's error, not that of the others
        return False


def name_of(suspension: Suspension) -> str:
    """The id of a computation that waits; of one whose record is damaged, a name to give it up by."""
    return suspension.context_id if is_readable(suspension) else f"damaged{suspension.oid}"


#: What is plain of a suspension, and what each of these is.
_PLAIN: Final = {
    "context_id": str,
    "kind": str,
    "class_name": str,
    "message": str,
    "code": str,
    "tool_id": str,
    "has_display": bool,
    "stopped_at_ms": int,
    "frames": int,
    "transcript": str,
}

#: The forms of all of them.
SUSPENSION_FORMS: Final = (
    FieldForm(
        "%Suspension",
        Suspension,
        plain=tuple(_PLAIN),
        values=("exception", "process", "stack", "value"),
        kinds={**_PLAIN, "stack": CapturedStack | None},
    ),
    FieldForm("%Local", ContextVariable, plain=("name",), values=("context",)),
    FieldForm(
        "%Field",
        FieldVariable,
        plain=("slot",),
        values=("receiver", "name", "renames_known"),
        later={"name": lambda: None, "renames_known": lambda: 0},
        kinds={"slot": int, "name": Symbol | None, "renames_known": int},
    ),
    FieldForm("%Suspensions", Suspensions, plain=("given",), elements="waiting"),
)
