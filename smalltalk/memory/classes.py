"""Records of the session's own classes and methods.

| record    | slots                                                                                | payload          |
|-----------|--------------------------------------------------------------------------------------|------------------|
| `%Class`  | name, key, is trait, category, comment, kind, superclass, own variables, own         | class-side       |
|           | class-side variables, those of both that come from traits, renames of variables,     | name, value, ... |
|           | pools, traits, class-side traits, tables of: methods, class-side methods, class      |                  |
|           | variables                                                                            |                  |
| `%Method` | selector, category, source, class, trait it was copied from                          |                  |

Lists of names are coded `("names", ...)`, lists of classes `("list", ...)`, and traits `("uses", ...)` with three
values for each: trait, names of aliases and what they name, exclusions. A class is opened as a whole when it is first
referred to, because dispatch needs it whole; its methods, those copied from traits too, are text until they are first
called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import ClassObject, Method, Use, new_class
from .records import live_text, plain_text
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..runtime.classes import Behavior
    from ..runtime.world import World
    from .heap import Heap
    from .records import Decode, Encode, Record, Value


#: Slots of a class's record between its class-side variables and its tables.
_TABLES_AT: Final = 6


class ClassForm:
    """How the session's own classes are written and opened."""

    ref: Final = "%Class"
    ghost = None

    def __init__(self, world: World, heap: Heap) -> None:
        self._world = world
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
        metaclass = subject.metaclass
        slots = (
            subject.class_name,
            subject.class_key,
            subject.is_trait,
            plain_text(subject.category),
            plain_text(subject.comment),
            subject.kind,
            encode(subject.superclass),
            ("names", *subject.own_variables),
            ("names", *metaclass.own_variables),
            ("names", *subject.trait_variables),
            ("names", *metaclass.trait_variables),
            ("names", *[name for rename in subject.renames for name in rename]),
            ("list", *[encode(pool) for pool in subject.pools]),
            _plain_uses(subject, encode),
            _plain_uses(metaclass, encode),
            *[encode(table) for table in self._tables[subject]],
        )
        values: list[Any] = []
        for k, name in enumerate(metaclass.all_variables()):
            values += (name, encode(getattr(subject, f"i{k}")))
        return self.ref, slots, tuple(values)

    def open(self, oid: int, record: Record) -> ClassObject:
        """Make the class of that record."""
        _, (name, key, is_trait, category, comment, kind, superclass, own, class_side, *rest), values = record
        subject = new_class(
            name,
            self._heap.decode(superclass),
            self._world.kernel.classes["Trait"] if is_trait else None,
            is_trait=is_trait,
            own_variables=own[1:],
            class_side_variables=class_side[1:],
            kind=kind,
            category=live_text(category),
            comment=live_text(comment),
            session_base=self._world.attributes.base,
        )
        self._heap.enter(oid, subject)
        subject.class_key = key
        if key != name:
            self._world.former[key] = subject
        try:
            trait_names, side_trait_names, renames, *composition = rest[:_TABLES_AT]
            subject.trait_variables = tuple(trait_names[1:])
            subject.metaclass.trait_variables = tuple(side_trait_names[1:])
            subject.renames = tuple(zip(renames[1::2], renames[2::2], strict=True))
            self._compose(subject, *composition)
            self._fill(subject, rest[_TABLES_AT:], values)
        except BaseException:
            # Whoever asks again gets the same error, never a class without its methods.
            self._heap.withdraw([subject])
            raise
        return subject

    def _compose(self, subject: ClassObject, pools: Any, uses: Any, sides: Any) -> None:
        """Give a class that was opened its pools and traits."""
        decode = self._heap.decode
        subject.pools = tuple(decode(pool) for pool in pools[1:])
        subject.uses, subject.metaclass.uses = _live_uses(uses, decode), _live_uses(sides, decode)

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


def _plain_uses(behavior: Behavior, encode: Encode) -> Value:
    """Code the traits of a class."""
    plain: list[Value] = ["uses"]
    for use in behavior.uses:
        aliases = [name for alias in use.aliases for name in alias]
        plain += (encode(use.trait), ("names", *aliases), ("names", *use.exclusions))
    return tuple(plain)


def _live_uses(plain: Any, decode: Decode) -> tuple[Use, ...]:
    """Make the traits that `_plain_uses` coded."""
    uses = zip(plain[1::3], plain[2::3], plain[3::3], strict=True)
    return tuple(
        Use(decode(trait), tuple(zip(aliases[1::2], aliases[2::2], strict=True)), tuple(exclusions[1:]))
        for trait, aliases, exclusions in uses
    )


class MethodForm:
    """How the session's methods are written and opened."""

    ref: Final = "%Method"
    ghost = None

    def __init__(self, heap: Heap) -> None:
        self._heap = heap

    def encode(self, method: Any, encode: Encode) -> Record:
        """Make the record of a method."""
        texts = (method.selector, plain_text(method.category), plain_text(method.source))
        slots = (*texts, encode(method.owner), encode(method.origin))
        return self.ref, slots, None

    def open(self, oid: int, record: Record) -> Method:
        """Make the method of that record; opening its class first may have made it already."""
        _, (selector, category, source, owner, origin), _ = record
        behavior: Behavior = self._heap.decode(owner)
        method: Method | None = self._heap.loaded_object(oid)
        if method is None:
            method = Method(behavior, selector, live_text(source), live_text(category))
            self._heap.enter(oid, method)
            method.origin = self._heap.decode(origin)
        return method
