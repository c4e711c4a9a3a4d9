"""What the debugger says when it is asked for something that is not there or not possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DebuggerError(Exception):
    """A question that has no answer; nothing has changed."""


class UnknownContextError(DebuggerError):
    """No computation of that name waits: it never was, or has finished or been abandoned."""

    def __init__(self, context_id: str, waiting: Sequence[str]) -> None:
        there = f"those that wait: {', '.join(waiting)}" if waiting else "none waits"
        super().__init__(f"there is no suspended computation '{context_id}'; {there}")


class UnknownFrameError(DebuggerError):
    """The stack has no frame of that number."""


class UnknownVariableError(DebuggerError):
    """The frame has no such variable, or none that may be given a value."""


class RefusedBreakpointError(DebuggerError):
    """A breakpoint that cannot be: no such line, or too many."""
