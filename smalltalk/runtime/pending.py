"""What is on its way out while an `ensure:` or `ifCurtailed:` block runs, as plain data.

| kind          | raised again as                                               |
|---------------|---------------------------------------------------------------|
| `return`      | NonLocalReturn to the home `target` with `value`              |
| `handler`     | HandlerExit to `target` with `value`, or `other` to evaluate  |
| `signal`      | SignalExit to `target` with `value`, or `other` to signal     |
| `termination` | Termination; with the failure that the evaluation ends with   |
| `defect`      | a Python exception that a primitive let escape; only its text |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .objects import Object
from .outcome import FailureReport
from .unwinding import HandlerExit, NonLocalReturn, SignalExit, Termination

if TYPE_CHECKING:
    from .outcome import FailureKind


class PrimitiveDefectError(Exception):
    """A defect of a primitive that was captured while it unwound the stack."""


class Pending(Object):
    """Something on its way out.

    Attributes:
        kind: what it is.
        text: of a defect or a failure.
        failure: kind of the failure.
        error_class: of the failure.
        target: where it goes.
        value: what it carries.
        other: what is to be done at the target.
    """

    __slots__ = ("error_class", "failure", "kind", "other", "target", "text", "value")

    def __init__(self, kind: str, target: Any = None, value: Any = None, other: Any = None, text: str = "") -> None:
        self.oid = 0
        self.dirty = True
        self.kind = kind
        self.target = target
        self.value = value
        self.other = other
        self.text = text
        self.failure: FailureKind | None = None
        self.error_class: str | None = None


def pending_of(leaving: BaseException, failure: FailureReport | None) -> Pending:
    """What is on its way out, as data.

    Args:
        leaving: what it is.
        failure: why the evaluation ends without a value, if it does.
    """
    if isinstance(leaving, NonLocalReturn):
        return Pending("return", leaving.home, leaving.value)
    if isinstance(leaving, HandlerExit):
        return Pending("handler", leaving.target, leaving.value, leaving.protected)
    if isinstance(leaving, SignalExit):
        return Pending("signal", leaving.target, leaving.value, leaving.replacement)
    if isinstance(leaving, Termination):
        pending = Pending("termination", text="" if failure is None else failure.message)
        if failure is not None:
            pending.failure, pending.error_class = failure.kind, failure.error_class
        return pending
    return Pending("defect", text=f"{type(leaving).__name__}: {leaving}")


def unwinding_of(pending: Pending) -> BaseException:
    """What was on its way out, to be raised again in the evaluation that runs."""
    if pending.failure is not None and pending.error_class is not None:
        current.evaluation.fail(FailureReport(pending.failure, pending.error_class, pending.text))
    if pending.kind == "return":
        return NonLocalReturn(pending.target, pending.value)
    if pending.kind == "handler":
        return HandlerExit(pending.target, pending.value, pending.other)
    if pending.kind == "signal":
        return SignalExit(pending.target, pending.value, pending.other)
    return Termination() if pending.kind == "termination" else PrimitiveDefectError(pending.text)
