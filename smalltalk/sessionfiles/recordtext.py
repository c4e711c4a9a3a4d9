"""Records as STON text: one map on one line for each object, its variables by name.

| key | of | holds |
|---|---|---|
| `#id` | all | the object's id in its session; its identity hash is made of it |
| `#class` | objects | name of the class |
| `#shape` | objects of the session's own classes | id of the `Shape` that names the variables |
| `#variables` | objects | name and value of each variable, in their order |
| `#items`, `#text`, `#bytes` | objects | what they hold beside their variables: values, a text, bytes in base 16 |
| `#entries` | dictionaries | `[key,value]`, or `[key,value,where]` |
| `#elements` | sets | `[element]`, or `[element,where]` |
| `#kind` | inner records | kind of record: `Binding`, `Class`, `Method`, `Context`, ... |
| `#fields` | inner records | name and content of each field, see `labels.py`; the payload is the last of them |

`where` says under which key of the table an entry stands, if not under its own (`memory/records.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .errors import SessionFileError
from .labels import LABELS, Labels
from .stontext import ValueText, plain_field, quoted, symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..memory.records import Record
    from ..runtime.kernel import Kernel

#: Name of a kernel class -> names of its instances' variables, None if there is no class of that name.
VariablesOf: TypeAlias = "Callable[[str], Sequence[str] | None]"

#: Form of a map's payload -> parts of one entry.
MAP_PARTS: Final = {"entries": 3, "elements": 2}


def variables_by_class(kernel: Kernel) -> VariablesOf:
    """Return what knows the variables of the kernel's classes."""

    def variables_of(name: str) -> Sequence[str] | None:
        subject = kernel.classes.get(name)
        return None if subject is None else subject.all_variables()

    return variables_of


class RecordText:
    """Writes the records of one session.

    Args:
        records: all records by id.
        variables_of: names of the variables of a kernel class, None if there is none of that name.

    Attributes:
        values: writes single values, and knows which objects were met.
    """

    def __init__(self, records: Mapping[int, Record], variables_of: VariablesOf) -> None:
        self._records = records
        self._variables_of = variables_of
        self.values = ValueText(records)
        #: Class reference -> text of the class, and names of the variables.
        self._heads: dict[str | int, tuple[str, Sequence[str]]] = {}

    def of(self, oid: int, record: Record) -> str:
        """Write one record.

        Raises:
            SessionFileError: it does not fit its class, or refers to what is not there.
        """
        ref, slots, payload = record
        labels = LABELS.get(ref) if isinstance(ref, str) else None
        if labels is not None:
            return self._inner(oid, record, labels)
        if type(ref) is int:
            self.values.met.append(ref)
        known = self._heads.get(ref)
        if known is None:
            known = self._heads[ref] = self._head(ref)
        head, names = known
        if len(slots) > len(names):
            raise SessionFileError(f"The session is damaged: object {oid} has more variables than its class.")
        variables = ""
        if slots:
            of = self.values.of
            pairs = ",".join([f"{symbol(name)}:{of(value)}" for name, value in zip(names, slots, strict=False)])
            variables = f",#variables:{{{pairs}}}"
        return f"{{#id:{oid},{head}{variables}{'' if payload is None else self._payload(payload)}}}"

    def _head(self, ref: str | int) -> tuple[str, Sequence[str]]:
        """The text of a class, and the names of its variables."""
        if isinstance(ref, str):
            names = self._variables_of(ref)
            if names is None:
                raise SessionFileError(
                    f"The session has an object of the class {ref}, which this server does not know."
                )
            return f"#class:{symbol(ref)}", names
        shape = self._records.get(ref)
        subject = None if shape is None or shape[0] != "%Shape" else self._records.get(shape[1][0][0])
        if shape is None or subject is None:
            raise SessionFileError(f"The session is damaged: the class with the shape {ref} is not there.")
        return f"#class:{symbol(subject[1][0])},#shape:{ref}", tuple(shape[2])

    def _payload(self, payload: Any) -> str:
        """What an object holds beside its variables."""
        if type(payload) is str:
            return f",#text:{quoted(payload)}"
        if type(payload) is bytes:
            return f",#bytes:'{payload.hex()}'"
        form = payload[0] if payload else None
        parts = MAP_PARTS.get(form, 0) if type(form) is str else 0
        if not parts or len(payload) % parts != 1:
            return f",#items:[{self.values.all(payload)}]"
        entries = [self._entry(payload[k : k + parts]) for k in range(1, len(payload), parts)]
        return f",#{form}:[{','.join(entries)}]"

    def _entry(self, entry: tuple[Any, ...]) -> str:
        """One entry of a dictionary or set: where it stands comes last, and is mostly left out."""
        where, *content = entry
        return f"[{self.values.all(content if where is None else [*content, where])}]"

    def _inner(self, oid: int, record: Record, labels: Labels) -> str:
        """Write a record of the runtime's own."""
        ref, slots, payload = record
        names, split = labels.plain + labels.values, len(labels.plain)
        if len(slots) > len(names) or (payload is not None) != bool(labels.payload):
            raise SessionFileError(f"The session is damaged: object {oid} is no {ref} as this server knows them.")
        fields = [f"#{name}:{plain_field(value)}" for name, value in zip(names, slots[:split], strict=False)]
        of = self.values.of
        fields += [f"#{name}:{of(value)}" for name, value in zip(labels.values, slots[split:], strict=False)]
        if labels.payload:
            fields.append(f"#{labels.payload}:{self._styled(payload, labels.style)}")
        return f"{{#id:{oid},#kind:{symbol(str(ref)[1:])},#fields:{{{','.join(fields)}}}}}"

    def _styled(self, payload: Any, style: str) -> str:
        """The payload of an inner record."""
        if style == "names":
            return f"[{','.join([quoted(name) for name in payload])}]"
        if style == "values":
            return f"[{self.values.all(payload)}]"
        of = self.values.of
        pairs = zip(payload[::2], payload[1::2], strict=True)
        return f"{{{','.join([f'{symbol(name)}:{of(value)}' for name, value in pairs])}}}"
