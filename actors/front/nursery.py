"""The nursery: the process that forks the workers and tells the front when one ended.

Forking is safe only from a process with one thread, and the front has ZeroMQ's. So before the front makes any, it
forks the nursery, which has everything a worker needs loaded and does nothing but wait. It is the workers' parent: it
hears of an end at once, and only it may kill one without a chance of hitting another process of the same number.

The front and the nursery talk over a pair of sockets, a line of JSON each:

| from | line |
|---|---|
| front | `{"start": name, "index": i, "settings": {...}}`, `{"kill": name}` |
| nursery | `{"started": name, "pid": n}`, `{"ended": name, "code": exit code, or minus the signal's number}` |

If the front is gone, the nursery kills the workers and ends; if the nursery is gone, the workers end themselves.
"""

import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

from ..logs import new_logger

_READ_BYTES: Final = 65_536
_EXIT_DEFECT: Final = 1
#: Told to the whole group of processes by a terminal or a service manager: the front alone acts on them.
_FOR_THE_FRONT: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = new_logger("nursery")


class Lines:
    """One end of the pair of sockets."""

    def __init__(self, line: socket.socket) -> None:
        self.socket = line
        self._unread = b""

    def write(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            OSError: the other end is gone.
        """
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> list[dict[str, Any]] | None:
        """Return the messages that are there, waiting for the first bytes; None if the other end is gone."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except ConnectionError:
            return None
        if not data:
            return None
        *whole, self._unread = (self._unread + data).split(b"\n")
        return [json.loads(line) for line in whole]

    def end(self) -> None:
        """Let the other end go, and wait until it is gone too: then nobody holds the data any more."""
        with suppress(OSError):  # it may be gone already
            self.socket.shutdown(socket.SHUT_WR)
        while self.read() is not None:
            pass
        self.socket.close()


class Nursery:
    """The nursery's own side."""

    def __init__(self, line: socket.socket, work: Callable[[dict[str, Any], int], int]) -> None:
        """Make it, in its own process.

        Args:
            line: its end of the pair.
            work: what a worker does: takes the order to start it and its lifeline, answers its exit code.
        """
        self._lines = Lines(line)
        self._work = work
        self._names: dict[int, str] = {}
        self._woken, self._waker = socket.socketpair()
        self._lifeline, self._lifeline_end = os.pipe()
        for end in (self._woken, self._waker):
            end.settimeout(0)

    def serve(self) -> None:
        """Fork, kill and tell until the front is gone."""
        for number in _FOR_THE_FRONT:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        selector.register(self._lines.socket, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        try:
            while True:
                readable = {key.fileobj for key, _ in selector.select()}
                if self._woken in readable:
                    self._woken.recv(_READ_BYTES)
                    self._reap()
                if self._lines.socket in readable and not self._obey():
                    return
        except OSError:
            return  # the front is gone in the middle of a line
        finally:
            self._end_all()
            signal.set_wakeup_fd(-1)
            self.close()

    def close(self) -> None:
        """Give back what it made for itself."""
        self._woken.close()
        self._waker.close()
        os.close(self._lifeline)
        os.close(self._lifeline_end)

    def _obey(self) -> bool:
        """Do what the front wants; False if it is gone."""
        orders = self._lines.read()
        for order in orders or ():
            if "start" in order:
                self._start(order)
            else:
                self._kill(order["kill"])
        return orders is not None

    def _start(self, order: dict[str, Any]) -> None:
        name = order["start"]
        try:
            pid = os.fork()
        except OSError as error:
            # No memory or no process is left: as a worker that died at once, to be tried again after a pause.
            _log.error("a worker cannot be started", worker=name, reason=error.strerror)
            self._lines.write({"ended": name, "code": _EXIT_DEFECT})
            return
        if pid == 0:
            self._be_worker(order)
        self._names[pid] = name
        self._lines.write({"started": name, "pid": pid})

    def _be_worker(self, order: dict[str, Any]) -> NoReturn:
        """In the child: drop what is the nursery's, work, and never come back."""
        code = _EXIT_DEFECT
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._lines.socket, self._woken, self._waker):
                end.close()
            os.close(self._lifeline_end)
            code = self._work(order, self._lifeline)
        except BaseException:  # noqa: BLE001 - whatever it is, this process ends here and says why
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _kill(self, name: str) -> None:
        for pid, each in self._names.items():
            if each == name:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Tell of every worker that has ended."""
        for pid in list(self._names):
            reaped, status = os.waitpid(pid, os.WNOHANG)
            if reaped:
                name = self._names.pop(pid)
                self._lines.write({"ended": name, "code": os.waitstatus_to_exitcode(status)})

    def _end_all(self) -> None:
        """Leave no worker behind: it would hold the data."""
        for pid in self._names:
            os.kill(pid, signal.SIGKILL)
        for pid in self._names:
            os.waitpid(pid, 0)


def open_nursery(work: Callable[[dict[str, Any], int], int], at_end: Callable[[], None]) -> Lines:
    """Fork the nursery; answer the front's end of the line to it.

    Args:
        work: see `Nursery`.
        at_end: done by the nursery when all is over, also when the front was killed.
    """
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        code = _EXIT_DEFECT
        try:
            here.close()
            Nursery(there, work).serve()
            at_end()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent's work is not done twice, whatever happens
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    there.close()
    return Lines(here)
