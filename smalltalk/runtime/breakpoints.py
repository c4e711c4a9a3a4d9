"""Breakpoints: where the methods of a world stop, for a debugger.

A method with breakpoints runs code of its own in that world, which stops before the operations in question and guesses
nothing; all other code is what it always is. So a breakpoint holds for activations that begin after it was set, and for
those that go on from a stored context. A method that is compiled anew keeps its breakpoints: one whose line has no code
any more stands for the next line that has some, else for the beginning of the method.

Messages that generated code answers in place (`ifTrue:`, `whileTrue:`, `to:do:`, `isNil`, arithmetic on numbers) never
reach a method and so no breakpoint in one.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..compiler.breaks import entry_place, places_by_line
from ..compiler.continuations import EVERYTHING
from ..compiler.editions import edition
from . import current, methods
from .classes import ClassObject
from .objects import Object
from .outcome import FailureReport
from .stack import line_in_doit, stack_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..compiler.origins import Origin
    from .classes import Behavior, Method
    from .world import World

#: Breakpoints of one session: more than anybody can have in mind, and few enough to look at each.
BREAKPOINTS_MAX: Final = 256

#: Operations before which code without breakpoints stops.
_NONE: Final[frozenset[int]] = frozenset()

#: What a computation that a breakpoint stopped is said to have failed with.
BREAKPOINT: Final = "Breakpoint"


class BreakpointError(Exception):
    """A breakpoint that cannot be: its message says why."""


class Breakpoint(Object):
    """A place where a method stops.

    Attributes:
        subject: the class or metaclass that has the method.
        selector: the method's.
        line: 1-based line of its source, None for its beginning.
    """

    __slots__ = ("line", "selector", "subject")

    def __init__(self, subject: Behavior, selector: str, line: int | None) -> None:
        self.oid = 0
        self.dirty = True
        self.subject = subject
        self.selector = selector
        self.line = line


class Breakpoints:
    """Those of one world.

    Attributes:
        are_heeded: whether code stops at them.
    """

    __slots__ = ("_of", "are_heeded")

    def __init__(self) -> None:
        self.are_heeded = True
        #: (class, selector) -> the breakpoints of that method, which need not be there any more.
        self._of: dict[tuple[Behavior, str], list[Breakpoint]] = {}

    def all(self) -> list[Breakpoint]:
        """Return all of them, in the order of the methods that got one first."""
        return [each for found in self._of.values() for each in found]

    def restore(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Take over stored ones; nothing of the world has run yet."""
        for each in breakpoints:
            self._of.setdefault((each.subject, each.selector), []).append(each)

    def has(self, method: Method) -> bool:
        """Whether a method has breakpoints, so that it must be called and nothing may be done in its place."""
        return bool(self._of) and (method.owner, method.selector) in self._of

    def set(self, world: World, method: Method, line: int | None) -> Breakpoint:
        """Set a breakpoint; nothing happens if it is there.

        Raises:
            BreakpointError: the method has no such line, is a primitive, or there are too many breakpoints.
        """
        title = f"{method.owner.name}>>{method.selector}"
        if isinstance(method.owner, ClassObject) and method.owner.is_trait:
            raise BreakpointError(f"{title} is copied into the classes that use the trait: set the breakpoint there")
        if method.primitive is not None:
            raise BreakpointError(f"{title} is a primitive: nothing in it can be stopped at")
        if line is not None and not 1 <= line <= method.source.count("\n") + 1:
            raise BreakpointError(f"{title} has no line {line}")
        found = self._of.get((method.owner, method.selector), [])
        same = next((each for each in found if each.line == line), None)
        if same is not None:
            return same
        if len(self.all()) >= BREAKPOINTS_MAX:
            raise BreakpointError(f"a session has at most {BREAKPOINTS_MAX} breakpoints")
        new = Breakpoint(method.owner, method.selector, line)
        self._of[method.owner, method.selector] = [*found, new]
        _begin_anew(world, method.owner, method.selector)
        return new

    def remove(self, world: World, subject: Behavior, selector: str, line: int | None) -> bool:
        """Remove a breakpoint, or all of a method if no line is given; answer whether there was one."""
        found = self._of.pop((subject, selector), [])
        kept = [each for each in found if line is not None and each.line != line]
        if kept:
            self._of[subject, selector] = kept
        if len(kept) == len(found):
            return False
        _begin_anew(world, subject, selector)
        return True

    def function(self, world: World, method: Method) -> Callable[..., Any]:
        """The function of a method with breakpoints."""
        origin = methods.unit_of(world, method).origin
        code, names = edition(origin, EVERYTHING, self._places(method, origin))
        world.link(names)
        return FunctionType(code, world.g, method.selector)

    def places_in(self, world: World, origin: Origin) -> frozenset[int]:
        """The operations before which activations of an origin stop; former versions of a method never do."""
        if not self._of or origin.resolutions.is_doit:
            return _NONE
        key = origin.resolutions.class_key
        for subject, selector in self._of:
            method = own_method(world, subject, selector) if subject.key == key else None
            if method is not None and method.source == origin.source:
                return self._places(method, origin)
        return _NONE

    def _places(self, method: Method, origin: Origin) -> frozenset[int]:
        by_line = places_by_line(origin)
        places: set[int] = set()
        for each in self._of[method.owner, method.selector]:
            places |= by_line.get(stopping_line(each, by_line) or 0) or {entry_place(origin)}
        return frozenset(places)


def stopping_line(breakpoint_: Breakpoint, lines: Iterable[int]) -> int | None:
    """The line where a breakpoint stops: its own or the next one that has code, None for the method's beginning.

    Args:
        breakpoint_: the breakpoint.
        lines: those of the method that have code.
    """
    wanted = breakpoint_.line
    return None if wanted is None else min((each for each in lines if each >= wanted), default=None)


def own_method(world: World, subject: Behavior, selector: str) -> Method | None:
    """The method of a class itself, as this world sees it; None if it has none."""
    overlay = world.overlays.get(subject)
    if overlay is not None and selector in overlay.methods:
        return overlay.methods[selector]
    return subject.methods.get(selector)


def _begin_anew(world: World, subject: Behavior, selector: str) -> None:
    """Let the next call of a method run the code that its breakpoints, or their absence, ask for."""
    world.heap.note("breakpoints", None)
    method = own_method(world, subject, selector)
    if method is not None:
        world.functions.pop(method, None)
        world.forget_selector(selector)


def at_break() -> None:
    """What code with breakpoints calls: stop, if the computation can wait for somebody to look at it.

    Raises:
        Suspended: it waits.
        Termination: it ends.
    """
    evaluation = current.evaluation
    if not evaluation.world.breakpoints.are_heeded:
        return
    keeper = evaluation.keeper
    frame = sys._getframe(1)  # noqa: SLF001 - where it would stop
    if keeper is not None and not evaluation.is_reporting and keeper.can_keep(evaluation, frame):
        stack = stack_lines(evaluation.world)
        text = f"stopped in {stack[0][0]} line {stack[0][1]}" if stack else "stopped"
        evaluation.fail(FailureReport("error", BREAKPOINT, text, stack, line=line_in_doit(stack)))
        evaluation.suspend("breakpoint")
