"""Giving an instance variable another name: instances keep its value, and methods that use it are compiled anew.

Instances have their variables by place, so nothing of them changes. What knows variables by former names, namely
instances of an older shape and records, is told how often variables of the class were renamed when it was made, and
translates the names since (`ClassObject.renames`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.errors import SyntaxFailure
from ..syntax.nodes import Block, Variable
from ..syntax.parser import parse_method
from ..syntax.walk import nodes_of
from . import methods
from .classnames import DefinitionError, check_variables
from .methodtables import changed
from .redefinition import recompile, subclasses

if TYPE_CHECKING:
    from .classes import ClassObject
    from .world import World


def rename_variable(world: World, holder: ClassObject, former: str, name: str) -> None:
    """Rename an instance variable that a class adds.

    Raises:
        DefinitionError: The class does not add it itself, is the kernel's or a trait, or cannot have the new name.
    """
    if holder.is_kernel or holder.is_trait or former not in holder.local_variables:
        raise DefinitionError(f"{holder.name} adds no instance variable '{former}' that can be renamed")
    family = [holder, *subclasses(world, holder)]
    for each in family:
        check_variables(each.name, [name if variable == former else variable for variable in each.all_variables()])
    sources = [
        (each, method.category, renamed)
        for each in family
        for method in each.methods.values()
        if method.origin is None and (renamed := _with_other_name(method.source, former, name)) is not None
    ]
    holder.own_variables = tuple(name if variable == former else variable for variable in holder.own_variables)
    for each in family:
        each.renames = (*each.renames, (former, name))
        changed(world, each)
    recompile(world, family)
    for each, category, source in sources:
        methods.compile_into(world, each, source, category)


def _with_other_name(source: str, former: str, name: str) -> str | None:
    """The text of a method with a variable renamed; None if it does not use it, or means something else by the name."""
    try:
        tree = parse_method(source)
    except SyntaxFailure:
        return None
    nodes = list(nodes_of(tree))
    declared = [*tree.parameters, *tree.temporaries]
    for node in nodes:
        if isinstance(node, Block):
            declared += [*node.parameters, *node.temporaries]
    if any(each.name in (former, name) for each in declared):
        return None
    places = sorted({node.start for node in nodes if isinstance(node, Variable) and node.name == former}, reverse=True)
    for place in places:
        source = source[:place] + name + source[place + len(former) :]
    return source if places else None
