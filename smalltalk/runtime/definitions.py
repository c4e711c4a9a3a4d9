"""Defining: classes and methods of a world, redefinition with instances in place, removal.

Kernel classes are never redefined. Methods added to them, replaced or removed go to the world's overlay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..compiler.unit import Unit, compile_method
from .classes import ClassObject, Metaclass, Method, new_class
from .limits import CLASS_SIDE_VARIABLES_MAX, CLASSES_PER_WORLD_MAX
from .objects import CAPACITIES, Binding, Symbol
from .reshape import Reshape
from .scopes import MethodScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .classes import Behavior
    from .world import World

_CLASS_NAME: Final = re.compile(r"[^\W\d_]\w*")
_VARIABLE_NAME: Final = re.compile(r"[^\W\d]\w*")
#: Names that are no variable's.
_RESERVED: Final = frozenset({"self", "super", "nil", "true", "false", "thisContext"})
#: Protocol of methods compiled without one.
UNCLASSIFIED: Final = "as yet unclassified"


class DefinitionError(Exception):
    """A definition that cannot be: its message says what is wrong with it."""


def define_class(
    world: World,
    superclass: ClassObject,
    name: str,
    instance_variables: Sequence[str],
    class_variables: Sequence[str],
    category: str,
    kind: str | None,
    class_side_variables: Sequence[str] | None,
) -> ClassObject:
    """Define a class, or redefine the world's class of that name; it stays the same object.

    Args:
        world: Where.
        superclass: Its superclass.
        name: Its name.
        instance_variables: The instance variables it adds.
        class_variables: Its class variables; those that were there keep their values.
        category: Its package.
        kind: Payload kind, None for the superclass's.
        class_side_variables: The instance variables its metaclass adds, None to leave them.

    Raises:
        DefinitionError: It cannot be defined so.
    """
    existing = world.class_named(name)
    _check(world, superclass, name, instance_variables, class_variables, existing)
    kind = kind or superclass.kind
    if existing is None:
        if len(world.classes) >= CLASSES_PER_WORLD_MAX:
            raise DefinitionError(f"a session may define at most {CLASSES_PER_WORLD_MAX} classes")
        new = new_class(
            name,
            superclass,
            None,
            own_variables=instance_variables,
            class_side_variables=class_side_variables or (),
            class_variables=class_variables,
            kind=kind,
            category=category,
        )
        world.classes[name] = new
        world.heap.note("classes", name)
        world.refresh_global(name)
        return new
    if not existing.is_kernel:
        _redefine(world, existing, superclass, tuple(instance_variables), class_variables, kind)
        existing.category = category
        if class_side_variables is not None:
            set_class_side_variables(world, existing, class_side_variables)
        changed(world, existing)
    return existing


def _check(
    world: World,
    superclass: Any,
    name: str,
    instance_variables: Sequence[str],
    class_variables: Sequence[str],
    existing: ClassObject | None,
) -> None:
    """Refuse what cannot be defined."""
    if not isinstance(superclass, ClassObject):
        raise DefinitionError(f"the superclass of {name} is not a class")
    if not _CLASS_NAME.fullmatch(name) or not name[0].isupper():
        raise DefinitionError(f"a class name begins with a capital letter; '{name}' does not name a class")
    if existing is not None and existing.is_kernel:
        is_same = existing.superclass is superclass and existing.own_variables == tuple(instance_variables)
        if not is_same:
            raise DefinitionError(f"{name} is a class of the kernel and cannot be redefined; extend or subclass it")
    elif existing is None and (name in world.globals or name in world.kernel.singletons):
        raise DefinitionError(f"{name} is the name of a global variable")
    if existing is not None and superclass.inherits_from(existing):
        raise DefinitionError(f"{name} cannot inherit from itself")
    _check_variables(name, (*superclass.all_variables(), *instance_variables))
    _check_variables(name, class_variables)


def _check_variables(name: str, variables: Sequence[str]) -> None:
    """Refuse variable names that are none, or that are there twice."""
    for variable in variables:
        if not _VARIABLE_NAME.fullmatch(variable) or variable in _RESERVED:
            raise DefinitionError(f"'{variable}' cannot name a variable of {name}")
    if len(set(variables)) < len(variables):
        twice = next(variable for variable in variables if variables.count(variable) > 1)
        raise DefinitionError(f"{name} has the variable '{twice}' twice, its superclasses included")
    if len(variables) >= CAPACITIES[-1]:
        raise DefinitionError(f"{name} has more than {CAPACITIES[-1]} instance variables")


def _redefine(
    world: World,
    existing: ClassObject,
    superclass: ClassObject,
    instance_variables: tuple[str, ...],
    class_variables: Iterable[str],
    kind: str,
) -> None:
    """Change a class in place."""
    family = [existing, *subclasses(world, existing)]
    before = [(each, each.all_variables(), each.kind) for each in family]
    existing.class_variables = {
        variable: existing.class_variables.get(variable) or Binding(variable) for variable in class_variables
    }
    former_kind = existing.kind
    sides = [(each, class_side_values(each)) for each in family]
    existing.superclass = superclass
    existing.metaclass.superclass = superclass.metaclass
    existing.own_variables = instance_variables
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
    _recompile(world, family)


def class_side_values(holder: ClassObject) -> dict[str, Any]:
    """The class-side instance variables of a class with their values."""
    return {name: getattr(holder, f"i{k}", None) for k, name in enumerate(holder.metaclass.all_variables())}


def _give_class_side(holder: ClassObject, values: dict[str, Any]) -> None:
    """Store class-side values where the metaclass now has their variables."""
    names = holder.metaclass.all_variables()
    for k in range(CLASS_SIDE_VARIABLES_MAX):
        setattr(holder, f"i{k}", values.get(names[k]) if k < len(names) else None)


def set_class_side_variables(world: World, holder: ClassObject, variables: Sequence[str]) -> None:
    """Let a class have those class-side instance variables beside the inherited ones; values map by name.

    Raises:
        DefinitionError: They are no names, too many, or the class is the kernel's.
    """
    if tuple(variables) == holder.metaclass.own_variables:
        return
    if holder.is_kernel:
        raise DefinitionError(f"{holder.name} is a class of the kernel and cannot be redefined")
    family = [holder, *subclasses(world, holder)]
    inherited = holder.metaclass.superclass.all_variables() if holder.metaclass.superclass else ()
    _check_variables(holder.metaclass.name, (*inherited, *variables))
    added = len(variables) - len(holder.metaclass.own_variables)
    if any(len(each.metaclass.all_variables()) + added > CLASS_SIDE_VARIABLES_MAX for each in family):
        raise DefinitionError(f"a class has at most {CLASS_SIDE_VARIABLES_MAX} class-side instance variables")
    sides = [(each, class_side_values(each)) for each in family]
    holder.metaclass.own_variables = tuple(variables)
    for each, values in sides:
        _give_class_side(each, values)
        changed(world, each)
    _recompile(world, family)


def _recompile(world: World, family: Iterable[ClassObject]) -> None:
    """Compile the methods of those classes again when they are next used."""
    for each in family:
        for behavior in (each, each.metaclass):
            for method in behavior.methods.values():
                method.unit = None
                world.functions.pop(method, None)
    world.forget_all_selectors()


def changed(world: World, behavior: Behavior) -> None:
    """Note that a class of the world changed."""
    holder = behavior.sole if isinstance(behavior, Metaclass) else behavior
    if not holder.dirty:
        world.mark(holder)


def subclasses(world: World, holder: ClassObject) -> list[ClassObject]:
    """The world's own classes that inherit from that class, all levels, superclasses first."""
    below = [each for each in world.classes.values() if each is not holder and each.inherits_from(holder)]
    return sorted(below, key=lambda each: sum(1 for _ in each.chain()))


def remove_class(world: World, holder: ClassObject) -> None:
    """Remove a class from the world's names; its instances and subclasses go on.

    Raises:
        DefinitionError: It is a class of the kernel.
    """
    if holder.is_kernel:
        raise DefinitionError(f"{holder.name} is a class of the kernel and cannot be removed")
    if world.classes.get(holder.class_name) is holder:
        del world.classes[holder.class_name]
        world.heap.note("classes", holder.class_name)
        world.refresh_global(holder.class_name)


def add_class_variable(world: World, holder: ClassObject, name: str) -> None:
    """Give a class one more class variable; nothing happens when it has it."""
    if name in world.class_variable_names(holder):
        return
    if holder.is_kernel:
        world.overlay(holder).variables[name] = Binding(name)
        world.heap.note("overlays", holder)
    else:
        holder.class_variables[name] = Binding(name)
        changed(world, holder)


def set_comment(world: World, holder: ClassObject, text: str) -> None:
    """Give a class another comment, in this world."""
    if holder.is_kernel:
        world.overlay(holder).comment = text
        world.heap.note("overlays", holder)
    else:
        holder.comment = text
        changed(world, holder)


def compile_into(world: World, behavior: Behavior, source: str, category: str | None) -> Symbol:
    """Compile a method into a class or metaclass; answer its selector.

    Raises:
        SyntaxFailure: It is not Smalltalk.
        SemanticFailure: It uses names that mean nothing there.
    """
    unit = compile_method(source, MethodScope(world, behavior))
    selector = unit.selector
    methods = own_table(world, behavior)
    method = methods.get(selector)
    if method is None:
        inherited = behavior.methods.get(selector)
        method = methods[selector] = Method(
            behavior, selector, source, inherited.category if inherited else UNCLASSIFIED
        )
        _note_methods(world, behavior)
    elif not method.dirty:
        world.mark(method)
    method.source = source
    method.unit = unit
    method.category = category or method.category
    world.functions.pop(method, None)
    world.forget_selector(selector)
    return Symbol.intern(selector)


def own_table(world: World, behavior: Behavior) -> dict[str, Any]:
    """The table that takes this world's methods of a class: its own, or the overlay's of a kernel class."""
    return world.overlay(behavior).methods if behavior.is_kernel else behavior.methods


def _note_methods(world: World, behavior: Behavior) -> None:
    """Note that a class's set of methods changed."""
    if behavior.is_kernel:
        world.heap.note("overlays", behavior)
    else:
        changed(world, behavior)


def remove_selector(world: World, behavior: Behavior, selector: str) -> bool:
    """Remove a method; answer whether there was one."""
    methods = own_table(world, behavior)
    is_kernels = behavior.is_kernel and selector in behavior.methods
    if methods.get(selector) is None and not (is_kernels and selector not in methods):
        return False
    if is_kernels:
        methods[selector] = None
    else:
        del methods[selector]
    _note_methods(world, behavior)
    world.forget_selector(selector)
    return True


def unit_of(world: World, method: Method) -> Unit:
    """The compiled form of a method.

    Raises:
        SyntaxFailure: It does not compile any more: its class changed.
        SemanticFailure: The same.
    """
    unit = method.unit
    if unit is None:
        scope = MethodScope(world, method.owner)
        unit = compile_method(method.source, scope) if method.code is None else _stored_unit(method, scope)
        method.unit = unit
    return unit


def _stored_unit(method: Method, scope: MethodScope) -> Unit:
    """The unit of a kernel method whose code was compiled before."""
    assert method.code is not None
    parameters, names, code = method.code
    return Unit(
        kind="method",
        selector=method.selector,
        source=method.source,
        parameters=parameters,
        scope=scope,
        code=code,
        names=names,
    )


def new_exception(world: World, class_name: str, message: str | None, variables: dict[str, Any]) -> Any:
    """A new exception; keywords name its instance variables."""
    behavior = world.kernel.classes[class_name]
    exception = behavior.instance_type()()
    names = behavior.all_variables()
    if message is not None:
        variables["messageText"] = world.new_text(message)
    for name, value in variables.items():
        setattr(exception, f"i{names.index(name)}", value)
    return exception
