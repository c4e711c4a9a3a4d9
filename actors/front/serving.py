"""The composition root of a server with several workers: nursery first, then the front and what belongs to it.

The order matters: what workers share is loaded, the nursery is forked, and only then are there ZeroMQ and its threads.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from smalltalk import load_all
from storage import StoreError

from .. import loglines  # noqa: F401 - loaded before the fork: else the first line, of a worker's death, holds up all
from ..clock import Clock
from ..durability.sharded_store import open_store, shards_of
from ..errors import DataError, StartError
from ..logs import new_logger
from ..loop.wakeup import new_wakeup
from ..resources.process import settle_memory
from ..running.engine import Engine
from ..settings import ROWS, Settings
from ..traffic.connections import Connections
from ..traffic.gateway import Gateway, new_context
from .beats import Beats
from .dispatch import Dispatch
from .exchange import Exchange, path_in
from .front import Front
from .member import Member
from .nursery import open_nursery
from .routes import Whereabouts
from .slices import ask_for_short_slices
from .subscriptions import Subscriptions
from .workforce import Workforce

_log = new_logger("front")
#: Settings of the front itself, which is not started anew.
_KEPT: Final = (
    *("bind", "insecure_bind", "data", "workers", "quarantine_worker", "log_format", "log_level"),
    *("unread_mb", "connections_max", "message_bytes_max", "envelope_frames_max"),
)


class WorkerLostError(StartError):
    """A worker could not start; it said why itself, in the one sentence, unless a signal ended it."""

    def __init__(self, code: int) -> None:
        """Make it of what became of the worker: its exit code, or minus the signal's number."""
        super().__init__("" if code >= 0 else f"A worker was ended by signal {-code} before it served.")
        self.exit_code = code if code >= 0 else StartError.exit_code


class Service:
    """A server with several workers: make it, `start` it, `run` it, `close` it. Thread: the process's only one.

    Attributes:
        address: where it listens, with the real port.
    """

    def __init__(self, settings: Settings, clock: Clock, make_engine: Callable[..., Engine]) -> None:
        """Fork the nursery, and listen.

        Args:
            settings: checked.
            clock: time and chance.
            make_engine: makes the language, which the workers share; takes the store that keeps compiled code.

        Raises:
            StartError: the address or the data cannot be used.
        """
        self._settings = settings
        self._ends = ExitStack()
        try:
            self._open(settings, clock, make_engine)
        except BaseException:
            self._ends.close()
            raise

    def _open(self, settings: Settings, clock: Clock, make_engine: Callable[..., Engine]) -> None:
        engine = _loaded(settings, make_engine)
        shards, beats = shards_of(settings), Beats(settings.workers + 1)
        directory = _new_directory()
        path = path_in(directory)
        member = Member(shards, settings.workers, path, engine, clock, beats, Path(settings.data))
        settle_memory()
        lines = open_nursery(member.work, lambda: shutil.rmtree(directory, ignore_errors=True))
        self._ends.callback(lines.end)
        ask_for_short_slices()
        context = new_context()
        self._ends.callback(context.term)
        gateway = Gateway(context, Connections(), settings)
        self._ends.callback(gateway.close)
        gateway.bind(settings.bind)
        self.address = gateway.address
        exchange = Exchange(path)
        self._ends.callback(exchange.close)
        wakeup = new_wakeup()
        self._ends.callback(wakeup.close)
        for each in (wakeup, lines.socket, exchange):
            gateway.register(each.fileno())
        where = Whereabouts(shards, settings.workers)
        workforce = Workforce(settings.workers, settings, lines, clock, beats)
        dispatch = Dispatch(gateway, exchange, workforce, where, Subscriptions(), clock)
        self._front = Front(gateway, exchange, lines, workforce, dispatch, where, clock, wakeup)

    def start(self) -> None:
        """Start the workers and wait until all serve.

        Raises:
            StartError: one could not.
        """
        code = self._front.start_all()
        if code is not None:
            raise WorkerLostError(code)

    def run(self) -> None:
        """Serve until `stop`."""
        self._front.run()

    def stop(self) -> None:
        """Let `run` come to its end. Thread: any, also a signal handler."""
        self._front.stop()

    def reload(self, read: Callable[[], Settings]) -> None:
        """Start every worker anew with what settings are now, one after the other; address, data and number stay.

        The log tells what changed and what waits for the next start. Settings that cannot be read are told there, too,
        and the workers start anew with those they had.

        Thread: any, also a signal handler.
        """
        try:
            settings = read()
        except StartError as error:
            _log.error("the settings stay as they are", reason=str(error))
        else:
            differ = {row.name for row in ROWS if getattr(settings, row.name) != getattr(self._settings, row.name)}
            changed, waiting = sorted(differ.difference(_KEPT)), sorted(differ.intersection(_KEPT))
            _log.info("the settings were read again", changed=changed, waiting_for_a_start=waiting)
            self._settings = replace(settings, **{name: getattr(self._settings, name) for name in _KEPT})
        self._front.renew(self._settings)

    def close(self) -> None:
        """End everything, workers that are left included."""
        self._ends.close()


def _new_directory() -> Path:
    """Make the directory of the workers' socket.

    Raises:
        StartError: nothing can be written where temporary files belong.
    """
    try:
        return Path(tempfile.mkdtemp(prefix="stui-front-"))
    except OSError as error:
        raise StartError(f"The directory for the workers' socket cannot be made: {error.strerror}.") from error


def _loaded(settings: Settings, make_engine: Callable[..., Engine]) -> Engine:
    """Load all of the language, for the workers to share, with what the first shard keeps of it compiled.

    Raises:
        DataError: the data cannot be used.
    """
    load_all()
    try:
        store = open_store(Path(settings.data), [0])
        try:
            return make_engine(store)
        finally:
            store.close()
    except StoreError as error:
        raise DataError(str(error)) from error
