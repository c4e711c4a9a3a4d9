"""A member of the workforce: the process of one worker, from its fork to its end.

It is the same `System` that serves alone, with a link to the front in place of the socket and the stores of its shards
in place of the one. The last member is the quarantine worker, which has guests in place of shards (`lending/`).
"""

import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from storage import Store, StoreError

from ..clock import Clock
from ..durability.running_mark import RunningMark
from ..durability.sharded_store import open_store
from ..durability.shards import FIRST_SHARD, deal, home
from ..errors import DataError, StartError
from ..lending.loans import Loans
from ..resources.process import drop_descriptors, prepare_process, settle_memory
from ..running.engine import Engine
from ..settings import Settings
from ..system import System
from ..version import SERVER_NAME
from .beats import Beats, idle_sleep_ms
from .letters import LENDING, LOAN, OPEN
from .link import Link
from .quarantine_worker import QuarantineWorker

if TYPE_CHECKING:
    import zmq

_TUPLES: Final = ("allow_clients", "deny_clients", "capabilities")


class Member:
    """What all members share; made before the first fork.

    Attributes:
        shards: how many there are.
        workers: how many members there are.
    """

    def __init__(
        self, shards: int, workers: int, path: str, engine: Engine, clock: Clock, beats: Beats, data: Path
    ) -> None:
        self.shards = shards
        self.workers = workers
        self._path = path
        self._engine = engine
        self._clock = clock
        self._beats = beats
        self._data = data

    def work(self, order: dict[str, Any], lifeline: int) -> int:
        """Be one worker until the front wants it to end; answer the exit code.

        Args:
            order: the front's, see `nursery.py`.
            lifeline: see `Link`.
        """
        name, index, settings = order["start"], order["index"], settings_of(order["settings"])
        prepare_process(settings.stack_mb, settings.memory_max_mb)
        drop_descriptors()
        own = member_settings(settings, self.workers)
        try:
            if index == self.workers:
                self._be_quarantine(name, index, own, lifeline)
            else:
                self._serve(name, index, own, lifeline)
        except StartError as error:
            sys.stderr.write(f"{SERVER_NAME}: {error}\n")
            return error.exit_code
        return 0

    def _link(self, name: str, index: int, settings: Settings, lifeline: int, *, has_anonymous: bool) -> Link:
        """Connect to the front."""
        return Link(
            self._path,
            name.encode(),
            has_anonymous=has_anonymous,
            beat=self._beats.beater(index, self._clock.monotonic_ns),
            sleep_ms_max=idle_sleep_ms(settings.watchdog_s),
            lifeline=lifeline,
        )

    def _serve(self, name: str, index: int, settings: Settings, lifeline: int) -> None:
        """Be the worker of some shards."""
        shards = deal(self.shards, self.workers)[index]
        links: list[Link] = []

        def open_door(_settings: Settings, _context: "zmq.Context[zmq.Socket[bytes]]") -> Link:
            has_anonymous = FIRST_SHARD in shards
            links.append(self._link(name, index, settings, lifeline, has_anonymous=has_anonymous))
            return links[0]

        system = System(
            settings,
            self._clock,
            lambda _store: self._engine,
            lambda: open_store(self._data, shards),
            open_door,
            lambda: RunningMark(self._data, shards),
        )
        try:
            link, parts = links[0], system.supervisor.parts
            link.on_stop = system.stop
            link.on_letter = partial(_take_letter, parts.loans)
            parts.loans.tell = link.write_of_loan
            settle_memory()
            link.hello(self._strays(parts.keeper.store, shards))
            system.run()
            link.bye()
        finally:
            system.close()

    def _be_quarantine(self, name: str, index: int, settings: Settings, lifeline: int) -> None:
        """Be the quarantine worker."""
        with ExitStack() as ends:
            link = self._link(name, index, settings, lifeline, has_anonymous=False)
            ends.callback(link.close)
            worker = QuarantineWorker(settings, self._clock, self._engine, link)
            ends.callback(worker.close)
            settle_memory()
            link.hello([])
            worker.tell()
            worker.run()
            link.bye()

    def _strays(self, store: Store, shards: list[int]) -> list[str]:
        """Return the clients that the front would look for elsewhere."""
        try:
            return [each for each in store.clients() if home(each, self.shards) not in shards]
        except StoreError as error:
            raise DataError(str(error)) from error


def _take_letter(loans: Loans, kind: bytes, letter: tuple[bytes, ...]) -> None:
    """Take a letter of the front about lending."""
    if kind == LOAN:
        loans.take(*letter)
    elif kind == LENDING and letter == (OPEN,):
        loans.open()
    elif kind == LENDING:
        loans.close()


def settings_of(values: dict[str, Any]) -> Settings:
    """Return settings that came as JSON."""
    given: dict[str, Any] = {name: tuple(value) if name in _TUPLES else value for name, value in values.items()}
    return Settings(**given)


def member_settings(settings: Settings, workers: int) -> Settings:
    """Return the settings of one worker: its part of what is meant for all."""
    return replace(
        settings,
        clients_max=-(-settings.clients_max // workers),
        sessions_max=-(-settings.sessions_max // workers),
        http="",
    )
