"""The whole console at a scripted server: real keys go in through a pipe, the screen is read as text."""

import asyncio
import io
import os
import signal
import sys
import threading

import pytest
from click import ClickException
from click.testing import CliRunner
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from protocol import Failure
from terminal.commands import COMMANDS
from terminal.completing import LineCompleter
from terminal.console import _prompt, converse, main
from terminal.debugcommands import DEBUGGER_KEYS
from terminal.keyboard import Line
from terminal.prompt import Prompt
from terminal.render import Screen
from terminal.shell import Shell
from terminal.state import State
from tests.terminal.fake_server import ANSWERS, SILENT

ALT, ENTER, CTRL_C, CTRL_D, CTRL_R, UP = "\x1b", "\r", "\x03", "\x04", "\x12", "\x1b[A"


@pytest.fixture
def type_keys(server, tmp_path):
    """Type keys into a console that runs until they leave; answer what was shown."""

    def run(keys):
        screen = Screen(Console(file=io.StringIO(), width=100))
        state = State(tmp_path)
        with create_pipe_input() as keyboard:
            keyboard.send_text(keys)
            prompt = Prompt(state.history_file, keyboard, DummyOutput())
            asyncio.run(converse(Shell(server.url, "ann", screen, state, prompt), prompt, None))
        return screen._console.file.getvalue()

    return run


def codes(server):
    return [r.parameters.get("code", r.parameters.get("target")) for r in server.requests if "evaluate" in r.operation]


def test_enter_sends_a_whole_line_and_goes_on_in_an_open_one(server, type_keys):
    text = type_keys(f"3 + 4{ENTER}#(1{ENTER}2){ENTER}:quit{ENTER}")
    assert codes(server) == ["3 + 4", "#(1\n2)"]
    assert text.count("7\n") == 2


def test_alt_enter_sends_what_is_open(server, type_keys):
    type_keys(f"#(1{ALT}{ENTER}{CTRL_D}")
    assert codes(server) == ["#(1"]


def test_a_key_for_each_way_to_send(server, type_keys):
    text = type_keys(f"1{ALT}d2{ALT}p3{ALT}i4{ENTER}{CTRL_D}")
    assert [r.operation for r in server.requests[2:]] == ["evaluate", "evaluate", "inspect", "evaluate"]
    assert text.count("7\n") == 2


@pytest.mark.parametrize(
    ("text", "completed"),
    [(":s", [":select ", ":save ", ":sessions "]), (":nothing", []), (":save s", []), ("save", [])],
)
def test_names_of_commands_are_completed(text, completed):
    completer = LineCompleter()
    completer.line = Line("st> ", COMMANDS, {}, None)
    completions = completer.get_completions(Document(text), CompleteEvent())
    assert [completion.text for completion in completions] == completed


def completed(table, text, position=None):
    """What Tab offers at a place of a text, and how many characters before the cursor it replaces."""

    async def ask(shell, _screen):
        completer = LineCompleter()
        completer.line = shell.line()
        document = Document(text, len(text) if position is None else position)
        found = completer.get_completions_async(document, CompleteEvent())
        offered.extend([(each.text, -each.start_position) async for each in found])

    offered = []
    table.play(scene=ask)
    return offered


def suggested(text, kind, start):
    return {
        "suggestions": [{"text": text, "kind": kind, "signature": text, "doc": ""}],
        "start": start,
        "session_id": "session_1",
    }


def test_code_is_completed_by_the_server(server, table):
    server.script["complete"].append(suggested("inject:into:", "method", 2))
    assert completed(table, "a in + b", 4) == [("inject: into: ", 2)]
    asked = server.requests[-1].parameters
    assert (asked["code"], asked["position"]) == ("a in + b", 4)


def test_a_symbol_is_completed_as_it_is_written(server, table):
    server.script["complete"].append(suggested("at:put:", "selector", 3))
    assert completed(table, "a #at") == [("at:put:", 2)]


def test_the_code_of_a_command_is_completed(server, table):
    server.script["complete"].append(suggested("Account", "class", 0))
    assert completed(table, ":inspect Acc") == [("Account", 3)]
    assert server.requests[-1].parameters["code"] == "Acc"


@pytest.mark.parametrize("text", ["", "   ", ":save Acc", ":inspect ", ":nothing Acc"])
def test_where_no_code_stands_the_server_is_not_asked(server, table, text):
    assert completed(table, text) == []
    assert server.count("complete") == 0


def test_who_completes_what_the_server_refuses_types_on(server, table):
    server.script["complete"].append(Failure("Overloaded", "too much to do"))
    assert completed(table, "Acc") == []


def test_ctrl_c_at_the_prompt_drops_the_line(server, type_keys):
    type_keys(f"[:x{CTRL_C}8{ENTER}{CTRL_D}")
    assert codes(server) == ["8"]


def test_lines_are_remembered_for_the_next_run(server, type_keys, tmp_path):
    type_keys(f"3 + 4{ENTER}{CTRL_D}")
    type_keys(f"{UP}{ENTER}{CTRL_D}")
    assert codes(server) == ["3 + 4", "3 + 4"]
    assert list(FileHistory(str(tmp_path / "history")).load_history_strings()) == ["3 + 4"]


def test_a_line_that_was_searched_for_is_taken_with_enter_and_sent_with_another(server, type_keys):
    type_keys(f"3 + 4{ENTER}5{ENTER}{CTRL_D}")
    type_keys(f"{CTRL_R}+{ENTER}{ENTER}6{ENTER}{CTRL_D}")
    assert codes(server) == ["3 + 4", "5", "3 + 4", "6"]


@pytest.fixture
def ctrl_c_raises():
    """Python's own handler, whatever this process was started with: in the background of a shell it ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def ctrl_c_twice(server, ctrl_c_raises):
    """Press Ctrl-C while code runs, and again when that asked the server to interrupt it."""
    server.script["evaluate"].append(SILENT)

    def press_twice():
        for operation in ("evaluate", "interrupt"):
            server.wait_for(operation)
            os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=press_twice)
    hand.start()
    yield
    hand.join()


@pytest.mark.usefixtures("ctrl_c_twice")
def test_ctrl_c_ends_what_is_piped_in(server, tmp_path):
    words = ["--connect", server.url, "--client-id", "ann", "--state", str(tmp_path)]
    result = CliRunner().invoke(main, words, input="[true] whileTrue\n3 + 4\n")
    assert result.exit_code == 1
    assert codes(server) == ["[true] whileTrue"]


@pytest.mark.usefixtures("ctrl_c_twice")
def test_ctrl_c_interrupts_what_runs_and_a_second_one_stops_waiting(server, type_keys):
    text = type_keys(f"[true] whileTrue{ENTER}3 + 4{ENTER}:quit{ENTER}")
    assert "interrupting" in text
    assert "not waiting any longer" in text
    assert text.endswith("7\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


F6 = "\x1b[17~"


def test_keys_of_the_open_debugger_are_its_commands(server, type_keys):
    text = type_keys(f"{F6}1{ENTER}:debug{ENTER}{F6}{ENTER}2{ENTER}:quit{ENTER}")
    steps = [r.parameters["operation"] for r in server.requests if r.operation == "debug"]
    assert steps.count("StepOver") == 2
    assert codes(server) == ["1", "2"]
    assert text.count("average") > 2


def test_what_the_keys_mean_stands_below_the_prompt(tmp_path):
    with create_pipe_input() as keyboard:
        prompt = Prompt(tmp_path / "history", keyboard, DummyOutput())
        assert prompt._toolbar() is None
        keyboard.send_text(ENTER)
        asyncio.run(prompt.ask(Line("c1:0> ", {}, DEBUGGER_KEYS, None)))
        assert prompt._toolbar() == "F5 :step  F6 :over  F7 :out  F8 :proceed"


@pytest.fixture
def no_editor(monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)


@pytest.mark.usefixtures("no_editor")
def test_a_method_is_edited_at_the_prompt(server, type_keys):
    server.script["file_in"].append({**ANSWERS["file_in"], "errors": []})
    type_keys(f":debug{ENTER}:edit{ENTER}0{ENTER}\t+ 1{ALT}{ENTER}n{ENTER}{CTRL_D}")
    filed = next(r.parameters["text"] for r in server.requests if r.operation == "file_in")
    assert filed.endswith("bar\n\t^ 10\n\t+ 1\n! !\n")
    assert not [r for r in server.requests if r.parameters.get("operation") == "RestartFrame"]


@pytest.mark.usefixtures("no_editor")
def test_editing_is_dropped_with_ctrl_c(server, type_keys):
    text = type_keys(f":debug{ENTER}:edit{ENTER}0{CTRL_C}:quit{ENTER}")
    assert "the method is as it was" in text
    assert "file_in" not in [r.operation for r in server.requests]


def test_a_method_is_edited_with_the_editor_that_is_named(server, type_keys, monkeypatch, tmp_path):
    program = tmp_path / "my editor.py"
    program.write_text("import sys; open(sys.argv[1], 'a').write(' + 1')")
    monkeypatch.setenv("VISUAL", f"{sys.executable} '{program}'")
    server.script["file_in"].append({**ANSWERS["file_in"], "errors": []})
    type_keys(f":debug{ENTER}:edit{ENTER}{ENTER}{CTRL_D}")
    filed = next(r.parameters["text"] for r in server.requests if r.operation == "file_in")
    assert filed.endswith("bar\n\t^ 1 + 1\n! !\n")
    assert [r for r in server.requests if r.parameters.get("operation") == "RestartFrame"]


@pytest.mark.parametrize("command", ["no-such-editor", f"{sys.executable} -c 'import sys; sys.exit(1)'", "'"])
def test_an_editor_that_fails_drops_the_text(server, type_keys, monkeypatch, command):
    monkeypatch.setenv("VISUAL", command)
    assert "the method is as it was" in type_keys(f":debug{ENTER}:edit{ENTER}{CTRL_D}")


def test_what_comes_back_is_shown_before_the_next_prompt(server, type_keys):
    server.script["evaluate"].append({**ANSWERS["evaluate"], "result": "first"})
    text = type_keys(f"1{ENTER}2{ENTER}{CTRL_D}")
    assert text.endswith("first\n7\n")


def test_a_keyboard_that_is_not_installed_is_said_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    monkeypatch.delitem(sys.modules, "terminal.prompt")
    with pytest.raises(ClickException, match=r"needs prompt_toolkit: install stui-server\[console\]"):
        _prompt(State(tmp_path))


def test_an_address_that_is_none_is_said_in_one_sentence(tmp_path):
    result = CliRunner().invoke(main, ["--connect", "nowhere", "--state", str(tmp_path)])
    assert result.exit_code == 1
    reason = "cannot connect to nowhere: Invalid argument; an address looks like tcp://127.0.0.1:5555"
    assert result.output.splitlines()[-1] == f"Error: {reason}"
