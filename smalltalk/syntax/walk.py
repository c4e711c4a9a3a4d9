"""Walking a tree: every node of it, without recursion, because code may nest deep."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from .nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


def nodes_of(tree: Node) -> Iterator[Node]:
    """Iterate over a node and all nodes in it, in the order of the source."""
    pending: list[Any] = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += reversed(part)
        elif isinstance(part, Node):
            yield part
            pending += [getattr(part, field.name) for field in reversed(fields(part))]
