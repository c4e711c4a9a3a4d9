"""Goal: a server that cannot start says why in one plain sentence and exits with the documented code.

Method: start real processes against taken ports, unusable directories and wrong settings.
"""

import shutil
import sqlite3
import subprocess
import sys

import pytest

pytestmark = pytest.mark.system


def assert_refused(ended, code, *words):
    returncode, stdout, stderr = ended
    assert (returncode, stdout) == (code, "")
    lines = stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("stui-server: ")
    assert all(word in lines[0] for word in words), lines[0]


def test_a_port_in_use(server, run_server, tmp_path):
    ended = run_server("--bind", server.address, "--data", str(tmp_path / "other"))
    assert_refused(ended, 3, server.address, "in use", "--bind")


def test_a_second_server_on_the_same_data(server, run_server):
    ended = run_server("--bind", "tcp://127.0.0.1:0", "--data", str(server.data))
    assert_refused(ended, 4, str(server.data))


def test_a_directory_that_cannot_be_written(run_server, tmp_path):
    (tmp_path / "file").write_text("no directory")
    ended = run_server("--bind", "tcp://127.0.0.1:0", "--data", str(tmp_path / "file" / "data"))
    assert_refused(ended, 4, "file")


def test_a_directory_that_nobody_may_look_into(run_server, tmp_path):
    """A name that is too long stands for it: the superuser may look into all directories."""
    ended = run_server("--bind", "tcp://127.0.0.1:0", "--data", str(tmp_path / ("long" * 100)))
    assert_refused(ended, 4, "cannot be used", "choose another")


def test_data_of_a_newer_version(start, run_server, tmp_path):
    start().stop()
    (database,) = [path for path in (tmp_path / "data").iterdir() if path.read_bytes()[:6] == b"SQLite"]
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    ended = run_server("--bind", "tcp://127.0.0.1:0", "--data", str(tmp_path / "data"))
    assert_refused(ended, 4, "newer")


def test_an_address_open_to_the_network(run_server, tmp_path):
    ended = run_server("--bind", "tcp://*:5555", "--data", str(tmp_path / "data"))
    assert_refused(ended, 3, "authentication", "--insecure-bind")
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_none(run_server, tmp_path):
    ended = run_server("--bind", "tcp://127.0.0.1:99999", "--data", str(tmp_path / "data"))
    assert_refused(ended, 3, "99999", "65535")


def test_more_workers_than_there_can_be(run_server, tmp_path):
    ended = run_server("--workers", "65", "--data", str(tmp_path / "data"))
    assert_refused(ended, 2, "--workers", "64")


def test_a_worker_that_cannot_start_says_why_and_ends_the_server(run_server, tmp_path, used_data):
    shutil.copytree(used_data, tmp_path / "data")
    (tmp_path / "data" / "shard-1").mkdir()
    (tmp_path / "data" / "shard-1" / "store.db").write_text("the letters of somebody else")
    ended = run_server("--workers", "2", "--bind", "tcp://127.0.0.1:0", "--data", str(tmp_path / "data"))
    assert_refused(ended, 4, "shard-1", "store.db")


def test_wrong_settings_from_each_source(run_server, tmp_path):
    path = tmp_path / "server.toml"
    path.write_text("sweeep_s = 1")
    assert_refused(run_server("--config", str(path)), 2, "sweeep_s")
    assert_refused(run_server("--cpu-budget-ms", "1"), 2, "--cpu-budget-ms", "10")
    assert_refused(run_server(environment={"STUI_SWEEP_S": "x"}), 2, "STUI_SWEEP_S")


def test_settings_come_from_the_file(start, connect, tmp_path):
    path = tmp_path / "server.toml"
    path.write_text("sessions_per_client = 1\n")
    client = connect(start("--config", str(path)))
    client.create()
    assert client.failure("create_session", client_id="ann").error_type == "LimitExceeded"


def test_the_data_directory_is_its_owners_alone(server):
    assert server.data.stat().st_mode & 0o077 == 0


_INTERRUPTED_WHILE_IT_LOADS = """
import os, signal, sys, types
from actors import cli
commands = types.ModuleType("actors.commands.serve")
commands.run = lambda: os.kill(os.getpid(), signal.SIGINT)
sys.modules["actors.commands.serve"] = commands
cli.main()
"""


def test_ctrl_c_before_it_listens_is_one_plain_line():
    ended = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_WHILE_IT_LOADS], capture_output=True, text=True, check=False
    )
    assert_refused((ended.returncode, ended.stdout, ended.stderr), 130, "before it served")
