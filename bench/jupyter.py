"""What a user would pick instead: a Jupyter kernel of Python, doing the same things. `python -m bench.run jupyter`.

The kernel keeps nothing by itself; `dill` writes all variables of its session to a file and reads them in a new kernel.
Both sides are asked by one client over ZeroMQ on this machine. The state is the same list of 2,000 pairs (100 KB).
It needs the extra `bench`.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import Row, Table, quantile, tail_text
from bench.load import Clients
from bench.server import ServerProcess, command, resident_kib_of, result
from bench.tails import SPIN_S, interrupted_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STARTS, RESTORES, EVALUATIONS, INTERRUPTS, SESSIONS = 5, 5, 300, 20, 1_000
PAIRS = 2_000
TIMEOUT_S = 30
#: The state on both sides.
STATE = f"data = [[i, str(i)] for i in range(1, {PAIRS + 1})]"
OUR_STATE = f"data := OrderedCollection new. 1 to: {PAIRS} do: [:i | data add: (Array with: i with: i printString)]"


class Kernel:
    """A kernel's process and its client.

    Args:
        client: the client; it has waited for the kernel.
        manager: what started the process.
    """

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager = manager
        self.client = client

    def run(self, code: str) -> dict[str, Any]:
        """Evaluate, and answer what the kernel's reply says."""
        return dict(self.client.execute_interactive(code, timeout=TIMEOUT_S, output_hook=lambda _: None)["content"])

    def resident_kib(self) -> int:
        """Its memory, in KiB."""
        return resident_kib_of(self.manager.provisioner.pid)


@contextmanager
def kernel() -> Iterator[Kernel]:
    """A kernel that has answered once."""
    # The other benchmarks run without the extra `bench`.
    from jupyter_client.manager import start_new_kernel  # noqa: PLC0415 - see above

    # It warns on stderr that its sockets are in plain text; so are ours.
    manager, client = start_new_kernel(startup_timeout=TIMEOUT_S, stderr=subprocess.DEVNULL)
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def timed_ms(work: Callable[[], Any]) -> float:
    """How long something takes, in milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1e3


def kernel_figures() -> dict[str, list[float]]:
    """Milliseconds of all that a kernel is asked for, and its memory in KiB."""
    found: dict[str, list[float]] = {name: [] for name in ("start", "evaluate", "interrupt", "save", "kib", "restore")}
    place = Path(tempfile.mkdtemp(prefix="stui-bench-"))
    dump = f"import dill; dill.dump_module({str(place / 'state')!r})"
    for _ in range(STARTS):
        begin = time.perf_counter()
        with kernel() as started:
            found["start"].append((time.perf_counter() - begin) * 1e3)
    with kernel() as started:
        found["kib"].append(started.resident_kib())
        found["evaluate"] = [timed_ms(lambda: started.run("3 + 4")) for _ in range(EVALUATIONS)]
        found["interrupt"] = [_interrupted_ms(started) for _ in range(INTERRUPTS)]
        started.run(STATE)
        started.run(dump)
        found["save"] = [timed_ms(lambda: (started.run("3 + 4"), started.run(dump))) for _ in range(RESTORES)]
    for _ in range(RESTORES):
        begin = time.perf_counter()
        with kernel() as started:
            started.run(f"import dill; dill.load_module({str(place / 'state')!r})")
            content = started.run("assert data[999][0] == 1000")
            found["restore"].append((time.perf_counter() - begin) * 1e3)
            assert content["status"] == "ok", content
    shutil.rmtree(place)
    return found


def _interrupted_ms(started: Kernel) -> float:
    """From the interrupt of a loop to the end of its evaluation at the client."""
    message_id = started.client.execute("while True: pass")
    while started.client.get_iopub_msg(timeout=TIMEOUT_S)["content"].get("execution_state") != "busy":
        pass
    let_go = time.perf_counter() + SPIN_S
    while time.perf_counter() < let_go:
        pass
    begin = time.perf_counter()
    started.manager.interrupt_kernel()
    while True:
        reply = started.client.get_shell_msg(timeout=TIMEOUT_S)
        if reply["parent_header"]["msg_id"] == message_id:
            return (time.perf_counter() - begin) * 1e3


def our_figures() -> dict[str, list[float]]:
    """The same of this server; its evaluations are durable, so saving is part of each."""
    found: dict[str, list[float]] = {name: [] for name in ("start", "evaluate", "interrupt", "save", "kib", "restore")}
    with ServerProcess() as server:
        clients = Clients(server.endpoint, 2)
        session_id = _created(clients, "ann")
        plain = command("evaluate", session_id=session_id, code="3 + 4")
        found["start"] = [timed_ms(lambda: _created(clients, f"user-{k}")) for k in range(STARTS)]  # noqa: B023 - called here
        found["evaluate"] = [timed_ms(lambda: clients.ask(0, plain)) for _ in range(EVALUATIONS)]
        found["interrupt"] = [interrupted_ms(clients, session_id) for _ in range(INTERRUPTS)]
        result(clients.ask(0, command("evaluate", session_id=session_id, code=OUR_STATE)))
        found["save"] = [timed_ms(lambda: clients.ask(0, plain)) for _ in range(EVALUATIONS)]
        before_kib = server.resident_kib()
        for k in range(SESSIONS):
            other = _created(clients, f"other-{k}")
            result(clients.ask(0, command("evaluate", session_id=other, code="x := 3 + 4")))
        found["kib"].append((server.resident_kib() - before_kib) / SESSIONS)
        clients.close()
        for _ in range(RESTORES):
            server.kill()
            found["restore"].append(timed_ms(lambda: _restored(server, session_id)))
    return found


def _created(clients: Clients, client_id: str) -> str:
    return str(result(clients.ask(0, command("create_session", client_id=client_id)))["session_id"])


def _restored(server: ServerProcess, session_id: str) -> None:
    """Start the server, and look at an object of the session."""
    server.start()
    clients = Clients(server.endpoint, 1)
    found = result(clients.ask(0, command("evaluate", session_id=session_id, code="(data at: 1000) first")))
    assert found["result"] == "1000", found
    clients.close()


def main() -> Table:
    """Measure both."""
    table = Table("Beside a Jupyter kernel", "python -m bench.run jupyter")
    theirs, ours = kernel_figures(), our_figures()
    what = {
        "start": "a place to work in: a session, a kernel",
        "evaluate": "evaluate `3 + 4`; here it is durable, there it is not",
        "save": f"evaluate `3 + 4` and keep {PAIRS:,} pairs safe; there by dill",
        "interrupt": "interrupt an endless loop",
        "restore": f"kill -9, start again, read one of {PAIRS:,} pairs; there by dill",
    }
    for name, text in what.items():
        ratio = quantile(theirs[name], 0.5) / quantile(ours[name], 0.5)
        reference = f"kernel {tail_text(theirs[name])}"
        table.add(Row(text, tail_text(ours[name]), reference, f"{ratio:.1f}", "sooner", ratio > 1))
    ratio = theirs["kib"][0] / ours["kib"][0]
    reference = f"kernel {theirs['kib'][0]:,.0f} KiB"
    table.add(
        Row("memory of one more user", f"{ours['kib'][0]:,.1f} KiB", reference, f"{ratio:,.0f}", "less", ratio > 1)
    )
    return table
