"""A hand-made kernel and a source of records in a dictionary: memory is tested without compiler and library."""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from smalltalk.memory.draining import at_once
from smalltalk.memory.heap import Heap
from smalltalk.memory.oids import ROOT_OID
from smalltalk.memory.packing import PlainRecords
from smalltalk.memory.runs import is_run
from smalltalk.memory.tables import Table
from smalltalk.runtime import current
from smalltalk.runtime.classes import ClassObject, new_class

if TYPE_CHECKING:
    from smalltalk import Delta


class Records:
    """A store of plain records, filled by deltas; what a session's rows are to the image."""

    def __init__(self) -> None:
        self.records: dict[int, Any] = {}
        self.next_oid = 2
        self.reads: list[int] = []

    def take(self, delta: Any) -> list[int]:
        """Apply a delta, as storage would; answers the ids it wrote."""
        if delta is None:
            return []
        self.records.update(delta.records)
        self.next_oid = delta.next_oid
        return [oid for oid, _ in delta.records]

    def record(self, oid: int) -> Any:
        """The record with that id."""
        self.reads.append(oid)
        return self.records.get(oid)


def unrolled(payload: Any) -> Any:
    """A payload with every reference in full, in place of runs."""
    if type(payload) is not tuple:
        return payload
    parts = [
        [(oid, each[1]) for oid in range(each[0], each[0] + each[2])]
        if type(each) is tuple and is_run(each)
        else [each]
        for each in payload
    ]
    return tuple(chain.from_iterable(parts))


def make_kernel() -> Any:
    """Kernel classes of every layout."""
    root = new_class("Object", None, None, kind="plain", is_kernel=True)
    classes = {"Object": root}
    for name, kind, variables in (
        ("Association", "plain", ("key", "value")),
        ("Array", "items", ()),
        ("OrderedCollection", "items", ()),
        ("ByteArray", "bytes", ()),
        ("ByteString", "text", ()),
        ("Dictionary", "map", ()),
        ("Set", "map", ()),
        ("ReadStream", "plain", ("collection", "position", "limit")),
    ):
        classes[name] = new_class(name, root, None, kind=kind, own_variables=variables, is_kernel=True)
    return SimpleNamespace(classes=classes, singletons={})


class Session:
    """A heap with a root table, and its store."""

    def __init__(self, kernel: Any, records: Records | None = None) -> None:
        self.kernel = kernel
        self.records = records or Records()
        self.world = SimpleNamespace(kernel=kernel)
        self.heap = self.world.heap = Heap(self.world, self.records if records else None)
        self.activate()
        if records:
            self.root = self.heap.find(ROOT_OID)
        else:
            self.root = Table("root")
            self.root.oid = ROOT_OID
            self.heap.adopt(self.root)

    def activate(self) -> None:
        """Make this the session that runs."""
        current.world = self.world

    def new(self, class_name: str, *arguments: Any, **variables: Any) -> Any:
        """A new instance."""
        obj: Any = self.kernel.classes[class_name].instance_type().make(*arguments)
        for name, value in variables.items():
            setattr(obj, name, value)
        return obj

    def keep(self, value: Any) -> Any:
        """Hang a value from the root."""
        self.root.append(value, self.heap.mark)
        return value

    def drain(self) -> list[int]:
        """Write what changed; answers the ids written."""
        return self.records.take(self.delta())

    def delta(self) -> Delta | None:
        """What changed, drained."""
        return at_once(self.heap.draining(PlainRecords()))

    def trim(self) -> None:
        """Write what changed, and let go of what the root does not reach, if it is time."""
        self.records.take(at_once(self.heap.draining(PlainRecords(), may_trim=True)))

    def restored(self) -> Session:
        """The session after a restart."""
        return Session(self.kernel, self.records)

    def values(self) -> list[Any]:
        """What hangs from the root."""
        return list(self.root)


def user_class(session: Session, name: str, variables: tuple[str, ...], kind: str = "plain") -> ClassObject:
    """A class of the session."""
    return new_class(name, session.kernel.classes["Object"], None, own_variables=variables, kind=kind)
