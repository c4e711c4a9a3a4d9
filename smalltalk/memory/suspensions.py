"""The computations of a session that wait, what code in their frames refers to, and the records of both.

| record         | slots                                                                              | payload    |
|----------------|------------------------------------------------------------------------------------|------------|
| `%Suspension`  | id, kind, class name, message, code, tool, is displayed, time, frames, transcript; |            |
|                | exception, process, %Stack, value                                                  |            |
| `%Suspensions` | how many ids were given                                                            | who waits  |
| `%Local`       | Python name, %Context                                                              |            |
| `%Field`       | slot, receiver                                                                     |            |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..runtime.framevariables import ContextVariable, FieldVariable
from ..runtime.objects import Object
from ..runtime.suspension import Suspension
from .fields import FieldForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Suspensions(Object):
    """Those of one session, the one that began to wait first in front.

    Attributes:
        given: how many ids were given so far; none is given twice.
        waiting: the suspensions.
    """

    __slots__ = ("given", "waiting")

    def __init__(self) -> None:
        self.oid = 0
        self.dirty = True
        self.given = 0
        self.waiting: list[Suspension] = []

    def __iter__(self) -> Iterator[Suspension]:
        return iter(list(self.waiting))

    def __len__(self) -> int:
        return len(self.waiting)

    def find(self, context_id: str) -> Suspension | None:
        """Return the one of that name, None if there is none (any more)."""
        return next((each for each in self.waiting if each.context_id == context_id), None)

    def new_id(self, mark: Callable[[Object], None]) -> str:
        """Give a name; `mark` is the heap's write barrier."""
        self.given += 1
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


#: What is plain of a suspension.
_PLAIN: Final = (
    "context_id",
    "kind",
    "class_name",
    "message",
    "code",
    "tool_id",
    "has_display",
    "stopped_at_ms",
    "frames",
    "transcript",
)

#: The forms of all of them.
SUSPENSION_FORMS: Final = (
    FieldForm("%Suspension", Suspension, plain=_PLAIN, values=("exception", "process", "stack", "value")),
    FieldForm("%Local", ContextVariable, plain=("name",), values=("context",)),
    FieldForm("%Field", FieldVariable, plain=("slot",), values=("receiver",)),
    FieldForm("%Suspensions", Suspensions, plain=("given",), elements="waiting"),
)
