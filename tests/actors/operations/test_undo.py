"""Undoing evaluations of a session, and the savepoints that come by themselves."""

import pytest

from storage import DiskFull, SavepointSaved


@pytest.fixture
def token(client):
    token = client.create()
    for number in range(1, 4):
        client.evaluate(f"x = {number}", session_id=token)
    return token


def test_undo_goes_back_before_the_last_evaluation_and_again_before_the_one_before(client, token):
    undone = client.result("undo", session_id=token)
    assert (undone["before"], undone["code"], undone["seq"]) == (3, "x = 3", 4)
    assert client.evaluate("x", session_id=token) == "2"
    again = client.result("undo", session_id=token, steps=2)
    assert (again["before"], again["code"]) == (2, "x = 2")
    assert client.evaluate("x", session_id=token) == "1"


def test_undo_goes_back_before_a_named_evaluation_and_its_own_undo_redoes(server, client, token):
    assert client.result("undo", session_id=token, before=2)["code"] == "x = 2"
    assert client.evaluate("x", session_id=token) == "1"
    server.restart()
    client = server.client()
    assert client.result("undo", session_id=token, before=4)["code"] == '"undo to before 2"'
    assert client.evaluate("x", session_id=token) == "3"


def test_what_undo_did_survives_a_crash_and_stands_in_the_history(server, client, token):
    client.result("undo", session_id=token)
    assert client.evaluate("x", session_id=token) == "2"
    server.restart()
    client = server.client()
    assert client.evaluate("x", session_id=token) == "2"
    codes = [entry["code"] for entry in client.result("history", session_id=token)["entries"]]
    assert codes == ["x = 1", "x = 2", "x = 3", '"undo to before 3"', "x", "x"]


def test_undo_takes_its_turn_behind_evaluations_sent_before_it(client, token):
    client.send("evaluate", code="x = 9", session_id=token)
    client.send("undo", session_id=token)
    client.send("evaluate", code="x", session_id=token)
    replies = [client.receive() for _ in range(3)]
    assert [reply["status"] for reply in replies] == ["success"] * 3
    assert replies[-1]["result"]["result"] == "3"


def test_an_undo_sent_twice_undoes_once(server, client, token):
    first = client.ask("undo", session_id=token, op_id="u1")
    server.restart()
    client = server.client()
    assert client.ask("undo", session_id=token, op_id="u1")["result"] == first["result"]
    assert client.evaluate("x", session_id=token) == "2"


def test_a_commit_that_fails_undoes_nothing(server, client, token):
    server.fail_next_commit(DiskFull("full"))
    assert client.error("undo", session_id=token) == "StorageError"
    assert client.evaluate("x", session_id=token) == "3"
    assert client.result("undo", session_id=token, before=3)["before"] == 3


def test_what_waits_keeps_its_name_to_itself_after_an_undo(client, token):
    first = client.ask("evaluate", code="error", session_id=token)["details"]["context_id"]
    client.result("undo", session_id=token)
    assert client.result("debug", operation="ListContexts", session_id=token)["contexts"] == []
    second = client.ask("evaluate", code="error; 1", session_id=token)["details"]["context_id"]
    assert (first, second) == ("c1", "c2")


def test_a_load_can_be_undone(client, token):
    client.result("save_context", session_id=token, name="s")
    client.evaluate("x = 7", session_id=token)
    loaded = client.result("load_context", session_id=token, name="s")
    assert loaded["savepoint"] == "auto 5 before load_context"
    assert client.result("undo", session_id=token)["code"] == '"load_context of s"'
    assert client.evaluate("x", session_id=token) == "7"


def test_too_few_evaluations_are_told_in_plain_words(client, token):
    nothing = client.ask("undo", session_id=client.create("bob"))
    assert nothing["error"] == "There is no evaluation to go back before."
    assert client.ask("undo", session_id=token, steps=4)["error"] == "There are 3 evaluations to go back before, not 4."


def test_what_cannot_be_undone_is_told(client, token):
    assert client.error("undo", session_id=client.create("bob")) == "ContextNotFound"
    assert client.error("undo", session_id=token, before=99) == "ContextNotFound"
    assert client.error("undo", session_id=token, steps=4) == "ContextNotFound"
    assert client.error("undo", session_id=token, steps=1, before=1) == "InvalidRequest"
    assert client.evaluate("x", session_id=token) == "3"


def autosave(server):
    """Let the moment pass after which sessions are saved."""
    server.clock.advance(ms=1_001)
    for _ in range(3):
        server.tick()


def test_automatic_savepoints_come_now_and_then_and_the_oldest_make_room(server, client, token, monkeypatch):
    monkeypatch.setattr("actors.state.autosave.AUTOMATIC_EVERY", 2)
    monkeypatch.setattr("actors.state.returning.AUTOMATIC_MAX", 3)
    client.result("save_context", session_id=token, name="mine")
    for number in range(4, 14):
        client.evaluate(f"x = {number}", session_id=token)
        autosave(server)
    contexts = client.result("get_context_summary", session_id=token)["contexts"]
    names = [(each["name"], each["automatic"]) for each in contexts]
    assert names == [("mine", False), ("auto 8", True), ("auto 10", True), ("auto 12", True)]
    client.result("load_context", session_id=token, name="auto 8")
    assert client.evaluate("x", session_id=token) == "8"


def test_automatic_savepoints_leave_room_for_those_asked_for(client, token, monkeypatch):
    monkeypatch.setattr("actors.operations.savepoints.SAVEPOINTS_MAX", 1)
    client.result("undo", session_id=token)
    client.result("save_context", session_id=token, name="a")
    assert client.error("save_context", session_id=token, name="b") == "LimitExceeded"


def test_the_summary_tells_how_far_undo_reaches(client, token):
    summary = client.result("get_context_summary", session_id=token)
    assert summary["undo"] == {"count": 3, "oldest": 1, "newest": 3}


def test_sessions_that_work_in_step_are_saved_one_after_the_other(server, client, token, monkeypatch):
    """A request meets the saving of one session at most."""
    monkeypatch.setattr("actors.state.autosave.AUTOMATIC_EVERY", 2)
    tokens = [token, client.create("bob"), client.create("cy")]
    for each in tokens:
        client.evaluate("x = 4", session_id=each)
        client.evaluate("x = 5", session_id=each)
    commit, saved = server.store.inner.commit, []

    def counting(changes):
        saved.append(sum(isinstance(each, SavepointSaved) for each in changes))
        commit(changes)

    monkeypatch.setattr(server.store.inner, "commit", counting)
    for _ in range(6):  # folding has every other turn
        autosave(server)
    assert [count for count in saved if count] == [1, 1, 1]


def test_a_savepoint_waits_until_the_journal_of_its_session_is_short(server, client, token, monkeypatch):
    monkeypatch.setattr("actors.state.autosave.AUTOMATIC_EVERY", 2)
    answers = [False, False, True]
    monkeypatch.setattr(server.store.inner, "shorten", lambda _sid: answers.pop(0))
    client.evaluate("x = 4", session_id=token)
    server.clock.advance(ms=1_001)
    server.tick()
    while answers:
        assert len(server.system.supervisor.parts.autosave) == 1
        assert not server.store.savepoints(1)
        server.clock.advance(ms=10)
        server.tick()
    server.tick()
    assert len(server.system.supervisor.parts.autosave) == 0
    assert [savepoint.name for savepoint in server.store.savepoints(1)] == ["auto 4"]


def test_a_session_that_sleeps_before_it_was_saved_is_left_alone(server, client, token, monkeypatch):
    monkeypatch.setattr("actors.state.autosave.AUTOMATIC_EVERY", 2)
    client.evaluate("x = 4", session_id=token)
    client.result("close_session", session_id=token)
    autosave(server)
    assert len(server.system.supervisor.parts.autosave) == 0
    assert client.evaluate("1", session_id=client.create()) == "1"


def test_savepoints_of_one_commit_make_room_for_each_other(make_server, smalltalk, monkeypatch):
    """The second does not drop what the first drops in the same commit, which would refuse all of it."""
    monkeypatch.setattr("actors.operations.sources.LARGE_FILE_CHARS", 1)
    monkeypatch.setattr("actors.state.returning.AUTOMATIC_MAX", 2)
    client = make_server(make_engine=smalltalk).client()
    token = client.create()
    for number in range(6):
        client.send("file_in", text=f"Smalltalk at: #X put: {number}!", format="chunk", session_id=token)
    assert [client.receive()["status"] for _ in range(6)] == ["success"] * 6
    contexts = client.result("get_context_summary", session_id=token)["contexts"]
    assert [each["name"] for each in contexts] == ["auto 5 before file_in", "auto 6 before file_in"]


def test_no_automatic_savepoint_takes_the_place_of_one_asked_for(client, token):
    client.result("save_context", session_id=token, name="auto 4 before undo")
    assert client.result("undo", session_id=token)["savepoint"] == "auto 4 before undo (2)"
    client.result("load_context", session_id=token, name="auto 4 before undo")
    assert client.evaluate("x", session_id=token) == "3"


def test_a_repeated_undo_goes_back_once(server, client, token):
    undone = client.result("undo", session_id=token, op_id="back")
    assert client.result("undo", session_id=token, op_id="back") == undone
    assert client.evaluate("x", session_id=token) == "2"
    server.restart()
    client = server.client()
    assert client.result("undo", session_id=token, op_id="back") == undone
    assert client.evaluate("x", session_id=token) == "2"
    assert client.error("undo", session_id=token, op_id="back", steps=2) == "InvalidRequest"
    assert client.result("undo", session_id=token, op_id="further", steps=3)["before"] == 2
