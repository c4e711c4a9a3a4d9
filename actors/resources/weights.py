"""Weights: how much memory the live objects of each session take, measured, and what follows from it.

Measuring walks through the objects (`smalltalk.weigh`), so it is done rarely: of an evaluation that lasts, between two
of its slices, when the process grew by as much as the session may still take, or now and then; of a session that did a
few short ones, while there is nothing else to do and for a small part of the time. A session that takes more than it
may, and more than before, has its evaluation stopped and is set back to what is stored.

Thread: the loop.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from protocol import Failure

from ..clock import Clock
from ..settings import Settings

if TYPE_CHECKING:
    from types import FrameType

    from smalltalk import World

    from ..running.engine import Engine
    from ..running.evaluator import Run
    from ..sessions.session import Session
    from ..sessions.supervisor import Supervisor

LIMIT: Final = "session_memory_mb"
_MIB: Final = 1024 * 1024
#: An evaluation that goes on is weighed again after so many times what weighing took, and after a quarter second at
#: the earliest: growth that the system does not see, because it takes what others gave back, is seen by that.
_REST_PER_WEIGHING: Final = 20
_REST_NS_MIN: Final = 250_000_000
#: Part of the limit by which the process must have grown to weigh again.
_GROWTH_PART: Final = 16
#: Processor time of a session's short evaluations after which it is weighed when there is time.
_QUEUED_AFTER_NS: Final = 20_000_000
#: After a step of that, so many times its length without one.
_REST_PER_STEP: Final = 50


class Weight:
    """What one session takes.

    Attributes:
        bytes: as it was measured last, None if it was not.
        cost_ns: what measuring took.
        unweighed_ns: processor time its evaluations used since.
        is_queued: whether it is to be measured when there is time.
        is_over: whether it takes more than it may, so that each of its evaluations is weighed.
    """

    __slots__ = ("bytes", "cost_ns", "is_over", "is_queued", "unweighed_ns")

    def __init__(self) -> None:
        self.is_queued = False
        self.clear()

    def clear(self) -> None:
        """Its objects left memory."""
        self.bytes: int | None = None
        self.cost_ns = 0
        self.unweighed_ns = 0
        self.is_over = False


def weights_of(supervisor: "Supervisor") -> list[int]:
    """Return what the sessions in memory take, as they were measured last; those that did little yet were not."""
    return [live.session.weight.bytes or 0 for live in supervisor.roster]


class Weights:
    """The measuring, and the bound.

    Attributes:
        bytes_max: what a session may take, 0 for any.
    """

    def __init__(self, engine: "Engine", clock: Clock, settings: Settings) -> None:
        self._engine = engine
        self._clock = clock
        self._queue: dict[Session, None] = {}
        self._work: tuple[Session, World, Generator[int, None, int], int] | None = None
        self._next_ns = 0
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Hold another bound from now on."""
        self.bytes_max = settings.session_memory_mb * _MIB

    def weighing(self, session: "Session", frame: "FrameType | None") -> Generator[int, None, int]:
        """Weigh a session in steps.

        Args:
            session: whose objects are in memory.
            frame: where its evaluation stands, None for none.
        """
        return self._engine.weigh(session.state.image().world, frame)

    # --- evaluations

    def is_due(self, run: "Run") -> bool:
        """Tell whether a run that lasts is to be weighed now."""
        if not self.bytes_max:
            return False
        weight = run.session.weight
        room_bytes = self.bytes_max - (weight.bytes or 0)
        if run.unweighed_bytes > max(room_bytes, self.bytes_max // _GROWTH_PART):
            return True
        return run.used_ns - run.weighed_ns > max(_REST_NS_MIN, _REST_PER_WEIGHING * weight.cost_ns)

    def weighed(self, session: "Session", weight_bytes: int, cost_ns: int) -> None:
        """Note what a session takes."""
        weight = session.weight
        weight.bytes, weight.cost_ns, weight.unweighed_ns = weight_bytes, cost_ns, 0
        weight.is_over = 0 < self.bytes_max < weight_bytes

    def too_heavy(self, weight_bytes: int) -> Failure:
        """Return what the client of a session is told that takes more than it may."""
        maximum = self.bytes_max // _MIB
        return Failure(
            "LimitExceeded",
            f"The evaluation was stopped, and nothing of it was kept: the session's objects would take more than"
            f" {weight_bytes // _MIB} MB of memory, and {LIMIT} allows {maximum}.",
            {"limit": LIMIT, "maximum": maximum, "used_bytes": weight_bytes},
        )

    # --- when there is time

    def used(self, session: "Session", used_ns: int) -> None:
        """An evaluation of a session ended."""
        weight = session.weight
        weight.unweighed_ns += used_ns
        if not weight.is_queued and weight.unweighed_ns >= _QUEUED_AFTER_NS:
            weight.is_queued = True
            self._queue[session] = None

    def forget(self, session: "Session") -> None:
        """A session leaves memory."""
        session.weight.clear()
        session.weight.is_queued = False
        self._queue.pop(session, None)
        if self._work is not None and self._work[0] is session:
            self._work = None

    def step(self) -> None:
        """Weigh a little of a session that did something and does nothing now."""
        if not self._queue and self._work is None:
            return
        began_ns = self._clock.monotonic_ns()
        if began_ns < self._next_ns:
            return
        if self._work is None:
            session = next(iter(self._queue))
            del self._queue[session]
            session.weight.is_queued = False
            if not session.state.is_loaded or session.running is not None:
                return
            self._work = session, session.state.image().world, self.weighing(session, None), 0
        self._go_on(*self._work, began_ns)
        ended_ns = self._clock.monotonic_ns()
        self._next_ns = ended_ns + _REST_PER_STEP * (ended_ns - began_ns)

    def _go_on(
        self, session: "Session", world: "World", work: Generator[int, None, int], cost_ns: int, began_ns: int
    ) -> None:
        """Do one step of weighing a session; one that runs meanwhile, or was set back, is weighed another time."""
        self._work = None
        is_at_rest = session.running is None and session.state.is_loaded
        if not is_at_rest or session.state.image().world is not world:
            self.used(session, _QUEUED_AFTER_NS)
            return
        try:
            next(work)
        except StopIteration as end:
            self.weighed(session, end.value, cost_ns + self._clock.monotonic_ns() - began_ns)
        else:
            self._work = session, world, work, cost_ns + self._clock.monotonic_ns() - began_ns
