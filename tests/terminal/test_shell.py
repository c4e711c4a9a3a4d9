"""The console without its keyboard, against a scripted server."""

import asyncio

import pytest

from protocol import Failure
from terminal.commands import COMMANDS
from terminal.input import Mode
from tests.terminal.fake_server import ANSWERS, METADATA


def operations(server):
    return [request.operation for request in server.requests]


def test_the_last_session_is_restored_without_being_asked(server, table):
    table.play()
    assert "session_1 is new" in table.text
    table.play()
    assert "session_1 is back, with 1 variable" in table.text
    assert operations(server) == ["create_session", "subscribe", "restore_session", "subscribe"]


def test_a_session_that_is_gone_is_replaced_by_a_new_one(server, table):
    table.state.remember("ann", server.url, "session_0")
    server.script["restore_session"].append(Failure("SessionNotFound", "no such session"))
    table.play()
    assert "no such session" in table.text
    assert table.state.last_session("ann", server.url) == "session_1"


def test_the_session_asked_for_is_restored(server, table):
    table.play(session_id="session_7")
    assert server.requests[0].parameters["session_id"] == "session_7"


def test_a_session_asked_for_that_is_gone_is_replaced_by_none(server, table):
    server.script["restore_session"].append(Failure("SessionNotFound", "no such session"))
    assert "there is no session" in table.play("3 + 4", session_id="session_7")
    assert operations(server) == ["restore_session"]


def test_without_room_for_a_session_nothing_is_run_in_another_ones_stead(server, table):
    server.script["create_session"].append(Failure("LimitExceeded", "all it may have"))
    assert table.play("3 + 4", ":history").count("there is no session") == 2
    assert operations(server) == ["create_session"]


def test_print_it_shows_the_value_do_it_only_the_transcript(server, table):
    written = {**ANSWERS["evaluate"], "transcript": "hello\n"}
    server.script["evaluate"].extend([written, written])
    assert table.play("3 + 4") == "hello\n7\n"
    assert table.play("3 + 4", mode=Mode.DO) == "hello\n"


def test_inspect_it_shows_the_parts(server, table):
    text = table.play("Account new", mode=Mode.INSPECT)
    assert text.startswith("an Account\nAccount, object 1\n")
    assert ["balance", "SmallInteger", "42"] in [line.split() for line in text.splitlines()]


def test_failed_code_shows_what_it_wrote_and_where_it_failed(server, table):
    details = {"class": "SyntaxError", "line": 1, "column": 5, "suggestion": "write one", "transcript": "so far\n"}
    server.script["evaluate"].append(Failure("SyntaxError", "expression expected", details))
    text = table.play("3 + .")
    assert text == "so far\n3 + .\n    ^\nSyntaxError: expression expected\nwrite one\n"


@pytest.mark.parametrize(
    ("line", "operation", "seen"),
    [
        (":do 3 + 4", "evaluate", ""),
        (":print 3 + 4", "evaluate", "7"),
        (":inspect Account new", "inspect", "balance"),
        (":inspect", "inspector_state", "Account new > [balance]"),
        (":into balance", "navigate", "[balance]"),
        (":into balance", "navigate", "an Account"),
        (":tree Account new", "inspect", "balance"),
        (":children", "navigate", "Account new"),
        (":select balance", "select", "selected: balance"),
        (":view short", "view", "Account new"),
        (":define_view Account short [:each | each balance]", "define_view", "Account new"),
        (":back", "navigate", "Account new"),
        (":forward", "navigate", "Account new"),
        (":test AccountTest", "run_tests", "failure  AccountTest>>#testTwo  Assertion failed"),
        (":test", "run_tests", "2 ran, 1 passed"),
        (":versions Account>>a", "method_versions", "a ^ 1"),
        (":versions Account class", "method_versions", "removed from the class: gone"),
        (":revert Account class >> #a 7", "restore_method", "a ^ 1"),
        (":variables", "restore_session", "SmallInteger"),
        (":history", "history", "3 + 4"),
        (":interrupt", "interrupt", "interrupted"),
        (":save before", "save_context", "saved as before, 99 bytes"),
        (":load before", "load_context", "back at before"),
        (":clear before", "clear_context", "before is deleted"),
        (":contexts", "get_context_summary", "before"),
        (":undo", "undo", "back before 1: 3 + 4"),
        (":undo 3", "undo", "back before 1: 3 + 4"),
        (":redo", "history", "nothing to redo"),
        (":diff", "diff", "Till>>price:"),
        (":diff before", "diff", "Account"),
        (":sessions", "list_client_sessions", "session_1"),
        (":new", "create_session", "session_1 is new"),
        (":fork", "create_session", "session_1 is new"),
        (":restore 1", "restore_session", "session_1 is back"),
        (":restore session_9", "restore_session", "is back"),
        (":close", "close_session", "session_1 is closed"),
    ],
)
def test_each_command_asks_the_server_and_shows_the_answer(server, table, line, operation, seen):
    assert seen in table.play(line)
    assert operation in operations(server)[1:]


def test_children_are_shown_page_by_page(server, table):
    server.script["navigate"].append({**ANSWERS["navigate"], "total_children": 120})
    assert "children 51 to 51 of 120\n:children 52 shows the next\n" in table.play(":children 51")
    asked = server.requests[-1]
    assert (asked.operation, asked.parameters["to"], asked.parameters["offset"]) == ("navigate", 1, 50)


def test_children_behind_the_last_are_none(server, table):
    server.script["navigate"].append({**ANSWERS["navigate"], "children": []})
    assert "no such child" in table.play(":children 7")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1000000000", "9" * 5_000])
def test_a_child_has_a_number_from_1_on(server, table, number):
    assert "needs the number of a child" in table.play(f":children {number}")
    assert operations(server) == ["create_session", "subscribe"]


def test_without_an_inspected_object_there_are_no_children_to_show(server, table):
    server.script["inspector_state"].append({**ANSWERS["inspector_state"], "path": [], "index": 0})
    assert "nothing is being inspected" in table.play(":children")
    assert operations(server)[-1] == "inspector_state"


def test_a_view_that_nobody_defined_is_said_to_be_none(server, table):
    shown = ANSWERS["navigate"]
    server.script["view"].extend([shown, {**shown, "view_text": "1 EUR"}, shown])
    assert "no view called shrot shows a Account: :define_view adds one" in table.play(":view shrot")
    assert "no view" not in table.play(":view short", ":view default")


def test_a_fork_is_a_copy_of_the_current_session(server, table):
    table.play(":fork")
    made = [each.parameters.get("from_session") for each in server.requests if each.operation == "create_session"]
    assert made == [None, "session_1"]


@pytest.mark.parametrize(
    ("line", "operation", "answer", "shown"),
    [
        (
            ":variables",
            "restore_session",
            {**ANSWERS["restore_session"], "workspace_context": {"variables": []}},
            "there are no variables\n",
        ),
        (":history", "history", {**ANSWERS["history"], "entries": [], "total": 0}, "nothing was evaluated yet\n"),
        (
            ":contexts",
            "get_context_summary",
            {**ANSWERS["get_context_summary"], "contexts": []},
            "there are no saved states; :save NAME makes one\n",
        ),
        (
            ":sessions",
            "list_client_sessions",
            {**ANSWERS["list_client_sessions"], "sessions": []},
            "you have no session; :new makes one\n",
        ),
        (":into balance", "navigate", {**ANSWERS["navigate"], "children": [], "total_children": 0}, "object 1\n"),
    ],
)
def test_where_there_is_nothing_no_empty_table_is_shown(server, table, line, operation, answer, shown):
    server.script[operation].append(answer)
    assert table.play(line).endswith(shown)


def test_a_session_that_was_closed_elsewhere_is_told_with_the_way_out(server, table):
    server.script["evaluate"].append(Failure("SessionNotFound", "no such session"))
    assert table.play("3 + 4") == "SessionNotFound: no such session\n:sessions lists yours, :new makes one\n"


@pytest.mark.parametrize("number", ["0", "2", "999"])
def test_a_number_of_no_session_is_told(server, table, number):
    assert table.play(f":restore {number}") == f"there is no session {number}: :sessions lists yours\n"
    assert "restore_session" not in operations(server)


def test_the_commands_of_the_console_itself(table):
    text = table.play(":help", ":quit", ":histroy", ":save", ":define_view Account short")
    assert ":define_view needs a class, a name and a block" in text
    assert all(f":{name}" in text and entry.doc in text for name, entry in COMMANDS.items())
    assert "there is no command :histroy; did you mean :history?" in text
    assert ":save needs NAME" in text


def test_a_redo_takes_back_the_undo_that_was_the_last_thing_done(server, table):
    text = table.play(":undo", ":redo", ":redo", ":undo two")
    assert [each.parameters.get("before") for each in server.requests if each.operation == "undo"] == [None, 1]
    assert "is there again" in text
    assert "nothing to redo" in text
    assert ":undo needs a number" in text


def test_a_closed_session_is_not_restored_at_the_next_start(server, table):
    table.play(":close")
    assert table.state.last_session("ann", server.url) is None


def test_an_error_of_a_command_is_shown(server, table):
    server.script["load_context"].append(Failure("ContextNotFound", "no savepoint 'x'"))
    assert table.play(":load x") == "ContextNotFound: no savepoint 'x'\n"


def test_what_another_console_writes_is_shown(server, table):
    async def scene(shell, _output):
        server.tell(101, data={"text": "from elsewhere\n"})
        await shell.client.ping()

    assert table.play(scene=scene) == "from elsewhere\n"


def test_a_lost_connection_is_said_once_and_so_is_its_return(server, table):
    async def scene(shell, output):
        server.stop()
        asking = asyncio.create_task(shell.handle("3 + 4"))
        await output.until("no connection")
        server.start()
        await asking

    text = table.play(scene=scene)
    assert [line.split(" ", 1)[0] for line in text.splitlines()] == ["no", "connected", "7"]


def test_too_many_listeners_do_not_keep_a_console_from_working(server, table):
    server.script["subscribe"].append(Failure("LimitExceeded", "64 subscribers"))
    assert table.play("3 + 4") == "7\n"
    assert "64 subscribers" in table.text


def test_another_session_is_listened_to_after_a_restore(server, table):
    server.script["restore_session"].append({**ANSWERS["restore_session"], **METADATA, "session_id": "session_2"})
    table.play(":restore session_2")
    heard = [
        (r.parameters["session_id"], r.parameters["events"]) for r in server.requests if r.operation == "subscribe"
    ]
    wanted = ["transcript", "progress"]
    assert heard == [("session_1", wanted), ("session_1", []), ("session_2", wanted)]


@pytest.mark.parametrize(
    ("text", "file_format"), [("Object foo!", "chunk"), ('"A note."\nClass {\n\t#name : #A\n}', "tonel")]
)
def test_a_file_is_filed_in_in_the_format_it_has(server, table, tmp_path, text, file_format):
    (tmp_path / "a.st").write_text(text)
    shown = table.play(f":file_in {tmp_path / 'a.st'}")
    assert server.requests[-1].parameters["text"] == text
    assert server.requests[-1].parameters["format"] == file_format
    assert "line 9, column 4  Account>>#bad  no\nwrite it\nclasses: 1, methods: 1, expressions: 1, errors: 1\n" in shown
    assert shown.startswith("filed\n")


def test_a_file_that_does_not_parse_shows_its_place(server, table, tmp_path):
    server.script["file_in"].append(Failure("SyntaxError", "no Tonel", {"line": 2, "column": 3}))
    (tmp_path / "a.st").write_text("Class {\n  oops }")
    assert table.play(f":file_in {tmp_path / 'a.st'}") == "  oops }\n  ^\nSyntaxError: no Tonel\n"


def test_tests_that_are_stopped_say_so(server, table):
    server.script["run_tests"].append(Failure("Timeout", "too long"))
    assert "Timeout: too long" in table.play(":test")


def test_a_file_is_never_overwritten(table, tmp_path):
    shown = table.play(f":file_out {tmp_path / 'out.st'}", f":file_out {tmp_path / 'out.st'}")
    assert (tmp_path / "out.st").read_text() == "Class { #name : #Account }\n"
    assert "characters written" in shown
    assert "is there already; name a new file" in shown
    nowhere = tmp_path / "none" / "out.st"
    assert table.play(f":file_out {nowhere}") == f"{nowhere} cannot be written: No such file or directory\n"


def test_nothing_makes_no_file(server, table, tmp_path):
    server.script["file_out"].append({"text": "", "format": "tonel", "session_id": "session_1"})
    assert "defined nothing" in table.play(f":file_out {tmp_path / 'out.st'}")
    assert not (tmp_path / "out.st").exists()


def test_what_cannot_be_read_is_told(table, tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert table.play(f":file_in {tmp_path / 'bytes'}").endswith("cannot be read: it is no text in UTF-8\n")
    shown = table.play(f":file_in {tmp_path / 'none'}", ":versions 3 + 4", ":revert Account", ":revert Account>>a x")
    assert "cannot be read" in shown
    assert ":versions needs a method" in shown
    assert shown.count(":revert needs a method") == 2


def test_the_progress_of_tests_is_shown(server, table):
    async def scene(_shell, screen):
        server.tell(101, "progress", {"operation": "run_tests", "done": 3, "total": 9})
        server.tell(102, "progress", {"operation": "run_tests", "done": 9, "total": 9})
        server.tell(103)
        await screen.until("text 103")

    assert table.play(scene=scene) == "3 of 9 tests\ntext 103\n"


def test_a_class_without_a_past_says_so(server, table):
    server.script["method_versions"].append({"versions": [], "removed": [], "session_id": "session_1"})
    assert table.play(":versions Account") == "nothing of it was ever replaced or removed\n"
