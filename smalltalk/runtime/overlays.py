"""What one world changed about a kernel class: kernel classes themselves are shared by all worlds and never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .classes import Method
    from .objects import Binding


class Overlay:
    """The changes of one world to one kernel class or metaclass.

    Attributes:
        methods: selector -> the world's own method; None where the world removed the kernel's.
        variables: Values of the class's class variables in this world, made when first linked.
        comment: The world's comment, None where the kernel's holds.
    """

    __slots__ = ("comment", "methods", "variables")

    def __init__(self) -> None:
        self.methods: dict[str, Method | None] = {}
        self.variables: dict[str, Binding] = {}
        self.comment: str | None = None
