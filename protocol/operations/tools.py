"""Operations for writing code: completion, and who sends, implements or refers to what. All only read."""

from ..kinds import Integer, Text
from ..limits import LIMITS
from .browser import LIMIT, METHOD_ROWS, SEARCH_ERRORS, SESSION, TOTAL
from .model import Field, Operation, Parameter, Scope
from .workspace import CODE, TOOL_ID

_SELECTOR = Parameter("selector", Text(minimum=1), "the message, `at:put:`")

TOOL_OPERATIONS = (
    Operation(
        name="complete",
        rust_name="CodeCompletion",
        doc="Proposes what may stand at a place in code, which may be unfinished or wrong.",
        scope=Scope.SESSION,
        required=(CODE,),
        optional=(
            Parameter(
                "position",
                Integer(0, LIMITS["code_chars_max"].value),
                "characters before the cursor; the end unless told",
            ),
            TOOL_ID,
            Parameter("limit", Integer(1, LIMITS["page_items_max"].value), "proposals at most; 50 unless told"),
        ),
        returns=(
            Field(
                "suggestions",
                "list",
                "{text, kind: class, method, variable, selector or package, signature, doc}, best first",
            ),
            Field("start", "count", "where the text to replace begins; it ends at the position"),
            SESSION,
        ),
        errors=SEARCH_ERRORS,
    ),
    Operation(
        name="senders",
        doc="Lists the methods that send a message or hold its selector as a symbol.",
        scope=Scope.SESSION,
        required=(_SELECTOR,),
        optional=(LIMIT,),
        returns=(METHOD_ROWS, TOTAL, SESSION),
        errors=SEARCH_ERRORS,
    ),
    Operation(
        name="implementors",
        doc="Lists the methods of a selector.",
        scope=Scope.SESSION,
        required=(_SELECTOR,),
        optional=(LIMIT,),
        returns=(METHOD_ROWS, TOTAL, SESSION),
        errors=SEARCH_ERRORS,
    ),
    Operation(
        name="references",
        doc="Lists the methods that use a class or another global variable.",
        scope=Scope.SESSION,
        required=(Parameter("name", Text(minimum=1), "the name", aliases=("class_name",)),),
        optional=(LIMIT,),
        returns=(METHOD_ROWS, TOTAL, SESSION),
        errors=SEARCH_ERRORS,
    ),
)
