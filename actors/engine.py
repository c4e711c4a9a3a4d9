"""What the server needs of the language, as protocols: images are made or restored, and code runs in them.

`language.py` fulfils them with Smalltalk; tests put a tiny language in its place, so that sessions, preemption and
durability are proven without it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from smalltalk import Delta, Evaluation, Outcome, RecordSource, World


class Image(Protocol):
    """One session's live objects: the part of `smalltalk.Image` that the server uses."""

    def begin(self, *, cpu_budget_ms: int, yield_: Callable[[], None]) -> Evaluation:
        """Make the evaluation of one run; `yield_` is called at safe points while the poll flag is set."""

    def evaluate(self, code: str, *, tool_id: str | None, display: bool, evaluation: Evaluation) -> Outcome:
        """Run code to its end, whatever that is."""

    def inspect(
        self,
        *,
        evaluation: Evaluation,
        target: str | None,
        object_id: str | None,
        tool_id: str | None,
        offset: int,
        count: int,
    ) -> Outcome:
        """Inspect the value of an expression or the object with an id; the outcome's value is an `ObjectView`."""

    def file_in(self, text: str, file_format: str, *, evaluation: Evaluation) -> Outcome:
        """Define what a file holds; the outcome's value is a `FileInReport`."""

    def file_out(
        self, file_format: str, *, class_name: str | None, package: str | None, evaluation: Evaluation
    ) -> Outcome:
        """Write a class, a package or everything as a file, the outcome's value."""

    def run_tests(self, *, class_names: Sequence[str] | None, package: str | None, evaluation: Evaluation) -> Outcome:
        """Run tests; the outcome's value is a `SuiteReport`."""

    def object_id(self, value: Any) -> str:
        """Return the id under which a value can be inspected later."""

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
        """Return what changed since the last time, None if nothing did."""


class Engine(Protocol):
    """Makes images."""

    def create(self) -> Image:
        """Make the image of a new session."""

    def restore(self, source: RecordSource) -> Image:
        """Bring an image back; its objects are read when they are touched."""

    def set_poll(self, flag: bool) -> None:  # noqa: FBT001 - the flag is the whole message
        """Ask running code to call its evaluation's safe point. Safe in a signal handler."""
