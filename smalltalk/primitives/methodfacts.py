"""What a method's text says about it: messages, literals, variables, pragmas. Methods keep no tree, so it is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..compiler.inlining import is_inlined
from ..runtime import current
from ..runtime.objects import FALSE, TRUE, Character, Symbol
from ..syntax.errors import SyntaxFailure
from ..syntax.nodes import (
    ArrayLiteral,
    Assignment,
    Block,
    ByteArrayLiteral,
    CharacterLiteral,
    Literal,
    Message,
    Node,
    Return,
    ScaledDecimalLiteral,
    Send,
    SymbolLiteral,
    Variable,
)
from ..syntax.nodes import Method as MethodTree
from ..syntax.parser import parse_method
from ..syntax.walk import nodes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..runtime.classes import Method

#: Constants, which are no literals of a method.
_CONSTANTS: Final = {None: None, True: TRUE, False: FALSE}
_LITERALS: Final = (
    Literal,
    SymbolLiteral,
    CharacterLiteral,
    ArrayLiteral,
    ByteArrayLiteral,
    ScaledDecimalLiteral,
)

#: A comment, or a string or character that may hold a quotation mark.
_COMMENT: Final = re.compile(r"""'[^']*+'|\$[\s\S]|"([^"]*+(?:""[^"]*+)*+)\"""")

#: The numbers for whose return a method needs no code of its own in Pharo.
_QUICK_NUMBERS: Final = frozenset((-1, 0, 1, 2))


def _array(values: Iterable[Any]) -> Any:
    return current.world.new_array(list(values))


def _symbols(names: Iterable[str]) -> Any:
    return _array(Symbol.intern(name) for name in dict.fromkeys(names))


def _tree(method: Method) -> MethodTree:
    """The tree of a method; an empty one if it does not parse any more."""
    try:
        return parse_method(method.source)
    except SyntaxFailure:
        return MethodTree(0, 0, method.selector, [], [], [])


def messages(method: Method) -> Any:
    """The selectors a method sends, each once."""
    return _symbols(node.selector for node in nodes_of(_tree(method)) if isinstance(node, Send | Message))


def super_messages(method: Method) -> Any:
    """The selectors a method sends to super."""
    return _symbols(
        node.selector
        for node in nodes_of(_tree(method))
        if isinstance(node, Send) and isinstance(node.receiver, Variable) and node.receiver.name == "super"
    )


def argument_names(method: Method) -> Any:
    """The names of the arguments."""
    return _array(current.world.new_text(each.name) for each in _tree(method).parameters)


def temporary_names(method: Method) -> Any:
    """The names of the temporaries of the method and of its blocks, with their arguments."""
    tree = _tree(method)
    blocks = [node for node in nodes_of(tree) if isinstance(node, Block)]
    inner = [each.name for block in blocks for each in (*block.parameters, *block.temporaries)]
    return _array(current.world.new_text(name) for name in (*(each.name for each in tree.temporaries), *inner))


def read_names(method: Method) -> Any:
    """The names that are read and not declared in the method: instance variables, class variables, globals."""
    return _symbols(name for name, is_store in _outer_names(_tree(method)) if not is_store)


def stored_names(method: Method) -> Any:
    """The names that are stored into and not declared in the method."""
    return _symbols(name for name, is_store in _outer_names(_tree(method)) if is_store)


def _outer_names(tree: MethodTree) -> list[tuple[str, bool]]:
    """The names that a method uses and does not declare, each with whether it is stored into."""
    nodes = list(nodes_of(tree))
    declared = {each.name for each in (*tree.parameters, *tree.temporaries)}
    for node in nodes:
        if isinstance(node, Block):
            declared |= {each.name for each in (*node.parameters, *node.temporaries)}
    targets = {id(node.target) for node in nodes if isinstance(node, Assignment)}
    names = [(node.name, id(node) in targets) for node in nodes if isinstance(node, Variable)]
    return [(name, is_store) for name, is_store in names if name not in declared]


def literals(method: Method) -> Any:
    """The literals of a method and the selectors it sends, each once."""
    found: dict[Any, Any] = {}
    inner: set[int] = set()
    tree = _tree(method)
    for statement in tree.statements:
        for node in nodes_of(statement):
            if isinstance(node, ArrayLiteral):
                inner.update(map(id, node.elements))
            if isinstance(node, Send | Message):
                found[node.selector, "selector"] = Symbol.intern(node.selector)
            elif isinstance(node, _LITERALS) and not _is_constant(node) and id(node) not in inner:
                key = method.source[node.start : node.stop], "literal"
                if key not in found:
                    found[key] = literal_value(node)
    return _array(found.values())


def _is_constant(node: Node) -> bool:
    """Whether a node is nil, true or false."""
    return isinstance(node, Literal) and (node.value is None or isinstance(node.value, bool))


def literal_value(node: Any) -> Any:
    """The value of a literal."""
    world = current.world
    match node:
        case Literal(value=str() as text):
            return world.new_text(text)
        case Literal(value=None | bool() as constant):
            return _CONSTANTS[constant]
        case Literal(value=number):
            return number
        case SymbolLiteral(name=name):
            return Symbol.intern(name)
        case CharacterLiteral(code=code):
            return Character.of(code)
        case ArrayLiteral(elements=elements):
            return _array(literal_value(each) for each in elements)
        case ByteArrayLiteral(value=data):
            return world.new_bytes(data)
        case ScaledDecimalLiteral(numerator=numerator, denominator=denominator, scale=scale):
            fraction = world.send(numerator, "/", denominator)
            return world.send(world.global_value("ScaledDecimal"), "newFromNumber:scale:", fraction, scale)
    return None


def comments(method: Method) -> Any:
    """The comments in a method's text, without their quotation marks."""
    found = [each[1] for each in _COMMENT.finditer(method.source) if each[1] is not None]
    return _array(current.world.new_text(text.replace('""', '"')) for text in found)


def quick_return(method: Method) -> Any:
    """What a method answers when it does nothing else: `#self`, `#constant`, `#variable`; nil for any other method."""
    tree = _tree(method)
    statements = tree.statements
    if method.primitive is not None:
        return None
    match statements[0] if len(statements) == 1 else None:
        case Return(value=Variable(name="self")):
            return Symbol.intern("self")
        case Return(value=Variable()) if _outer_names(tree):
            return Symbol.intern("variable")
        case Return(value=Literal(value=value)) if value is None or isinstance(value, bool) or _is_quick(value):
            return Symbol.intern("constant")
    return None if statements else Symbol.intern("self")


def _is_quick(value: object) -> bool:
    """Whether a literal is one of the most frequent integers; 1.0 is none, though it equals one."""
    return type(value) is int and value in _QUICK_NUMBERS


def has_non_local_return(method: Method) -> Any:
    """Whether a block of a method returns from it; one of a control structure is compiled in place and none."""
    nodes = list(nodes_of(_tree(method)))
    # Pharo compiles `timesRepeat:` as a message.
    controls = [
        node for node in nodes if isinstance(node, Send) and node.selector != "timesRepeat:" and is_inlined(node)
    ]
    in_place = {id(part) for node in controls for part in (node.receiver, *node.arguments)}
    blocks = (node for node in nodes if isinstance(node, Block) and id(node) not in in_place)
    return TRUE if any(isinstance(each, Return) for block in blocks for each in nodes_of(block)) else FALSE


def pragmas(method: Method) -> Any:
    """The pragmas of a method, each an Array of its selector and its arguments."""
    return _array(
        _array([Symbol.intern(each.selector), _array(literal_value(argument) for argument in each.arguments)])
        for each in _tree(method).pragmas
    )


def meaning(method: Method) -> Any:
    """A text that two methods have in common when they differ in comments and layout only."""
    return current.world.new_text(_plain(_tree(method)))


def _plain(tree: MethodTree) -> str:
    """The nodes of a tree without their places."""
    words = [tree.selector]
    for node in nodes_of(tree):
        parts = [getattr(node, name, None) for name in ("selector", "name", "value", "code", "numerator", "scale")]
        plain = [repr(part) for part in parts if not isinstance(part, Node)]
        lists = [getattr(node, name, None) for name in ("arguments", "statements", "elements")]
        counts = [len(part) for part in lists if isinstance(part, list)]
        words.append(f"{type(node).__name__}{plain}{counts}")
    return " ".join(words)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "methodMessages": messages,
    "methodSuperMessages": super_messages,
    "methodArgumentNames": argument_names,
    "methodTempNames": temporary_names,
    "methodReadNames": read_names,
    "methodStoredNames": stored_names,
    "methodLiterals": literals,
    "methodComments": comments,
    "methodQuickReturn": quick_return,
    "methodHasNonLocalReturn": has_non_local_return,
    "methodPragmas": pragmas,
    "methodMeaning": meaning,
}
