"""Classes as the language sees them: asking, defining, compiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current, definitions, renaming
from ..runtime.classes import KIND_NONE, Behavior, ClassObject, Metaclass
from ..runtime.classnames import DefinitionError
from ..runtime.definitiontexts import definition_text
from ..runtime.dispatch import lookup, own_methods
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.methodtables import changed
from ..runtime.objects import FALSE, TRUE, Symbol
from .control import selector_of
from .defining import pools_in, refused, words

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


def _symbols(names: Iterable[str]) -> Any:
    return _array(Symbol.intern(name) for name in names)


# Instances


def basic_new(behavior: Any) -> Any:
    """`basicNew`."""
    if behavior.kind == KIND_NONE:
        return current.world.send(behavior, "errorCannotMake")
    return behavior.instance_type().make()


def basic_new_size(behavior: Any, size: Any) -> Any:
    """`basicNew:`."""
    world = current.world
    filled = _FILLED.get(behavior.kind)
    if type(size) is not int or size < 0:
        return world.send(behavior, "errorImproperStore:", size)
    if size > ALLOCATION_ELEMENTS_MAX:
        return world.send(behavior, "errorTooLarge")
    if filled is None:
        return world.send(behavior, "errorNotVariable") if size else basic_new(behavior)
    return behavior.instance_type().make(filled(size))


# Asking


def name(behavior: Behavior) -> Any:
    """`name`: a Symbol; what a class side or an anonymous class is called is a String."""
    is_named = isinstance(behavior, ClassObject) and " " not in behavior.name
    return Symbol.intern(behavior.name) if is_named else current.world.new_text(behavior.name)


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
    return _symbols(behavior.own_variables)


def all_instance_variable_names(behavior: Behavior) -> Any:
    """`allInstVarNames`."""
    return _symbols(behavior.all_variables())


def local_variable_names(behavior: Behavior) -> Any:
    """`localInstVarNames`."""
    return _symbols(behavior.local_variables)


def kind(behavior: Behavior) -> Any:
    """`basicKind`: what instances consist of beside their variables."""
    return Symbol.intern(behavior.kind)


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
    return _symbols(current.world.class_variable_names(holder))


def definition(holder: ClassObject) -> Any:
    """`definition`."""
    return current.world.new_text(definition_text(current.world, holder))


# Defining


def set_instance_variables(behavior: Any, variables: Any) -> Any:
    """`instanceVariableNames:` of a class or metaclass."""
    world = current.world
    names = words(variables)
    if names is None:
        return refused(behavior, "instance variables are named by a String")
    try:
        if isinstance(behavior, Metaclass):
            definitions.set_class_side_variables(world, behavior.sole, names)
        else:
            definitions.update_class(world, behavior, instance_variables=names)
    except DefinitionError as error:
        text = str(error)
    else:
        return behavior
    return refused(behavior, text)


def add_class_variable(holder: Any, name_: Any) -> Any:
    """`addClassVarNamed:`."""
    try:
        definitions.add_class_variable(current.world, holder, selector_of(name_) or "")
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


def rename_variable(holder: Any, former: Any, name_: Any) -> Any:
    """`renameInstVarNamed:to:`."""
    try:
        renaming.rename_variable(current.world, holder, selector_of(former) or "", selector_of(name_) or "")
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


def remove_class_variable(holder: Any, name_: Any) -> Any:
    """`removeClassVarNamed:`."""
    try:
        definitions.remove_class_variable(current.world, holder, selector_of(name_) or "")
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


def set_pools(holder: Any, value: Any) -> Any:
    """`sharedPools:`."""
    try:
        definitions.update_class(current.world, holder, pools=pools_in(value))
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


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


def pools(holder: ClassObject) -> Any:
    """`sharedPools`."""
    return _array(holder.pools)


def rename_class(holder: Any, name_: Any) -> Any:
    """`rename:`."""
    try:
        definitions.rename_class(current.world, holder, selector_of(name_) or "")
    except DefinitionError as error:
        text = str(error)
    else:
        return holder
    return refused(holder, text)


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
    changed(current.world, holder)
    return holder


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "basicNew": basic_new,
    "basicNewSize": basic_new_size,
    "behaviorName": name,
    "behaviorSuperclass": superclass,
    "behaviorSubclasses": subclasses,
    "behaviorInstVarNames": instance_variable_names,
    "behaviorAllInstVarNames": all_instance_variable_names,
    "behaviorLocalInstVarNames": local_variable_names,
    "behaviorKind": kind,
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
    "classCategory": category,
    "classSetCategory": set_category,
    "classVarNames": class_variable_names,
    "classVarNamed": class_variable,
    "classVarNamedPut": set_class_variable,
    "classAddVar": add_class_variable,
    "classDefinition": definition,
    "classRenameInstVar": rename_variable,
    "classRemoveVar": remove_class_variable,
    "classSetPools": set_pools,
    "classPools": pools,
    "classRename": rename_class,
    "classRemove": remove_class,
}
