"""Operations of the inspector, whose path, selection and views belong to the session and outlive a crash."""

from ..kinds import Boolean, Identifier, Integer, Object, Text
from ..limits import LIMITS
from .model import WHOLE, Field, Operation, Parameter, Scope
from .workspace import CODE, COUNT, OFFSET, TOOL_ID

_STATE = (
    Field("session_id", "text", "the session"),
    Field("path", "list", "breadcrumbs, root first: {object_id, label}"),
    Field("index", "count", "place of the inspected object in the path, 0 for the root"),
    Field("selected_object", "any", "the selected child, or null"),
    Field("view", "object", "{name, settings}"),
    Field("views", "list", "custom views: {class, name, code}"),
)
_DEPTH = Parameter(
    "depth",
    Integer(0, LIMITS["inspect_depth_max"].value),
    "levels of children, 0 for none; 1 unless told, in dialect A too, whose documented reply shows one",
)
_CHILD = "a child's name as `children` shows it; digits that are no child's name are an index from 0"
_CHILDREN = (
    "a page of {name, class_name, string_representation, object_id, is_reference}; is_reference: it is the object "
    "itself or one on the way to it; with a depth above 1 also children, its first 50, and total_children, as far as "
    "1000 children of all levels allow, upper levels first"
)
_PAGE = (_DEPTH, OFFSET, COUNT)
_SHOWN = (
    Field("object_info", "object", "{class_name, string_representation, hash, size, object_id}"),
    Field("instance_vars", "texts", "printString by name"),
    Field("children", "list", _CHILDREN),
    Field("total_children", "count", "how many there are"),
    Field("view_text", "text", "what the chosen custom view shows", is_optional=True),
)
#: Of an operation that was done whether or not the object could be shown.
_SHOWN_TOO = tuple(
    field._replace(is_optional=True, doc=f"{field.doc}; the object now shown, missing if that was stopped")
    if field.name == "object_info"
    else field._replace(is_optional=True)
    for field in _SHOWN
)

INSPECTOR_OPERATIONS = (
    Operation(
        name="inspect",
        doc="Shows an object and its children: the value of an expression, or an object by its id.",
        scope=Scope.SESSION,
        mutates=True,  # the expression may change anything, and what is shown gets an id and becomes the path's root
        optional=(
            Parameter("target", CODE.kind, "an expression; it runs once"),
            Parameter("object_id", Identifier(), "id of an object", aliases=("objectId",)),
            Parameter("include_private", Boolean(), "accepted; instance variables are always shown"),
            Parameter("include_methods", Boolean(), "true: with the selectors of its class"),
            *_PAGE,
            TOOL_ID,
        ),
        alternatives=(("target",), ("object_id",)),
        returns=(
            *_SHOWN,
            Field("methods", "list", "selectors that its class has itself, if asked for", is_optional=True),
            Field("transcript", "text", "what the expression wrote", is_optional=True),
            WHOLE,
            Field("session_id", "text", "the session used"),
        ),
        errors=("EvaluationError", "SyntaxError", "Timeout", "ObjectNotFound"),
    ),
    Operation(
        name="navigate",
        doc="Moves the inspector: into a child, back, forward, or to a place of its path; shows the object there.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(
            Parameter("into", Identifier(), _CHILD),
            Parameter("back", Boolean(), "true: to the object before"),
            Parameter("forward", Boolean(), "true: undo a step back"),
            Parameter("to", Integer(0, 2**31 - 1), "index in the path, 0 for the root; where it stands, it stays"),
            *_PAGE,
        ),
        alternatives=(("into",), ("back",), ("forward",), ("to",)),
        returns=(*_STATE, *_SHOWN_TOO),
        errors=("ObjectNotFound",),
    ),
    Operation(
        name="select",
        doc="Selects a child of the inspected object; without one, selects nothing.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(Parameter("child", Identifier(), _CHILD), *_PAGE),
        returns=(*_STATE, *_SHOWN_TOO),
        errors=("ObjectNotFound",),
    ),
    Operation(
        name="view",
        doc="Chooses how the inspected object is shown.",
        scope=Scope.SESSION,
        mutates=True,
        required=(Parameter("name", Text(minimum=1), "a view's name"),),
        optional=(Parameter("settings", Object(), "the view's settings"), *_PAGE),
        returns=(*_STATE, *_SHOWN_TOO),
        errors=("ObjectNotFound",),
    ),
    Operation(
        name="define_view",
        doc="Adds a custom view for a class, or replaces it.",
        scope=Scope.SESSION,
        mutates=True,
        required=(
            Parameter("class", Text(minimum=1), "name of the class"),
            Parameter("name", Text(minimum=1), "the view's name"),
            Parameter("code", CODE.kind, "a block that takes the object"),
        ),
        optional=_PAGE,
        returns=(*_STATE, *_SHOWN_TOO),
        errors=("SyntaxError", "ClassNotFound", "ObjectNotFound"),
    ),
    Operation(
        name="inspector_state",
        doc="Answers the inspector's path, selection and views.",
        scope=Scope.SESSION,
        returns=_STATE,
    ),
)
