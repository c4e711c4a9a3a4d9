"""Classes as the language sees them: asking, defining, compiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import SemanticFailure
from ..runtime import current, definitions
from ..runtime.classes import KIND_NONE, Behavior, ClassObject, Metaclass
from ..runtime.definitions import DefinitionError
from ..runtime.dispatch import lookup, own_methods
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import FALSE, TRUE, Symbol
from ..syntax.errors import SyntaxFailure
from .control import selector_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Elements of a new indexed object, by kind.
_FILLED: Final[dict[str, Callable[[int], Any]]] = {
    "items": lambda size: [None] * size,
    "bytes": bytearray,
    "text": lambda size: "\0" * size,
}


def _truth(condition: object) -> Any:
    return TRUE if condition else FALSE


def _array(values: Iterable[Any]) -> Any:
    return current.world.new_array(list(values))


def _strings(texts: Iterable[str]) -> Any:
    return _array(current.world.new_text(text) for text in texts)


def _symbols(names: Iterable[str]) -> Any:
    return _array(Symbol.intern(name) for name in names)


def _words(value: Any) -> list[str] | None:
    """The words of a String or Symbol, or the names in an Array; None for anything else."""
    text = selector_of(value)
    if text is not None:
        return text.split()
    names = [selector_of(each) for each in getattr(value, "items", (None,))]
    return None if None in names else [name for name in names if name]


# Instances


def basic_new(behavior: Any) -> Any:
    """`basicNew`."""
    if behavior.kind == KIND_NONE:
        return current.world.send(behavior, "errorCannotMake")
    return behavior.instance_type()()


def basic_new_size(behavior: Any, size: Any) -> Any:
    """`basicNew:`."""
    world = current.world
    filled = _FILLED.get(behavior.kind)
    if type(size) is not int or size < 0:
        return world.send(behavior, "errorImproperStore:", size)
    if size > ALLOCATION_ELEMENTS_MAX:
        return world.send(behavior, "errorTooLarge")
    if filled is None:
        return world.send(behavior, "errorNotIndexable") if size else basic_new(behavior)
    return behavior.instance_type()(filled(size))


# Asking


def name(behavior: Behavior) -> Any:
    """`name`."""
    return current.world.new_text(behavior.name)


def superclass(behavior: Behavior) -> Any:
    """`superclass`."""
    return behavior.superclass


def subclasses(behavior: Behavior) -> Any:
    """`subclasses`: the kernel's, then the world's own."""
    world = current.world
    holder = behavior.sole if isinstance(behavior, Metaclass) else behavior
    below = [each for each in (*world.kernel.classes.values(), *world.classes.values()) if each.superclass is holder]
    return _array(each.metaclass if isinstance(behavior, Metaclass) else each for each in below)


def instance_variable_names(behavior: Behavior) -> Any:
    """`instVarNames`."""
    return _strings(behavior.own_variables)


def all_instance_variable_names(behavior: Behavior) -> Any:
    """`allInstVarNames`."""
    return _strings(behavior.all_variables())


def instance_side(behavior: Behavior) -> Any:
    """`instanceSide`."""
    return behavior.sole if isinstance(behavior, Metaclass) else behavior


def class_side(behavior: Behavior) -> Any:
    """`classSide`."""
    return behavior.metaclass if isinstance(behavior, ClassObject) else behavior


def is_variable(behavior: Behavior) -> Any:
    """`isVariable`."""
    return _truth(behavior.kind in _FILLED)


def is_bytes(behavior: Behavior) -> Any:
    """`isBytes`."""
    return _truth(behavior.kind in ("bytes", "text"))


def includes_behavior(behavior: Behavior, other: Any) -> Any:
    """`includesBehavior:`."""
    return _truth(behavior.inherits_from(other))


def selectors(behavior: Behavior) -> Any:
    """`selectors`."""
    return _symbols(own_methods(current.world, behavior))


def method_at(behavior: Behavior, selector: Any) -> Any:
    """The class's own method of that selector, or nil."""
    return own_methods(current.world, behavior).get(selector_of(selector) or "")


def includes_selector(behavior: Behavior, selector: Any) -> Any:
    """`includesSelector:`."""
    return _truth(method_at(behavior, selector) is not None)


def lookup_selector(behavior: Behavior, selector: Any) -> Any:
    """`lookupSelector:`."""
    return lookup(current.world, behavior, selector_of(selector) or "")


def can_understand(behavior: Behavior, selector: Any) -> Any:
    """`canUnderstand:`."""
    return _truth(lookup_selector(behavior, selector) is not None)


def which_class_includes(behavior: Behavior, selector: Any) -> Any:
    """`whichClassIncludesSelector:`."""
    method = lookup_selector(behavior, selector)
    return None if method is None else method.owner


def protocols(behavior: Behavior) -> Any:
    """`protocols`."""
    return _symbols(dict.fromkeys(method.category for method in own_methods(current.world, behavior).values()))


def comment(behavior: Behavior) -> Any:
    """`comment`."""
    holder = instance_side(behavior)
    overlay = current.world.overlays.get(holder)
    text = holder.comment if overlay is None or overlay.comment is None else overlay.comment
    return current.world.new_text(text)


def category(holder: ClassObject) -> Any:
    """`category`."""
    return current.world.new_text(holder.category)


def class_variable_names(holder: ClassObject) -> Any:
    """`classVarNames`."""
    return _strings(current.world.class_variable_names(holder))


def definition(holder: ClassObject) -> Any:
    """`definition`."""
    world = current.world
    above = "nil" if holder.superclass is None else holder.superclass.name
    lines = [
        f"{above} subclass: #{holder.name}",
        f"\tinstanceVariableNames: '{' '.join(holder.own_variables)}'",
        f"\tclassVariableNames: '{' '.join(world.class_variable_names(holder))}'",
        f"\tpackage: '{holder.category}'",
    ]
    return world.new_text("\n".join(lines))


# Defining


def refused(behavior: Any, text: str) -> Any:
    """Let the class signal why it cannot be defined so."""
    return current.world.send(behavior, "errorDefinition:", current.world.new_text(text))


def define(above: Any, name_: Any, variables: Any, class_variables: Any, _pools: Any, category_: Any, kind: Any) -> Any:
    """`subclass:instanceVariableNames:classVariableNames:poolDictionaries:category:kind:`."""
    text, package = selector_of(name_), selector_of(category_)
    names, shared = _words(variables), _words(class_variables)
    if text is None or names is None or shared is None:
        return refused(above, "a class is defined by a Symbol and Strings of variable names")
    try:
        return current.world.define_class(
            above, text, names, shared, package or "Unclassified", selector_of(kind) if kind is not None else None
        )
    except DefinitionError as error:
        text = str(error)
    return refused(above, text)


def set_instance_variables(behavior: Any, variables: Any) -> Any:
    """`instanceVariableNames:` of a class or metaclass."""
    world = current.world
    names = _words(variables)
    if names is None:
        return refused(behavior, "instance variables are named by a String")
    try:
        if isinstance(behavior, Metaclass):
            definitions.set_class_side_variables(world, behavior.sole, names)
        else:
            shared = world.class_variable_names(behavior)
            world.define_class(behavior.superclass, behavior.name, names, shared, behavior.category, behavior.kind)
    except DefinitionError as error:
        text = str(error)
    else:
        return behavior
    return refused(behavior, text)


def add_class_variable(holder: Any, name_: Any) -> Any:
    """`addClassVarNamed:`."""
    text = selector_of(name_)
    if text is None or not text.isidentifier():
        return refused(holder, "a class variable is named by a String")
    definitions.add_class_variable(current.world, holder, text)
    return holder


def class_variable(holder: Any, name_: Any) -> Any:
    """`classVarNamed:`."""
    binding = _binding(holder, name_)
    return refused(holder, "there is no such class variable") if binding is None else binding.v


def set_class_variable(holder: Any, name_: Any, value: Any) -> Any:
    """`classVarNamed:put:`."""
    binding = _binding(holder, name_)
    if binding is None:
        return refused(holder, "there is no such class variable")
    binding.v = value
    if not binding.dirty:
        current.world.mark(binding)
    return value


def _binding(holder: Any, name_: Any) -> Any:
    """The binding of a class's own or inherited class variable, None without one."""
    world, text = current.world, selector_of(name_)
    for each in holder.chain():
        if text in world.class_variable_names(each):
            return world.class_variable(each.name, text)
    return None


def remove_class(holder: Any) -> Any:
    """`removeFromSystem`."""
    try:
        definitions.remove_class(current.world, holder)
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


def set_comment(behavior: Any, text: Any) -> Any:
    """`comment:`."""
    content = selector_of(text)
    if content is None:
        return refused(behavior, "a comment is a String")
    definitions.set_comment(current.world, instance_side(behavior), content)
    return behavior


def set_category(holder: Any, text: Any) -> Any:
    """`category:`."""
    content = selector_of(text)
    if content is None or holder.is_kernel:
        return refused(holder, "the category of a class of this session is set to a String")
    holder.category = content
    definitions.changed(current.world, holder)
    return holder


def compile_method(behavior: Any, source: Any, protocol: Any) -> Any:
    """`compile:classified:`."""
    world = current.world
    text = selector_of(source)
    if text is None:
        return refused(behavior, "a method is compiled from a String")
    try:
        return world.compile_into(behavior, text, selector_of(protocol) if protocol is not None else None)
    except (SyntaxFailure, SemanticFailure) as failure:
        found = failure
    return world.signal(
        "CodeError",
        found.message,
        line=found.line,
        column=found.column,
        suggestion=world.new_text(found.suggestion or ""),
    )


def remove_selector(behavior: Any, selector: Any) -> Any:
    """Remove a method; answer whether there was one."""
    return _truth(current.world.remove_selector(behavior, selector_of(selector) or ""))


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "basicNew": basic_new,
    "basicNewSize": basic_new_size,
    "behaviorName": name,
    "behaviorSuperclass": superclass,
    "behaviorSubclasses": subclasses,
    "behaviorInstVarNames": instance_variable_names,
    "behaviorAllInstVarNames": all_instance_variable_names,
    "behaviorInstanceSide": instance_side,
    "behaviorClassSide": class_side,
    "behaviorIsVariable": is_variable,
    "behaviorIsBytes": is_bytes,
    "behaviorIncludes": includes_behavior,
    "behaviorSelectors": selectors,
    "behaviorMethodAt": method_at,
    "behaviorIncludesSelector": includes_selector,
    "behaviorLookup": lookup_selector,
    "behaviorCanUnderstand": can_understand,
    "behaviorWhichClassIncludesSelector": which_class_includes,
    "behaviorProtocols": protocols,
    "behaviorComment": comment,
    "behaviorSetComment": set_comment,
    "behaviorSetInstVarNames": set_instance_variables,
    "behaviorCompile": compile_method,
    "behaviorRemoveSelector": remove_selector,
    "classCategory": category,
    "classSetCategory": set_category,
    "classVarNames": class_variable_names,
    "classVarNamed": class_variable,
    "classVarNamedPut": set_class_variable,
    "classAddVar": add_class_variable,
    "classDefinition": definition,
    "classDefine": define,
    "classRemove": remove_class,
}
