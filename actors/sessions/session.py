"""A session: the requests that wait for it, the one that runs, and what becomes of them.

`Session` is a plain object; `session_actor.py` is the actor around it, `state/session_state.py` what it holds in
memory. Requests on its state wait in a queue and are done one after the other, each to its end; requests about it are
answered between the slices of the one that runs. What a request did is staged for the tick's commit when it ends,
together with its history entry and its reply, so that after a crash either all of it is there or nothing.

Thread: the loop; the bodies of runs in their greenlets.
"""

from collections.abc import Callable
from functools import partial
from sys import maxsize
from typing import TYPE_CHECKING, Any, Final, Protocol

from protocol import Failure
from storage import Change, SessionMetaChanged, SessionRow, SessionTouched, StoreError

from ..traffic.call import Answer, Call, RefusedError, overloaded
from ..running.evaluator import INTERNAL_ERROR, Run
from ..logs import new_logger
from ..operations.table import AFTER_ALL, HANDLERS, Turn
from ..state.quarantine import opened
from ..state.retention import TOUCH_INTERVAL_MS, expiry_ms
from .session_background import SessionBackground
from ..state.session_state import SessionState
from .session_stops import SessionStops
from .settlement import settled
from ..running.usage import Usage
from ..resources.weights import Weight

if TYPE_CHECKING:
    from smalltalk import Evaluation

    from ..parts import Parts

_NS_PER_MS: Final = 1_000_000
#: Of an evaluation that goes on although its budget is used up: enough to come to its next safe point.
_BUDGET_MS_MIN: Final = 1
#: Number of no commit.
_NEVER: Final = -1
_log = new_logger("session")


class Owner(Protocol):
    """Who keeps sessions: the supervisor."""

    def session_failed(self, session: "Session") -> None:
        """A session met a defect and must start again from the store."""

    def session_closed(self, session: "Session") -> None:
        """A session does nothing any more."""

    def call_goes_on(self, call: Call) -> None:
        """A call goes on that a former server began."""


class Session:
    """One live session.

    Attributes:
        row: what the store says of it, with the changes staged since.
        state: its objects and numbers.
        background: its processes while no evaluation runs.
        stops: its evaluation that the server's end stopped.
        owner: who keeps it.
        usage: how much of the processor it took lately.
        weight: how much memory its objects take.
        last_used_ms: when the last request came.
        running: the run that has not ended yet, None between two.
    """

    def __init__(self, parts: "Parts", row: SessionRow, owner: Owner) -> None:
        self.parts = parts
        self.row = row
        self.sid = row.sid
        self.token = row.token
        self.client_id = row.client_id
        self.state = SessionState(parts, row.sid)
        self.background = SessionBackground(self)
        self.stops = SessionStops(self)
        self.owner = owner
        self.usage = Usage()
        self.weight = Weight()
        self.last_used_ms = parts.clock.now_ms()
        self.running: Run | None = None
        # Not a deque, whose first block takes 0.6 KB: it is nearly always empty, and never longer than `queue_max`.
        self._queue: list[Call] = []
        # True from the moment a request waits until none is left: the session then stands in exactly one line, the
        # scheduler's, the parked runs', or that of what waits for the commit.
        self._is_in_line = False
        self._interrupts_next = False
        self._staged_in = _NEVER

    # --- requests

    def accept(self, call: Call) -> None:
        """Answer a request at once or put it in the queue, as its operation wants it."""
        now_ms = self.last_used_ms = self.parts.clock.now_ms()
        if now_ms - self.row.last_modified_ms >= TOUCH_INTERVAL_MS:
            self.touch()
        handler = HANDLERS[call.request.operation]
        if handler.turn is Turn.NOW:
            self._answer_with(handler.work, call)
        elif handler.turn is Turn.AFTER_COMMIT:
            self.parts.gate.after_commit(partial(self._answer_with, handler.work, call))
        elif len(self._queue) >= self.parts.settings.queue_max:
            text = "Too many requests wait in this session; try again."
            self.parts.gate.answer(call, overloaded(text, "queue_max", self.parts.settings.queue_max))
        else:
            if handler.interrupts:
                self.interrupt()
            self._queue.append(call)
            self._stand_in_line()

    def put_first(self, call: Call) -> None:
        """Put a call in front of the queue."""
        self._queue.insert(0, call)
        self._stand_in_line()

    def _stand_in_line(self) -> None:
        if not self._is_in_line:
            self._is_in_line = True
            self.parts.scheduler.add(self)

    def _answer_with(self, work: Callable[["Session", Call], Answer], call: Call) -> None:
        """Do an operation that runs no user code, and answer it."""
        try:
            answer = work(self, call)
        except RefusedError as refused:
            answer = refused.failure
        except StoreError as error:
            answer = Failure("StorageError", str(error))
        except Exception as defect:  # noqa: BLE001 - a defect of one operation must not end the server
            answer = self.defective(call, defect)
        self.parts.gate.answer(call, answer)

    def interrupt(self) -> bool:
        """Stop the run under way at its next safe point, or the one that is about to begin.

        If there is neither, terminate the processes that run in the background; what only waits goes on waiting.

        Returns:
            Whether there was anything to stop.
        """
        if self.running is not None and self.running.loan is not None:
            self.parts.loans.interrupt(self.running)
        elif self.running is not None and self.running.evaluation is not None:
            self.running.evaluation.interrupt()
            self.parts.scheduler.hasten(self.running)
        elif self._queue:
            self._interrupts_next = True
        else:
            return self.background.stop()
        return True

    @property
    def waiting_count(self) -> int:
        """How many requests wait for their turn."""
        return len(self._queue)

    @property
    def is_busy(self) -> bool:
        """Whether something runs, waits for its turn, or was done and is not stored yet: it must stay in memory."""
        return self._is_in_line or self._has_staged or self.background.is_ready

    # --- turns

    def begin_next(self) -> Run | None:
        """Begin the request that waits longest; None if there is none, or it was answered here or must wait."""
        if not self._queue:
            self._is_in_line = False
            return None
        handler, stopped = HANDLERS[self._queue[0].request.operation], self._queue[0].stopped
        reads_stored = handler.turn in AFTER_ALL or stopped is not None or not self.state.is_loaded
        if self._has_staged and reads_stored:
            self.parts.gate.after_commit(self._go_on)
            return None
        call = self._queue.pop(0)
        # An interrupt is for the one that was about to begin, whatever that is: none that comes later is meant.
        is_interrupted, self._interrupts_next = self._interrupts_next, False
        if handler.turn is Turn.SETTLED:
            self._answer_with(handler.work, call)
            self._go_on()
            return None
        try:
            work = handler.work if stopped is None else handler.finish
            return self._begin(call, work, is_interrupted=is_interrupted)
        except RefusedError as refused:
            self._answer(call, refused.failure)
        except Exception as defect:  # noqa: BLE001 - a session that cannot be brought back must not end the server
            self._answer(call, self.defective(call, defect))
        self._go_on()
        return None

    def _begin(self, call: Call, work: Callable[["Session", Run], Answer], *, is_interrupted: bool) -> Run:
        run = Run(self, call, partial(work, self))
        if call.stopped is not None:
            run.used_ns = run.counted_ns = call.stopped.used_ns
        run.evaluation = self.new_evaluation(call)
        self.background.pause()
        self.running = run
        if is_interrupted:
            run.evaluation.interrupt()
        return run

    def new_evaluation(self, call: Call) -> "Evaluation":
        """Make an evaluation with the budgets of a call, less the time it used before the server was stopped.

        Raises:
            RefusedError: the session's objects cannot be read.
        """
        settings = self.parts.settings
        asked_ms: int = call.request.parameters.get("timeout_ms", maxsize)
        cpu_ms = min(asked_ms, settings.cpu_budget_ms)
        if call.stopped is not None:
            cpu_ms = max(_BUDGET_MS_MIN, cpu_ms - call.stopped.used_ns // _NS_PER_MS)
        return self.state.image().begin(
            cpu_budget_ms=cpu_ms,
            wait_budget_ms=min(asked_ms, settings.wait_budget_ms),
            yield_=self.parts.evaluator.safe_point,
            park=self.parts.evaluator.park,
        )

    def lend(self, run: Run) -> None:
        """Let a run that is not done go to the quarantine worker, if it is one for that."""
        self.parts.loans.consider(run)

    def begin_again(self, run: Run, *, is_interrupted: bool) -> None:
        """Do a run anew that was lost on loan: nothing of it was kept.

        Args:
            run: it.
            is_interrupted: whether it is to stop as soon as it can.
        """
        self.running = None
        self.state.forget()
        run.call.stays = True
        self._interrupts_next |= is_interrupted
        self._queue.insert(0, run.call)
        self._go_on()

    def finish(self, run: Run) -> None:
        """Stage what a run did, which is encoded, and hold its answer until that is durable; or lend it, if packed."""
        if run.loan is not None and not run.loan.is_home:
            self.parts.loans.packed(run)
            return
        self.running = None
        if run.counted_ns or self.parts.fairness.is_processor_bounded:
            self.use_processor(run)
        answer = settled(self, run)
        self.parts.weights.used(self, run.used_ns)
        self._answer(run.call, answer)
        self._go_on()

    def use_processor(self, run: Run) -> None:
        """Count what a run used since it was counted last, for the session and its client."""
        now_ns, used_ns = self.parts.clock.monotonic_ns(), run.used_ns - run.counted_ns
        run.counted_ns = run.used_ns
        self.usage.add(used_ns, now_ns)
        self.parts.fairness.use_processor(self.client_id, used_ns, now_ns)

    def _answer(self, call: Call, answer: Answer) -> None:
        """Answer a call that left the queue."""
        self.stops.answered(call)
        self.parts.gate.answer(call, answer)

    def defective(self, call: Call, defect: Exception) -> Failure:
        """Log what must not happen, start again from the store, and return what the client is told."""
        self.failed("an operation failed unexpectedly", defect, operation=call.request.operation)
        return INTERNAL_ERROR

    def failed(self, what: str, defect: Exception, **about: Any) -> None:
        """Log what must not happen and start again from the store."""
        _log.error(what, sid=self.sid, **about, exc_info=defect)
        self.owner.session_failed(self)

    def _go_on(self) -> None:
        """Get back in line if more waits."""
        if self._queue:
            self.parts.scheduler.add(self)
        else:
            self._is_in_line = False

    # --- changes

    def stage(self, *changes: Change) -> None:
        """Let changes of this session be part of the tick's commit."""
        if changes:
            self.note_staged()
            self.parts.keeper.stage(*changes)

    def note_staged(self) -> None:
        """Note that the tick's commit has changes of this session."""
        self.parts.quotas.changed(self.client_id, self.sid)
        self._staged_in = self.parts.keeper.generation

    @property
    def _has_staged(self) -> bool:
        return self._staged_in == self.parts.keeper.generation

    def touch(self) -> None:
        """Write down when the session was last used."""
        expires_at_ms = expiry_ms(self.last_used_ms, self.parts.settings.retention_days)
        self.row = self.row._replace(last_modified_ms=self.last_used_ms, expires_at_ms=expires_at_ms)
        self.stage(SessionTouched(self.sid, self.last_used_ms, expires_at_ms))

    def change_meta(self, meta: dict[str, Any]) -> None:
        """Replace the session's stored plain data."""
        self.row = self.row._replace(meta=meta)
        self.stage(SessionMetaChanged(self.sid, meta))

    def change_mode(self, *, is_safe: bool) -> None:
        """Open the session in safe mode or as usual, see `state/quarantine.py`; it must be loaded anew if that differs.

        Raises:
            RefusedError: SessionError, it does something.
        """
        meta = opened(self.row.meta, is_safe=is_safe)
        if meta == self.row.meta:
            return
        if self._is_in_line:
            raise RefusedError("SessionError", "The session runs something; interrupt it, then ask for the other mode.")
        self.state.forget()
        self.change_meta(meta)
        if is_safe:
            self.background.begin()
        else:
            self.background.look_again()
            self.stops.begin()

    # --- ends

    def reset(self, failure: Failure) -> None:
        """Forget everything that is not in the store; the run under way ends, waiting requests go on."""
        had_run = self.end_run(failure)
        self.state.forget()
        row = self.parts.keeper.store.session(self.sid)
        if row is not None:
            self.row = row
        self.background.begin()
        if had_run:
            self._go_on()

    def close(self) -> None:
        """End for good; requests that came after the one that closes find no session."""
        self.row = self.row._replace(is_closed=True)
        self.end(Failure("SessionNotFound", "The session was closed before this was done."))
        self.owner.session_closed(self)

    def end(self, failure: Failure, *, is_repeatable: bool = False) -> None:
        """Answer everything that runs or waits with a failure; the session does nothing any more.

        Args:
            failure: the answer.
            is_repeatable: who has a key is told nothing: it asks again, which does then what was not begun or not done
                to its end, and would take a failure for the outcome.
        """
        running = self.running
        if running is not None:
            self.end_run(None if is_repeatable and running.call.key else failure)
            self._is_in_line = False
        while self._queue:
            call = self._queue.pop(0)
            if not (is_repeatable and call.key):
                self._answer(call, failure)
        self.background.pause()
        self.state.forget()

    def end_run(self, failure: Failure | None) -> bool:
        """End the run under way, answering a failure or, for None, nothing; True if there was one."""
        run, self.running = self.running, None
        if run is None:
            return False
        self.parts.scheduler.remove(run)
        self.parts.evaluator.abandon(run)
        self.parts.loans.drop(run)
        if failure is not None:
            self._answer(run.call, failure)
        return True
