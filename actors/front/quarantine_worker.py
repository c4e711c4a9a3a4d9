"""The quarantine worker: the process in which sessions that hog the processor go on as guests of each other.

It has a lower priority than the other processes, so short requests elsewhere do not wait for it; its guests
take turns as evaluations do everywhere. It opens no store of the server and owns nothing: the records of its guests are
in memory, and whatever becomes of one is told to its owner.

One tick: take letters, give every evaluation its turn, send home what is done, tell now and then how it is. Thread:
the main thread of the process.
"""

import os
from contextlib import ExitStack
from typing import Final

from storage import MemoryStore, ObjectsChanged, SessionCreated, SessionPurged, SessionRow

from ..clock import Clock
from ..durability.events import Events
from ..durability.gate import OutputGate
from ..durability.keeper import Keeper
from ..durability.running_mark import RunningMark
from ..lending.guest import Guest
from ..lending.letters import (
    DROP,
    HOME,
    INTERRUPT,
    OFFER,
    PAUSED,
    RECALL,
    Homecoming,
    encoded,
    pack_homecoming,
    pack_offer,
    unpack_offer,
)
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..monitoring.counters import Counters
from ..monitoring.health import guest_figures
from ..monitoring.measures import Measures
from ..running.engine import Engine
from ..settings import Settings
from ..state.stopped import Stopped
from ..system import new_parts
from .letters import LOAN, ORPHANED
from .link import Link

#: Added to the process's niceness: where all want to run, the guests together get about a tenth of what a worker gets,
#: as hogs do that have one slice in eight.
_NICENESS: Final = 10
#: How long guests get to come to where they can be captured, when this process ends in good order.
_PAUSING_NS: Final = 500_000_000
_NS_PER_MS: Final = 1_000_000
_NS_PER_S: Final = 1_000_000_000
#: Between two times it tells how it is: often, so that a share of a processor can be read from two of them.
_TELLING_NS: Final = 250_000_000
_SLEEP_MS_MAX: Final = SERVER_LIMITS["sleep_ms_max"].value
_log = new_logger("quarantine")


class HeardEvents(Events):
    """What guests tell goes home with them: whether anybody listens, their owners know."""

    def has_channel(self, token: str) -> bool:  # noqa: ARG002 - any
        """Tell that somebody may."""
        return True


class QuarantineWorker:
    """The guests and their loop: make it, `run` it, `close` it."""

    def __init__(self, settings: Settings, clock: Clock, engine: Engine, link: Link) -> None:
        """Make it.

        Args:
            settings: of this process.
            clock: time and chance.
            engine: makes the images of the guests.
            link: to the front.
        """
        self._ends = ExitStack()
        self._clock = clock
        self._link = link
        counters, measures = Counters(), Measures()
        self._keeper = Keeper(MemoryStore, clock, counters, measures)
        gate = OutputGate(self._keeper, link, clock, counters, measures)
        mark = RunningMark()
        self._ends.callback(mark.close)
        self._parts = new_parts(
            settings,
            clock,
            self._keeper,
            gate=gate,
            events=HeardEvents(gate, clock),
            engine=engine,
            mark=mark,
            door=link,
            counters=counters,
            measures=measures,
            ends=self._ends,
        )
        #: By the name of the owner and the loan's number.
        self._guests: dict[tuple[bytes, bytes], Guest] = {}
        #: Those that are wanted home as they are, as soon as they can be captured.
        self._recalled: set[tuple[bytes, bytes]] = set()
        self._is_stopping = False
        self._began_ns = self._told_ns = clock.monotonic_ns()
        self._taken = 0
        link.on_letter = self._take
        link.on_stop = self.stop

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._is_stopping = True

    def run(self) -> None:
        """Serve until told to stop; then send home how far the guests have come."""
        os.nice(_NICENESS)
        while not self._is_stopping:
            self.tick()
        self.finish()

    def tick(self) -> None:
        """Do everything there is to do now; sleep first if there is nothing."""
        scheduler = self._parts.scheduler
        if not scheduler.has_work:
            due_ns = scheduler.due_in_ns()
            self._link.wait(_SLEEP_MS_MAX if due_ns is None else min(_SLEEP_MS_MAX, -(-due_ns // _NS_PER_MS)))
        for _ in self._link.receive():
            _log.error("a request came to the quarantine worker")
        if self._clock.monotonic_ns() - self._told_ns >= _TELLING_NS:
            self.tell()
        self._work()

    def tell(self) -> None:
        """Tell how it is, with the next flush."""
        self._told_ns = self._clock.monotonic_ns()
        weights = [guest.weight.bytes or 0 for guest in self._guests.values()]
        uptime_s = (self._told_ns - self._began_ns) // _NS_PER_S
        self._link.tell_figures(guest_figures(self._parts, weights, self._taken, uptime_s))

    def _work(self) -> None:
        scheduler = self._parts.scheduler
        scheduler.run_new()
        for key in list(self._recalled):
            self._pause(key)
        scheduler.run_parked()
        self._link.flush()

    # --- letters

    def _take(self, kind: bytes, letter: tuple[bytes, ...]) -> None:
        """Take a letter of the front."""
        if kind == ORPHANED:
            for key in [each for each in self._guests if each[0] == letter[0]]:
                self._end(key)
        elif kind == LOAN:
            owner, verb, number, content = letter
            self._obey((owner, number), verb, content)

    def _obey(self, key: tuple[bytes, bytes], verb: bytes, content: bytes) -> None:
        """Do what an owner wants."""
        if verb == OFFER:
            self._admit(key, content)
        elif verb == INTERRUPT and key in self._guests:
            self._guests[key].interrupt()
        elif verb == RECALL and key in self._guests:
            self._recalled.add(key)
        elif verb == DROP:
            self._end(key)

    def _admit(self, key: tuple[bytes, bytes], content: bytes) -> None:
        """Let a guest in."""
        offer = unpack_offer(content)
        row = SessionRow(*offer.row)
        self._keeper.stage(
            SessionCreated(row.sid, row.token, row.client_id, row.created_at_ms, row.expires_at_ms, row.meta),
            ObjectsChanged(row.sid, 1, offer.next_oid, encoded(offer.records)),
        )
        failure = self._keeper.commit()
        assert failure is None, failure

        def go_home(guest: Guest, home: Homecoming) -> None:
            if self._guests.get(key) is guest:
                self._send(key, HOME, pack_homecoming(home))
                self._end(key)

        self._taken += 1
        self._guests[key] = Guest(self._parts, row, Stopped(**offer.stopped), go_home)

    def _end(self, key: tuple[bytes, bytes]) -> None:
        """Let a guest leave memory."""
        guest = self._guests.pop(key, None)
        self._recalled.discard(key)
        if guest is None:
            return
        guest.end_run(None)
        guest.background.pause()
        guest.state.forget()
        self._parts.weights.forget(guest)
        self._keeper.stage(SessionPurged(guest.sid))
        self._keeper.commit()

    def _send(self, key: tuple[bytes, bytes], verb: bytes, content: bytes) -> None:
        owner, number = key
        self._link.write_of_loan(owner, verb, number, content)

    # --- the end

    def _pause(self, key: tuple[bytes, bytes]) -> None:
        """Capture a guest where it stands, and send it home like that; one that cannot be just now is tried again."""
        offer = self._guests[key].pause()
        if offer is not None:
            self._send(key, PAUSED, pack_offer(offer))
            self._end(key)

    def finish(self) -> None:
        """Send all guests home as they are; some have to run a little further before they can be captured."""
        self._recalled.update(self._guests)
        ends_ns = self._clock.monotonic_ns() + _PAUSING_NS
        while self._guests and self._clock.monotonic_ns() < ends_ns:
            self._work()

    def close(self) -> None:
        """End the guests that are left where they stand, and everything else."""
        for key in list(self._guests):
            self._end(key)
        self._ends.close()
