"""Classes of slotted fields of which there are very many, made without compiling a method for each.

`dataclasses` writes and compiles the source of every class's methods, a third of a millisecond a class; the tree and
the intermediate representation have fifty, and every start of a server would wait for them. Here all classes with as
many fields share one compiled `__init__`, of which each gets a copy with its own names. In all else they are
dataclasses: `fields`, `replace` and `match` know them. They are compared by identity.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from types import CodeType

_Made = TypeVar("_Made")


@dataclass_transform(eq_default=False)
def slotted(cls: type[_Made]) -> type[_Made]:
    """Make a class of its annotated fields; a default is a plain value, there are no factories of defaults."""
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    described = fields(made)  # type: ignore[arg-type]  # it was made a dataclass just before
    names = tuple(each.name for each in described)
    defaults = tuple(each.default for each in described if each.default is not MISSING)
    code = _setter(len(names)).replace(co_varnames=("self", *names), co_names=names)
    made.__init__ = FunctionType(code, {}, "__init__", defaults)  # type: ignore[method-assign]  # what this is for
    made.__repr__ = _shown  # type: ignore[method-assign]  # the same
    return made


@cache  # one for each number of fields that a class has
def _setter(count: int) -> CodeType:
    """The code that sets so many attributes to its arguments; the names are replaced."""
    names = [f"field{number}" for number in range(count)]
    body = "".join(f"    self.{name} = {name}\n" for name in names) or "    pass\n"
    scope: dict[str, Any] = {}
    exec(f"def __init__({', '.join(['self', *names])}):\n{body}", scope)  # noqa: S102 - our own text, made just here
    code: CodeType = scope["__init__"].__code__
    return code


def _shown(self: Any) -> str:
    """The class and all fields, for whoever looks for a fault."""
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
    return f"{type(self).__name__}({', '.join(shown)})"
