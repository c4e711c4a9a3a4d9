"""A real server process to measure: start, address, kill, memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import ujson


def command(name: str, **parameters: Any) -> bytes:
    """A request in dialect B."""
    return ujson.dumps({"id": 1, "command": name, "parameters": parameters}).encode()


def result(reply: bytes) -> dict[str, Any]:
    """The result of a dialect B reply; raises on an error reply."""
    message = json.loads(reply)
    if message["status"] != "success":
        raise RuntimeError(f"the server answered {message}")
    return dict(message["result"])


class ServerProcess:
    """One server on a data directory, killed and started again at will.

    Args:
        data: the data directory; a temporary one by default.
        flags: further flags of `stui-server serve`.
    """

    def __init__(self, data: Path | None = None, flags: tuple[str, ...] = ()) -> None:
        self.data = data or Path(tempfile.mkdtemp(prefix="stui-bench-"))
        self.flags = flags
        self.process: subprocess.Popen[str] | None = None
        self.endpoint = ""

    def start(self) -> Self:
        """Start and wait until it listens."""
        arguments = ["serve", "--bind", "tcp://127.0.0.1:0", "--data", str(self.data), *self.flags]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "actors.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server on {self.data} did not start; try it by hand")
        self.endpoint = line[line.index("tcp://") :].split('"')[0].strip()
        return self

    def kill(self) -> None:
        """SIGKILL and reap."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def resident_kib(self) -> int:
        """Resident memory of the process in KiB."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("the kernel did not say how much memory the server uses")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
