"""What a server answers about one computation that waits, as typed values; see `results`.

Frames count from 0, the innermost; lines and columns from 1; `start` and `stop` of a source are offsets from 0.
"""

from typing import Any, NamedTuple, Self

from .results import Evaluation, Whole


class Frame(NamedTuple):
    """One activation of a stack; `may_restart` tells whether it can begin anew."""

    number: int
    method: str
    class_name: str
    selector: str
    receiver: str
    line: int
    column: int
    is_block: bool
    may_restart: bool

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of a stack."""
        return cls(
            row["frame"],
            row["method"],
            row["class_name"],
            row["selector"],
            row["receiver"],
            row["line"],
            row["column"],
            row["is_block"],
            row["is_resumable_here"],
        )


class Stack(NamedTuple):
    """A page of a computation's stack, innermost first."""

    context_id: str
    total: int
    frames: tuple[Frame, ...]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to GetStackTrace."""
        return cls(result["context"], result["total"], tuple(Frame.read(row) for row in result["stack"]))


class FrameVariable(NamedTuple):
    """A variable as a frame sees it; `kind` is self, argument, temporary or instance."""

    name: str
    kind: str
    class_name: str
    text: str
    object_id: str | None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of a frame's variables."""
        return cls(row["name"], row["kind"], row["class_name"], row["text"], row.get("object_id"))


class FrameView(NamedTuple):
    """A frame with its source, the part of it that runs (from `start` to before `stop`) and its variables."""

    context_id: str
    frame: Frame
    source: str
    start: int
    stop: int
    variables: tuple[FrameVariable, ...]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to GetLocalVars."""
        return cls(
            result["context"],
            Frame.read(result["frame"]),
            result["source"],
            result["start"],
            result["stop"],
            tuple(FrameVariable.read(row) for row in result["variables"]),
        )


class Advance(NamedTuple):
    """How a computation went on: it finished with an `evaluation`, or stopped again, of what kind and how deep.

    One that fails again is no Advance but the `CodeError` of `evaluate`.
    """

    context_id: str
    evaluation: Evaluation | None
    stop_kind: str
    frame_count: int
    transcript: str
    whole: dict[str, Whole]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to a step, to Continue and its kin."""
        written = result.get("transcript", ""), Whole.read_all(result)
        if result["state"] == "finished":
            return cls(result["context"], Evaluation.read(result), "", 0, *written)
        return cls(result["context"], None, result["stop"]["kind"], result["total"], *written)


class Breakpoint(NamedTuple):
    """A place where code stops: the beginning of a method (`Foo>>bar`, `Foo class>>bar`), or a line of it.

    `stops_at` is the line where it stops, that one or the next with code; None while the method is not there.
    """

    method: str
    line: int | None
    stops_at: int | None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of a session's breakpoints."""
        return cls(row["file"], row["line"], row["stops_at"])
