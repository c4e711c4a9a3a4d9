"""What is piped into the console is sent as a person would type it."""

import asyncio
import io

import pytest
from click.testing import CliRunner

from terminal.console import main
from terminal.input import Mode
from terminal.piped import PipedLines


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


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["--state", str(tmp_path / "file" / "state")], input="")
    assert "--state names another" in result.output
