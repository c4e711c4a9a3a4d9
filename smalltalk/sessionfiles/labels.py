"""What the fields of inner records are called in a session file; part of its format, so names never change.

A kind's fields stand in the order of its slots in `memory/`; later servers append fields, and an older record has the
first ones. Payloads have a name, too, and a style: `values`; `names`, a list of texts; `pairs` of a name and a value.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Labels(NamedTuple):
    """The names of a kind of inner record.

    Attributes:
        section: part of the file where its records stand.
        plain: fields that hold text, numbers and flags; they come first.
        values: fields that hold values of the language.
        payload: name of the payload; empty where there is none.
        style: how the payload is written.
        later: how many of the last values the records of former servers may lack.
    """

    section: str
    plain: tuple[str, ...]
    values: tuple[str, ...]
    payload: str = ""
    style: Literal["values", "names", "pairs"] = "values"
    later: int = 0


_VERSION: Final = ("number", "subject", "change", "time_ns", "class_name", "selector", "source", "category")
_SUSPENSION: Final = (
    *("id", "kind", "class_name", "message", "code", "tool", "has_display", "stopped_at_ms", "frames", "transcript"),
)
_CLASS_VALUES: Final = (
    *("superclass", "variables", "class_side_variables", "trait_variables", "class_side_trait_variables"),
    *("renames", "pools", "traits", "class_side_traits", "methods", "class_side_methods", "class_variables"),
)
_ROOT: Final = (
    *("classes", "forwards", "globals", "inspector", "moved", "patches", "ring", "scheduled", "turns", "versions"),
    *("workspaces", "suspended", "breakpoints"),
)
_CONTEXT: Final = ("primitive", "function", "operation", "outline", "state")

#: Kind of inner record -> its names. The order is that in which kinds stand in a file's sections.
LABELS: Final[dict[str, Labels]] = {
    "%Class": Labels(
        "classes",
        ("name", "key", "is_trait", "category", "comment", "layout"),
        _CLASS_VALUES,
        "class_side_values",
        "pairs",
    ),
    "%Method": Labels("classes", ("selector", "category", "source"), ("class", "trait")),
    "%Shape": Labels("classes", (), ("class", "renames_known"), "names", "names"),
    "%Patch": Labels("classes", ("comment",), ("class", "methods", "variables")),
    "%Version": Labels("classes", _VERSION, ()),
    "%Binding": Labels("variables", ("name",), ("value",)),
    "%Suspension": Labels("computations", _SUSPENSION, ("exception", "process", "stack", "value")),
    "%Stack": Labels("computations", ("reason",), ("top",)),
    "%Context": Labels("computations", _CONTEXT, ("source", "sender"), "values", "pairs"),
    "%Handler": Labels("computations", ("is_leaving",), ("protected", "selector", "action", "outer")),
    "%Signal": Labels("computations", (), ("exception", "handler", "origin", "outer")),
    "%Pending": Labels("computations", ("kind", "text", "failure", "error_class"), ("target", "value", "other")),
    "%Local": Labels("computations", ("name",), ("context",)),
    "%Field": Labels("computations", ("slot",), ("receiver", "name", "renames_known"), later=2),
    "%Block": Labels("blocks", (), ("source", "number"), "captured", "pairs"),
    "%Unit": Labels("blocks", ("is_doit", "is_parametrised", "text"), ("class", "renames_known"), "names", "names", 1),
    "%Box": Labels("blocks", (), ("value",)),
    "%Home": Labels("blocks", ("is_active",), ()),
    "%Root": Labels("image", (), _ROOT, later=2),
    "%Table": Labels("image", ("name",), (), "pages"),
    "%Page": Labels("image", (), (), "elements"),
    "%Inspector": Labels("image", ("index", "selected", "view", "settings"), ("views",), "steps"),
    "%Step": Labels("image", ("label",), ("value",)),
    "%View": Labels("image", ("name", "code"), ("class",)),
    "%Forward": Labels("image", ("former_id",), ("object",)),
    "%Scheduled": Labels("image", (), (), "processes"),
    "%Suspensions": Labels("image", ("given",), (), "waiting"),
    "%Breakpoint": Labels("image", ("selector", "line"), ("class",)),
    "%Held": Labels("image", (), ("value",)),
}

#: The parts of a file that hold records, in their order.
SECTIONS: Final = ("classes", "variables", "computations", "blocks", "image", "objects")
