"""Defining: classes and traits of a world, redefinition with instances in place, other names, removal.

Kernel classes are never redefined. A class without a name of its own in the world (anonymous or removed) has a key that
no name can be, and code refers to it by that (`World.former`). So has a class whose name was another's before: code of
the other that is held or running still calls it by that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import traits
from .classes import KIND_NONE, ClassObject, new_class
from .classnames import DefinitionError, check_class_name, check_levels, check_variables
from .definitiontexts import definition_text
from .formersources import running_user
from .limits import CLASS_SIDE_VARIABLES_MAX, CLASSES_PER_WORLD_MAX
from .methodtables import changed
from .objects import CAPACITIES, Binding
from .redefinition import change_class_side, levels_added, link_variables, prospects, recompile, redefine, subclasses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .classes import Use
    from .world import World

#: Payload kinds that a definition may ask for.
_KINDS: Final = ("plain", "items", "bytes")


class ClassSpec(NamedTuple):
    """What a class or trait shall be.

    Attributes:
        superclass: Its superclass, None for a trait.
        name: Its name, empty for an anonymous class.
        instance_variables: The instance variables it adds itself.
        class_variables: Its class variables; those that were there keep their values.
        category: Its package.
        kind: Payload kind, None for the superclass's.
        class_side_variables: The instance variables its metaclass adds itself, None to leave them.
        pools: The classes whose class variables its methods see.
        uses: The traits it is composed of.
        class_uses: Those of its class side, None for the class sides of `uses`.
        is_trait: Whether it is a trait.
    """

    superclass: ClassObject | None
    name: str
    instance_variables: Sequence[str] = ()
    class_variables: Sequence[str] = ()
    category: str = "Unclassified"
    kind: str | None = None
    class_side_variables: Sequence[str] | None = None
    pools: Sequence[ClassObject] = ()
    uses: tuple[Use, ...] = ()
    class_uses: tuple[Use, ...] | None = None
    is_trait: bool = False


def spec_of(holder: ClassObject) -> ClassSpec:
    """What a class of the world is."""
    return ClassSpec(
        holder.superclass,  # type: ignore[arg-type]  # the superclass of a class is a class
        holder.name,
        holder.local_variables,
        tuple(holder.class_variables),
        holder.category,
        holder.kind,
        holder.metaclass.local_variables,
        holder.pools,
        holder.uses,
        holder.metaclass.uses,
        holder.is_trait,
    )


def define_class(world: World, spec: ClassSpec) -> ClassObject:
    """Define a class or trait, or redefine the world's one of that name; it stays the same object.

    Raises:
        DefinitionError: It cannot be defined so.
    """
    existing = world.class_named(spec.name)
    _check(world, spec, existing)
    if existing is None:
        return _define_new(world, spec)
    if not existing.is_kernel:
        change_class(world, existing, spec)
    return existing


def _define_new(world: World, spec: ClassSpec) -> ClassObject:
    """Make a class or trait that was not there."""
    if len(world.classes) + len(world.former) >= CLASSES_PER_WORLD_MAX:
        raise DefinitionError(f"a session may define at most {CLASSES_PER_WORLD_MAX} classes")
    above = spec.superclass
    inherited = above.all_variables() if above is not None else ()
    added = traits.variables(spec.uses, (*inherited, *spec.instance_variables))
    new = new_class(
        spec.name or f"a subclass of {above.name if above is not None else 'nil'}",
        above,
        world.kernel.classes["Trait" if spec.is_trait else "Class"],
        is_trait=spec.is_trait,
        own_variables=(*spec.instance_variables, *added),
        class_variables=spec.class_variables,
        kind=_kind(spec),
        category=spec.category,
        session_base=world.attributes.base,
    )
    new.uses, new.trait_variables = spec.uses, added
    if spec.name:
        world.classes[spec.name] = new
        world.heap.note("classes", spec.name)
        world.refresh_global(spec.name)
        if spec.name in world.former:
            _hide(world, new, spec.name)
    else:
        _hide(world, new, "anonymous")
    _complete(world, new, spec)
    return new


def _kind(spec: ClassSpec) -> str:
    """The payload kind of a class: what its superclass's methods work on stays.

    Raises:
        DefinitionError: Classes cannot ask for such a kind.
    """
    if spec.superclass is None:
        return KIND_NONE
    above = spec.superclass.kind
    if above == "plain" and spec.kind is not None and spec.kind not in _KINDS:
        raise DefinitionError(f"there is no layout {spec.kind}")
    return spec.kind or above if above == "plain" else above


def update_class(world: World, holder: ClassObject, **changes: Any) -> None:
    """Change parts of what a class of the world is, by the names of ClassSpec.

    Raises:
        DefinitionError: It cannot be so.
    """
    present = spec_of(holder)
    spec = present._replace(**changes)
    _check(world, spec, holder)
    if not holder.is_kernel:
        change_class(world, holder, spec)
    elif spec._replace(class_uses=spec.class_uses or present.class_uses) != present:
        raise DefinitionError(f"{holder.name} is a class of the kernel and cannot be redefined; extend or subclass it")


def change_class(world: World, existing: ClassObject, spec: ClassSpec) -> None:
    """Change a class of the world into what a checked spec says; who uses it as a trait follows."""
    former = definition_text(world, existing)
    redefine(world, existing, spec.superclass, spec.instance_variables, spec.class_variables, _kind(spec), spec.uses)
    existing.category = spec.category
    _complete(world, existing, spec)
    for behavior in (existing, existing.metaclass):
        traits.update_users(world, behavior)
    if definition_text(world, existing) != former:
        world.versions.keep("class", "replaced", existing, former)
    if existing.is_trait:
        for user in traits.users(world, existing):
            if isinstance(user, ClassObject):
                change_class(world, user, spec_of(user))


def _complete(world: World, holder: ClassObject, spec: ClassSpec) -> None:
    """Give a class the rest of its spec: pools, class side, the methods of its traits."""
    holder.pools = tuple(spec.pools)
    side = holder.metaclass.local_variables if spec.class_side_variables is None else spec.class_side_variables
    uses = traits.class_sides(spec.uses) if spec.class_uses is None else spec.class_uses
    _set_class_side(world, holder, side, uses)
    for behavior in (holder, holder.metaclass):
        traits.install(world, behavior)
    changed(world, holder)


def _check(world: World, spec: ClassSpec, existing: ClassObject | None) -> None:
    """Refuse what cannot be defined."""
    name, superclass = spec.name, spec.superclass
    if not spec.is_trait and (not isinstance(superclass, ClassObject) or superclass.is_trait):
        raise DefinitionError(f"the superclass of {name} is not a class")
    if existing is None:
        check_class_name(name)
        if name in world.globals or name in world.kernel.singletons:
            raise DefinitionError(f"{name} is the name of a global variable")
    else:
        _check_change(spec, existing)
    check_levels(name, levels_added(world, existing, superclass))
    inherited = superclass.all_variables() if superclass is not None else ()
    check_variables(name, (*inherited, *spec.instance_variables))
    check_variables(name, spec.class_variables)
    if len(inherited) + len(spec.instance_variables) + len(traits.variables(spec.uses, ())) >= CAPACITIES[-1]:
        raise DefinitionError(f"{name} has more than {CAPACITIES[-1]} instance variables")
    if existing is not None and not existing.is_kernel:
        _check_heirs(world, spec, existing)


def _check_heirs(world: World, spec: ClassSpec, existing: ClassObject) -> None:
    """Refuse what those who inherit from a class, or are composed of it, cannot become."""
    after = prospects(world, existing, spec.superclass, spec.instance_variables, spec.uses)
    for each, variables in after.items():
        check_variables(each.name, variables)
        if len(variables) >= CAPACITIES[-1]:
            raise DefinitionError(f"{each.name} has more than {CAPACITIES[-1]} instance variables")
        user = running_user(world, each, variables)
        if user is not None:
            raise DefinitionError(f"{user} runs and uses instance variables of {each.name} that would move")


def _check_change(spec: ClassSpec, existing: ClassObject) -> None:
    """Refuse what a class that is there cannot become."""
    name = spec.name
    if existing.is_kernel:
        is_same = existing.superclass is spec.superclass and existing.own_variables == tuple(spec.instance_variables)
        if not is_same or spec.uses:
            raise DefinitionError(f"{name} is a class of the kernel and cannot be redefined; extend or subclass it")
    if existing.is_trait is not spec.is_trait:
        raise DefinitionError(f"{name} is {'a trait' if existing.is_trait else 'a class'} already")
    if spec.superclass is not None and spec.superclass.inherits_from(existing):
        raise DefinitionError(f"{name} cannot inherit from itself")
    if any(use.trait is existing or traits.is_composed_of(use.trait, existing) for use in spec.uses):
        raise DefinitionError(f"{name} cannot be composed of itself")


def set_class_side_variables(world: World, holder: ClassObject, variables: Sequence[str]) -> None:
    """Let a class have those class-side instance variables beside the inherited ones; values map by name.

    Raises:
        DefinitionError: They are no names, too many, or the class is the kernel's.
    """
    _set_class_side(world, holder, variables, holder.metaclass.uses)


def _set_class_side(world: World, holder: ClassObject, variables: Sequence[str], uses: tuple[Use, ...]) -> None:
    """Give the class side its variables and traits."""
    metaclass = holder.metaclass
    if (tuple(variables), uses) == (metaclass.local_variables, metaclass.uses) and not uses:
        return
    if holder.is_kernel:
        raise DefinitionError(f"{holder.name} is a class of the kernel: its class side takes no instance variables")
    inherited = metaclass.superclass.all_variables() if metaclass.superclass else ()
    check_variables(metaclass.name, (*inherited, *variables))
    for each, names in prospects(world, metaclass, metaclass.superclass, variables, uses).items():
        check_variables(each.name, names)
    added = len(variables) + len(traits.variables(uses, variables)) - len(metaclass.own_variables)
    family = [holder, *subclasses(world, holder)]
    if any(len(each.metaclass.all_variables()) + added > CLASS_SIDE_VARIABLES_MAX for each in family):
        raise DefinitionError(f"a class has at most {CLASS_SIDE_VARIABLES_MAX} class-side instance variables")
    change_class_side(world, holder, variables, uses)


def remove_class(world: World, holder: ClassObject) -> None:
    """Remove a class from the world's names; its instances and subclasses go on.

    Raises:
        DefinitionError: It is a class of the kernel.
    """
    if holder.is_kernel:
        raise DefinitionError(f"{holder.name} is a class of the kernel and cannot be removed")
    name = holder.class_name
    if world.classes.get(name) is holder:
        world.versions.keep_class(holder, definition_text(world, holder))
        del world.classes[name]
        if holder.class_key == name:
            world.former[name] = holder
            _hide(world, holder, name)
        world.heap.note("classes", name)
        world.refresh_global(name)


def _hide(world: World, holder: ClassObject, name: str) -> None:
    """Give a class that has no name of its own, or one that meant another, a key that no name can be."""
    _set_key(world, holder, f"{name}~{world.heap.identify(holder)}")


def _set_key(world: World, holder: ClassObject, key: str) -> None:
    """Let code call a class otherwise."""
    world.former[key] = holder
    holder.class_key = key
    link_variables(world, holder)
    recompile(world, [holder, *subclasses(world, holder)])
    changed(world, holder)


def rename_class(world: World, holder: ClassObject, name: str) -> None:
    """Give a class another name; code that uses the old one no longer means the class.

    Raises:
        DefinitionError: It is a class of the kernel, or the name is another's or none.
    """
    former = holder.class_name
    if name == former:
        return
    if holder.is_kernel:
        raise DefinitionError(f"{former} is a class of the kernel and cannot be renamed")
    if not name:
        raise DefinitionError(f"{former} is renamed to a Symbol")
    if world.has_global(name):
        raise DefinitionError(f"{name} is the name of another class or global variable")
    _check(world, spec_of(holder)._replace(name=name), None)
    is_named = world.classes.get(former) is holder
    if is_named:
        del world.classes[former]
    if holder.class_key == former:
        world.former[former] = holder
    holder.class_name = name
    world.classes[name] = holder
    if world.former.get(name, holder) is holder:
        _set_key(world, holder, name)
    else:
        _hide(world, holder, name)
    for each in (former, name) if is_named else (name,):
        world.heap.note("classes", each)
        world.refresh_global(each)


def add_class_variable(world: World, holder: ClassObject, name: str) -> None:
    """Give a class one more class variable; nothing happens when it has it.

    Raises:
        DefinitionError: Nothing can have that name.
    """
    if name in world.class_variable_names(holder):
        return
    check_variables(holder.name, (name,))
    if holder.is_kernel:
        world.overlay(holder).variables[name] = Binding(name)
        world.heap.note("overlays", holder)
    else:
        holder.class_variables[name] = Binding(name)
        changed(world, holder)
    link_variables(world, holder)


def remove_class_variable(world: World, holder: ClassObject, name: str) -> None:
    """Take a class variable away that the world gave a class.

    Raises:
        DefinitionError: The class has none of that name, or the kernel's code uses it.
    """
    own = world.overlay(holder).variables if holder.is_kernel else holder.class_variables
    if name not in own or (holder.is_kernel and name in holder.class_variables):
        raise DefinitionError(f"{holder.name} has no class variable {name} that can be removed")
    del own[name]
    if holder.is_kernel:
        world.heap.note("overlays", holder)
    else:
        changed(world, holder)
        recompile(world, [holder, *subclasses(world, holder)])


def set_comment(world: World, holder: ClassObject, text: str) -> None:
    """Give a class another comment, in this world."""
    former = comment_of(world, holder)
    if former and former != text:
        world.versions.keep("comment", "replaced", holder, former)
    if holder.is_kernel:
        world.overlay(holder).comment = text
        world.heap.note("overlays", holder)
    else:
        holder.comment = text
        changed(world, holder)


def comment_of(world: World, holder: ClassObject) -> str:
    """The comment of a class, as this world sees it."""
    overlay = world.overlays.get(holder)
    return holder.comment if overlay is None or overlay.comment is None else overlay.comment


def new_exception(world: World, class_name: str, message: str | None, variables: dict[str, Any]) -> Any:
    """A new exception; keywords name its instance variables."""
    behavior = world.kernel.classes[class_name]
    exception = behavior.instance_type().make()
    names = behavior.all_variables()
    if message is not None:
        variables["messageText"] = world.new_text(message)
    for name, value in variables.items():
        setattr(exception, f"i{names.index(name)}", value)
    return exception
