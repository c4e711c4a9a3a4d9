"""What each field of an inner record may hold; a record that holds something else is refused where it stands.

The runtime takes inner records as they are: a block where a class is expected would fail in the middle of an operation,
long after the import. Kinds of plain fields:

| kind      | Python                    |
|-----------|---------------------------|
| `nil`     | None                      |
| `flag`    | bool                      |
| `integer` | int                       |
| `text`    | str, or bytes (`records`) |

and of values, beside those of references, which are the kind of the record (`%Class`) or `object`:

| kind        | value                                                                          |
|-------------|--------------------------------------------------------------------------------|
| `immediate` | number, flag, symbol, character, a global that the kernel makes, kernel method |
| `integer`   | integer                                                                        |
| `symbol`    | symbol                                                                         |
| `class`     | kernel class                                                                   |
| `metaclass` | metaclass of a kernel class or of one of the session's                         |
| `text`      | text of a do-it's literal                                                      |
| `names`, `list`, `uses` | coded list, see `memory/classes.py`                                |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from .labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The kinds that a field may hold.
Kinds: TypeAlias = "frozenset[str]"


def _kinds(*names: str) -> Kinds:
    return frozenset(names)


_NIL: Final = _kinds("nil")
_FLAG: Final = _kinds("flag")
_INTEGER: Final = _kinds("integer")
_TEXT: Final = _kinds("text")
_TEXT_OR_NIL: Final = _TEXT | _NIL
_TABLE: Final = _kinds("%Table")
_NAMES: Final = _kinds("names")
_OWN_CLASS: Final = _kinds("%Class")
#: A class or metaclass, the kernel's or the session's.
CLASS: Final = _kinds("class", "metaclass", "%Class")
_HANDLER: Final = _kinds("%Handler", "nil")

#: Inner records that the language has a class for: whatever it holds may be one of them.
_SHOWN: Final = _kinds(
    *("%Class", "%Method", "%Block", "%Context", "%Stack", "%Box", "%Binding", "%Home", "%Handler", "%Signal"),
    "%Pending",
)
#: What variables and elements may be.
VALUE: Final = _kinds("nil", "integer", "immediate", "symbol", "class", "metaclass", "object") | _SHOWN
#: What activations hold: also what stands for variables of a frame, and texts of literals.
_LOCAL: Final = VALUE | _kinds("%Local", "%Field", "text")
#: Objects that have an id.
_REFERENCE: Final = _kinds("object") | _SHOWN

#: Kinds of inner records that no variable and no element may be.
HIDDEN: Final = frozenset(LABELS) - _SHOWN

#: Kinds that an object neither becomes nor ceases to be (`runtime/become.py`).
FIXED: Final = frozenset(LABELS) - _kinds("%Block")

#: Kind of inner record -> its fields, the payload too, and what each may hold. Of tables see `tables.py`.
FIELD_KINDS: Final[Mapping[str, Mapping[str, Kinds]]] = {
    "%Class": {
        **dict.fromkeys(("name", "key", "category", "comment", "layout"), _TEXT),
        "is_trait": _FLAG,
        "superclass": _kinds("class", "%Class", "nil"),
        **dict.fromkeys(("variables", "class_side_variables"), _NAMES),
        **dict.fromkeys(("trait_variables", "class_side_trait_variables", "renames"), _NAMES),
        "pools": _kinds("list"),
        **dict.fromkeys(("traits", "class_side_traits"), _kinds("uses")),
        **dict.fromkeys(("methods", "class_side_methods", "class_variables"), _TABLE),
        "class_side_values": VALUE,
    },
    "%Method": {
        **dict.fromkeys(("selector", "category", "source"), _TEXT),
        "class": CLASS,
        "trait": CLASS | _NIL,
    },
    "%Shape": {"class": _OWN_CLASS, "renames_known": _INTEGER},
    "%Patch": {
        "comment": _TEXT_OR_NIL,
        "class": _kinds("class", "metaclass"),
        **dict.fromkeys(("methods", "variables"), _TABLE),
    },
    "%Version": {
        **dict.fromkeys(("number", "time_ns"), _INTEGER),
        **dict.fromkeys(("subject", "change", "class_name", "selector", "source", "category"), _TEXT),
    },
    "%Binding": {"name": _TEXT, "value": VALUE},
    "%Suspension": {
        **dict.fromkeys(("id", "kind", "class_name", "message", "code", "tool", "transcript"), _TEXT),
        **dict.fromkeys(("stopped_at_ms", "frames"), _INTEGER),
        "has_display": _FLAG,
        **dict.fromkeys(("exception", "process"), _REFERENCE | _NIL),
        "stack": _kinds("%Stack", "nil"),
        "value": VALUE,
    },
    "%Stack": {"reason": _TEXT_OR_NIL, "top": _kinds("%Context", "nil")},
    "%Context": {
        "primitive": _TEXT_OR_NIL,
        **dict.fromkeys(("function", "operation"), _INTEGER),
        "outline": _INTEGER | _NIL,
        "state": _FLAG | _INTEGER,
        "source": _kinds("%Unit", "nil"),
        "sender": _kinds("%Context", "nil"),
        "values": _LOCAL,
    },
    "%Handler": {"is_leaving": _FLAG, **dict.fromkeys(("protected", "selector", "action"), VALUE), "outer": _HANDLER},
    "%Signal": {
        "exception": VALUE,
        **dict.fromkeys(("handler", "origin"), _HANDLER),
        "outer": _kinds("%Signal", "nil"),
    },
    "%Pending": {
        **dict.fromkeys(("kind", "text"), _TEXT),
        **dict.fromkeys(("failure", "error_class"), _TEXT_OR_NIL),
        "target": _kinds("%Handler", "%Signal", "%Home", "nil"),
        **dict.fromkeys(("value", "other"), VALUE),
    },
    "%Local": {"name": _TEXT, "context": _kinds("%Context")},
    "%Field": {"slot": _INTEGER, "receiver": VALUE, "name": _kinds("symbol", "nil"), "renames_known": _INTEGER},
    "%Block": {"source": _kinds("%Unit"), "number": _INTEGER, "captured": _LOCAL},
    "%Unit": {
        **dict.fromkeys(("is_doit", "is_parametrised"), _FLAG),
        "text": _TEXT,
        "class": CLASS | _NIL,
        "renames_known": _INTEGER,
    },
    "%Box": {"value": VALUE},
    "%Home": {"is_active": _FLAG},
    "%Root": {
        **dict.fromkeys(("classes", "forwards", "globals", "moved", "patches", "ring", "versions"), _TABLE),
        **dict.fromkeys(("workspaces", "breakpoints"), _TABLE),
        "inspector": _kinds("%Inspector"),
        "scheduled": _kinds("%Scheduled"),
        "turns": _kinds("%Box"),
        "suspended": _kinds("%Suspensions"),
    },
    "%Table": {"name": _TEXT, "pages": _kinds("%Page")},
    "%Page": {"elements": VALUE | HIDDEN},
    "%Inspector": {
        "index": _INTEGER,
        "selected": _TEXT_OR_NIL,
        **dict.fromkeys(("view", "settings"), _TEXT),
        "views": _TABLE,
        "steps": _kinds("%Step"),
    },
    "%Step": {"label": _TEXT, "value": VALUE},
    "%View": {**dict.fromkeys(("name", "code"), _TEXT), "class": CLASS},
    "%Forward": {"former_id": _INTEGER, "object": _REFERENCE | _kinds("class", "metaclass", "immediate")},
    "%Scheduled": {"processes": _REFERENCE},
    "%Suspensions": {"given": _INTEGER, "waiting": _kinds("%Suspension")},
    "%Breakpoint": {"selector": _TEXT, "line": _INTEGER | _NIL, "class": CLASS},
    "%Held": {"value": VALUE},
}

#: Field that is a table -> what its elements may be; those of a table of tables are the last.
TABLE_KINDS: Final[Mapping[tuple[str, str], tuple[Kinds, ...]]] = {
    ("%Root", "workspaces"): (_TABLE, _kinds("%Binding")),
    ("%Root", "forwards"): (_kinds("%Forward"),),
    ("%Root", "globals"): (_kinds("%Binding"),),
    ("%Root", "classes"): (_OWN_CLASS,),
    ("%Root", "patches"): (_kinds("%Patch"),),
    ("%Root", "ring"): (_REFERENCE | _kinds("%Held"),),
    ("%Root", "moved"): (_REFERENCE,),
    ("%Root", "versions"): (_kinds("%Version"),),
    ("%Root", "breakpoints"): (_kinds("%Breakpoint"),),
    ("%Inspector", "views"): (_kinds("%View"),),
    ("%Class", "methods"): (_kinds("%Method"),),
    ("%Class", "class_side_methods"): (_kinds("%Method"),),
    ("%Class", "class_variables"): (_kinds("%Binding"),),
    ("%Patch", "methods"): (_kinds("%Method", "symbol"),),
    ("%Patch", "variables"): (_kinds("%Binding"),),
}
