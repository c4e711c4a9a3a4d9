"""Goal: to the operator's commands, the shards of several workers are one store.

Method: a real server with two workers, the commands run in this process on its data, while it runs and after.
"""

import pytest

pytestmark = pytest.mark.system

NAMES = ["ann", "bob", "cid", "dan", "eve", "fay"]


@pytest.fixture
def server(start):
    return start("--workers", "2")


@pytest.fixture
def tokens(server, connect):
    """Sessions in which x = 1, in both shards."""
    made = {}
    for name in NAMES:
        client = connect(server)
        made[name] = client.create(name)
        client.evaluate("x := 1", session_id=made[name])
    assert {token.startswith("session_1_") for token in made.values()} == {True, False}
    return made


def values(server, connect, tokens):
    return {connect(server).evaluate("x", session_id=token) for token in tokens.values()}


def test_a_backup_has_all_shards_and_a_restore_brings_them_back(server, tokens, connect, command, tmp_path):
    place = tmp_path / "backup"
    assert f"{len(NAMES)} sessions" in command("backup", "--data", server.data, place)
    for token in tokens.values():
        connect(server).evaluate("x := 2", session_id=token)
    server.stop()
    assert f"{len(NAMES)} sessions" in command("backup", "--data", server.data, tmp_path / "later")
    assert f"{len(NAMES)} sessions" in command("restore", "--data", server.data, place)
    server.start()
    assert values(server, connect, tokens) == {"1"}


def test_commands_see_the_sessions_of_all_shards(server, tokens, command):
    server.stop()
    listed = command("sessions", "list", "--data", server.data)
    assert all(token in listed for token in tokens.values())
    for token in tokens.values():
        assert token in command("sessions", "show", "--data", server.data, token)
    assert f"{len(NAMES)} sessions" in command("verify", "--data", server.data)
    assert "nothing to repair" in command("verify", "--repair", "--data", server.data)


def test_a_backup_of_one_process_takes_the_place_of_all_shards(server, tokens, start, connect, command, tmp_path):
    alone = start()
    client = connect(alone)
    token = client.create("ann")
    client.evaluate("x := 7", session_id=token)
    alone.stop()
    server.stop()
    command("backup", "--data", alone.data, tmp_path / "alone")
    assert "1 session" in command("restore", "--data", server.data, tmp_path / "alone")
    assert (server.data / "replaced-shard-1-1").is_dir()
    server.start()
    assert values(server, connect, {"ann": token}) == {"7"}
    gone = next(each for each in tokens.values() if each.startswith("session_1_"))
    assert connect(server).failure("evaluate", code="x", session_id=gone).error_type == "SessionNotFound"


def test_an_imported_session_is_where_its_client_has_others_and_can_be_used(server, tokens, connect, command, tmp_path):
    there = next(name for name, token in tokens.items() if token.startswith("session_1_"))
    file = command("sessions", "export", "--data", server.data, tokens[there], "--to", tmp_path).strip()
    made = [command("sessions", "import", "--data", server.data, file).strip()]
    server.stop()
    made.append(command("sessions", "import", "--data", server.data, file).strip())
    assert all(token.startswith("session_1_") for token in made)
    # Of a shard that is empty by now nothing may be taken for the first one's.
    of_second = [token for token in [*tokens.values(), *made] if token.startswith("session_1_")]
    command("sessions", "purge", "--data", server.data, "--yes", *of_second)
    made = [command("sessions", "import", "--data", server.data, file).strip()]
    server.start()
    # The client's home is another shard now than where its session is; what is imported comes there all the same.
    made.append(command("sessions", "import", "--data", server.data, file).strip())
    assert values(server, connect, dict(enumerate(made))) == {"1"}
    listed = connect(server).result("list_client_sessions", client_id=there)["sessions"]
    assert {each["session_id"] for each in listed} == set(made)
