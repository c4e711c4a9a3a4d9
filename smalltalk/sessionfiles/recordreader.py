"""The maps of a file's objects -> records; the table of what they hold stands in `recordtext.py`."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ..runtime.kernel import SINGLETONS, UNMAKEABLE
from .kinds import FIELD_KINDS
from .labels import LABELS, Labels
from .recordtext import MAP_PARTS
from .stonreader import Name
from .values import MisplacedError, ValueReader, bytes_of, is_plain_text, plain_field_of, plain_kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..memory.records import ClassRef, Record, Value
    from ..runtime.kernel import Kernel
    from .patterns import PlainObject

#: An object as it was read: a map with its entries, or a plain one.
Tree: TypeAlias = "Mapping[Any, Any] | PlainObject"

#: Key of an object's map -> whether an object may have it beside `#id` and `#class`; one of the last five at most.
_PAYLOAD_KEYS: Final = ("items", "text", "bytes", "entries", "elements")
_OBJECT_KEYS: Final = frozenset(("id", "class", "shape", "variables", *_PAYLOAD_KEYS))
_INNER_KEYS: Final = frozenset(("id", "kind", "fields"))
#: Kernel classes of which no file has an instance: the runtime makes them, or there is one for each session.
_UNMAKEABLE: Final = frozenset((*UNMAKEABLE, *SINGLETONS.values()))

#: Layout of a class -> types of those payloads of its instances of which reading tells all; where the keys of a map
#: belong is only seen when it is opened.
_PAYLOADS: Final[dict[str, tuple[type, ...]]] = {
    "plain": (type(None),),
    "items": (tuple,),
    "bytes": (bytes,),
    "text": (str, bytes),
    "map": (),
}

#: Layout of a class -> entry with its instances' payloads, mostly.
_FORMS: Final = {"plain": None, "items": "items", "bytes": "bytes", "text": "text", "map": "entries"}


def oid_of(tree: Any) -> Any:
    """What an object says is its id; None of what is no object."""
    if type(tree) is Match:
        return int(tree["id"])
    return tree.get("id") if type(tree) is dict else None


def class_ref_of(tree: Tree) -> ClassRef:
    """What references to an object name as its class.

    Raises:
        MisplacedError: it says neither class nor kind.
    """
    if isinstance(tree, Match):
        number = tree["shape"]
        return tree["class"] if number is None else int(number)
    kind = tree.get("kind")
    if isinstance(kind, Name) and f"%{kind}" in LABELS:
        return f"%{kind}"
    name = tree.get("class")
    if kind is not None or not isinstance(name, Name):
        raise MisplacedError("an object says of which class or kind it is")
    shape = tree.get("shape")
    if shape is None and name not in LABELS:
        return str(name)
    if type(shape) is not int:
        raise MisplacedError(f"there is no kernel class {name}, or the shape of the object is not the id of one")
    return shape


class _Known(NamedTuple):
    """What the objects of a class must be like.

    Attributes:
        name: of the class.
        variables: names of its variables, no two the same.
        layout: kind of its payload.
        entries: how many entries their maps have beside variables and payload.
    """

    name: str
    variables: tuple[str, ...]
    layout: str
    entries: int


class RecordReader:
    """Reads the records of one file.

    Args:
        trees: all its objects by id.
        class_refs: class reference of each.
        kernel: its classes.

    Attributes:
        sure: ids of the objects read that are what their classes need, if what they refer to is, and that opening them
            would tell nothing more of.
    """

    def __init__(self, trees: Mapping[int, Tree], class_refs: Mapping[int, ClassRef], kernel: Kernel) -> None:
        self.sure: set[int] = set()
        self._trees = trees
        self._kernel = kernel
        self._values = ValueReader(class_refs, kernel)
        #: Class reference -> what its objects must be like.
        self._known: dict[ClassRef, _Known] = {}

    @property
    def has_older(self) -> bool:
        """Whether a reference was read that names another class than the object has now."""
        return self._values.has_older

    def kind_of(self, value: Value) -> str:
        """The kind of a value that was read, see `kinds.py`."""
        return self._values.kind_of(value)

    def of(self, oid: int, tree: Tree, ref: ClassRef) -> Record:
        """Read one record.

        Raises:
            MisplacedError: it is not what its class or kind needs.
        """
        if not isinstance(tree, Match) and ref in LABELS:
            return self._inner(tree, str(ref))
        known = self._known.get(ref)
        is_first = known is None
        if known is None:
            known = self._known[ref] = self._class(ref)
        if tree["class"] != known.name:
            raise MisplacedError(f"the shape of the object is that of {known.name}, not of {tree['class']}")
        self._values.is_sure = not is_first
        if isinstance(tree, Match):
            slots, payload = self._plain_parts(tree, known)
        else:
            slots, payload = self._parts(tree, known)
        if type(payload) is bytes and known.layout == "text" and not is_plain_text(payload):
            raise MisplacedError("the bytes are those of no text")
        if self._values.is_sure and type(payload) in _PAYLOADS[known.layout] and len(slots) == len(known.variables):
            self.sure.add(oid)
        return ref, slots, payload

    def _plain_parts(self, found: PlainObject, known: _Known) -> tuple[tuple[Value, ...], Value]:
        """The values of a plain object's variables, and its payload."""
        _, _, _, variables, items, form, content = found.groups()
        slots: tuple[Value, ...] = ()
        if variables is not None:
            parts = variables.replace(":", ",").split(",")
            self._check_variables([name[1:] for name in parts[::2]], known)
            slots = tuple(self._values.plain(parts[1::2]))
        if items is not None:
            self._check_form("items", known)
            return slots, tuple(self._values.plain(items.split(","))) if items else ()
        if form is None:
            return slots, None
        self._check_form(form, known)
        return slots, self._content(form, content)

    def _parts(self, tree: Mapping[Any, Any], known: _Known) -> tuple[tuple[Value, ...], Value]:
        """The values of an object's variables, and its payload."""
        variables, form = tree.get("variables"), _FORMS[known.layout]
        slots = () if variables is None else self._slots(variables, known)
        # Most objects have these entries and no others; of what has, nothing more needs to be asked.
        if len(tree) == known.entries + (variables is not None) + (form is not None) and (form is None or form in tree):
            return slots, None if form is None else self._content(form, tree[form])
        return slots, self._payload(tree, known)

    def _class(self, ref: ClassRef) -> _Known:
        """What the objects of a class must be like."""
        if isinstance(ref, str):
            subject = self._kernel.classes.get(ref)
            if subject is None or ref in _UNMAKEABLE:
                raise MisplacedError(f"there is no kernel class {ref} that a file may have objects of")
            return _Known(ref, tuple(subject.all_variables()), subject.kind, entries=2)
        try:
            fields: Any = self._trees[ref]["fields"]
            shaped: Any = self._trees[fields["class"][0]]["fields"]
            names = fields["names"]
            known = _Known(shaped["name"], tuple(names), shaped["layout"], entries=3)
            if type(names) is list and len(set(names)) == len(names) and known.layout in _PAYLOADS:
                return known
        except (LookupError, TypeError):
            pass
        raise MisplacedError(f"object {ref} is no shape of a class")

    def _slots(self, variables: Any, known: _Known) -> tuple[Value, ...]:
        """The values of an object's variables."""
        self._check_variables(variables if type(variables) is dict else None, known)
        return tuple(self._values.all(variables.values()))

    def _check_variables(self, names: Collection[str] | None, known: _Known) -> None:
        """Refuse names of variables that the class has not, or not first."""
        if names is None or tuple(names) != known.variables[: len(names)]:
            wanted = ", ".join(map(str, known.variables)) or "it has none"
            raise MisplacedError(f"the variables are not those of the class: {wanted}")

    def _check_form(self, form: str, known: _Known) -> None:
        """Refuse a payload of another form than objects of the class have: they are maps, or are not."""
        if (form in MAP_PARTS) is not (known.layout == "map"):
            raise MisplacedError(f"objects of its class have no {form}")

    def _payload(self, tree: Mapping[Any, Any], known: _Known) -> Value:
        """What an object holds beside its variables: entries or elements if it is a dictionary or set."""
        if not _OBJECT_KEYS.issuperset(tree):
            raise MisplacedError("an object has an entry that objects have not")
        found = [key for key in _PAYLOAD_KEYS if key in tree]
        if len(found) > 1:
            raise MisplacedError(f"an object has either {' or '.join(found)}")
        if not found:
            return None
        self._check_form(found[0], known)
        return self._content(found[0], tree[found[0]])

    def _content(self, form: str, content: Any) -> Value:
        """A payload of a form."""
        if form == "bytes":
            return bytes_of(content)
        if form == "text":
            if type(content) is not str:
                raise MisplacedError("a string was expected as the text")
            return content
        if type(content) is not list:
            raise MisplacedError(f"a list of {form} was expected")
        if form == "items":
            return tuple(self._values.all(content))
        parts = [form]
        for entry in content:
            parts += self._entry(entry, MAP_PARTS[form])
        return tuple(parts)

    def _entry(self, entry: Any, count: int) -> list[Value]:
        """One entry of a dictionary or set, with the place where it stands in front."""
        if type(entry) is not list or not count - 1 <= len(entry) <= count:
            raise MisplacedError("an entry has too few parts or too many")
        where = self._values.place(entry[count - 1]) if len(entry) == count else None
        return [where, *self._values.all(entry[: count - 1])]

    def _inner(self, tree: Mapping[Any, Any], ref: str) -> Record:
        """Read a record of the runtime's own."""
        labels, fields = LABELS[ref], tree.get("fields")
        if type(fields) is not dict or not _INNER_KEYS.issuperset(tree):
            raise MisplacedError(f"a {tree['kind']} has the entries #id, #kind and #fields")
        names = labels.plain + labels.values
        count = max(len(fields) - bool(labels.payload), len(names) - labels.later)
        if list(fields) != [*names[:count], *([labels.payload] if labels.payload else [])]:
            raise MisplacedError(f"the fields of a {tree['kind']} are {', '.join(names)} {labels.payload}")
        split = len(labels.plain)
        plain = [self._plain(fields[name], ref, name) for name in labels.plain]
        values = [self._value(fields[name], ref, name) for name in names[split:count]]
        payload = self._styled(fields[labels.payload], ref, labels) if labels.payload else None
        return ref, (*plain, *values), payload

    def _plain(self, tree: Any, ref: str, name: str) -> Value:
        """A field that holds no value of the language."""
        value = plain_field_of(tree)
        self._check_kind(plain_kind_of(value), ref, name)
        return value

    def _value(self, tree: Any, ref: str, name: str) -> Value:
        """A field that holds a value, or one of those that a payload holds."""
        value = self._values.of(tree)
        self._check_kind(self._values.kind_of(value), ref, name)
        return value

    def _check_kind(self, kind: str, ref: str, name: str) -> None:
        """Refuse what a field cannot hold."""
        if kind not in FIELD_KINDS[ref][name]:
            wanted = " or ".join(sorted(each.removeprefix("%") for each in FIELD_KINDS[ref][name]))
            raise MisplacedError(f"#{name} holds a {kind.removeprefix('%')}, and may hold {wanted}")

    def _styled(self, tree: Any, ref: str, labels: Labels) -> Value:
        """The payload of an inner record."""
        name = labels.payload
        if labels.style == "pairs":
            if type(tree) is not dict or not all(isinstance(key, str) for key in tree):
                raise MisplacedError(f"#{name} is a map of names and values")
            return tuple([part for key, value in tree.items() for part in (str(key), self._value(value, ref, name))])
        if type(tree) is not list:
            raise MisplacedError(f"#{name} is a list")
        if labels.style == "values":
            return tuple([self._value(each, ref, name) for each in tree])
        if not all(type(each) is str for each in tree):
            raise MisplacedError(f"#{name} is a list of texts")
        return tuple(tree)
