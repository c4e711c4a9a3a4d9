"""Syntax trees for Smalltalk tools: the nodes of a text in a row, from which the library makes objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.objects import TRUE, Symbol
from ..syntax.errors import SyntaxFailure
from ..syntax.nodes import (
    ArrayLiteral,
    Assignment,
    Block,
    BraceArray,
    ByteArrayLiteral,
    Cascade,
    Doit,
    Message,
    Method,
    Node,
    Pragma,
    Return,
    Send,
    Variable,
)
from ..syntax.parser import parse_doit, parse_method
from .compiling import code_error
from .control import selector_of
from .methodfacts import literal_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Characters of a text whose tree is made at once, which takes some 200 ms then. Methods are far shorter.
SOURCE_MAX: Final = 65_536

#: A node's class, its value, and its parts by kind.
_Form = tuple[str, Any, "tuple[Sequence[Node], ...]"]


def parsed_tree(_self: Any, source: Any, is_method: Any) -> Any:
    """`basicParse:asMethod:`: the nodes of a text, each after its parts.

    Each is an Array of its class's name, the places of its first and last character, its value, and an Array that
    counts its parts of each kind.
    """
    world, text = current.world, selector_of(source)
    if text is None:
        return world.signal("Error", "A text to be parsed is a String")
    if len(text) > SOURCE_MAX:
        return world.signal("Error", f"A text to be parsed has at most {SOURCE_MAX} characters")
    try:
        tree = parse_method(text) if is_method is TRUE else parse_doit(text)
    except SyntaxFailure as failure:
        found = failure
    else:
        return _records(tree, text)
    return code_error(found)


def _records(tree: Node, text: str) -> Any:
    """The nodes of a tree of that text, without recursion: code may nest deep."""
    world = current.world
    records: list[Any] = []
    pending: list[tuple[Node, _Form | None]] = [(tree, None)]
    while pending:
        node, form = pending.pop()
        if form is None:
            form = _form(node, text)
            pending.append((node, form))
            pending += ((part, None) for parts in reversed(form[2]) for part in reversed(parts))
            continue
        name, value, groups = form
        counts = world.new_array([len(parts) for parts in groups])
        records.append(world.new_array([Symbol.intern(name), node.start + 1, node.stop, value, counts]))
    return world.new_array(records)


def _body(node: Method | Block, text: str) -> list[Node]:
    """The temporaries and statements of a method or block as a node; an empty one stands before the node's end."""
    parts: list[Node] = [*node.temporaries, *node.statements]
    if not parts:
        end = node.stop - isinstance(node, Block)
        return [Doit(end, end, [], [])]
    start = text.rfind("|", 0, parts[0].start) if node.temporaries else parts[0].start
    return [Doit(start, parts[-1].stop, node.temporaries, node.statements)]


def _form(node: Node, text: str) -> _Form:
    """What a node becomes."""
    match node:
        case Method():
            parts = (node.parameters, node.pragmas, _body(node, text))
            return ("RBMethodNode", Symbol.intern(node.selector), parts)
        case Doit():
            return ("RBSequenceNode", None, (node.temporaries, node.statements))
        case Pragma():
            return ("RBPragmaNode", Symbol.intern(node.selector), (node.arguments,))
        case Return():
            return ("RBReturnNode", None, ([node.value],))
        case Block():
            return ("RBBlockNode", None, (node.parameters, _body(node, text)))
        case _:
            return _value_form(node)


def _value_form(node: Node) -> _Form:
    """What an expression that is no block becomes."""
    match node:
        case Variable():
            return ("RBVariableNode", Symbol.intern(node.name), ())
        case Assignment():
            return ("RBAssignmentNode", None, ([node.target], [node.value]))
        case Send():
            return ("RBMessageNode", Symbol.intern(node.selector), ([node.receiver], node.arguments))
        case Message():
            return ("RBMessageNode", Symbol.intern(node.selector), ([], node.arguments))
        case Cascade():
            return ("RBCascadeNode", None, ([node.receiver], node.messages))
        case BraceArray():
            return ("RBArrayNode", None, (node.elements,))
        case ArrayLiteral():
            return ("RBLiteralArrayNode", None, (node.elements,))
        case ByteArrayLiteral():
            return ("RBLiteralArrayNode", literal_value(node), ([],))
        case _:
            return ("RBLiteralValueNode", literal_value(node), ())


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"parsedTree": parsed_tree}
