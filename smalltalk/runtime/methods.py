"""Methods of a world's classes: compiling them, taking them out, their compiled form.

A method that is compiled again is another object in its place; the former one stays what it was, and the session's
versions keep its text. Methods added to kernel classes, replaced or removed there go to the world's overlay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..compiler.unit import Unit, compile_method
from . import traits
from .classes import Method
from .methodtables import forget_method, note_methods, own_table, put_method, set_category
from .objects import Symbol
from .scopes import KernelScope, MethodScope

if TYPE_CHECKING:
    from .classes import Behavior
    from .kernel import Kernel
    from .world import World

#: Protocol of methods compiled without one.
UNCLASSIFIED: Final = "as yet unclassified"


def compile_into(world: World, behavior: Behavior, source: str, category: str | None) -> Symbol:
    """Compile a method into a class or metaclass; answer its selector.

    Raises:
        SyntaxFailure: It is not Smalltalk.
        SemanticFailure: It uses names that mean nothing there.
    """
    unit = compile_method(source, MethodScope(world, behavior), world.attributes)
    selector = unit.selector
    methods = own_table(world, behavior)
    former = methods.get(selector) or behavior.methods.get(selector)
    category = category or (former.category if former else UNCLASSIFIED)
    if former is None or former.is_kernel or former.origin is not None or former.source != source:
        if former is not None:
            world.versions.keep_method(former, "replaced")
        if _is_kernels(behavior, selector, source):
            methods.pop(selector, None)
            note_methods(world, behavior)
            world.forget_selector(selector)
        else:
            put_method(world, Method(behavior, selector, source, category))
            methods[selector].unit = unit
        traits.update_users(world, behavior, {selector})
    elif former.category != category:
        set_category(world, former, category)
    return Symbol.intern(selector)


def compile_apart(world: World, behavior: Behavior, source: str) -> Method:
    """Compile a method for the instances of a class without adding it to the class.

    Raises:
        SyntaxFailure: It is not Smalltalk.
        SemanticFailure: It uses names that mean nothing there.
    """
    unit = compile_method(source, MethodScope(world, behavior), world.attributes)
    method = Method(behavior, unit.selector, source, UNCLASSIFIED)
    method.unit = unit
    return method


def _is_kernels(behavior: Behavior, selector: str, source: str) -> bool:
    """Whether that text is the kernel's own method, which may be a primitive: only the kernel's are."""
    return behavior.is_kernel and selector in behavior.methods and behavior.methods[selector].source == source


def remove_selector(world: World, behavior: Behavior, selector: str) -> bool:
    """Remove a method, so that the one of a trait shows again; answer whether there was one."""
    methods = own_table(world, behavior)
    is_kernels = behavior.is_kernel and selector in behavior.methods
    former = methods.get(selector) or (behavior.methods[selector] if is_kernels and selector not in methods else None)
    if former is None:
        return False
    world.versions.keep_method(former, "removed")
    forget_method(world, behavior, selector, is_hidden=is_kernels)
    traits.install(world, behavior, {selector})
    traits.update_users(world, behavior, {selector})
    return True


def unit_of(world: World, method: Method) -> Unit:
    """The compiled form of a method.

    Raises:
        SyntaxFailure: It does not compile any more: its class changed.
        SemanticFailure: The same.
    """
    unit = method.unit
    if unit is None:
        if method.is_kernel:
            unit = _kernel_unit(method, world.kernel)
        else:
            unit = compile_method(method.source, MethodScope(world, method.owner), world.attributes)
        method.unit = unit
    return unit


def _kernel_unit(method: Method, kernel: Kernel) -> Unit:
    """The unit of a method that all worlds share; nothing in it may refer to the one that asks first."""
    scope = KernelScope(method.owner, kernel.classes.keys() | kernel.singletons.keys())
    if method.code is None:
        return compile_method(method.source, scope)
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
