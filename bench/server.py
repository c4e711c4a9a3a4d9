"""A real server process to measure: start, address, kill, memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import ujson


def command(name: str, /, **parameters: Any) -> bytes:
    """A request in dialect B."""
    return numbered(1, name, **parameters)


def numbered(number: int, name: str, /, **parameters: Any) -> bytes:
    """A request in dialect B with an id of its own, for clients that have several under way."""
    return ujson.dumps({"id": number, "command": name, "parameters": parameters}).encode()


def result(reply: bytes) -> dict[str, Any]:
    """The result of a dialect B reply; raises on an error reply."""
    message = json.loads(reply)
    if message["status"] != "success":
        raise RuntimeError(f"the server answered {message}")
    return dict(message["result"])


class ServerProcess:
    """One server on a data directory, killed and started again at will.

    Args:
        data: the data directory; by default a temporary one, which is gone after the `with`.
        flags: further flags of `stui-server serve`.
        log: where what it says on stderr is added; nowhere by default.
    """

    def __init__(self, data: Path | None = None, flags: tuple[str, ...] = (), log: Path | None = None) -> None:
        self._made = None if data else tempfile.mkdtemp(prefix="stui-bench-")
        self.data = data or Path(str(self._made))
        self.flags = flags
        self.log = log
        self.process: subprocess.Popen[str] | None = None
        self.endpoint = ""

    def start(self) -> Self:
        """Start and wait until it listens."""
        arguments = ["serve", "--bind", "tcp://127.0.0.1:0", "--data", str(self.data), *self.flags]
        with (self.log or Path(os.devnull)).open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "actors.cli", *arguments], stdout=subprocess.PIPE, stderr=log, text=True
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
        """Memory of the process and those it started, in KiB."""
        assert self.process is not None
        return resident_kib_of(self.process.pid)

    def open_files(self) -> int:
        """Descriptors of the process and those it started."""
        assert self.process is not None
        return sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in _with_children(self.process.pid))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._made:
            # Workers that end with their front may still be at their files.
            shutil.rmtree(self._made, ignore_errors=True)


def resident_kib_of(pid: int) -> int:
    """Memory of a process and all below it, in KiB; what they share is counted once."""
    return sum(_proportional_kib(each) for each in _with_children(pid))


def _with_children(pid: int) -> list[int]:
    """A process and all below it; the kernel lists the children of each thread."""
    found = [pid]
    for process in found:
        for thread in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, thread.read_text().split())
    return found


def _proportional_kib(pid: int) -> int:
    """Resident memory of a process, of each shared page its share only."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError("the kernel did not say how much memory the server uses")
