"""The maps of a file's objects -> records; the table of what they hold stands in `recordtext.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.kernel import SINGLETONS, UNMAKEABLE
from .labels import LABELS, Labels
from .recordtext import MAP_PARTS, VariablesOf
from .stonreader import Name
from .values import MisplacedError, ValueReader, bytes_of, plain_field_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..memory.records import ClassRef, Record, Value

#: Key of an object's map -> whether an object may have it beside `#id` and `#class`; one of the last five at most.
_PAYLOAD_KEYS: Final = ("items", "text", "bytes", "entries", "elements")
_OBJECT_KEYS: Final = frozenset(("id", "class", "shape", "variables", *_PAYLOAD_KEYS))
_INNER_KEYS: Final = frozenset(("id", "kind", "fields"))
#: Kernel classes of which no file has an instance: the runtime makes them, or there is one for each session.
_UNMAKEABLE: Final = frozenset((*UNMAKEABLE, *SINGLETONS.values()))


def class_ref_of(tree: Mapping[Any, Any]) -> ClassRef:
    """What references to an object name as its class.

    Raises:
        MisplacedError: it says neither class nor kind.
    """
    kind = tree.get("kind")
    if isinstance(kind, Name) and f"%{kind}" in LABELS:
        return f"%{kind}"
    name = tree.get("class")
    if kind is not None or not isinstance(name, Name):
        raise MisplacedError("an object says of which class or kind it is")
    shape = tree.get("shape")
    if shape is None:
        return str(name)
    if type(shape) is not int:
        raise MisplacedError("the shape of an object is the id of one")
    return shape


class RecordReader:
    """Reads the records of one file.

    Args:
        trees: the maps of all its objects by id.
        class_refs: class reference of each.
        variables_of: names of the variables of a kernel class, None if there is none of that name.
    """

    def __init__(
        self,
        trees: Mapping[int, Mapping[Any, Any]],
        class_refs: Mapping[int, ClassRef],
        variables_of: VariablesOf,
    ) -> None:
        self._trees = trees
        self._variables_of = variables_of
        self._values = ValueReader(class_refs)
        #: Class reference -> name of the class, and names of the variables.
        self._known: dict[ClassRef, tuple[str, Sequence[str]]] = {}

    def of(self, tree: Mapping[Any, Any], ref: ClassRef) -> Record:
        """Read one record.

        Raises:
            MisplacedError: it is not what its class or kind needs.
        """
        if "kind" in tree:
            return self._inner(tree, ref)
        known = self._known.get(ref)
        if known is None:
            known = self._known[ref] = self._class(ref)
        name, variables = known
        if tree["class"] != name:
            raise MisplacedError(f"the shape of the object is that of {name}, not of {tree['class']}")
        if not _OBJECT_KEYS.issuperset(tree):
            raise MisplacedError("an object has an entry that objects have not")
        return ref, self._slots(tree.get("variables"), variables), self._payload(tree)

    def _class(self, ref: ClassRef) -> tuple[str, Sequence[str]]:
        """The name of a class, and its variables."""
        if isinstance(ref, str):
            names = self._variables_of(ref)
            if names is None or ref in _UNMAKEABLE:
                raise MisplacedError(f"there is no kernel class {ref} that a file may have objects of")
            return ref, names
        try:
            fields = self._trees[ref]["fields"]
            names, subject = fields["names"], self._trees[fields["class"][0]]["fields"]["name"]
        except (LookupError, TypeError) as error:
            raise MisplacedError(f"object {ref} is no shape of a class") from error
        if type(names) is not list:
            raise MisplacedError(f"object {ref} is no shape of a class")
        return subject, names

    def _slots(self, variables: Any, names: Sequence[str]) -> tuple[Value, ...]:
        """The values of an object's variables."""
        if variables is None:
            return ()
        if type(variables) is not dict or list(variables) != list(names[: len(variables)]):
            raise MisplacedError(f"the variables are not those of the class: {', '.join(names) or 'it has none'}")
        of = self._values.of
        return tuple([of(value) for value in variables.values()])

    def _payload(self, tree: Mapping[Any, Any]) -> Value:
        """What an object holds beside its variables."""
        found = [key for key in _PAYLOAD_KEYS if key in tree]
        if not found:
            return None
        if len(found) > 1:
            raise MisplacedError(f"an object has either {' or '.join(found)}")
        form, content = found[0], tree[found[0]]
        if form == "items":
            return self._values.all(content)
        if form == "bytes":
            return bytes_of(content)
        if form == "text":
            if type(content) is not str:
                raise MisplacedError("a string was expected as the text")
            return content
        if type(content) is not list:
            raise MisplacedError(f"a list of {form} was expected")
        parts = [form]
        for entry in content:
            *of_entry, where = self._entry(entry, MAP_PARTS[form])
            parts += (where, *of_entry)
        return tuple(parts)

    def _entry(self, entry: Any, count: int) -> tuple[Value, ...]:
        """One entry of a dictionary or set; where it stands comes last."""
        values = self._values.all(entry)
        if len(values) == count - 1:
            return *values, None
        if len(values) != count:
            raise MisplacedError("an entry has too few parts or too many")
        return values

    def _inner(self, tree: Mapping[Any, Any], ref: ClassRef) -> Record:
        """Read a record of the runtime's own."""
        labels, fields = LABELS[str(ref)], tree.get("fields")
        if type(fields) is not dict or not _INNER_KEYS.issuperset(tree):
            raise MisplacedError(f"a {tree['kind']} has the entries #id, #kind and #fields")
        names = labels.plain + labels.values
        count = len(fields) - bool(labels.payload)
        if list(fields) != [*names[:count], *([labels.payload] if labels.payload else [])]:
            raise MisplacedError(f"the fields of a {tree['kind']} are {', '.join(names)} {labels.payload}")
        slots = [fields[name] for name in names[:count]]
        split = len(labels.plain)
        plain = [plain_field_of(each) for each in slots[:split]]
        values = [self._values.of(each) for each in slots[split:]]
        payload = self._styled(fields[labels.payload], labels) if labels.payload else None
        return ref, (*plain, *values), payload

    def _styled(self, tree: Any, labels: Labels) -> Value:
        """The payload of an inner record."""
        if labels.style == "values":
            return self._values.all(tree)
        if labels.style == "pairs":
            if type(tree) is not dict or not all(isinstance(name, str) for name in tree):
                raise MisplacedError(f"#{labels.payload} is a map of names and values")
            of = self._values.of
            return tuple([part for name, value in tree.items() for part in (str(name), of(value))])
        if type(tree) is not list or not all(type(name) is str for name in tree):
            raise MisplacedError(f"#{labels.payload} is a list of texts")
        return tuple(tree)
