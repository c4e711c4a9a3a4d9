"""Operations of the class browser: what is defined in a session, its own classes and the kernel's. All only read."""

from ..kinds import Boolean, Choice, Integer, Text
from ..limits import LIMITS
from .model import Field, Operation, Parameter, Scope

LIMIT = Parameter("limit", Integer(1, LIMITS["page_items_max"].value), "rows to answer at most; 1000 unless told")
MODE = Parameter("mode", Choice(("Instance", "Class", "All")), "which side; Instance unless told")
SESSION = Field("session_id", "text", "the session used")
TOTAL = Field("total_count", "count", "how many there are, those beyond the limit included")
METHOD_ROWS = Field("methods", "list", "{class_name, name, category, is_class_method}")
CLASS_NAME = Parameter("class_name", Text(minimum=1), "name of the class; `Foo class` is the class side of Foo")
METHOD_NAME = Parameter("method_name", Text(minimum=1), "the selector", aliases=("selector",))
IS_CLASS_METHOD = Parameter("is_class_method", Boolean(), "true for the class side")
_QUERY = Parameter("query", Text(minimum=1), "part of the name, or the capitals of its words")
_CLASS_INFO = "{name, superclass, comment, package, is_system}"
METHOD = "{name, source, category, is_class_method, arguments, comment}"
#: What a search over all methods may end with: it runs within the budget of an evaluation.
SEARCH_ERRORS = ("Timeout",)

BROWSER_OPERATIONS = (
    Operation(
        name="browse_class",
        doc="Shows a class: its definition, its variables and the methods it has itself.",
        scope=Scope.SESSION,
        required=(CLASS_NAME,),
        optional=(
            Parameter("include_methods", Boolean(), "false leaves the methods out"),
            Parameter("include_instance_vars", Boolean(), "false leaves the instance variables out"),
            Parameter("include_class_vars", Boolean(), "false leaves the class variables out"),
        ),
        returns=(
            Field("class_info", "object", _CLASS_INFO),
            Field("instance_methods", "list", METHOD),
            Field("class_methods", "list", "the same of the class side"),
            Field("instance_vars", "list", "names of the variables it adds"),
            Field("class_vars", "list", "names of its class variables"),
            SESSION,
        ),
        errors=("ClassNotFound", *SEARCH_ERRORS),
    ),
    Operation(
        name="list_classes",
        doc="Lists classes by name.",
        scope=Scope.SESSION,
        optional=(
            Parameter("pattern", Text(minimum=1), "`*` stands for any text, `?` for a character; any case"),
            Parameter("include_system", Boolean(), "false leaves the kernel's classes out"),
            LIMIT,
        ),
        returns=(Field("classes", "list", _CLASS_INFO), TOTAL, SESSION),
    ),
    Operation(
        name="get_method",
        doc="Shows one method of a class.",
        scope=Scope.SESSION,
        required=(CLASS_NAME, METHOD_NAME),
        optional=(IS_CLASS_METHOD,),
        returns=(Field("method", "object", METHOD), SESSION),
        errors=("ClassNotFound", "MethodNotFound"),
    ),
    Operation(
        name="get_class_tree",
        doc="Answers the tree of all classes, or of one and what inherits from it.",
        scope=Scope.SESSION,
        optional=(CLASS_NAME,),
        returns=(
            Field("classes", "list", "{id, name, class_type: Regular or Metaclass, children, is_expanded}, nested"),
            SESSION,
        ),
        errors=("ClassNotFound",),
    ),
    Operation(
        name="get_method_categories",
        doc="Lists the categories of a class's methods.",
        scope=Scope.SESSION,
        required=(CLASS_NAME,),
        optional=(MODE,),
        returns=(Field("categories", "list", "{name, method_count}"), SESSION),
        errors=("ClassNotFound",),
    ),
    Operation(
        name="get_method_list",
        doc="Lists the methods of a class, of one category or all.",
        scope=Scope.SESSION,
        required=(CLASS_NAME,),
        optional=(Parameter("category", Text(), "only of this category"), MODE),
        returns=(METHOD_ROWS, SESSION),
        errors=("ClassNotFound",),
    ),
    Operation(
        name="get_method_code",
        doc="Answers the source of a method.",
        scope=Scope.SESSION,
        required=(CLASS_NAME, METHOD_NAME),
        optional=(IS_CLASS_METHOD,),
        returns=(
            Field("method", "object", "{class_name, name, category, is_class_method, source_code, line_count}"),
            SESSION,
        ),
        errors=("ClassNotFound", "MethodNotFound"),
    ),
    Operation(
        name="search_classes",
        doc="Finds classes by part of the name, or the capitals of its words; the best first.",
        scope=Scope.SESSION,
        required=(_QUERY,),
        optional=(LIMIT,),
        returns=(Field("classes", "list", _CLASS_INFO), TOTAL, SESSION),
    ),
    Operation(
        name="search_methods",
        doc="Finds methods by part of the selector, in one class or all; the best first.",
        scope=Scope.SESSION,
        required=(_QUERY,),
        optional=(CLASS_NAME, Parameter("mode", MODE.kind, "which side; All unless told"), LIMIT),
        returns=(METHOD_ROWS, TOTAL, SESSION),
        errors=("ClassNotFound", *SEARCH_ERRORS),
    ),
)
