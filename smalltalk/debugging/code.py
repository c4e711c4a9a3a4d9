"""Code that runs in a frame: it sees the frame's variables and receiver, and may assign them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import SemanticFailure
from ..compiler.names import local_names
from ..runtime import current
from ..runtime.scopes import DoitScope
from ..runtime.unwinding import Termination
from ..tools.doits import compile_in_scope
from .frames import has_known_receiver, receiver_of
from .variables import class_variables_of, variables_of

if TYPE_CHECKING:
    from ..compiler.scopes import Resolution
    from ..memory.workspaces import Workspaces
    from ..runtime.contexts import Context
    from ..runtime.world import World
    from ..tools.doits import Doit

#: Why a receiver is not known.
_UNKNOWN_RECEIVER: Final = (
    "the block does not know its receiver: it uses no self, and nothing in the stack tells who made it"
)

#: What to do about that.
_NO_RECEIVER: Final = "run it in the frame of the method"


class FrameScope(DoitScope):
    """What a name means in a frame: a variable of it, else what it means in any do-it.

    Attributes:
        class_key: of the class whose method it is: `super` looks above that.
    """

    __slots__ = ("_names",)

    def __init__(self, world: World, class_key: str, names: frozenset[str]) -> None:
        super().__init__(world)
        self.class_key = class_key
        self._names = names

    def resolve(self, name: str) -> Resolution:
        """Nothing for the frame's variables: then the code takes them as arguments."""
        return None if name in self._names else super().resolve(name)


class FrameCode:
    """A do-it compiled for a frame.

    Attributes:
        receiver: of the frame.
        doit: the compiled form.
        arguments: the variables that it takes.
    """

    def __init__(self, world: World, workspaces: Workspaces, context: Context, code: str, tool: str) -> None:
        """Compile it; names that mean nothing in the frame are variables of that tool's workspace.

        Raises:
            SyntaxFailure: it does not parse.
            SemanticFailure: it uses names that mean nothing, or is too large.
        """
        places: dict[str, Any] = {**class_variables_of(world, context)}
        places.update((name, variable.place) for name, variable in variables_of(world, context).items())
        declared = {*places, *workspaces.variables(tool)}
        self.receiver = receiver_of(context)
        assert context.origin is not None
        scope = FrameScope(world, context.origin.resolutions.class_key, frozenset(places))
        self.doit: Doit = compile_in_scope(code, scope, world, declared)
        self.arguments = [
            places[name] if name in places else workspaces.declare(tool, name) for name in self.doit.unit.bindings
        ]
        if not has_known_receiver(context) and "self" in local_names(self.doit.unit.lowered().functions[0].code):
            raise SemanticFailure(_UNKNOWN_RECEIVER, code, 0, len(code), _NO_RECEIVER)
        self._world = world
        self._code = code

    def run(self) -> Any:
        """Run it, in an evaluation that runs; a failure that ends that names the place in this code."""
        try:
            return self.doit.run(self._world, self.arguments, self.receiver)
        except Termination:
            if current.evaluation.failure is not None:
                self.doit.complete(current.evaluation.failure, self._code)
            raise
