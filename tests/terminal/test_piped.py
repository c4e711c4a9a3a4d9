"""What is piped into the console is sent as a person would type it."""

import asyncio
import errno
import io
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from protocol import Failure
from terminal import Patience
from terminal.console import main
from terminal.input import Mode
from terminal.piped import PipedLines
from terminal.render import Screen
from tests.terminal.fake_server import ANSWERS, SILENT

#: What the console's command does.
CONSOLE = "from terminal.entrance import main\nmain()"
#: Where Linux tells of processes.
PROCESSES = Path("/proc/self/status")
#: A test that waits so long has failed.
TIMEOUT_S = 60


def read(text):
    """All that is handed over before the end is told."""

    async def ask():
        lines, told = PipedLines(io.StringIO(text)), []
        try:
            while True:
                told.append(await lines.ask(None))
        except EOFError:
            return told

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", []),
        ("3 + 4\n:history\n", ["3 + 4", ":history"]),
        ("#(1\n2) size\n5", ["#(1\n2) size", "5"]),
        ("'open\n", ["'open"]),
        ("1\n\n2\n", ["1", "", "2"]),
    ],
)
def test_each_line_is_sent_and_an_open_one_goes_on(text, sent):
    assert read(text) == [(each, Mode.PRINT) for each in sent]


def test_nobody_is_asked():
    lines = PipedLines(io.StringIO("y\n"))
    assert asyncio.run(lines.confirm("sure?")) is False
    assert asyncio.run(lines.edit("text")) is None


def test_what_is_piped_in_is_answered_without_a_prompt(server, tmp_path):
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input="3 + 4\n")
    assert result.exit_code == 0
    assert result.output.splitlines()[1:] == ["session session_1 is new", "7"]


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("1/0", {"evaluate": Failure("EvaluationError", "ZeroDivide")}),
        (":load x", {"load_context": Failure("ContextNotFound", "no savepoint 'x'")}),
        (":nosuch", {}),
        (":save", {}),
        (":test", {}),
        (":file_in /nosuch/file", {}),
        ("3 + 4", {"create_session": Failure("LimitExceeded", "all it may have")}),
    ],
)
def test_what_fails_is_in_the_exit_code_and_ends_nothing(server, tmp_path, line, answers):
    for operation, failure in answers.items():
        server.script[operation].append(failure)
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input=f"{line}\n:print 8\n")
    assert result.exit_code == 1
    assert result.output.endswith(
        "there is no session: :new makes one, :restore brings one back\n" if line == "3 + 4" else "7\n"
    )


def test_a_server_that_answers_no_more_ends_what_is_piped_in(server, tmp_path, monkeypatch):
    monkeypatch.setattr("terminal.console.PIPED_PATIENCE", Patience(queued_answer_s=0.1, attempts=2, pause_s_max=0.01))
    server.script["evaluate"].extend([SILENT, SILENT])
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input="3 + 4\n:history\n")
    assert result.exit_code == 1
    assert "NoAnswer" in result.output
    assert server.count("history") == 0


def test_what_is_no_text_is_told(server, tmp_path):
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input=b"3 + 4\n'\xff'\n")
    assert result.exit_code == 1
    assert result.output.endswith("Error: what is piped in is no text in UTF-8\n")


def test_a_closed_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(click.ClickException, match="standard input is closed"):
        main.main([], standalone_mode=False)


def test_characters_that_the_output_lacks_end_nothing(server, tmp_path):
    server.script["evaluate"].append({**ANSWERS["evaluate"], "result": "'✓'"})
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner(charset="latin-1").invoke(main, words, input="x\n")
    assert result.exit_code == 0
    assert result.output.endswith("'?'\n")


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["--state", str(tmp_path / "file" / "state")], input="")
    assert "--state names another" in result.output


def test_a_full_disk_is_told_with_the_file_it_is_about(server, tmp_path, monkeypatch):
    def write(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write)
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input="")
    assert result.exit_code == 1
    assert f"{tmp_path / 'console.json'} cannot be used (No space left on device)" in result.output


def test_an_output_that_takes_nothing_is_told(server, tmp_path, monkeypatch):
    def say(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Screen, "say", say)
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input="")
    assert result.output == "Error: what is to be shown cannot be written: No space left on device\n"


def handles_ctrl_c(pid):
    """Whether a process handles SIGINT itself."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)[1], 16) >> (signal.SIGINT - 1) & 1


@pytest.mark.skipif(not PROCESSES.exists(), reason="asks the system whether the console waits")
def test_ctrl_c_ends_a_console_that_waits_for_its_next_line(server, tmp_path):
    words = [sys.executable, "-c", CONSOLE, "--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as console:
        console.stdin.write(b"3 + 4\n")
        console.stdin.flush()
        while console.stdout.readline() != b"7\n":
            pass
        while handles_ctrl_c(console.pid):  # until the next line is awaited
            pass
        console.send_signal(signal.SIGINT)
        assert console.wait(TIMEOUT_S) == -signal.SIGINT
        assert not console.stdout.read()


def test_ctrl_c_ends_a_console_that_is_being_loaded_without_a_word():
    interrupted = "import os, signal, sys\nclass Finder:\n    def find_spec(self, name, *_):\n"
    interrupted += "        if name == 'zmq': os.kill(os.getpid(), signal.SIGINT)\nsys.meta_path.insert(0, Finder())\n"
    ended = subprocess.run([sys.executable, "-c", interrupted + CONSOLE], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, b"", b"")
