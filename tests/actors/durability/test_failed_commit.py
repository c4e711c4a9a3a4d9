"""A commit that fails is never acknowledged, and leaves nothing behind."""

import pytest

from storage import DiskFailed, DiskFull


@pytest.fixture(params=[DiskFull, DiskFailed])
def error(request):
    return request.param("no room")


def test_the_client_is_told_and_the_session_goes_on_from_what_is_stored(server, client, error):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    server.fail_next_commit(error)
    assert client.error("evaluate", code="x = 2", session_id=token) == "StorageError"
    assert client.evaluate("x", session_id=token) == "1"
    assert client.result("history", session_id=token)["total"] == 2


def test_a_repeat_of_what_was_not_stored_runs(server, client, error):
    token = client.create()
    client.evaluate("x = 0", session_id=token)
    server.fail_next_commit(error)
    assert client.error("evaluate", code="x = x + 1", session_id=token, op_id="a") == "StorageError"
    assert client.evaluate("x = x + 1", session_id=token, op_id="a") == "1"


def test_a_session_whose_creation_failed_does_not_exist(server, client, error):
    server.fail_next_commit(error)
    assert client.error("create_session", client_id="ann") == "StorageError"
    assert client.result("list_client_sessions", client_id="ann")["session_count"] == 0
    assert len(server.system.supervisor.roster) == 0


def test_a_connection_whose_session_was_not_stored_is_told_so_until_it_gets_one(server, client, error):
    server.fail_next_commit(error)
    assert client.error("create_session", client_id="ann") == "StorageError"
    refusal = client.ask("evaluate", code="3 + 4")
    assert refusal["error_type"] == "SessionNotFound"
    assert "create_session" in refusal["error"]
    client.create()
    assert client.evaluate("3 + 4") == "7"


def test_waiting_requests_go_on(server, client, error):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    server.fail_next_commit(error)
    sent = [client.send("evaluate", code="x = x + 1; turns 1", session_id=token) for _ in range(3)]
    replies = [client.receive() for _ in sent]
    assert "StorageError" in {reply.get("error_type") for reply in replies}
    succeeded = [reply for reply in replies if reply["status"] == "success"]
    assert client.evaluate("x", session_id=token) == str(1 + len(succeeded))


def test_what_reports_nothing_stored_is_answered(server, client):
    token = client.create()
    server.fail_next_commit(DiskFull("no room"))
    evaluation = client.send("evaluate", code="x = 2", session_id=token)
    ping = client.send("ping")
    replies = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert replies[evaluation]["error_type"] == "StorageError"
    assert replies[ping]["status"] == "success"


def test_a_hog_beside_a_failed_commit_of_another_session_goes_on(server, client):
    hog, token = client.create("ann"), server.client().create("ben")
    running = client.send("evaluate", code="x = 1; turns 50", session_id=hog)
    other = server.client()
    server.fail_next_commit(DiskFull("no room"))
    assert other.error("evaluate", code="x = 2", session_id=token) == "StorageError"
    reply = client.receive()
    assert (reply["id"], reply["status"]) == (running, "success")


def test_no_event_tells_of_what_was_not_stored(server, client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["evaluation"])
    server.fail_next_commit(DiskFull("no room"))
    client.error("evaluate", code="x = 2", session_id=token)
    client.evaluate("x = 3", session_id=token)
    client.result("ping")
    assert [event["data"]["code"] for event in client.events] == ["x = 3"]


def test_a_store_that_cannot_be_opened_again_is_tried_until_it_can(server, client):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    server.fail_next_commit(DiskFailed("no disk"))
    server.store.is_lost = True
    assert client.error("evaluate", code="x = 2", session_id=token) == "StorageError"
    assert client.error("evaluate", code="x", session_id=token) == "StorageError"
    assert client.error("create_session", client_id="ben") == "StorageError"
    assert client.result("ping")["status"] == "ready"
    server.store.is_lost = False
    server.clock.advance(ms=1_000)
    client.result("ping")
    assert client.evaluate("x", session_id=token) == "1"
