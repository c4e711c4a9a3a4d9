"""Which piece of a source an operation is about: the expression that a debugger marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.nodes import Block, Doit, Message, Method, Return, Send
from ..syntax.walk import nodes_of

if TYPE_CHECKING:
    from ..syntax.nodes import Node


def range_at(tree: Node, offset: int) -> tuple[int, int]:
    """The half-open range of the expression whose operation has that place.

    Of a message that is the send with its receiver and arguments, in a cascade the message alone; of anything else the
    largest expression or statement that begins there. Where none does, at the end of a method, it is empty.

    Args:
        tree: a method or do-it.
        offset: the place of one of its operations, see `Lowered.offsets`.
    """
    found: Node | None = None
    for node in nodes_of(tree):
        if isinstance(node, (Send, Message)) and node.selector_start == offset:
            return node.start, node.stop
        if node.start == offset and not isinstance(node, (Method, Doit)) and _is_larger(node, found):
            found = node
    return (offset, offset) if found is None else (found.start, found.stop)


def _is_larger(node: Node, found: Node | None) -> bool:
    """Whether a node is the better answer of two that begin at the same place."""
    if found is None:
        return True
    if isinstance(found, (Return, Block)):
        return False
    return node.stop > found.stop
