"""The workforce: the front's book of its workers, who starts, serves, ends and is to be started again.

A worker that died is replaced at once; one whose place saw too many deaths lately after a pause that doubles
(`sessions/restart.py`), so that a defect that kills at every start does not take the machine with it.

Thread: the front's.
"""

from contextlib import suppress
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ..logs import new_logger
from ..sessions.restart import may_restart, recent_failures, restart_pause_ms
from .beats import is_stuck

if TYPE_CHECKING:
    from ..clock import Clock
    from ..settings import Settings
    from .beats import Beats
    from .nursery import Lines

_NS_PER_MS: Final = 1_000_000
_NS_PER_S: Final = 1_000_000_000
#: What a worker gets at its end beyond its own grace: to store what runs and to commit.
_ENDING_NS: Final = 5 * _NS_PER_S
#: After so long without a look it was not the workers that stood still.
_PAUSE_NS: Final = _NS_PER_S
_log = new_logger("front")


class State(Enum):
    """What a worker does."""

    STARTING = "was ordered, and has not said hello"
    SERVING = "takes requests"
    ENDING = "was told to end in good order"
    AWAY = "ended, and is not ordered again yet"


class Place:
    """The place of one worker, whoever fills it.

    Attributes:
        index: which shards it has follows from it.
        state: of the worker that has the place now.
        name: of that worker; never given twice.
        routing_id: the same as the exchange's socket knows it.
        pid: its process, 0 before the nursery told.
        is_finished: whether it said that nothing comes any more.
        restarts: how many workers died in this place.
        failures_ms: times of their deaths that still count, monotonic.
        figures: what the quarantine worker told of itself last, None before that and for others.
        due_ns: while AWAY, when the next one is to be ordered; while ENDING, when it has to be over.
    """

    def __init__(self, index: int) -> None:
        self.index = index
        self.state = State.AWAY
        self.name = ""
        self.routing_id = b""
        self.pid = 0
        self.is_finished = False
        self.restarts = 0
        self.failures_ms: tuple[int, ...] = ()
        self.figures: dict[str, Any] | None = None
        self.due_ns = 0
        self.generation = 0


class Workforce:
    """All places.

    Attributes:
        settings: what workers are started with.
        places: those of the workers that have shards.
        quarantine: that of the quarantine worker, None if there is none.
        all: those and that.
        is_complete: whether all were there once; what ends before that says itself why it cannot start.
    """

    def __init__(self, count: int, settings: "Settings", lines: "Lines", clock: "Clock", beats: "Beats") -> None:
        self.is_complete = False
        self._by_routing_id: dict[bytes, Place] = {}
        self.places = [Place(index) for index in range(count)]
        self.quarantine = Place(count) if settings.quarantine_worker else None
        self.all = self.places if self.quarantine is None else [*self.places, self.quarantine]
        self.settings = settings
        self._lines = lines
        self._clock = clock
        self._beats = beats
        self._watched_ns = clock.monotonic_ns()

    def find(self, routing_id: bytes) -> Place | None:
        """Return the place of a worker, None if it is not its place's present one."""
        return self._by_routing_id.get(routing_id)

    def order(self, place: Place) -> None:
        """Have a worker started."""
        self._by_routing_id.pop(place.routing_id, None)
        place.generation += 1
        place.name = f"{place.index}.{place.generation}"
        place.routing_id = place.name.encode()
        self._by_routing_id[place.routing_id] = place
        place.state, place.pid, place.is_finished = State.STARTING, 0, False
        self._write({"start": place.name, "index": place.index, "settings": asdict(self.settings)})

    def serves(self, place: Place) -> None:
        """A worker said hello."""
        place.state = State.SERVING
        self._beats.beat(place.index, self._clock.monotonic_ns())

    def ends(self, place: Place) -> None:
        """A worker is told to end."""
        place.state, place.due_ns = State.ENDING, self._clock.monotonic_ns() + self.ending_ns

    @property
    def ending_ns(self) -> int:
        """How long a worker may take to end."""
        return int(self.settings.shutdown_grace_s * _NS_PER_S) + _ENDING_NS

    def watch(self) -> None:
        """Have workers killed whose loop stands still, and those that do not end.

        If the front itself stood still, halted with the whole machine or the whole container, the workers did so, too,
        and get their time anew.
        """
        now_ns = self._clock.monotonic_ns()
        paused_ns, self._watched_ns = now_ns - self._watched_ns, now_ns
        if paused_ns > _PAUSE_NS:
            for place in self.all:
                self._beats.beat(place.index, now_ns)
                if place.state is State.ENDING:
                    place.due_ns += paused_ns
        for place in self.all:
            is_late = place.state is State.ENDING and now_ns > place.due_ns
            is_still = place.state is State.SERVING and is_stuck(
                self._beats.last_ns(place.index), now_ns, self.settings.watchdog_s
            )
            if is_late or is_still:
                _log.warning("a worker stands still and is killed", worker=place.index, pid=place.pid)
                self.kill(place)
                # Until it is known to be dead it is not killed again.
                self._beats.beat(place.index, now_ns)
                place.due_ns = now_ns + self.ending_ns

    def kill(self, place: Place) -> None:
        """Have a worker killed; the nursery tells when it is dead."""
        self._write({"kill": place.name})

    def _write(self, order: dict[str, Any]) -> None:
        """Send an order to the nursery; that it is gone is found when it is listened to."""
        with suppress(OSError):
            self._lines.write(order)

    def take(self, news: dict[str, Any]) -> Place | None:
        """Write down what the nursery told; answer the place whose worker ended, None if none did."""
        place = self.find((news.get("started") or news["ended"]).encode())
        if place is None:
            return None
        if "started" in news:
            place.pid = news["pid"]
            return None
        self._ended(place, news["code"])
        return place

    def _ended(self, place: Place, code: int) -> None:
        now_ns = self._clock.monotonic_ns()
        pause_ms = 0
        if not (place.is_finished and code == 0):
            now_ms = now_ns // _NS_PER_MS
            place.failures_ms = (*recent_failures(place.failures_ms, now_ms), now_ms)
            pause_ms = restart_pause_ms(place.failures_ms, now_ms)
            place.restarts += 1
            if self.is_complete:
                _log.warning("a worker died", worker=place.index, pid=place.pid, code=code, pause_ms=pause_ms)
        place.state, place.due_ns = State.AWAY, now_ns + pause_ms * _NS_PER_MS
        place.figures = None

    def order_due(self) -> None:
        """Order the workers whose pause is over."""
        now_ns = self._clock.monotonic_ns()
        for place in self.all:
            if place.state is State.AWAY and now_ns >= place.due_ns:
                self.order(place)

    def due_in_ns(self) -> int | None:
        """Return when `order_due` has something to do, None for never."""
        due_ns = [place.due_ns for place in self.all if place.state is State.AWAY]
        return max(0, min(due_ns) - self._clock.monotonic_ns()) if due_ns else None

    @property
    def is_lending(self) -> bool:
        """Whether there is a quarantine worker that takes letters, also one that is about to end."""
        return self.quarantine is not None and self.quarantine.state in (State.SERVING, State.ENDING)

    def is_failing(self, place: Place) -> bool:
        """Tell whether there is no worker in a place because those before died too often: nobody knows for how long."""
        now_ms = self._clock.monotonic_ns() // _NS_PER_MS
        return place.state in (State.AWAY, State.STARTING) and not may_restart(place.failures_ms, now_ms)

    def in_state(self, state: State) -> list[Place]:
        """Return the places in a state."""
        return [place for place in self.all if place.state is state]
