"""Records of the session's own classes and methods.

| record    | slots                                                                               | payload          |
|-----------|-------------------------------------------------------------------------------------|------------------|
| `%Class`  | name, category, comment, kind, superclass, own variables, own class-side variables, | class-side       |
|           | tables of: methods, class-side methods, class variables                             | name, value, ... |
| `%Method` | selector, category, source, class                                                   |                  |

Lists of names are coded `("names", ...)`. A class is opened as a whole when it is first referred to, because dispatch
needs it whole; its methods are text until they are first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import ClassObject, Method, new_class
from .records import live_text, plain_text
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..runtime.classes import Behavior
    from .heap import Heap
    from .records import Encode, Record, Value


class ClassForm:
    """How the session's own classes are written and opened."""

    ref: Final = "%Class"
    ghost = None

    def __init__(self, heap: Heap) -> None:
        self._heap = heap
        #: The durable sides of a class's dictionaries: methods, class-side methods, class variables.
        self._tables: dict[ClassObject, tuple[Table, Table, Table]] = {}

    def reconcile(self, subject: ClassObject) -> None:
        """Bring a class's tables up to its dictionaries, so that what changed of them gets written."""
        tables = self._tables.get(subject)
        if tables is None:
            tables = self._tables[subject] = (Table("methods"), Table("class-side methods"), Table("variables"))
        mark = self._heap.mark
        tables[0].become(subject.methods.values(), mark)
        tables[1].become(subject.metaclass.methods.values(), mark)
        tables[2].become(subject.class_variables.values(), mark)

    def encode(self, subject: Any, encode: Encode) -> Record:
        """Make the record of a class."""
        if subject not in self._tables:
            self.reconcile(subject)
        slots = (
            subject.class_name,
            plain_text(subject.category),
            plain_text(subject.comment),
            subject.kind,
            encode(subject.superclass),
            ("names", *subject.own_variables),
            ("names", *subject.metaclass.own_variables),
            *[encode(table) for table in self._tables[subject]],
        )
        values: list[Any] = []
        for k, name in enumerate(subject.metaclass.all_variables()):
            values += (name, encode(getattr(subject, f"i{k}")))
        return self.ref, slots, tuple(values)

    def open(self, oid: int, record: Record) -> ClassObject:
        """Make the class of that record."""
        decode = self._heap.decode
        _, (name, category, comment, kind, superclass, own, class_side, *tables), values = record
        subject = new_class(
            name,
            decode(superclass),
            None,
            own_variables=own[1:],
            class_side_variables=class_side[1:],
            kind=kind,
            category=live_text(category),
            comment=live_text(comment),
        )
        self._heap.enter(oid, subject)
        try:
            self._fill(subject, tables, values)
        except BaseException:
            # Whoever asks again gets the same error, never a class without its methods.
            self._heap.withdraw([subject])
            raise
        return subject

    def _fill(self, subject: ClassObject, tables: Iterable[Value], values: Sequence[Value]) -> None:
        """Give a class that was opened its methods and variables; those may refer to the class."""
        decode = self._heap.decode
        methods, class_methods, variables = self._tables[subject] = tuple(decode(table) for table in tables)
        subject.methods = {method.selector: method for method in methods}
        subject.metaclass.methods = {method.selector: method for method in class_methods}
        subject.class_variables = {binding.name: binding for binding in variables}
        stored = dict(zip(values[::2], values[1::2], strict=True))
        for k, variable in enumerate(subject.metaclass.all_variables()):
            setattr(subject, f"i{k}", decode(stored.get(variable)))


class MethodForm:
    """How the session's methods are written and opened."""

    ref: Final = "%Method"
    ghost = None

    def __init__(self, heap: Heap) -> None:
        self._heap = heap

    def encode(self, method: Any, encode: Encode) -> Record:
        """Make the record of a method."""
        slots = (method.selector, plain_text(method.category), plain_text(method.source), encode(method.owner))
        return self.ref, slots, None

    def open(self, oid: int, record: Record) -> Method:
        """Make the method of that record; opening its class first may have made it already."""
        _, (selector, category, source, owner), _ = record
        behavior: Behavior = self._heap.decode(owner)
        method: Method | None = self._heap.loaded_object(oid)
        if method is None:
            method = Method(behavior, selector, live_text(source), live_text(category))
            self._heap.enter(oid, method)
        return method
