"""Classes and traits as the language defines them: what `FluentClassBuilder` gathered becomes a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current, definitions, traits
from ..runtime.classes import Behavior, ClassObject, Metaclass, Use
from ..runtime.classnames import DefinitionError
from ..runtime.definitions import ClassSpec
from ..runtime.objects import TRUE, Symbol
from ..syntax.errors import SyntaxFailure
from ..syntax.parser import parse_method
from .control import argument_count, selector_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.world import World


#: What stands for a part of a definition that is no trait with aliases and exclusions.
_NO_USE: Final[tuple[Any, Any, Any]] = (None, None, None)


def refused(asker: Any, text: str) -> Any:
    """Let a class or builder signal why something cannot be defined so."""
    return current.world.send(asker, "errorDefinition:", current.world.new_text(text))


def words(value: Any) -> list[str] | None:
    """The words of a String or Symbol, or the names in an Array; None for anything else."""
    text = selector_of(value)
    if text is not None:
        return text.split()
    names = [selector_of(each) for each in getattr(value, "items", (None,))]
    return None if None in names else [name for name in names if name]


def install(builder: Any, parts: Any) -> Any:
    """Define a class of the parts that `FluentClassBuilder>>basicInstall:` names."""
    world = current.world
    try:
        return world.define_class(_spec(list(getattr(parts, "items", ()))))
    except DefinitionError as error:
        text = str(error)
    return refused(builder, text)


def _spec(parts: list[Any]) -> ClassSpec:
    """The parts of a definition.

    Raises:
        DefinitionError: They are not what they should be.
    """
    if len(parts) != len(ClassSpec._fields):
        raise DefinitionError("a class is defined by messages to its superclass")
    superclass, name, variables, shared, pools, category, kind, side, used, side_used, is_trait = parts
    names, class_names = words(variables), words(shared)
    sides = None if side is None else words(side)
    if names is None or class_names is None or (side is not None and sides is None):
        raise DefinitionError("a class is defined by a Symbol and Strings of variable names")
    return ClassSpec(
        superclass=superclass,
        name=_name(name),
        instance_variables=names,
        class_variables=class_names,
        category=selector_of(category) or "Unclassified",
        kind=None if kind is None else selector_of(kind),
        class_side_variables=sides,
        pools=pools_in(pools),
        uses=uses_in(used),
        class_uses=None if side_used is None else uses_in(side_used),
        is_trait=is_trait is TRUE,
    )


def _name(name: Any) -> str:
    """The name of a class, empty for an anonymous one.

    Raises:
        DefinitionError: It is no text, or empty.
    """
    text = "" if name is None else selector_of(name)
    if text is None or (name is not None and not text):
        raise DefinitionError("a class is named by a Symbol")
    return text


def pools_in(pools: Any) -> tuple[ClassObject, ...]:
    """The pools of a class.

    Raises:
        DefinitionError: One is no class.
    """
    found = tuple(getattr(pools, "items", ()))
    if not all(isinstance(each, ClassObject) for each in found):
        raise DefinitionError("a pool is a class whose class variables others see")
    return found


def uses_in(value: Any) -> tuple[Use, ...]:
    """The traits of a class, from what `basicUses` answers.

    Raises:
        DefinitionError: They are no traits, or what is said about their selectors is not about selectors.
    """
    return tuple(_use(_elements(each)) for each in _elements(value))


def _elements(value: Any) -> list[Any]:
    """The elements of an Array.

    Raises:
        DefinitionError: It is none.
    """
    elements = getattr(value, "items", None)
    if not isinstance(elements, list):
        raise DefinitionError("a composition of traits is an Array of Arrays")
    return elements


def _use(parts: list[Any]) -> Use:
    """One trait of a class.

    Raises:
        DefinitionError: It is none.
    """
    trait, aliases, exclusions = parts if len(parts) == len(Use._fields) else _NO_USE
    holder = trait.sole if isinstance(trait, Metaclass) else trait
    if not isinstance(holder, ClassObject) or not holder.is_trait:
        raise DefinitionError("classes are composed of traits only")
    send = current.world.send
    names = [(selector_of(send(each, "key")), selector_of(send(each, "value"))) for each in _elements(aliases)]
    without = words(exclusions)
    if without is None or any(None in pair for pair in names):
        raise DefinitionError("aliases and exclusions of traits are selectors")
    renamed = tuple((str(new), str(old)) for new, old in names)
    for new, old in renamed:
        if not _is_selector(new) or argument_count(new) != argument_count(old):
            raise DefinitionError(f"'{new}' cannot be another selector of what '{old}' answers")
    return Use(trait, renamed, tuple(without))


def _is_selector(text: str) -> bool:
    """Whether a method can have that selector: its first line, read again, says the same."""
    keywords = text.split(":")[:-1]
    line = " ".join(f"{keyword}: argument{k}" for k, keyword in enumerate(keywords))
    try:
        return parse_method(line or text + " argument" * argument_count(text)).selector == text
    except SyntaxFailure:
        return False


def uses(behavior: Behavior) -> Any:
    """`ownUses`: the traits a class is composed of."""
    world = current.world
    return world.new_array([_live_use(world, use) for use in behavior.uses])


def _live_use(world: World, use: Use) -> Any:
    """A trait with its aliases and exclusions as objects of the language."""
    intern = Symbol.intern
    aliases = [world.send(intern(new), "->", intern(old)) for new, old in use.aliases]
    exclusions = [intern(selector) for selector in use.exclusions]
    return world.new_array([use.trait, world.new_array(aliases), world.new_array(exclusions)])


def set_uses(behavior: Behavior, value: Any) -> Any:
    """`basicUses:`: compose a class of other traits."""
    world = current.world
    holder = behavior.sole if isinstance(behavior, Metaclass) else behavior
    assert isinstance(holder, ClassObject)
    try:
        if isinstance(behavior, Metaclass):
            definitions.update_class(world, holder, class_uses=uses_in(value))
        else:
            definitions.update_class(world, holder, uses=uses_in(value), class_uses=None)
    except DefinitionError as error:
        text = str(error)
    else:
        return behavior
    return refused(behavior, text)


def trait_users(behavior: Behavior) -> Any:
    """`traitUsers`."""
    return current.world.new_array(list(traits.users(current.world, behavior)))


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "classInstall": install,
    "behaviorUses": uses,
    "behaviorSetUses": set_uses,
    "behaviorTraitUsers": trait_users,
}
