"""Variables of a waiting activation as variables of code that runs in its frame.

Such code takes them as it takes the variables of a workspace: as objects with a value `v`. So it reads and writes the
activation's own state, also from a block that outlives the evaluation. A boxed temporary is such an object already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .objects import Object

if TYPE_CHECKING:
    from .contexts import Context


class ContextVariable(Object):
    """An argument or temporary.

    Attributes:
        name: its Python name.
        context: the activation.
    """

    __slots__ = ("context", "name")

    def __init__(self, context: Context, name: str) -> None:
        self.oid = 0
        self.dirty = True
        self.context = context
        self.name = name

    @property
    def v(self) -> Any:
        """Its value; nil before it has one."""
        return self.context.values.get(self.name)

    @v.setter
    def v(self, value: Any) -> None:
        self.context.assign(self.name, value)


class FieldVariable(Object):
    """An instance variable of the receiver.

    Attributes:
        slot: its place among all variables of the class.
        receiver: the receiver.
    """

    __slots__ = ("receiver", "slot")

    def __init__(self, receiver: Any, slot: int) -> None:
        self.oid = 0
        self.dirty = True
        self.receiver = receiver
        self.slot = slot

    @property
    def v(self) -> Any:
        """Its value."""
        return getattr(self.receiver, f"i{self.slot}")

    @v.setter
    def v(self, value: Any) -> None:
        setattr(self.receiver, f"i{self.slot}", value)
        if not self.receiver.dirty:
            current.world.mark(self.receiver)
