"""Changing a class of the world in place: its instances, its subclasses and its class side follow."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from ..compiler.mangle import class_variable_name
from . import traits
from .classes import Metaclass
from .formersources import bring_up_blocks
from .limits import CLASS_SIDE_VARIABLES_MAX
from .methodtables import changed
from .objects import Binding
from .reshape import Reshape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .classes import Behavior, ClassObject, Use
    from .world import World


def redefine(
    world: World,
    existing: ClassObject,
    superclass: ClassObject | None,
    instance_variables: Sequence[str],
    class_variables: Iterable[str],
    kind: str,
    uses: tuple[Use, ...],
) -> None:
    """Change superclass, variables, kind and traits of a class, all checked before."""
    family = [existing, *subclasses(world, existing)]
    before = [(each, each.all_variables(), each.kind) for each in family]
    _set_class_variables(world, existing, class_variables)
    former_kind = existing.kind
    sides = [(each, class_side_values(each)) for each in family]
    existing.superclass = superclass
    if superclass is not None:
        existing.metaclass.superclass = superclass.metaclass
    existing.uses = uses
    _compose_variables(world, family, instance_variables)
    for each in family:
        if each.kind == former_kind:
            each.kind = kind
    for each, variables, old_kind in before:
        if each.all_variables() != variables or each.kind != old_kind:
            for former in each.change_shape():
                former.reshape = Reshape(each, variables)  # type: ignore[attr-defined]  # see reshape.py
            changed(world, each)
    for each, values in sides:
        _give_class_side(each, values)
    recompile(world, family)
    if any(each.all_variables()[: len(variables)] != variables for each, variables, _ in before):
        _let_code_follow(world)


def _compose_variables(world: World, family: Sequence[Behavior], variables: Sequence[str]) -> None:
    """Let the first of a family add those variables itself; a trait adds nobody a variable that is inherited now."""
    for each in family:
        names = variables if each is family[0] else each.local_variables
        inherited = each.superclass.all_variables() if each.superclass is not None else ()
        added = traits.variables(each.uses, (*inherited, *names))
        if (*names, *added) != each.own_variables:
            changed(world, each)
        each.own_variables, each.trait_variables = (*names, *added), added


def prospects(
    world: World, existing: Behavior, superclass: Behavior | None, variables: Sequence[str], uses: tuple[Use, ...]
) -> dict[Behavior, tuple[str, ...]]:
    """The variables, inherited ones included, that a change would give a class or trait and all it has an effect on."""
    parts = {each: (each.superclass, each.local_variables, each.uses) for each in _concerned(world, existing)}
    parts[existing] = (superclass, tuple(variables), uses)
    needs = {each: [*filter(None, (above,)), *(use.trait for use in used)] for each, (above, _, used) in parts.items()}
    own: dict[Behavior, tuple[str, ...]] = {}
    found: dict[Behavior, tuple[str, ...]] = {}
    for each in TopologicalSorter(needs).static_order():
        if each not in parts:
            own[each], found[each] = each.own_variables, each.all_variables()
            continue
        above, names, used = parts[each]
        inherited = found[above] if above is not None else ()
        own[each] = (*names, *traits.variables(used, (*inherited, *names), own))
        found[each] = (*inherited, *own[each])
    return {each: found[each] for each in parts}


def levels_added(world: World, existing: ClassObject | None, superclass: Behavior | None) -> int:
    """How many classes would stand above each other in what a definition changes, 0 if it leaves the superclass.

    Args:
        world: Where.
        existing: The class that moves with its subclasses, None for a new one.
        superclass: Its superclass from then on, None for a trait.
    """
    if superclass is None:
        return 0
    if existing is None:
        return _levels(superclass) + 1
    if existing.superclass is superclass:
        return 0
    below = max(map(_levels, (existing, *subclasses(world, existing)))) - _levels(existing)
    return _levels(superclass) + 1 + below


def _levels(behavior: Behavior) -> int:
    """How many classes there are from one to the uppermost above it."""
    return sum(1 for _ in behavior.chain())


def _concerned(world: World, existing: Behavior) -> dict[Behavior, None]:
    """A class or trait, and all that inherit from it or are composed of it, at any remove."""
    found: dict[Behavior, None] = {}
    waiting = [existing]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        if isinstance(each, Metaclass):
            below: list[Behavior] = [heir.metaclass for heir in subclasses(world, each.sole)]
        else:
            below = [*subclasses(world, each)]  # type: ignore[arg-type]  # what is no metaclass is a class
        found |= dict.fromkeys((each, *below))
        waiting += traits.users(world, each)
    return found


def _set_class_variables(world: World, holder: ClassObject, names: Iterable[str]) -> None:
    """Let a class have those class variables; the ones it had keep their values."""
    former = holder.class_variables
    holder.class_variables = {name: former.get(name) or Binding(name) for name in names}
    link_variables(world, holder)


def link_variables(world: World, holder: ClassObject) -> None:
    """Link the class variables of a class where a former one of that key had some of the same names."""
    for variable in world.class_variable_names(holder):
        name = class_variable_name(holder.key, variable)
        if name in world.g:
            world.g[name] = world.class_variable(holder.key, variable)


def class_side_values(holder: ClassObject) -> dict[str, Any]:
    """The class-side instance variables of a class with their values."""
    return {name: getattr(holder, f"i{k}", None) for k, name in enumerate(holder.metaclass.all_variables())}


def _give_class_side(holder: ClassObject, values: dict[str, Any]) -> None:
    """Store class-side values where the metaclass now has their variables."""
    names = holder.metaclass.all_variables()
    for k in range(CLASS_SIDE_VARIABLES_MAX):
        setattr(holder, f"i{k}", values.get(names[k]) if k < len(names) else None)


def change_class_side(world: World, holder: ClassObject, variables: Sequence[str], uses: tuple[Use, ...]) -> None:
    """Let a class have those class-side instance variables beside the inherited ones; values map by name."""
    family = [holder, *subclasses(world, holder)]
    sides = [(each, class_side_values(each)) for each in family]
    holder.metaclass.uses = uses
    _compose_variables(world, [each.metaclass for each in family], variables)
    for each, values in sides:
        _give_class_side(each, values)
        changed(world, each)
    recompile(world, family)
    _let_code_follow(world)


def _let_code_follow(world: World) -> None:
    """Let blocks and processes that wait use the slots where variables stand now."""
    bring_up_blocks(world)
    processes = world.processes_if_any
    if processes is not None:
        processes.lives.give_up_stacks(processes.ran, 0)  # they go on from their contexts, as after a restart


def recompile(world: World, family: Iterable[ClassObject]) -> None:
    """Compile the methods of those classes again when they are next used."""
    for each in family:
        for behavior in (each, each.metaclass):
            for method in behavior.methods.values():
                method.unit = None
                world.functions.pop(method, None)
    world.forget_all_selectors()


def subclasses(world: World, holder: ClassObject) -> list[ClassObject]:
    """The world's own classes that inherit from that class, all levels, superclasses first."""
    named = dict.fromkeys((*world.classes.values(), *world.former.values()))
    below = [each for each in named if each is not holder and each.inherits_from(holder)]
    return sorted(below, key=lambda each: sum(1 for _ in each.chain()))
