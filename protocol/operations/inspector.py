"""Operations of the inspector, whose path, selection and views belong to the session and outlive a crash."""

from ..kinds import Boolean, Identifier, Integer, Object, Text
from ..limits import LIMITS
from .model import Field, Operation, Parameter, Scope
from .workspace import CODE, COUNT, OFFSET, TOOL_ID

_ERRORS = ("ObjectNotFound", "SessionNotFound", "PermissionDenied", "StorageError")
_STATE = (
    Field("session_id", "text", "the session"),
    Field("path", "list", "breadcrumbs, root first: {object_id, label}"),
    Field("index", "count", "place of the inspected object in the path, 0 for the root"),
    Field("selected_object", "any", "the selected child, or null"),
    Field("view", "object", "{name, settings}"),
    Field("views", "list", "custom views: {class, name, code}"),
)
_DEPTH = "accepted, the Rust client sends it; children come one level at a time, each with its own object_id"
_CHILD = "a child's name as `children` shows it; digits that are no child's name are an index from 0"
_CHILDREN = (
    "a page of {name, class_name, string_representation, object_id, is_reference}; "
    "is_reference: it is the object itself or one on the way to it"
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
            Parameter("depth", Integer(0, LIMITS["inspect_depth_max"].value), _DEPTH),
            Parameter("include_private", Boolean(), "accepted; instance variables are always shown"),
            OFFSET,
            COUNT,
            TOOL_ID,
        ),
        alternatives=(("target",), ("object_id",)),
        returns=(
            Field("object_info", "object", "{class_name, string_representation, hash, size, object_id}"),
            Field("instance_vars", "texts", "printString by name"),
            Field("methods", "list", "selectors of its class", is_optional=True),
            Field("children", "list", _CHILDREN),
            Field("total_children", "count", "how many there are"),
            Field("view_text", "text", "what the chosen custom view shows", is_optional=True),
            Field("session_id", "text", "the session used"),
        ),
        errors=("EvaluationError", "SyntaxError", "Interrupted", "Timeout", *_ERRORS),
    ),
    Operation(
        name="navigate",
        doc="Moves the inspector: into a child, back, forward, or to a place of its path.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(
            Parameter("into", Identifier(), _CHILD),
            Parameter("back", Boolean(), "true: to the object before"),
            Parameter("forward", Boolean(), "true: undo a step back"),
            Parameter("to", Integer(0, 2**31 - 1), "index in the path, 0 for the root"),
        ),
        alternatives=(("into",), ("back",), ("forward",), ("to",)),
        returns=_STATE,
        errors=_ERRORS,
    ),
    Operation(
        name="select",
        doc="Selects a child of the inspected object; without one, selects nothing.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(Parameter("child", Identifier(), _CHILD),),
        returns=_STATE,
        errors=_ERRORS,
    ),
    Operation(
        name="view",
        doc="Chooses how the inspected object is shown.",
        scope=Scope.SESSION,
        mutates=True,
        required=(Parameter("name", Text(minimum=1), "a view's name"),),
        optional=(Parameter("settings", Object(), "the view's settings"),),
        returns=_STATE,
        errors=_ERRORS,
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
        returns=_STATE,
        errors=("SyntaxError", "ClassNotFound", *_ERRORS),
    ),
    Operation(
        name="inspector_state",
        doc="Answers the inspector's path, selection and views.",
        scope=Scope.SESSION,
        returns=_STATE,
        errors=("SessionNotFound", "PermissionDenied"),
    ),
)
