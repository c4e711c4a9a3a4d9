"""What all operations of the debugger need: which computation is meant, looking at what waits, the form of answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from smalltalk import BrokenImageError
from storage import StoreError

from ..traffic.call import RefusedError
from .waiting import facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smalltalk import Evaluation, SuspensionSummary

    from ..running.engine import Debugger
    from ..running.evaluator import Run
    from ..sessions.session import Session


class Desk:
    """One request to the debugger, and what it is done with."""

    def __init__(self, session: "Session", run: "Run") -> None:
        self.session = session
        self.run = run
        self.parameters = run.call.request.parameters
        self.frame: int = self.parameters.get("frame", 0)
        self.expression: str | None = self.parameters.get("expression")

    @property
    def debugger(self) -> "Debugger":
        """The debugger of the session's image."""
        return self.session.state.image().debugger

    @property
    def evaluation(self) -> "Evaluation":
        """The evaluation of the run, for the one thing that runs code."""
        assert self.run.evaluation is not None
        return self.run.evaluation

    def context_id(self) -> str:
        """Return which computation is meant: the one named, else the one that was suspended last.

        Raises:
            RefusedError: ContextNotFound, none waits.
        """
        named: str | None = self.parameters.get("context")
        if named is not None:
            return named
        with self.looking():
            latest = self.debugger.latest()
        if latest is None:
            raise RefusedError("ContextNotFound", "No computation waits in this session.")
        return latest

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look at what waits without running code: damage there is told, and is no reason to distrust the rest.

        Raises:
            RefusedError: SessionError, it cannot be read.
        """
        state = self.session.state
        before = state.damage
        try:
            yield
        except (StoreError, BrokenImageError) as damage:
            state.damage = before
            raise RefusedError("SessionError", f"What waits cannot be read: {damage}") from damage
        state.damage = before

    def contexts(self) -> "Sequence[SuspensionSummary]":
        """List what waits; what is damaged says so.

        Raises:
            RefusedError: SessionError, not even the list can be read.
        """
        with self.looking():
            return self.debugger.contexts()

    def summary(self, context_id: str | None) -> "SuspensionSummary | None":
        """Return what is known of a computation, for None of the current one; None if it does not wait."""
        with self.looking():
            name = context_id or self.debugger.latest()
            found = self.debugger.contexts(name) if name is not None else ()
        return found[0] if found else None

    def answer(self, context_id: str | None, result: str, facts: dict[str, str], **more: Any) -> dict[str, Any]:
        """Return an answer about a computation that waits, for None about the session."""
        return self.answer_about(self.summary(context_id), result, facts, **more)

    def answer_about(
        self, summary: "SuspensionSummary | None", result: str, facts: dict[str, str], **more: Any
    ) -> dict[str, Any]:
        """Return an answer about that computation, for None about the session."""
        known = {"state": "finished"} if summary is None else facts_of(summary)
        return {
            "session_id": self.session.token,
            "context": None if summary is None else summary.context_id,
            "state": known["state"],
            "result": result,
            "debug_info": {**known, **facts},
            **more,
        }
