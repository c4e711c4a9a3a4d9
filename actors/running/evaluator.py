"""The evaluator: runs user code in greenlets, a slice at a time, within its budgets.

Each run of a session has a greenlet of its own. It is switched away only at a safe point, and only when this very run
has used up its slice: the timer sets the poll flag blindly, and whoever polls may have begun a moment ago. A run that
is not done after its slice is parked; its frames stay where they are, and the scheduler gives it another slice when
the others had theirs. Greenlets are used again, because making one costs more than a small evaluation.

Thread: the loop; its own stack is the hub that greenlets return to.
"""

from collections.abc import Callable, Generator
from math import inf
from typing import TYPE_CHECKING, Any, Final

import greenlet

from protocol import Failure

from ..clock import Clock
from ..durability.encoding import Encoding
from ..durability.running_mark import RunningMark
from ..limits import SERVER_LIMITS
from ..resources.memory_use import resident_bytes
from ..resources.weights import Weights
from ..settings import Settings
from ..traffic.call import Answer, Call, RefusedError
from .preempt import SHORT_PART

if TYPE_CHECKING:
    from smalltalk import Evaluation

    from ..lending.loans import Loan
    from ..sessions.session import Session

_IDLE_GREENLETS_MAX: Final = SERVER_LIMITS["idle_greenlets_max"].value
#: Part of a slice after which a poll ends it; the timer's ticks are not in step with the slices.
_SLICE_PART: Final = 0.5
#: A slice lasts at least so many times what switching to it took. Since CPython 3.12 that grows with the stack
#: (0.4 us each way): beside it the slices of a recursion 90,000 calls deep would be lost in switching (37 ms a pair).
_SWITCHES_PER_SLICE: Final = 4
#: Part of the bounded memory that runs may fill: a library that finds none at all ends the process, so some is left.
_USABLE_PART: Final = 0.75
#: A run stays at least so long where it began: most end before, and need not be moved.
LENT_FROM_NS: Final = 250_000_000
_NS_PER_MS: Final = 1_000_000
_MIB: Final = 1024 * 1024
#: What a client is told of a defect; the log says more.
INTERNAL_ERROR: Final = Failure("InternalError", "The operation failed for a reason inside the server; it was logged.")


class Run:
    """One operation of a session that runs user code.

    Attributes:
        session: where it runs.
        call: what was asked.
        body: does it; called once, in the run's greenlet.
        evaluation: its budget and its handlers, in the language.
        used_ns: time its slices took.
        counted_ns: how much of that was counted as its session's.
        grown_bytes: by how much the process grew during its slices.
        encoded_bytes: by how much it grew while it was encoded what the run changed.
        is_too_big: whether it was stopped for that.
        not_kept: what its client is told when nothing of it is kept, because its session takes too much memory.
        heavy_bytes: what its session may take, once that is measured.
        weighing: the measuring under way, see `resources/weights.py`.
        weighing_began_ns: the time its slices had taken when that began.
        weighed_ns: the time they had taken when it ended last.
        encoding: what encodes what it changed, after its end; None where nothing of it is kept.
        unweighed_bytes: by how much the process grew during its slices since.
        slice_ns: length of its slices.
        lent_from_ns: time its slices must have taken before it may be lent.
        loan: the loan it is, None while it is here.
        standing: the greenlet to go on with: its own, or that of a process of its session that has the turn.
        parked_at_ns: since when it waits for its next slice, monotonic.
        parked_behind: how many stood before it in its line then.
        wake_at_ns: until when it sleeps, nanoseconds since 1970; None while it does not.
        answer: what came of it, once it is done.
        defect: the exception that escaped, which is a defect of the server.
        history: its entry in the session's history, if it has one.
        events: what subscribers are told once it is durable: `(name, data)`.
    """

    __slots__ = (
        "answer",
        "body",
        "call",
        "counted_ns",
        "defect",
        "encoded_bytes",
        "encoding",
        "evaluation",
        "events",
        "greenlet",
        "grown_bytes",
        "heavy_bytes",
        "history",
        "is_too_big",
        "lent_from_ns",
        "loan",
        "not_kept",
        "parked_at_ns",
        "parked_behind",
        "session",
        "slice_ns",
        "standing",
        "unweighed_bytes",
        "used_ns",
        "wake_at_ns",
        "weighed_ns",
        "weighing",
        "weighing_began_ns",
    )

    def __init__(self, session: "Session", call: Call, body: Callable[["Run"], Answer]) -> None:
        self.session = session
        self.call = call
        self.body = body
        self.evaluation: Evaluation | None = None
        self.greenlet: greenlet.greenlet | None = None
        self.used_ns = 0
        self.counted_ns = 0
        self.grown_bytes = self.encoded_bytes = 0
        self.is_too_big = False
        self.not_kept: Failure | None = None
        self.heavy_bytes: int | None = None
        self.weighing: Generator[int, None, int] | None = None
        self.weighing_began_ns = self.weighed_ns = self.unweighed_bytes = 0
        self.encoding: Encoding | None = None
        self.lent_from_ns: float = LENT_FROM_NS
        self.loan: Loan | None = None
        self.slice_ns = 0
        self.standing: greenlet.greenlet | None = None
        self.parked_at_ns = 0
        self.parked_behind = 0
        self.wake_at_ns: int | None = None
        self.answer: Answer | None = None
        self.defect: Exception | None = None
        self.history: dict[str, Any] | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []

    @property
    def is_between_slices(self) -> bool:
        """Whether it stands at a safe point or sleeps: it is not done, stopped or encoded; it may be weighed."""
        return (
            self.greenlet is not None
            and self.answer is None
            and self.encoding is None
            and self.not_kept is None
            and not self.is_too_big
        )

    def memory_limit(self, grown_bytes: int) -> dict[str, Any]:
        """Name the setting that it broke when the process grew so much: its own bound, or that of the whole process."""
        settings = self.session.parts.settings
        if grown_bytes > settings.memory_growth_mb * _MIB:
            return {"limit": "memory_growth_mb", "maximum": settings.memory_growth_mb}
        return {"limit": "memory_max_mb", "maximum": settings.memory_max_mb}

    def too_big_to_store(self) -> RefusedError:
        """Return what its client is told when encoding what it changed took too much memory."""
        text = "Nothing of the evaluation was kept: storing what it changed took too much memory."
        return RefusedError("LimitExceeded", text, self.memory_limit(self.encoded_bytes))


class Evaluator:
    """Gives slices to runs, and to the processes of sessions without one.

    Attributes:
        mark: tells the next server which session ran if this one dies.
    """

    def __init__(self, clock: Clock, settings: Settings, weights: Weights, mark: RunningMark) -> None:
        """Make it on the thread whose stack greenlets return to.

        Args:
            clock: time.
            settings: the length of slices, and the bounds on the process's memory.
            weights: the bound on a session's memory.
            mark: where the session that runs is noted.
        """
        self.mark = mark
        self._clock = clock
        self._weights = weights
        free_bytes = settings.memory_max_mb * _MIB * _USABLE_PART
        self._resident_bytes_max = resident_bytes() + free_bytes if settings.memory_max_mb else inf
        self._slice_ns = self._turn_ns = int(settings.slice_ms * _NS_PER_MS * _SLICE_PART)
        self._growth_bytes_max = settings.memory_growth_mb * _MIB
        self._hub = greenlet.getcurrent()
        self._idle: list[greenlet.greenlet] = []
        self._slice_began_ns = 0
        self._running: Run | None = None

    def step(self, run: Run, *, is_short: bool = False) -> bool:
        """Give a run one slice, perhaps a short one; True if it is done, and what it changed is encoded."""
        self._turn_ns = int(self._slice_ns * SHORT_PART) if is_short else self._slice_ns
        if run.encoding is not None:
            return self._encode(run, run.encoding)
        if run.weighing is not None:
            self._weigh(run)
        elif run.greenlet is None:
            run.greenlet = self._idle.pop() if self._idle else greenlet.greenlet(self._serve)
            self._switch(run)
            if run.session.weight.is_over:
                self._begin_weighing(run)
        else:
            before_bytes = resident_bytes()
            self._switch(run)
            self._bound_memory(run, before_bytes, resident_bytes())
            if self._weights.is_due(run):
                self._begin_weighing(run)
        if run.answer is None or run.weighing is not None:
            return False
        state = run.session.state
        if run.defect is not None or run.not_kept is not None or state.damage is not None:
            return True
        run.encoding = Encoding(state.encoding(run.history))
        self.mark.enter(run.session.sid)
        is_done = run.encoding.step()  # nearly always one step is all it takes
        self.mark.leave()
        return is_done

    def _encode(self, run: Run, encoding: Encoding) -> bool:
        """Encode for a slice what a run changed, unless that takes too much memory; True if it is done."""
        began_ns = now_ns = self._clock.monotonic_ns()
        before_bytes, is_done = resident_bytes(), False
        self.mark.enter(run.session.sid)
        while not is_done and now_ns - began_ns < self._turn_ns:
            is_done = encoding.step()
            now_ns = self._clock.monotonic_ns()
        self.mark.leave()
        run.used_ns += now_ns - began_ns
        after_bytes = resident_bytes()
        run.encoded_bytes = max(0, run.encoded_bytes + after_bytes - before_bytes)
        if not is_done and self.is_too_big(run.encoded_bytes, before_bytes, after_bytes):
            encoding.refuse(run.too_big_to_store())
            return True
        return is_done

    def _begin_weighing(self, run: Run) -> None:
        """Weigh a run's session, where it stands or at its end, in the slices that follow."""
        session = run.session
        if run.heavy_bytes is None:
            # Who takes too much already may go on that makes it no worse.
            run.heavy_bytes = max(self._weights.bytes_max, session.weight.bytes or 0)
        frame = None
        if run.answer is None:
            assert run.standing is not None
            frame = run.standing.gr_frame
        run.weighing = self._weights.weighing(session, frame)
        run.weighing_began_ns = run.used_ns

    def _weigh(self, run: Run) -> None:
        """Weigh for a slice; stop the run when its session takes too much."""
        assert run.weighing is not None
        assert run.heavy_bytes is not None
        began_ns = now_ns = self._clock.monotonic_ns()
        weight_bytes, is_whole = 0, False
        while now_ns - began_ns < self._turn_ns and weight_bytes <= run.heavy_bytes and not is_whole:
            try:
                weight_bytes = next(run.weighing)
            except StopIteration as end:
                weight_bytes, is_whole = end.value, True
            now_ns = self._clock.monotonic_ns()
        run.used_ns += now_ns - began_ns
        if not is_whole and weight_bytes <= run.heavy_bytes:
            return
        run.weighing, run.weighed_ns, run.unweighed_bytes = None, run.used_ns, 0
        self._weights.weighed(run.session, weight_bytes, run.used_ns - run.weighing_began_ns)
        if weight_bytes > run.heavy_bytes:
            run.not_kept = self._weights.too_heavy(weight_bytes)
            if run.evaluation is not None:
                run.evaluation.interrupt("memory")

    def _switch(self, run: Run) -> None:
        standing = run.standing or run.greenlet
        assert standing is not None
        self._running = run
        self._slice_began_ns = began_ns = self._clock.monotonic_ns()
        self.mark.enter(run.session.sid)
        standing.switch(run)
        self.mark.leave()
        run.used_ns += self._clock.monotonic_ns() - began_ns

    def used_ms(self, run: Run) -> int:
        """Return the time a run has used, in whole milliseconds; called by the run itself."""
        return (run.used_ns + self._clock.monotonic_ns() - self._slice_began_ns) // _NS_PER_MS

    def safe_point(self) -> bool:
        """Let others run if the slice is used up; True if it was. Called in a greenlet of a run."""
        run = self._running
        assert run is not None
        if self._clock.monotonic_ns() - self._slice_began_ns < max(self._turn_ns, run.slice_ns):
            return False
        run.standing = greenlet.getcurrent()
        self._hub.switch()
        run.slice_ns = _SWITCHES_PER_SLICE * (self._clock.monotonic_ns() - self._slice_began_ns)
        return True

    def park(self, until_ns: int) -> None:
        """Let others run until a time (nanoseconds since 1970), or until the run is woken. Called in its greenlet."""
        run = self._running
        assert run is not None
        run.wake_at_ns = until_ns
        run.standing = greenlet.getcurrent()
        self._hub.switch()
        run.wake_at_ns = None

    def background_slice(
        self, work: Callable[[Callable[[], bool]], None], slice_ns: int, is_too_big: Callable[[], bool]
    ) -> int:
        """Let processes run for a slice; return the time it took, in nanoseconds.

        Args:
            work: runs them until the function it is given answers true.
            slice_ns: length of the slice, at least; one longer than usual ends early when they take too much memory.
            is_too_big: whether they do.
        """
        length_ns = max(self._slice_ns, slice_ns)
        began_ns = self._clock.monotonic_ns()

        def is_over() -> bool:
            used_ns = self._clock.monotonic_ns() - began_ns
            return used_ns >= length_ns or (used_ns >= self._slice_ns and is_too_big())

        work(is_over)
        return self._clock.monotonic_ns() - began_ns

    def abandon(self, run: Run) -> None:
        """End a parked run where it stands; none of its `ensure:` blocks run, as in a crash."""
        if run.encoding is not None:
            run.encoding.close()
        if run.greenlet is not None and run.answer is None:
            run.greenlet.throw(greenlet.GreenletExit)
            run.greenlet = None

    def close(self) -> None:
        """End the greenlets that wait for a run: nobody sees what those that stand still refer to."""
        while self._idle:
            self._idle.pop().switch(None)

    def _serve(self, run: Run | None) -> None:
        """Do one run after the other. Runs in a greenlet."""
        while run is not None:
            run.answer = self._contained(run)
            # Nothing of the run may stay alive in the idle greenlet's frame.
            run = None
            if len(self._idle) >= _IDLE_GREENLETS_MAX:
                return
            self._idle.append(greenlet.getcurrent())
            run = self._hub.switch()

    def _contained(self, run: Run) -> Answer:
        """Do a run; whatever it raises becomes its answer, because it must not reach the actors around it."""
        try:
            return run.body(run)
        except RefusedError as refused:
            return refused.failure
        except Exception as defect:  # noqa: BLE001 - a defect of one operation must not end the server
            run.defect = defect
            return INTERNAL_ERROR

    def _bound_memory(self, run: Run, before_bytes: int, after_bytes: int) -> None:
        """Stop a run that takes too much memory."""
        run.grown_bytes = max(0, run.grown_bytes + after_bytes - before_bytes)
        run.unweighed_bytes = max(0, run.unweighed_bytes + after_bytes - before_bytes)
        if self.is_too_big(run.grown_bytes, before_bytes, after_bytes) and run.evaluation is not None:
            run.is_too_big = True
            run.evaluation.interrupt("memory")

    def is_too_big(self, grown_bytes: int, before_bytes: int, after_bytes: int) -> bool:
        """Return whether work made the process grow beyond the limit, or makes a nearly full one grow.

        Args:
            grown_bytes: by how much the process grew during all slices of the work.
            before_bytes: resident memory before this slice.
            after_bytes: resident memory now.
        """
        is_full = after_bytes > self._resident_bytes_max and after_bytes > before_bytes
        return is_full or grown_bytes > self._growth_bytes_max
