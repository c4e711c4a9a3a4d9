"""The demo plays to its good end against the real server.

Goal: what the README shows works. Method: run it as a person does, in a process of its own.
"""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from protocol import Failure
from terminal.demo import Stage
from terminal.errors import NoAnswerError, server_error
from terminal.serverprocess import ServerDiedError, ServerProcess
from tests.compiled_kernel import new_data


@pytest.mark.system
def test_the_demo_ends_well():
    command = [sys.executable, "-m", "terminal.demo"]
    root = Path(__file__).resolve().parents[2]
    demo = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "WRONG" not in demo.stdout
    assert demo.stdout.endswith("everything is as it must be\n")


def test_a_step_that_answers_otherwise_or_fails_is_counted(capsys):
    def fail():
        raise server_error(Failure("InternalError", "a fault"))

    stage = Stage()
    stage.step("good", lambda: "42", r"\d+")
    stage.step("wrong", lambda: "x", r"\d+")
    stage.step("failing", fail)
    stage.step("saying nothing", lambda: None)
    assert stage.failures == 2
    assert "WRONG  failing  ->  TroubleError: a fault" in capsys.readouterr().out


def test_without_a_server_the_demo_does_not_go_on():
    def fail():
        raise NoAnswerError("silence")

    with pytest.raises(NoAnswerError):
        Stage().step("asking nobody", fail)


def test_a_server_that_does_not_start_says_why(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    server = ServerProcess(tmp_path)
    with pytest.raises(ServerDiedError, match=r"\S"):
        server.start()
    server.stop()


_LEAVE_A_SERVER_BEHIND = """
import sys
from pathlib import Path
from terminal.serverprocess import ServerProcess
server = ServerProcess(Path(sys.argv[1]))
server.start()
print(server._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.system
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_demo_that_is_killed_leaves_no_server_behind(tmp_path):
    new_data(tmp_path / "data")
    command = [sys.executable, "-c", _LEAVE_A_SERVER_BEHIND, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        server = os.pidfd_open(int(demo.stdout.readline()))
        try:
            demo.send_signal(signal.SIGKILL)
            ended, _, _ = select.select([server], [], [], 60)
        finally:
            os.close(server)
    assert ended
