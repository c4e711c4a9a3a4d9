"""Repair: sessions without damage stay as they were; the others go back to a whole state, and every loss is told."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from storage import (
    DamagedStore,
    HistoryAppended,
    ObjectsChanged,
    ReplyStored,
    SavepointSaved,
    SessionCreated,
    SessionForked,
    Sid,
    SqliteStore,
    UnusableData,
    repair,
)

STEPS = 200
PAGE_BYTES = 4_096


def everything(store, sid):
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    return objects, state.seq, state.next_oid, store.history(sid, 0, 9_999), store.savepoints(sid)


def expected_objects(step):
    return {number * 3: ("Array", (number,), "x" * 90) for number in range(1, step + 1)}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A closed store, a backup of an earlier moment, and what the store answers."""
    base = tmp_path_factory.mktemp("healthy")
    store = SqliteStore(base / "data")
    sids = [store.next_sid() for _ in range(4)]
    store.commit([SessionCreated(sid, f"t{sid}", "ann", 0, 0, {}) for sid in sids])
    for step in range(1, STEPS):
        changes = []
        for sid in sids:
            records = [(step * 3, ("Array", (step,), "x" * 90))]
            changes += [
                ObjectsChanged(sid, step, step * 3 + 1, records),
                HistoryAppended(sid, step, {"code": str(step)}),
            ]
        store.commit([*changes, ReplyStored("ann", f"op{step}", b"", b"", 0)])
        if step == 60:
            store.commit([SavepointSaved(sids[0], "sixty", 0, {})])
        if step == 90:
            for _ in store.back_up(base / "backup"):
                pass
        if step % 50 == 0:
            for sid in sids:
                store.fold(sid)
    fork = store.next_sid()
    store.commit([SessionForked(fork, "fork", "bob", 0, 0, {}, sids[3])])
    answers = {row.sid: everything(store, row.sid) for row in store.sessions()}
    assert store.verify().damages == []
    store.close()
    return base, answers


@pytest.fixture
def damaged(healthy, tmp_path):
    """A function that runs statements on a copy of the store and returns the copy."""

    def damage(*statements):
        data = shutil.copytree(healthy[0] / "data", tmp_path / "data")
        with closing(sqlite3.connect(data / "store.db")) as db, db:
            for statement in statements:
                db.execute(statement)
        return data

    return damage


def repaired(data, backup=None):
    """Repair; return what is lost (None: there was nothing to repair) and the store."""
    losses = repair(data, backup)
    store = SqliteStore(data)
    assert store.verify().damages == []
    return losses, store


def assert_whole_but(store, answers, *hurt):
    for sid in set(answers) - set(hurt):
        assert everything(store, sid) == answers[sid]


def test_repairing_what_is_whole_changes_nothing(damaged, healthy):
    data = damaged()
    before = {name: (data / name).read_bytes() for name in ("store.db", "store.ack")}
    for backup in (None, healthy[0] / "backup"):
        assert repair(data, backup) is None
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.name != "store.lock"} == before
    losses, store = repaired(data)
    assert losses is None
    assert_whole_but(store, healthy[1])
    assert store.reply("ann", f"op{STEPS - 1}") is not None
    assert store.next_sid() == 6
    store.commit([ObjectsChanged(Sid(1), STEPS, 9_999, [])])
    store.close()


def test_a_damaged_journal_row_takes_its_session_back_to_the_step_before(damaged, healthy):
    data = damaged("UPDATE journal SET crc = crc + 1 WHERE id = (SELECT min(id) + 9 FROM journal WHERE sid = 2)")
    with closing(sqlite3.connect(data / "store.db")) as db:
        ((sid,),) = db.execute("SELECT sid FROM journal WHERE id = (SELECT min(id) + 9 FROM journal WHERE sid = 2)")
    losses, store = repaired(data)
    assert [(loss.token, "last steps" in loss.what) for loss in losses] == [(f"t{sid}", True)]
    objects, seq, _, history, _ = everything(store, Sid(sid))
    assert objects == expected_objects(seq)
    assert 150 <= seq < STEPS - 1
    assert history.total == seq
    assert_whole_but(store, healthy[1], sid)
    store.close()
    assert (data / "replaced-1" / "store.db").exists()


def test_the_last_journal_row_is_missed_too(damaged, healthy):
    losses, store = repaired(
        damaged("UPDATE journal SET crc = crc + 1 WHERE id = (SELECT max(id) FROM journal WHERE sid = 2)")
    )
    assert [loss.token for loss in losses] == ["t2"]
    assert everything(store, Sid(2))[0] == expected_objects(STEPS - 2)
    assert_whole_but(store, healthy[1], 2)
    store.close()


def segments_of(data, sid):
    store = SqliteStore(data)
    from_root = [k for k in store.load(sid)._root().segments if k]
    store.close()
    return from_root


@pytest.mark.parametrize("has_backup", [False, True])
def test_damaged_objects_take_a_session_back_to_its_savepoint_or_the_backup(damaged, healthy, has_backup):
    base, answers = healthy
    data = damaged()
    with closing(sqlite3.connect(data / "store.db")) as db, db:
        for sid in (1, 2):
            for k in segments_of(base / "data", Sid(sid))[-1:]:
                db.execute("UPDATE seg SET crc = crc + 1 WHERE k = ?", (k,))
    losses, store = repaired(data, base / "backup" if has_backup else None)
    lost = {loss.token: loss.what for loss in losses}
    assert "savepoint" in lost["t1"]
    assert everything(store, Sid(1))[0] == expected_objects(60)
    store.commit([ObjectsChanged(Sid(1), 61, 9_999, [])])
    if has_backup:
        assert "backup" in lost["t2"]
        assert everything(store, Sid(2))[0] == expected_objects(90)
    else:
        assert "whole session" in lost["t2"]
        assert store.session(Sid(2)) is None
    assert len(losses) == 2
    assert_whole_but(store, answers, 1, 2)
    store.close()


@pytest.mark.parametrize(
    ("statement", "token", "told"),
    [
        ("DELETE FROM root WHERE sid = 1", "t1", "savepoint"),
        ("UPDATE root SET crc = crc + 1 WHERE sid = 1", "t1", "savepoint"),
        ("DELETE FROM history WHERE k >> 32 = 2 AND k & 255 = 1", "t2", "history"),
        ("UPDATE savepoint SET crc = crc + 1", "", ""),
        ("UPDATE session SET crc = crc + 1 WHERE sid = 3", "t3", "backup"),
        ("UPDATE session SET expires_at_ms = 7 WHERE sid = 3", "", ""),
        ("DELETE FROM reply_key", "", ""),
        ("UPDATE reply SET crc = crc + 1 WHERE id = 5", "", "reply"),
        ("DELETE FROM shared", "", ""),
    ],
)
def test_every_kind_of_damage_is_mended_and_told(damaged, healthy, statement, token, told):
    base, answers = healthy
    losses, store = repaired(damaged(statement), base / "backup")
    losses = losses or []  # keys of replies not indexed yet are no loss
    assert any(loss.token == token and told in loss.what for loss in losses) or not (token or told)
    hurt = {1} if "savepoint" in statement else {int(token[1])} if token else set()
    assert_whole_but(store, answers, *hurt)
    store.close()


def test_a_session_that_goes_back_to_a_savepoint_gives_no_object_id_again(tmp_path):
    store = SqliteStore(tmp_path / "data")
    sid = store.next_sid()
    changed = ObjectsChanged(sid, 1, 10_000, [(3, ("Array", (), None))])
    store.commit([SessionCreated(sid, "t", "ann", 0, 0, {}), changed, SavepointSaved(sid, "all", 0, {})])
    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as db, db:
        db.execute("UPDATE root SET crc = crc + 1")
    losses, store = repaired(tmp_path / "data")
    assert [loss.token for loss in losses] == ["t"]
    assert (store.load(sid).next_oid, list(store.load(sid).oids())) == (10_000, [3])
    store.close()


@pytest.mark.parametrize("seed", range(30))
def test_after_damaged_pages_each_session_is_as_it_was_or_its_loss_is_told(healthy, tmp_path, seed):
    base, answers = healthy
    rng = random.Random(seed)
    data = shutil.copytree(base / "data", tmp_path / "data")
    content = bytearray((data / "store.db").read_bytes())
    for _ in range(rng.choice([1, 1, 2, 4])):
        page = rng.randrange(1, len(content) // PAGE_BYTES)
        kind = rng.choice(["zero", "random", "flip"])
        start = page * PAGE_BYTES
        if kind == "flip":
            content[start + rng.randrange(64)] ^= 1 << rng.randrange(8)
        else:
            content[start : start + PAGE_BYTES] = bytes(PAGE_BYTES) if kind == "zero" else rng.randbytes(PAGE_BYTES)
    (data / "store.db").write_bytes(content)
    try:
        losses, store = repaired(data, base / "backup")
    except DamagedStore:
        assert (data / "store.db").read_bytes() == content
        return
    told = {loss.token for loss in losses or []}
    for sid, answer in answers.items():
        row = store.session(sid)
        token = "fork" if sid == 5 else f"t{sid}"
        if row is None or everything(store, sid) != answer:
            assert told & {token, ""}
            if row is not None:
                objects, seq, *_ = everything(store, sid)
                assert objects == expected_objects(seq)
    store.close()


def test_a_store_known_as_damaged_is_put_together_anew_even_if_all_of_it_can_be_read(damaged, healthy):
    data = damaged()
    (data / "store.damage").write_text("acknowledged commits are lost")
    losses, store = repaired(data)
    assert losses == []
    assert_whole_but(store, healthy[1])
    store.close()


def test_a_backup_that_is_none_is_refused_before_anything_is_done(damaged, tmp_path):
    data = damaged("UPDATE journal SET crc = crc + 1 WHERE id = (SELECT max(id) FROM journal WHERE sid = 2)")
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    for backup, why in (
        (tmp_path / "nowhere", "holds no store"),
        (tmp_path, "holds no store"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (data, "itself"),
    ):
        with pytest.raises(UnusableData, match=why):
            repair(data, backup)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_what_cannot_be_repaired_is_said_and_left_alone(tmp_path, healthy):
    (tmp_path / "data").mkdir()
    for nothing in (tmp_path / "data", tmp_path / "nowhere"):
        with pytest.raises(UnusableData, match="no store"):
            repair(nothing)
    assert list((tmp_path / "data").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "data" / "store.db").write_bytes(b"rubbish!" * 4_096)
    with pytest.raises(DamagedStore, match="restore a backup"):
        repair(tmp_path / "data")
    assert (tmp_path / "data" / "store.db").read_bytes() == b"rubbish!" * 4_096
    store = SqliteStore(shutil.copytree(healthy[0] / "data", tmp_path / "used"))
    with pytest.raises(UnusableData, match="in use"):
        repair(tmp_path / "used")
    store.close()


REPAIRING = """
from storage import repair

count_calls((os, "fsync"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"))
repair(Path(sys.argv[1]), Path(point))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("count", range(1, 26))
def test_a_kill_while_repairing_leaves_the_damaged_store_the_repaired_one_or_a_plain_word(
    damaged, healthy, run_killed, count
):
    data = damaged("UPDATE journal SET crc = crc + 1 WHERE id = (SELECT max(id) FROM journal WHERE sid = 2)")
    run_killed(REPAIRING, data, str(healthy[0] / "backup"), count)
    if (data / "store.damage").exists():
        with pytest.raises(DamagedStore, match="run it again"):
            SqliteStore(data)
    losses, store = repaired(data)
    assert losses is None or [loss.token for loss in losses] == ["t2"]
    assert everything(store, Sid(2))[0] == expected_objects(STEPS - 2)
    assert_whole_but(store, healthy[1], 2)
    store.close()
