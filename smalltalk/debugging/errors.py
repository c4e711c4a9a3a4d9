"""What the debugger says when it is asked for something that is not there or not possible."""


class DebuggerError(Exception):
    """A question that has no answer; nothing has changed."""


class UnknownContextError(DebuggerError):
    """No computation of that name waits: it never was, or has finished or been abandoned."""

    def __init__(self, context_id: str) -> None:
        super().__init__(f"there is no suspended computation '{context_id}'")


class UnknownFrameError(DebuggerError):
    """The stack has no frame of that number."""


class UnknownVariableError(DebuggerError):
    """The frame has no such variable, or none that may be given a value."""


class RefusedBreakpointError(DebuggerError):
    """A breakpoint that cannot be: no such line, or too many."""
