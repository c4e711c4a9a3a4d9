"""The class library as plain data: from its Tonel sources, and back into live kernel classes.

The plain form is what the cache stores; a kernel is always built from it, freshly compiled or not.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..compiler.unit import compile_method
from ..runtime.classes import ClassObject, new_class
from ..runtime.kernel import SINGLETONS, Kernel
from ..runtime.scopes import KernelScope
from ..syntax.errors import SyntaxFailure
from ..syntax.nodes import Literal, SymbolLiteral
from ..syntax.parser import parse_method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..runtime.classes import Behavior, PackedMethod
    from ..syntax.tonel import MethodDefinition, Section


class ClassPlan(NamedTuple):
    """One class, its superclass known by name (None for the root)."""

    name: str
    superclass: str | None
    kind: str | None
    instance_variables: tuple[str, ...]
    class_variables: tuple[str, ...]
    category: str
    comment: str


class MethodTable(NamedTuple):
    """The methods of one class or metaclass, marshalled as `runtime.classes.PackedMethod`s."""

    class_name: str
    is_class_side: bool
    packed: bytes | memoryview


class KernelPlan(NamedTuple):
    """A whole kernel; superclasses stand before their subclasses."""

    classes: tuple[ClassPlan, ...]
    methods: tuple[MethodTable, ...]


class KernelSourceError(Exception):
    """A fault in our own class library: names file, class and method."""


def plan_from_sources(sources: Mapping[str, str], primitives: Mapping[str, object]) -> KernelPlan:
    """Read and compile the library.

    Args:
        sources: File name -> Tonel text.
        primitives: The names that a `<primitive: #name>` may use.

    Raises:
        KernelSourceError: The library has a fault.
    """
    sections = list(_sections(sources))
    plans = _in_order([_class_plan(section) for _, section in sections if section.kind == "Class"])
    classes = make_classes(plans)
    tables: dict[tuple[str, bool], dict[str, PackedMethod]] = {}
    for file, section in sections:
        for definition in section.methods:
            method = _method_plan(file, section, definition, classes, primitives)
            tables.setdefault((section.name, definition.is_class_side), {})[method[0]] = method
    packed = (MethodTable(*key, marshal.dumps(tuple(table.values()))) for key, table in tables.items())
    return KernelPlan(plans, tuple(packed))


def _sections(sources: Mapping[str, str]) -> Iterator[tuple[str, Section]]:
    """The sections of all files, with their file's name."""
    from ..syntax.tonel import read_tonel  # noqa: PLC0415 - a kernel that was kept compiled is made without

    for file, text in sorted(sources.items()):
        try:
            yield from ((file, section) for section in read_tonel(text))
        except SyntaxFailure as failure:
            raise KernelSourceError(f"{file}: {failure}") from failure


def _class_plan(section: Section) -> ClassPlan:
    """The class of a section."""
    properties: dict[str, Any] = section.properties
    superclass = properties.get("superclass")
    return ClassPlan(
        section.name,
        None if superclass in (None, "nil") else superclass,
        properties.get("layout"),
        tuple(properties.get("instVars", ())),
        tuple(properties.get("classVars", ())),
        properties.get("category") or properties.get("package") or "Kernel",
        section.comment or "",
    )


def _in_order(plans: list[ClassPlan]) -> tuple[ClassPlan, ...]:
    """Sort classes so that superclasses come first.

    Raises:
        KernelSourceError: A class is there twice, or its superclass is missing.
    """
    by_name = {plan.name: plan for plan in plans}
    if len(by_name) < len(plans):
        twice = sorted({plan.name for plan in plans if by_name[plan.name] is not plan})
        raise KernelSourceError(f"defined twice: {', '.join(twice)}")
    ordered: dict[str, ClassPlan] = {}
    while len(ordered) < len(plans):
        ready = [
            plan
            for plan in plans
            if plan.name not in ordered and (plan.superclass is None or plan.superclass in ordered)
        ]
        if not ready:
            stuck = sorted(f"{plan.name} ({plan.superclass})" for plan in plans if plan.name not in ordered)
            raise KernelSourceError(f"superclass missing: {', '.join(stuck)}")
        ordered.update((plan.name, plan) for plan in ready)
    return tuple(ordered.values())


def make_classes(plans: tuple[ClassPlan, ...]) -> dict[str, ClassObject]:
    """Make the classes of a plan, without methods."""
    classes: dict[str, ClassObject] = {}
    for plan in plans:
        classes[plan.name] = new_class(
            plan.name,
            classes[plan.superclass] if plan.superclass else None,
            None,
            own_variables=plan.instance_variables,
            class_variables=plan.class_variables,
            kind=plan.kind,
            category=plan.category,
            comment=plan.comment,
            is_kernel=True,
        )
    for plan in plans:
        if plan.superclass is None:
            classes[plan.name].metaclass.superclass = classes["Class"]
    return classes


def _method_plan(
    file: str,
    section: Section,
    definition: MethodDefinition,
    classes: Mapping[str, ClassObject],
    primitives: Mapping[str, object],
) -> PackedMethod:
    """Compile one method."""
    holder = classes.get(section.name)
    if holder is None:
        raise KernelSourceError(f"{file} line {definition.line}: there is no class {section.name}")
    behavior = holder.metaclass if definition.is_class_side else holder
    try:
        tree = parse_method(definition.source)
        primitive = _primitive_name(tree.pragmas)
        scope = KernelScope(behavior, classes.keys() | SINGLETONS.keys())
        unit = compile_method(definition.source, scope) if primitive is None else None
        compiled = ((), (), None) if unit is None else (unit.parameters, unit.names, unit.code)
    except Exception as fault:
        raise KernelSourceError(f"{file} line {definition.line} ({behavior.name}): {fault}") from fault
    if primitive is not None and primitive not in primitives:
        raise KernelSourceError(f"{file}: {behavior.name}>>#{tree.selector}: there is no primitive #{primitive}")
    category = definition.category or "as yet unclassified"
    return (tree.selector, category, definition.source, primitive, *compiled)


def _primitive_name(pragmas: list[Any]) -> str | None:
    """The name in a method's `<primitive: #name>`, None without one."""
    for pragma in pragmas:
        if pragma.selector == "primitive:":
            argument = pragma.arguments[0]
            if isinstance(argument, SymbolLiteral):
                return argument.name
            if isinstance(argument, Literal):
                return str(argument.value)
    return None


def build_kernel(plan: KernelPlan, primitives: Mapping[str, Callable[..., Any]]) -> Kernel:
    """Make the live kernel of a plan."""
    classes = make_classes(plan.classes)
    for class_name, is_class_side, packed in plan.methods:
        holder: Behavior = classes[class_name].metaclass if is_class_side else classes[class_name]
        holder.pack_methods(packed)
    return Kernel(classes, primitives)
