"""Several shards behave as one store: everything is found, and stays where its session is."""

from itertools import pairwise

import pytest

from actors.durability.exactly_once import SID_BYTES
from actors.durability.keeper import PartlyFailedError
from actors.durability.sharded_store import open_store, parts_of
from actors.durability.shards import first_sid, session_token, shard_of_sid
from storage import ChangeRefused, DataInUse, ObjectsChanged, ReplyStored, SessionClosed, SessionCreated, SqliteStore
from storage.fold import LIGHT_STEPS


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path, [0, 2])
    yield made
    made.close()


def create(store, client_id, *, shard=None, expires_at_ms=100):
    sid = store.next_sid(client_id) if shard is None else store.parts()[shard][1].next_sid()
    token = session_token(sid, f"of-{client_id}-{sid}")
    store.commit([SessionCreated(sid, token, client_id, sid, expires_at_ms, {})])
    return sid, token


def test_a_new_session_is_where_its_client_has_others(store):
    there, _ = create(store, "ann", shard=1)
    assert shard_of_sid(there) == 2
    assert shard_of_sid(create(store, "ann")[0]) == 2
    assert shard_of_sid(create(store, "bob")[0]) == 0


def test_sessions_of_all_shards_are_found(store):
    made = [create(store, "ann"), create(store, "bob", shard=1)]
    assert [store.session(sid).token for sid, _ in made] == [token for _, token in made]
    assert [store.session_by_token(token).sid for _, token in made] == [sid for sid, _ in made]
    assert [row.sid for row in store.sessions()] == [sid for sid, _ in made]
    assert store.clients() == {"ann", "bob"}
    assert store.counts() == (2, 2, 2)
    assert store.session(first_sid(9)) is None
    assert store.session_by_token("session_1_nowhere") is None


def test_expired_sessions_come_by_time_whatever_their_shard(store):
    made = [create(store, "ann", shard=k % 2, expires_at_ms=at)[0] for k, at in enumerate((30, 10, 20, 40))]
    first = store.expired(100, 2)
    assert [row.sid for row in first] == [made[1], made[2]]
    assert [row.sid for row in store.expired(100, 2, first[-1])] == [made[0], made[3]]


def test_one_shard_after_the_other_does_a_step_of_folding(store, monkeypatch):
    """However many shards a process has, a request waits for one step."""
    monkeypatch.setattr("storage.backlog.FOLD_DUE_BYTES", 1)
    made = [create(store, client_id, shard=shard)[0] for shard in (0, 1) for client_id in (f"a{shard}", f"b{shard}")]
    for sid in made:
        store.commit([ObjectsChanged(sid, 1, 1, [(0, ("A", (), None))])])
    left = [store.fold_due(1) for _ in range(len(made) * LIGHT_STEPS)]
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    assert max(before - after for before, after in pairwise(left)) == LIGHT_STEPS
    assert [store.load(sid).seq for sid in made] == [1, 1, 1, 1]


def test_an_answer_is_stored_with_its_session_and_found_by_its_key(store):
    sid, _ = create(store, "bob", shard=1)
    outcome = sid.to_bytes(SID_BYTES, "big") + b"said"
    store.commit([ReplyStored("client:bob", "op", b"digest", outcome, 1), SessionClosed(sid)])
    assert store.reply("client:bob", "op").outcome == outcome
    (_, first), (_, second) = parts_of(store, None)
    assert (first.reply("client:bob", "op"), second.reply("client:bob", "op").outcome) == (None, outcome)
    assert store.session(sid).is_closed


def test_a_change_that_is_refused_changes_nothing_of_its_session(store):
    sid, token = create(store, "bob", shard=1)
    with pytest.raises(PartlyFailedError) as failed:
        store.commit([SessionClosed(sid), SessionCreated(sid, token, "bob", 0, 0, {})])
    assert failed.value.shards == {2}
    assert isinstance(failed.value.causes[0], ChangeRefused)
    assert not store.session(sid).is_closed


@pytest.mark.parametrize("failing", [0, 1])
def test_what_one_shard_refuses_keeps_no_other_from_its_commit(store, failing):
    made = [create(store, name, shard=shard) for shard, name in enumerate(("ann", "bob"))]
    (lost, token), (kept, _) = made[failing], made[1 - failing]
    changes = [SessionClosed(lost), SessionClosed(kept), SessionCreated(lost, token, "eve", 0, 0, {})]
    with pytest.raises(PartlyFailedError) as failed:
        store.commit(changes)
    assert failed.value.shards == {shard_of_sid(lost)}
    assert (store.session(lost).is_closed, store.session(kept).is_closed) == (False, True)


def test_if_one_shard_cannot_be_opened_none_stays_open(tmp_path):
    other = SqliteStore(tmp_path / "shard-1")
    with pytest.raises(DataInUse):
        open_store(tmp_path, [0, 1])
    SqliteStore(tmp_path).close()
    other.close()


def test_one_shard_is_a_store_by_itself(tmp_path):
    store = open_store(tmp_path, [3])
    assert store.next_sid() == first_sid(3)
    assert parts_of(store, tmp_path / "shard-3") == [(tmp_path / "shard-3", store)]
    store.close()
