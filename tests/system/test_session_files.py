"""The commands about session files, on a running server and on a stopped store.

A session with a class, a graph, a savepoint and an error that waits goes through files and back; what is refused
changes nothing. The commands run in this process as the command line runs them.
"""

import pytest

from actors.commands import session_commands
from actors.commands.code_file import CodeFile
from smalltalk import kernel

pytestmark = pytest.mark.system


@pytest.fixture
def used(server, connect):
    """A running server with one session that has a past."""
    client = connect(server)
    token = client.create("ann")
    for code in (
        "Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'",
        "Counter compile: 'bump ^n := (n ifNil: [0]) + 1'",
        "c := Counter new. c bump. b := [:x | c bump + x]",
    ):
        client.evaluate(code, session_id=token)
    client.result("save_context", session_id=token, name="before")
    client.evaluate("c bump", session_id=token)
    client.ask("evaluate", code="(1 to: 3) collect: [:each | 6 / (each - 2)]", session_id=token)
    return server, client, token


def check(client, token):
    """The session is what it was, and goes on."""
    client.result("restore_session", session_id=token, client_id="bob")
    assert client.evaluate("b value: 10", session_id=token) == "13"
    done = client.result("debug", session_id=token, operation="Continue", context="c1", proceed_with="100")
    assert done["result"] == "#(-6 100 6)"
    codes = [entry["code"] for entry in client.result("history", session_id=token)["entries"]]
    assert codes[3] == "c bump"
    client.result("load_context", session_id=token, name="before")
    assert client.evaluate("c bump", session_id=token) == "2"


def test_a_session_of_a_running_server_goes_through_a_file(used, command, tmp_path):
    server, client, token = used
    file = command("sessions", "export", token, "--data", server.data, "--to", tmp_path / "out.ston")
    assert file == str(tmp_path / "out.ston")
    check(client, command("sessions", "import", file, "--data", server.data, "--client", "bob"))
    assert client.evaluate("c bump", session_id=token) == "3"
    assert "session of ann" in command("sessions", "verify", file)
    assert not list(server.data.glob("errand*")) + list(server.data.glob("import*"))


def test_a_session_of_a_stopped_store_goes_through_the_archive(used, command, connect):
    server, _, token = used
    server.stop()
    assert "1 session archived" in command("sessions", "archive", token, "--data", server.data, "--yes")
    assert token not in command("sessions", "list", "--data", server.data)
    (file,) = (server.data / "archive").iterdir()
    other = command("sessions", "import", file, "--data", server.data, "--client", "bob")
    assert "no damage" in command("verify", "--data", server.data)
    server.start()
    check(connect(server), other)


def test_what_is_refused_changes_nothing(used, command, tmp_path):
    server, _, token = used
    server.stop()
    file = tmp_path / "file.ston"
    command("sessions", "export", token, "--data", server.data, "--to", file)
    before = command("sessions", "list", "--data", server.data)
    data = file.read_bytes()
    (tmp_path / "cut.ston").write_bytes(data[:-100])
    (tmp_path / "changed.ston").write_bytes(data.replace(b"Counter", b"Kounter", 1))
    for name, reason in (("cut", "cut short"), ("changed", "checksum"), ("none", "cannot be read")):
        for words in (["import", "--data", server.data], ["verify"]):
            assert reason in command("sessions", *words, tmp_path / f"{name}.ston", code=4)
    assert "There is no session x" in command("sessions", "export", "x", "--data", server.data, code=4)
    assert command("sessions", "list", "--data", server.data) == before
    command("sessions", "export", token, "--data", server.data, "--to", file)
    assert (tmp_path / "file.ston.1").read_bytes() == data


@pytest.mark.parametrize("is_running", [True, False])
def test_an_import_takes_the_compiled_library_from_the_data(used, command, tmp_path, monkeypatch, is_running):
    """Compiling it would take many times as long as the import."""
    server, _, token = used
    file = command("sessions", "export", token, "--data", server.data, "--to", tmp_path / "out.ston")
    if not is_running:
        server.stop()
    monkeypatch.setattr(session_commands, "CodeFile", CodeFile)  # the user's, in a cache that is empty
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(kernel, "plan_from_sources", None)  # what compiles it
    session_commands._language.cache_clear()
    assert command("sessions", "import", file, "--data", server.data, "--client", "bob").startswith("session_")
    assert not list(server.data.glob("**/import*"))
