"""Operations on former definitions: what a session replaced or removed can be seen and brought back."""

from ..kinds import Integer
from .browser import CLASS_NAME, IS_CLASS_METHOD, METHOD, METHOD_NAME, SESSION
from .model import Field, Operation, Parameter, Scope

_VERSION = (
    "{version_id, source, category, change, replaced_at}: what is in force first, with id 0, then former ones, newest "
    "first; change: replaced or removed"
)

VERSION_OPERATIONS = (
    Operation(
        name="method_versions",
        doc="Lists what a method was before, and the methods a class has no more.",
        scope=Scope.SESSION,
        required=(CLASS_NAME,),
        optional=(METHOD_NAME, IS_CLASS_METHOD),
        returns=(
            Field("versions", "list", _VERSION),
            Field("removed", "list", "selectors of methods that the class had and has no more"),
            SESSION,
        ),
        errors=("ClassNotFound", "MethodNotFound"),
    ),
    Operation(
        name="restore_method",
        doc="Compiles a former version of a method again; what is in force becomes a former version itself.",
        scope=Scope.SESSION,
        mutates=True,
        required=(
            CLASS_NAME,
            METHOD_NAME,
            Parameter("version_id", Integer(1, 2**63 - 1), "which, as `method_versions` names it"),
        ),
        optional=(IS_CLASS_METHOD,),
        returns=(Field("method", "object", METHOD), SESSION),
        errors=("ClassNotFound", "MethodNotFound", "SyntaxError"),
    ),
)
