"""The variables of a frame: what has a name where its activation stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..compiler.names import local_names
from ..runtime import current
from ..runtime.framevariables import ContextVariable, FieldVariable
from ..runtime.objects import Box
from ..runtime.reshape import settle
from .errors import UnknownVariableError
from .frames import has_known_receiver, receiver_of
from .makers import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..runtime.contexts import Context
    from ..runtime.objects import Binding
    from ..runtime.world import World


class Variable(NamedTuple):
    """A variable.

    Attributes:
        name: in the source.
        kind: `argument`, `temporary` or `instance`.
        place: holds its value, as `v`.
    """

    name: str
    kind: str
    place: Any

    def assign(self, value: Any) -> None:
        """Give it another value."""
        self.place.v = value
        if not self.place.dirty:
            current.world.mark(self.place)


def variables_of(world: World, context: Context) -> dict[str, Variable]:
    """Return the variables that the source may name in that frame, by name: arguments, temporaries, instance variables.

    Of a block also those of the activations around it, while they wait as well and are known.
    """
    found: dict[str, Variable] = {}
    for each in (context, *surroundings_of(context)):
        for variable in _locals_of(each):
            found.setdefault(variable.name, variable)
    if has_known_receiver(context):
        for variable in _fields_of(world, receiver_of(context)):
            found.setdefault(variable.name, variable)
    return found


def class_variables_of(world: World, context: Context) -> dict[str, Binding]:
    """Return the class variables that the source may name in that frame, by name."""
    assert context.origin is not None
    if context.origin.resolutions.is_doit:
        return {}
    found: dict[str, Binding] = {}
    try:
        behavior = world.behavior_named(context.origin.resolutions.class_key)
    except KeyError:  # the class is gone
        return {}
    holder: Any = getattr(behavior, "sole", behavior)
    for each in holder.chain():
        if hasattr(each, "class_variables"):
            for name in world.class_variable_names(each):
                found.setdefault(name, world.class_variable(each.key, name))
    return found


def variable_named(variables: dict[str, Variable], name: str) -> Variable:
    """Return one of them.

    Raises:
        UnknownVariableError: there is none of that name.
    """
    found = variables.get(name)
    if found is None:
        there = f"those it has: {', '.join(variables)}" if variables else "it has none"
        raise UnknownVariableError(f"the frame has no variable '{name}' that can be set; {there}")
    return found


def _locals_of(context: Context) -> Iterator[Variable]:
    """The arguments and temporaries that an activation knows."""
    assert context.origin is not None
    lowered = context.origin.lowered()
    function = lowered.functions[context.function]
    used = local_names(function.code)
    for local, name in lowered.variables.items():
        if local in function.parameters or local in used or local in context.values:
            held = context.values.get(local)
            place = held if isinstance(held, Box) else ContextVariable(context, local)
            yield Variable(name, "argument" if local.startswith("a_") else "temporary", place)


def _fields_of(world: World, receiver: Any) -> Iterator[Variable]:
    """The instance variables of a receiver; what is no heap object has none."""
    receiver = settle(receiver)
    for slot, name in enumerate(world.class_of(receiver).all_variables()):
        if hasattr(receiver, f"i{slot}"):
            yield Variable(name, "instance", FieldVariable(receiver, slot, name))
