"""A member of the workforce: the process of one worker, from its fork to its end.

It is the same `System` that serves alone, with a link to the front in place of the socket and the stores of its shards
in place of the one.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from storage import Store, StoreError

from ..clock import Clock
from ..engine import Engine
from ..errors import DataError, StartError
from ..process import prepare_process, settle_memory
from ..running_mark import RunningMark
from ..settings import Settings
from ..sharded_store import open_store
from ..shards import FIRST_SHARD, deal, home
from ..system import System
from ..version import SERVER_NAME
from .beats import Beats, idle_sleep_ms
from .link import Link

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
        self, shards: int, workers: int, endpoint: str, engine: Engine, clock: Clock, beats: Beats, data: Path
    ) -> None:
        self.shards = shards
        self.workers = workers
        self._endpoint = endpoint
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
        try:
            self._serve(order["start"], order["index"], settings_of(order["settings"]), lifeline)
        except StartError as error:
            sys.stderr.write(f"{SERVER_NAME}: {error}\n")
            return error.exit_code
        return 0

    def _serve(self, name: str, index: int, settings: Settings, lifeline: int) -> None:
        prepare_process(settings.stack_mb, settings.memory_max_mb)
        shards = deal(self.shards, self.workers)[index]
        links: list[Link] = []

        def open_door(_settings: Settings, context: "zmq.Context[zmq.Socket[bytes]]") -> Link:
            beat = self._beats.beater(index, self._clock.monotonic_ns)
            has_anonymous = FIRST_SHARD in shards
            link = Link(
                context,
                self._endpoint,
                name.encode(),
                has_anonymous=has_anonymous,
                beat=beat,
                sleep_ms_max=idle_sleep_ms(settings.watchdog_s),
                lifeline=lifeline,
            )
            links.append(link)
            return link

        own = member_settings(settings, self.workers)
        system = System(
            own,
            self._clock,
            lambda _store: self._engine,
            lambda: open_store(self._data, shards),
            open_door,
            lambda: RunningMark(self._data, shards),
        )
        try:
            link = links[0]
            link.on_stop = system.stop
            settle_memory()
            link.hello(self._strays(system.supervisor.parts.keeper.store, shards))
            system.run()
            link.bye()
        finally:
            system.close()

    def _strays(self, store: Store, shards: list[int]) -> list[str]:
        """Return the clients that the front would look for elsewhere."""
        try:
            return [each for each in store.clients() if home(each, self.shards) not in shards]
        except StoreError as error:
            raise DataError(str(error)) from error


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
