"""SIGHUP: new settings, unless it tells that the terminal is gone.

An operator or a service manager sends SIGHUP to have the settings read again. A terminal that is closed sends it too: a
server that was started there is told to stop then, for it would go on unseen and keep its address and its data.
"""

import os
import signal
from collections.abc import Callable
from typing import Final

#: Where a process that was started in a terminal finds it: input, output and errors.
_STANDARD_DESCRIPTORS: Final = (0, 1, 2)


def listen_for_hangup(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """Act on SIGHUP from now on.

    Args:
        stop: ends the server in good order.
        reload: takes over new settings.

    Thread: both are called by a signal handler of the main thread.
    """
    terminal = next((each for each in _STANDARD_DESCRIPTORS if os.isatty(each)), None)
    # Under nohup the signal comes ignored: who said so wants the server to outlive the terminal.
    outlives = terminal is None or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def act(_signal: int, _frame: object) -> None:
        if outlives or os.isatty(terminal or 0):
            reload()
        else:
            stop()

    signal.signal(signal.SIGHUP, act)
