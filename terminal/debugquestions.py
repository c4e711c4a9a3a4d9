"""The questions about computations that wait: each is one form of the operation `debug`; see `questions`.

`context` is the name of the computation, which the failed evaluation's `CodeError.context_id` told; None is the one
that was suspended last. Frames count from 0, the innermost.
"""

from collections.abc import Callable
from typing import Any

from .debugresults import Advance, Breakpoint, FrameView, Stack
from .questions import Question, Result
from .suspensions import Suspension


def _debug(operation: str, read: Callable[[dict[str, Any]], Result], **parameters: Any) -> Question[Result]:
    """Return the question for one form of `debug`; parameters that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return Question("debug", {"operation": operation, **given}, read)


# What there is


def suspended() -> Question[tuple[Suspension, ...]]:
    """Ask which computations wait in the session, oldest first."""
    return _debug("ListContexts", lambda result: tuple(Suspension.read(row) for row in result["contexts"]))


def stack(context: str | None = None, *, offset: int | None = None, count: int | None = None) -> Question[Stack]:
    """Ask for a page of a computation's stack."""
    return _debug("GetStackTrace", Stack.read, context=context, offset=offset, count=count)


def frame(context: str | None = None, number: int = 0) -> Question[FrameView]:
    """Ask for a frame's source, its place in it and its variables."""
    return _debug("GetLocalVars", FrameView.read, context=context, frame=number)


def set_variable(name: str, expression: str, context: str | None = None, number: int = 0) -> Question[FrameView]:
    """Give a variable of a frame the value of an expression; answers the frame with its new value."""
    return _debug("SetVariable", FrameView.read, context=context, frame=number, name=name, expression=expression)


# Going on


def step_into(context: str | None = None) -> Question[Advance]:
    """Go on to the next place, in the method that is called if one is."""
    return _debug("StepInto", Advance.read, context=context)


def step_over(context: str | None = None) -> Question[Advance]:
    """Go on to the next place of the same method."""
    return _debug("StepOver", Advance.read, context=context)


def step_out(context: str | None = None) -> Question[Advance]:
    """Go on until the innermost frame has answered its sender."""
    return _debug("StepOut", Advance.read, context=context)


def proceed(
    expression: str | None = None, context: str | None = None, *, timeout_ms: int | None = None
) -> Question[Advance]:
    """Go on from where it waits; an expression's value stands for what failed."""
    operation = "Continue" if expression is None else "proceed_with"
    return _debug(operation, Advance.read, context=context, expression=expression, timeout_ms=timeout_ms)


def resume(expression: str | None = None, context: str | None = None) -> Question[Advance]:
    """Resume the exception: its `signal` answers the value of an expression, or nil."""
    return _debug("Resume", Advance.read, context=context, expression=expression)


def retry(context: str | None = None) -> Question[Advance]:
    """Run the block that the exception's handler protects again."""
    return _debug("Retry", Advance.read, context=context)


def pass_exception(context: str | None = None) -> Question[Advance]:
    """Pass the exception on to the next handler outside."""
    return _debug("Pass", Advance.read, context=context)


def restart_frame(number: int, context: str | None = None) -> Question[Advance]:
    """Unwind what a frame called, and run its method anew, in its present form."""
    return _debug("RestartFrame", Advance.read, context=context, frame=number)


def return_value(expression: str, number: int, context: str | None = None) -> Question[Advance]:
    """Unwind a frame, which answers the value of an expression to its sender."""
    return _debug("ReturnValue", Advance.read, context=context, frame=number, expression=expression)


def create_method(source: str, context: str | None = None) -> Question[Advance]:
    """Give the receiver's class the method it lacks, and send the message again."""
    return _debug("CreateMethod", Advance.read, context=context, source=source)


def abandon(context: str | None = None) -> Question[str]:
    """Give a computation up; its `ensure:` blocks run. Answers its id."""
    return _debug("Abandon", lambda result: str(result["context"]), context=context)


# Breakpoints


def set_breakpoint(method: str, line: int | None = None) -> Question[tuple[Breakpoint, ...]]:
    """Stop where a method (`Foo>>bar`, `Foo class>>bar`) begins, or at a line of it; answers all breakpoints."""
    return _debug("SetBreakpoint", _read_breakpoints, file=method, line=line)


def remove_breakpoint(method: str, line: int | None = None) -> Question[tuple[Breakpoint, ...]]:
    """Stop there no more; answers the breakpoints that are left."""
    return _debug("RemoveBreakpoint", _read_breakpoints, file=method, line=line)


def breakpoints() -> Question[tuple[Breakpoint, ...]]:
    """Ask for the session's breakpoints."""
    return _debug("ListBreakpoints", _read_breakpoints)


def _read_breakpoints(result: dict[str, Any]) -> tuple[Breakpoint, ...]:
    """Return the breakpoints that an answer names."""
    return tuple(Breakpoint.read(row) for row in result["breakpoints"])
