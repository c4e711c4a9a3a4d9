"""Evaluating source text: what compilers as objects do.

The text sees the world's globals and nothing of the do-it or method that asks for it; a name that nothing declares is a
variable of its own, nil at first. A capitalised one is an error, as in do-its.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import SemanticFailure, advice_on_unknown
from ..compiler.scopes import UNDECLARED
from ..compiler.unit import compile_doit
from ..runtime import current
from ..runtime.calls import call
from ..runtime.limits import ARGUMENTS_MAX
from ..runtime.objects import Binding
from ..runtime.scopes import DoitScope
from ..syntax.errors import SyntaxFailure
from .compiling import code_error
from .control import selector_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..compiler.scopes import Resolution
    from ..compiler.unit import Unit
    from ..runtime.world import World


class GivenScope(DoitScope):
    """The names that a do-it sees when some have values of its own: those hide the globals."""

    __slots__ = ("_given",)

    def __init__(self, world: World, given: Collection[str]) -> None:
        super().__init__(world)
        self._given = given

    def resolve(self, name: str) -> Resolution:
        """What a name stands for: nothing when it has a value, so that the do-it takes it as an argument."""
        return None if name in self._given else super().resolve(name)


def evaluate(_self: Any, source: Any, receiver: Any, names: Any, values: Any) -> Any:
    """`evaluate:for:names:values:`: the value of a do-it with that receiver, and values of some of its variables."""
    world, text = current.world, selector_of(source)
    if text is None:
        return world.signal("Error", "A text to be evaluated is a String")
    given = {selector_of(name) or "": value for name, value in zip(names.items, values.items, strict=True)}
    try:
        unit = _compile(text, given)
    except (SyntaxFailure, SemanticFailure) as failure:
        found = failure
    else:
        return call(world.function(unit), [receiver, *(Binding(name, given.get(name)) for name in unit.bindings)])
    return code_error(found)


def _compile(text: str, given: Collection[str]) -> Unit:
    """Compile a do-it; the given names have values.

    Raises:
        SyntaxFailure: it does not parse.
        SemanticFailure: it uses capitalised names that mean nothing, more undeclared ones than a method has arguments,
            or is too large.
    """
    scope = GivenScope(current.world, given)
    unit = compile_doit(text, scope, parametrise=False)
    for number, name in enumerate(unit.bindings):
        if (name[0].isupper() and name not in given) or number >= ARGUMENTS_MAX:
            start = max(text.find(name), 0)
            advice = advice_on_unknown(name, scope.known_names())
            raise SemanticFailure(f"{UNDECLARED}: {name}", text, start, start + len(name), advice)
    return unit


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"evaluateSource": evaluate}
