"""What became of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

#: "error": an unhandled exception; "syntax": it does not compile; "interrupted", "timeout": it was stopped.
FailureKind: TypeAlias = Literal["error", "syntax", "interrupted", "timeout"]

#: Failure of an evaluation whose process was terminated.
TERMINATED = "ProcessTerminated"


@dataclass(slots=True, eq=False, repr=False)
class FailureReport:
    """Why an evaluation has no value.

    Attributes:
        kind: What sort of failure.
        error_class: Name of the exception's class, or of the failure.
        message: Its text.
        stack: Innermost first: what ran ("Class>>selector") and its 1-based source line.
        line: 1-based line in the do-it, where it is known.
        column: 1-based column in the do-it, where it is known.
        suggestion: A way out, where one is known.
    """

    kind: FailureKind
    error_class: str
    message: str
    stack: list[tuple[str, int]] = field(default_factory=list)
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None

    @property
    def title(self) -> str:
        """The failure in one line of a list."""
        return error_title(self.error_class, self.message)


def error_title(class_name: str, message: str) -> str:
    """Return an error in one line; many have no other text than the name of their class."""
    return class_name if message in ("", class_name) else f"{class_name}: {message}"


@dataclass(slots=True, eq=False, repr=False)
class StopReport:
    """Where a computation stopped without anything having gone wrong: after a step.

    Attributes:
        kind: What stopped it.
        rows: The innermost activations of its stack, as the debugger describes them.
        summary: The computation in short, as the debugger lists it.
    """

    kind: str
    rows: list[Any]
    summary: Any


@dataclass(slots=True, eq=False, repr=False)
class Outcome:
    """An evaluation's end.

    Attributes:
        value: The live value; None is also nil.
        result: Its printString.
        class_name: Name of its class.
        display: Its displayString, where that was asked for.
        transcript: What was written since the evaluation before ended, by this one and by processes.
        news: The part of it that no watcher was told of yet.
        failure: None when the evaluation ended well or stopped where it should.
        context_id: Name of the computation that stopped and waits; None when nothing does.
        stop: Where it stopped without anything having gone wrong.
        long_texts: Strings with the whole of what is cut in `result`, `display` and `transcript`, by these names.
    """

    value: Any = None
    result: str = "nil"
    class_name: str = "UndefinedObject"
    display: str | None = None
    transcript: str = ""
    news: str = ""
    failure: FailureReport | None = None
    context_id: str | None = None
    stop: StopReport | None = None
    long_texts: dict[str, Any] | None = None
