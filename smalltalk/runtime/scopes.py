"""What a method's names mean, for the compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .classes import ClassObject, Metaclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..compiler.scopes import Resolution
    from .classes import Behavior
    from .world import World


class KernelScope:
    """The names that a kernel method sees, the same in every world: what a session adds means nothing to it.

    Attributes:
        class_key: `Foo` or `Foo class`.
        instance_variables: Names in slot order.
    """

    __slots__ = ("_globals", "_holder", "class_key", "instance_variables")

    def __init__(self, behavior: Behavior, globals_: Collection[str]) -> None:
        self.class_key = behavior.key
        self.instance_variables = behavior.all_variables()
        self._globals = globals_
        self._holder = behavior.sole if isinstance(behavior, Metaclass) else behavior

    def resolve(self, name: str) -> Resolution:
        """What a name stands for that is no variable of the method: a class variable, a global, nothing."""
        for holder in self._holder.chain():
            if isinstance(holder, ClassObject) and name in holder.class_variables:
                return ("classvar", holder.key)
        return ("global",) if name in self._globals else None

    def known_names(self) -> list[str]:
        """Every global name, for suggestions."""
        return list(self._globals)


class MethodScope:
    """The names that a method of a session sees in its world.

    Attributes:
        class_key: `Foo` or `Foo class`.
        instance_variables: Names in slot order.
        renames_known: How many of those have been renamed so far.
    """

    __slots__ = ("_holder", "_world", "class_key", "instance_variables", "renames_known")

    def __init__(self, world: World, behavior: Behavior) -> None:
        self.class_key = behavior.key
        self.instance_variables = behavior.all_variables()
        self.renames_known = len(behavior.renames) if isinstance(behavior, ClassObject) else 0
        self._world = world
        self._holder: ClassObject = behavior.sole if isinstance(behavior, Metaclass) else behavior  # type: ignore[assignment]  # the other kind is ClassObject

    def resolve(self, name: str) -> Resolution:
        """What a name stands for that is no variable of the method: a class variable, a global, nothing."""
        for holder in self._sharers():
            if name in self._world.class_variable_names(holder):
                return ("classvar", holder.key)
        return ("global",) if self._world.has_global(name) else None

    def _sharers(self) -> Iterator[ClassObject]:
        """The classes whose class variables are seen: the class, its traits and pools, then the same of those above."""
        holder: ClassObject
        for holder in self._holder.chain():  # type: ignore[assignment]  # superclasses of a class are classes
            yield holder
            yield from (use.trait for use in holder.uses if isinstance(use.trait, ClassObject))
            for pool in holder.pools:
                yield from pool.chain()  # type: ignore[misc]  # the same

    def known_names(self) -> list[str]:
        """Every name that means something here, for suggestions."""
        variables = [name for holder in self._sharers() for name in self._world.class_variable_names(holder)]
        return [*self.instance_variables, *variables, *self._world.global_names()]


class DoitScope:
    """The names that a do-it sees: the world's globals. Those it does not resolve become workspace variables.

    Attributes:
        class_key: Of `nil`, the receiver.
        instance_variables: None.
    """

    __slots__ = ("_world", "class_key", "instance_variables")

    def __init__(self, world: World) -> None:
        self.class_key = "UndefinedObject"
        self.instance_variables: tuple[str, ...] = ()
        self._world = world

    def resolve(self, name: str) -> Resolution:
        """What a name stands for: a global, or nothing."""
        return ("global",) if self._world.has_global(name) else None

    def known_names(self) -> list[str]:
        """Every global name, for suggestions."""
        return self._world.global_names()
