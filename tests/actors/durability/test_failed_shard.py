"""One process with several shards: each client is answered by what the commit of its own shard did."""

import pytest

from actors.durability.sharded_store import ShardedStore, open_store, parts_of
from actors.durability.shards import session_token
from storage import DiskFailed, DiskFull, SessionCreated, StoreError


class FailingShard:
    """A store whose next commit fails with what was put here."""

    def __init__(self, inner):
        self.inner = inner
        self.failure = None

    def commit(self, changes):
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        self.inner.commit(changes)

    def __getattr__(self, name):
        return getattr(self.inner, name)


@pytest.fixture
def shards():
    """By number, the shards of the store that is open."""
    return {}


@pytest.fixture
def server(make_server, tmp_path, shards):
    """A server with two shards, ann in the first and bob in the second."""
    made = make_server()

    def opened():
        store = open_store(tmp_path, [0, 1])
        parts = parts_of(store, tmp_path)
        shards.update((number, FailingShard(part)) for number, (_, part) in enumerate(parts))
        return ShardedStore(shards, {number: directory for number, (directory, _) in enumerate(parts)})

    store = opened()
    sid = shards[1].next_sid()
    store.commit([SessionCreated(sid, session_token(sid, "old"), "bob", 0, 10**15, {})])
    store.close()
    made.system.close()
    made.store.open = opened
    made.start()
    return made


@pytest.fixture(params=[DiskFull, DiskFailed])
def error(request) -> StoreError:
    return request.param("no room")


@pytest.mark.parametrize("failing", [0, 1])
def test_in_one_tick_the_one_is_told_of_the_failure_and_the_other_of_its_success(server, shards, error, failing):
    clients = {name: server.client() for name in ("ann", "bob")}
    tokens = {name: client.create(name) for name, client in clients.items()}
    assert [token.startswith("session_1_") for token in tokens.values()] == [False, True]
    for name, client in clients.items():
        client.result("subscribe", session_id=tokens[name], events=["evaluation"])
        client.evaluate("x = 1", session_id=tokens[name])
    lost, kept = ("ann", "bob") if failing == 0 else ("bob", "ann")
    shards[failing].failure = error
    # Both are sent before the server ticks.
    for name, client in clients.items():
        client.send("evaluate", code="x = 2", session_id=tokens[name])
    replies = {name: client.receive() for name, client in clients.items()}
    assert (replies[lost].get("error_type"), replies[kept]["status"]) == ("StorageError", "success")
    assert shards[failing].failure is None
    values = {name: client.evaluate("x", session_id=tokens[name]) for name, client in clients.items()}
    assert values == {lost: "1", kept: "2"}
    for client in clients.values():
        client.result("ping")
    told = {name: [event["data"]["code"] for event in client.events] for name, client in clients.items()}
    assert told == {lost: ["x = 1", "x"], kept: ["x = 1", "x = 2", "x"]}


def test_a_repeat_runs_where_the_commit_failed_and_is_recognised_where_it_stands(server, shards, error):
    clients = {name: server.client() for name in ("ann", "bob")}
    tokens = {name: client.create(name) for name, client in clients.items()}
    for name, client in clients.items():
        client.evaluate("x = 0", session_id=tokens[name])
    shards[1].failure = error
    for name, client in clients.items():
        client.send("evaluate", code="x = x + 1", session_id=tokens[name], op_id="once")
    for client in clients.values():
        client.receive()
    again = {
        name: client.evaluate("x = x + 1", session_id=tokens[name], op_id="once") for name, client in clients.items()
    }
    assert again == {"ann": "1", "bob": "1"}
