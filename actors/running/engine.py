"""What the server needs of the language, as protocols: images are made or restored, and code runs in them.

`language.py` fulfils them with Smalltalk; tests put a tiny language in its place, so that sessions, preemption and
durability are proven without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from types import FrameType

    from smalltalk import (
        BreakpointRow,
        Delta,
        Evaluation,
        Outcome,
        Packing,
        RecordSource,
        SessionContents,
        StackPage,
        SuiteProgress,
        SuspensionSummary,
        World,
    )

    from ..settings import Settings


class Background(Protocol):
    """The processes of one session: the part of `smalltalk.background.Background` that the server uses."""

    def due_ns(self) -> int | None:
        """Return when a process can go on, in nanoseconds since 1970: 0 for now, None for never by itself."""

    def run(self, is_over: Callable[[], bool]) -> None:
        """Let processes run until `is_over`, or none can go on."""

    def stop(self) -> int:
        """Terminate the processes that are ready; return how many those were."""

    def news(self) -> str:
        """Return what processes wrote since they were asked last; the next evaluation's transcript holds it too."""

    def tell(self, text: str) -> None:
        """Write a line to the Transcript that no process wrote: what became of them."""


class Debugger(Protocol):
    """The debugger of one session: the part of `smalltalk.Debugger` that the server uses.

    What it does not find, or cannot do, it says by the exceptions that `operations/failures.py` lists.
    """

    def contexts(self, context_id: str | None = None) -> Sequence[SuspensionSummary]:
        """List the computations that wait, the one that was suspended last at the end; or only the one of that name."""

    def latest(self) -> str | None:
        """Return the name of the one that was suspended last, None if none waits."""

    def ids_given(self) -> int:
        """Return how many names computations were given so far."""

    def pass_over_ids(self, given: int) -> None:
        """Give none of the first so many names."""

    def stack(self, context_id: str, offset: int, count: int) -> StackPage:
        """Return lines of a stack, innermost first."""

    def frame(self, context_id: str, frame: int, *, evaluation: Evaluation) -> Outcome:
        """Show a frame and its variables; the outcome's value is a `FrameView`."""

    def set_variable(self, context_id: str, frame: int, name: str, code: str, *, evaluation: Evaluation) -> Outcome:
        """Give a variable of a frame the value of code."""

    def proceed(self, context_id: str, *, evaluation: Evaluation, code: str | None) -> Outcome:
        """Let a computation go on; what it waits for answers the value of code."""

    def resume(self, context_id: str, *, evaluation: Evaluation, code: str | None) -> Outcome:
        """Resume its exception with the value of code."""

    def retry(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Retry what its exception was signalled in."""

    def pass_(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Pass its exception on."""

    def restart_frame(self, context_id: str, frame: int, *, evaluation: Evaluation) -> Outcome:
        """Begin a frame anew."""

    def return_value(self, context_id: str, frame: int, code: str, *, evaluation: Evaluation) -> Outcome:
        """Let a frame answer the value of code."""

    def create_method(self, context_id: str, source: str, *, evaluation: Evaluation) -> Outcome:
        """Compile the method that was not understood, and send its message again."""

    def step(self, context_id: str, how: Literal["into", "over", "out"], *, evaluation: Evaluation) -> Outcome:
        """Do one step: `into`, `over` or `out`."""

    def abandon(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Give a computation up; its `ensure:` blocks run."""

    def set_breakpoint(self, method: str, line: int | None) -> object:
        """Let `Class>>selector` stop where it begins, or at a line."""

    def remove_breakpoint(self, method: str, line: int | None) -> object:
        """Let it stop there no more."""

    def breakpoints(self) -> Sequence[BreakpointRow]:
        """List the breakpoints of the session."""


class Image(Protocol):
    """One session's live objects: the part of `smalltalk.Image` that the server uses."""

    def begin(
        self, *, cpu_budget_ms: int, wait_budget_ms: int, yield_: Callable[[], object], park: Callable[[int], None]
    ) -> Evaluation:
        """Make the evaluation of one run.

        Args:
            cpu_budget_ms: processor time it may use.
            wait_budget_ms: time it may wait.
            yield_: called at safe points while the poll flag is set; true if others ran.
            park: lets others run until a time, nanoseconds since 1970.
        """

    def evaluate(
        self,
        code: str,
        *,
        tool_id: str | None,
        display: bool,
        evaluation: Evaluation,
        context_id: str | None = None,
        frame: int = 0,
    ) -> Outcome:
        """Run code to its end, whatever that is; in a frame of a computation that waits if one is named."""

    @property
    def debugger(self) -> Debugger:
        """What can be done with computations that wait."""

    def suspend(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        """Keep a running computation, whose innermost frame that is, to be finished by `resume_stopped`.

        Its name is then the evaluation's `suspension.context_id`. False if it cannot be kept: nothing has changed.
        """

    def resume_stopped(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Let a computation that `suspend` kept go on to its end, whatever that is."""

    def inspect(
        self,
        *,
        evaluation: Evaluation,
        target: str | None,
        object_id: str | None,
        tool_id: str | None,
        offset: int,
        count: int,
        depth: int,
    ) -> Outcome:
        """Inspect the value of an expression or the object with an id; the outcome's value is an `ObjectView`."""

    def inspect_current(self, *, evaluation: Evaluation, offset: int, count: int, depth: int) -> Outcome:
        """Show the object where the inspector stands; the outcome's value is an `ObjectView`."""

    def file_in(self, text: str, file_format: str, *, evaluation: Evaluation) -> Outcome:
        """Define what a file holds; the outcome's value is a `FileInReport`."""

    def file_out(
        self, file_format: str, *, class_name: str | None, package: str | None, evaluation: Evaluation
    ) -> Outcome:
        """Write a class, a package or everything as a file, the outcome's value."""

    def run_tests(
        self,
        *,
        class_names: Sequence[str] | None,
        package: str | None,
        evaluation: Evaluation,
        on_progress: Callable[[SuiteProgress], None],
    ) -> Outcome:
        """Run tests, telling how far they have come; the outcome's value is a `SuiteReport`."""

    def object_by_id(self, object_id: str) -> Any:
        """Return the value with that id; `UnknownObjectIdError` if there is none."""

    def object_id(self, value: Any) -> str:
        """Return the id under which a value can be inspected later."""

    @property
    def background(self) -> Background:
        """What its processes do while no evaluation runs."""

    @property
    def world(self) -> World:
        """What browsing, searching and completing read: classes, methods, globals."""

    def variables(self, tool_id: str | None = None) -> list[dict[str, str]]:
        """List the workspace variables, of one tool or all, without running user code."""

    def object_registry(self) -> dict[str, str]:
        """List the objects kept for their ids, without running user code."""

    def navigate(
        self, *, into: str | int | None = None, back: bool = False, forward: bool = False, to: int | None = None
    ) -> dict[str, Any]:
        """Move the inspector and answer its state."""

    def select(self, child: str | int | None) -> dict[str, Any]:
        """Select a child of the object shown and answer the inspector's state."""

    def view(self, name: str, settings: Mapping[str, Any] | None) -> dict[str, Any]:
        """Choose how objects are shown and answer the inspector's state."""

    def define_view(self, class_name: str, name: str, code: str) -> dict[str, Any]:
        """Add a custom view for a class and answer the inspector's state."""

    def inspector_state(self) -> dict[str, Any]:
        """Answer the inspector's path, selection and views, without running user code."""

    def drain_delta(self) -> Delta | None:
        """Return what changed since the last time, its records plain, None if nothing did."""

    def draining(self, packing: Callable[[], Packing]) -> Generator[None, None, Delta | None] | None:
        """Return what changed since the last time, in steps, None if nothing did.

        Between two steps nothing of this image may run; it may be read. Who gives it up between two drops the image.

        Args:
            packing: makes what takes the records, and is what the delta holds.

        Raises:
            UnstorableValueError: something has no record; nothing counts as done.
        """

    def close(self) -> None:
        """Let go of everything; the image is not used any more."""


class Engine(Protocol):
    """Makes images."""

    def configure(self, settings: Settings) -> None:
        """Hold the limits of these settings from now on, in all images."""

    def weigh(self, world: World, frame: FrameType | None) -> Generator[int, None, int]:
        """Measure, in steps, what the live objects of an image take: bytes so far, in the end all.

        Args:
            world: the image's, between evaluations or with one that stands.
            frame: the innermost frame of that one.
        """

    def create(self) -> Image:
        """Make the image of a new session."""

    def restore(self, source: RecordSource, *, is_safe: bool) -> Image:
        """Bring an image back; its objects are read when they are touched. In a safe one nothing goes on by itself."""

    def write_session(self, contents: SessionContents) -> Iterator[bytes]:
        """Write a session as a file, in steps."""

    def read_session(self, data: bytes) -> Generator[None, None, SessionContents]:
        """Read a session file, in steps; `SessionFileError` if it is none."""

    def check_session(self, contents: SessionContents) -> Iterator[int]:
        """Check, in steps, that the objects of a file make a session."""

    def set_poll(self, flag: bool) -> None:  # noqa: FBT001 - the flag is the whole message
        """Ask running code to call its evaluation's safe point. Safe in a signal handler."""
