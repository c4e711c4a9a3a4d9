"""Goal: an operator can see how a server is, change its limits while it runs, and trust it with private data.

Method: one real process, asked over HTTP, by `stui-server top`, by signals, and through what the system says of it.
"""

import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.system.conftest import PATIENCE_MS, ROOT, ServerProcess

pytestmark = pytest.mark.system


def page(address, path):
    connection = HTTPConnection(address, timeout=PATIENCE_MS / 1_000)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("workers", ["1", "2"])
def test_monitors_see_all_workers(start, connect, workers):
    server = start("--http", "127.0.0.1:0", "--workers", workers)
    address = server.announced["http"]
    client = connect(server)
    for name in ("ann", "ben", "eve", "joe"):
        assert client.evaluate("3 + 4", session_id=client.create(name)) == "7"
    assert page(address, "/live") == (200, "live\n")
    assert page(address, "/ready") == (200, "ready\n")
    status, text = page(address, "/metrics")
    assert status == 200
    live = [float(line.split()[-1]) for line in text.splitlines() if line.startswith("stui_sessions_live{")]
    assert (len(live), sum(live)) == (int(workers), 4)
    shown = subprocess.run(
        [sys.executable, "-m", "actors.cli", "top", "--once", "--connect", server.address],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "evaluate" in shown
    assert server.stop() == 0


def test_sighup_takes_over_what_may_change(start, connect, tmp_path):
    file = tmp_path / "stui.toml"
    file.write_text("sessions_per_client = 1\n")
    server = start("--config", str(file))
    client = connect(server)
    token = client.create("ann")
    assert client.failure("create_session", client_id="ann").details["limit"] == "sessions_per_client"
    file.write_text("sessions_per_client = 2\n")
    server.process.send_signal(signal.SIGHUP)
    while '"changed": ["sessions_per_client"]' not in server.log():
        client.result("ping")
    assert client.create("ann") != token


@pytest.mark.skipif(sys.platform != "linux", reason="what a process may is read from /proc")
def test_the_process_gave_up_what_it_does_not_need(server, client):
    client.evaluate("3 + 4")
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
    assert next(line.split()[4] for line in limits if line.startswith("Max core file size")) == "0"


def test_a_new_store_is_its_owners_alone(tmp_path):
    server = ServerProcess(tmp_path / "data").start()
    try:
        for path in (server.data, *server.data.iterdir()):
            assert path.stat().st_mode & 0o077 == 0, path
    finally:
        server.close()
