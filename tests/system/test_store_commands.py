"""The operator's commands: backup of a server in use, restore, verify, sessions; failures in one plain sentence.

The commands run in this process as the command line runs them; the server is a process of its own.
"""

import sqlite3
from contextlib import closing

import pytest

from storage import SqliteStore

pytestmark = pytest.mark.system


@pytest.fixture
def used(server, connect):
    """A running server with one session that holds x = 1."""
    client = connect(server)
    token = client.create("ann")
    client.evaluate("x := 1", session_id=token)
    return server, client, token


def test_a_backup_of_a_server_in_use_holds_what_was_acknowledged_and_the_server_goes_on(
    used, command, tmp_path, connect
):
    server, client, token = used
    assert "1 session" in command("backup", "--data", server.data, tmp_path / "backup")
    assert "no damage" in command("verify", "--data", tmp_path / "backup")
    assert client.evaluate("x := x + 1", session_id=token) == "2"
    assert "there already" in command("backup", "--data", server.data, tmp_path / "backup", code=4)
    for target in (".", "/", server.data):
        assert "there already" in command("backup", "--data", server.data, target, code=4)
    assert "must lie outside" in command("backup", "--data", server.data, server.data / "inside", code=4)
    assert client.evaluate("x", session_id=token) == "2"
    server.kill()
    for target in (".", "/"):
        assert "there already" in command("backup", "--data", server.data, target, code=4)
    assert "1 session" in command("restore", "--data", server.data, tmp_path / "backup")
    server.start()
    again = connect(server)
    again.result("restore_session", session_id=token, client_id="ann")
    assert again.evaluate("x", session_id=token) == "1"
    server.stop()
    assert "1 session" in command("backup", "--data", server.data, tmp_path / "later")
    assert not list(server.data.glob("errand*"))


def test_what_needs_the_data_for_itself_says_that_a_server_has_it(used, command, tmp_path):
    server, _, _ = used
    command("backup", "--data", server.data, tmp_path / "backup")
    for words in (["verify"], ["restore", tmp_path / "backup"], ["sessions", "purge", "--expired"]):
        assert "in use by another server" in command(*words, "--data", server.data, code=4)


def test_sessions_are_listed_shown_and_purged(used, command):
    server, client, token = used
    other = client.create("bob")
    client.result("save_context", session_id=token, name="before")
    client.result("close_session", session_id=other)
    server.stop()
    listed = command("sessions", "list", "--data", server.data)
    assert f"{token}  ann" in listed
    assert listed.count("closed") == 1
    assert other not in command("sessions", "list", "--data", server.data, "--client", "ann")
    shown = command("sessions", "show", "--data", server.data, token)
    assert "savepoint  before" in shown
    assert "history    1 evaluation\n" in shown
    assert "There is no session nobody" in command("sessions", "show", "--data", server.data, "nobody", code=4)
    assert "1 session deleted" in command("sessions", "purge", "--data", server.data, "--expired", "--yes")
    assert other not in command("sessions", "list", "--data", server.data)
    assert "Name sessions" in command("sessions", "purge", "--data", server.data, "--yes", code=2)
    assert "no session" in command("sessions", "purge", "--data", server.data, "--expired", "--yes")
    assert "no damage" in command("verify", "--data", server.data)
    twice = (token, token, "--expired")
    assert "1 session deleted" in command("sessions", "purge", "--data", server.data, *twice, "--yes")


def test_a_running_server_lists_and_shows_its_sessions(used, command):
    server, client, token = used
    other = client.create("bob")
    listed = command("sessions", "list", "--data", server.data)
    assert f"{token}  ann" in listed
    assert f"{other}  bob" in listed
    assert other not in command("sessions", "list", "--data", server.data, "--client", "ann")
    assert "history    1 evaluation" in command("sessions", "show", "--data", server.data, token)
    assert "There is no session nobody" in command("sessions", "show", "--data", server.data, "nobody", code=4)
    assert not list(server.data.glob("sessions.list*"))


def test_damage_is_told_with_its_session(used, command):
    server, _, token = used
    server.stop()
    SqliteStore(server.data).close()
    with closing(sqlite3.connect(server.data / "store.db")) as db, db:
        db.execute("UPDATE journal SET crc = crc + 1")
    assert "open  damaged" in command("sessions", "list", "--data", server.data)
    told = command("verify", "--data", server.data, code=1)
    assert f"damaged: {token}: journal" in told
    assert "1 damage" in told
    command("verify", "--data", server.data, "--backup", server.data, code=2)
    nowhere = server.data.parent / "nowhere"
    refused = command("verify", "--data", server.data, "--repair", "--backup", nowhere, code=4)
    assert "holds no store" in refused
    mended = command("verify", "--data", server.data, "--repair")
    assert f"lost: {token}: its last steps" in mended
    assert "no damage" in mended
    assert list(server.data.glob("replaced-1/store.db"))
    again = command("verify", "--data", server.data, "--repair")
    assert "nothing to repair" in again
    assert "1 session" in again
    assert not list(server.data.glob("replaced-2"))


def test_data_that_is_not_there_is_not_made(command, tmp_path):
    readers = (["verify"], ["verify", "--repair"], ["backup", tmp_path / "b"], ["sessions", "list"])
    for words in (*readers, ["sessions", "show", "t"], ["sessions", "purge", "t"]):
        assert "no data directory" in command(*words, "--data", tmp_path / "none", code=4)
        assert "cannot be used" in command(*words, "--data", tmp_path / ("x" * 300), code=4)
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "empty").mkdir()
        assert "holds no store" in command(*words, "--data", tmp_path / "empty", code=4)
        (tmp_path / "empty").rmdir()  # which fails if anything was made there
