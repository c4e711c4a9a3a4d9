"""Changing a class of the world in place: its instances, its subclasses and its class side follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..compiler.mangle import class_variable_name
from . import traits
from .limits import CLASS_SIDE_VARIABLES_MAX
from .methodtables import changed
from .objects import Binding
from .reshape import Reshape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .classes import ClassObject, Use
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
    inherited = superclass.all_variables() if superclass is not None else ()
    existing.trait_variables = traits.variables(uses, (*inherited, *instance_variables))
    existing.own_variables = (*instance_variables, *existing.trait_variables)
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
    metaclass = holder.metaclass
    inherited = metaclass.superclass.all_variables() if metaclass.superclass else ()
    metaclass.uses = uses
    metaclass.trait_variables = traits.variables(uses, (*inherited, *variables))
    metaclass.own_variables = (*variables, *metaclass.trait_variables)
    for each, values in sides:
        _give_class_side(each, values)
        changed(world, each)
    recompile(world, family)


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
