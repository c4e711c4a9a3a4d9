"""A real server in a process of its own, on a free port: what the demo plays against, and kills.

The server's rooms are not imported: it is started as a person would start it, and known by the line it prints.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

#: Seconds for an orderly stop: the grace of running evaluations, the last commit, and much to spare.
_STOP_S_MAX = 30
#: Through it the server ends with this process, even one that is killed.
_TETHER = Path(__file__).with_name("tether.py")


class ServerDiedError(Exception):
    """The server did not start; the message is what it had to say."""


class ServerProcess:
    """One server and the folder of its data, which outlives its process.

    Attributes:
        url: Where it listens; once it ran, the same at each start.
    """

    def __init__(self, folder: Path) -> None:
        self.url = "tcp://127.0.0.1:0"
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            ServerDiedError: It ended instead.
        """
        command = [
            *(sys.executable, "-I", str(_TETHER), str(os.getpid())),
            sys.executable,
            "-m",
            "actors.cli",
            "serve",
            "--bind",
            self.url,
            "--data",
            str(self._folder / "data"),
        ]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603 - our own server, no shell
        self.url = json.loads(self._first_line(self._process.stdout))["address"]

    def _first_line(self, output: IO[str] | None) -> str:
        line = output.readline() if output is not None else ""
        if not line:
            raise ServerDiedError((self._folder / "log").read_text().strip())
        return line

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def stop(self) -> None:
        """End it in order, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._reap()

    def _reap(self) -> None:
        assert self._process is not None
        self._process.communicate(timeout=_STOP_S_MAX)
        self._process = None
