"""Activations that are stepped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..runtime import current
from ..stepper import Activation

if TYPE_CHECKING:
    from ..compiler.origins import Origin
    from ..runtime.world import World


class Values(dict[str, Any]):
    """Named values of an activation; a name without a value reads as nil."""

    __slots__ = ()

    def __missing__(self, name: str) -> Any:
        return None


class SteppedActivation(Activation):
    """One running method, do-it or block that stops.

    Attributes:
        passed: index of the operation that it stood before when the step began, until that is done.
        enters: that operation's call is stepped in turn.
    """

    __slots__ = ("enters", "passed")

    world: World

    def __init__(self, origin: Origin, number: int, world: World, values: dict[str, Any]) -> None:
        super().__init__(origin, number, world, values)
        self.passed: int | None = None
        self.enters = False

    def breaks(self) -> frozenset[int]:
        """The operations before which the code of its blocks stops."""
        return self.world.breakpoints.places_in(self.world, self.origin)

    def comes_to(self, index: int) -> bool:
        """Stop before an operation, unless the step begins with it; answer whether its call is stepped in turn.

        Raises:
            Suspended: it stops there.
            Termination: it had to stop but cannot be kept.
        """
        if index != self.passed:
            self.index, self.is_before = index, True
            current.evaluation.suspend("step")
        self.passed = None
        return self.enters
