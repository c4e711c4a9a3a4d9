"""Becomes another program, which ends with the one that started it: a demo that is killed leaves no server behind.

    python -I terminal/tether.py PARENT_PID PROGRAM ARGUMENT...

The system is asked to do it, because a process that is killed cannot (prctl(2), PR_SET_PDEATHSIG; it outlives execve).
Systems other than Linux know nothing like it; there the program just runs.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Tie this process to its parent and become the program."""
    parent_pid, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent_pid:  # it ended before it could be asked for
            return
    os.execv(command[0], command)  # noqa: S606 - our own command, without a shell


if __name__ == "__main__":
    main()
