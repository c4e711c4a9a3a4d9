"""Variables of a waiting activation as variables of code that runs in its frame.

Such code takes them as it takes the variables of a workspace: as objects with a value `v`. So it reads and writes the
activation's own state, also from a block that outlives the evaluation. A boxed temporary is such an object already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .classes import ClassObject
from .objects import Object, Symbol
from .reshape import settle

if TYPE_CHECKING:
    from .classes import Behavior
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
    """An instance variable of the receiver: it is found by its name, as variables move when their class changes.

    Attributes:
        slot: where it stood when this was made, among all variables of the class; what older records have only.
        receiver: the receiver.
        name: its name then, a symbol; nil in older records.
        renames_known: how many variables of the class had been renamed by then.
    """

    __slots__ = ("name", "receiver", "renames_known", "slot")

    def __init__(self, receiver: Any, slot: int, name: str) -> None:
        self.oid = 0
        self.dirty = True
        self.receiver = receiver
        self.slot = slot
        self.name: Symbol | None = Symbol.intern(name)
        self.renames_known = len(_renames_of(current.world.class_of(receiver)))

    @property
    def v(self) -> Any:
        """Its value; an error of the language if the class has no such variable any more."""
        receiver = settle(self.receiver)
        slot = self._present_slot(receiver)
        return getattr(receiver, slot) if slot is not None else self._gone(receiver)

    @v.setter
    def v(self, value: Any) -> None:
        receiver = settle(self.receiver)
        slot = self._present_slot(receiver)
        if slot is None:
            self._gone(receiver)
            return
        setattr(receiver, slot, value)
        if not receiver.dirty:
            current.world.mark(receiver)

    def _present_slot(self, receiver: Any) -> str | None:
        """The Python attribute where it stands now; None if the class has it no more."""
        if self.name is None:
            return f"i{self.slot}"
        behavior = current.world.class_of(receiver)
        name = self.name.name
        for former, later in _renames_of(behavior)[self.renames_known :]:
            name = later if name == former else name
        names = behavior.all_variables()
        return f"i{names.index(name)}" if name in names else None

    def _gone(self, receiver: Any) -> Any:
        """Signal that there is no such variable any more; answer what that is resumed with."""
        world = current.world
        name = None if self.name is None else self.name.name
        return world.signal("Error", f"{world.class_of(receiver).name} has no variable '{name}' any more")


def _renames_of(behavior: Behavior) -> tuple[tuple[str, str], ...]:
    """How the variables of a class have been renamed; those of a metaclass never are."""
    return behavior.renames if isinstance(behavior, ClassObject) else ()
