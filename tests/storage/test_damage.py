"""Damage: every flipped bit of a stored record is noticed, and only its session is hurt.

Law: what is damaged is reported, what is not reported is what was stored, never a third thing.
"""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import (
    DamagedRecord,
    HistoryAppended,
    ObjectsChanged,
    ReplyStored,
    SavepointSaved,
    SessionCreated,
    Sid,
    SqliteStore,
    StoreError,
)

SESSIONS = 3
STEPS = 70
KEYS = {"root": "sid", "seg": "k", "history": "k", "session": "sid"}
OWNED_TABLES = ["session", "root", "seg", "journal", "history", "savepoint"]


def everything(store: SqliteStore, sid: Sid):
    """Read all there is of a session, through the contract."""
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    return state.row, state.seq, state.next_oid, objects, store.history(sid, 0, 999), store.savepoints(sid)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A closed store with folded and unfolded sessions, and what it answers."""
    base = tmp_path_factory.mktemp("healthy")
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr("storage.replies.TAIL_REPLIES_MAX", 512)
    store = SqliteStore(base)
    for number in range(SESSIONS):
        sid = store.next_sid()
        store.commit([SessionCreated(sid, f"t{sid}", "ann", 0, 0, {"pane": number})])
        for step in range(1, STEPS):
            records = [(step * 9, ("Array", (step,), "text"))]
            store.commit([ObjectsChanged(sid, step, step * 9 + 1, records), HistoryAppended(sid, step, {"code": "x"})])
            if step == STEPS // 2:
                store.commit([SavepointSaved(sid, "then", step, {})])
        store.commit([ReplyStored("ann", f"op{sid}-{i}", b"digest", b"outcome", i) for i in range(300)])
    store.put_code([(b"hash", b"code" * 20)])
    answers = {row.sid: everything(store, row.sid) for row in store.sessions()}
    assert store.verify().damages == []
    store.close()
    monkeypatch.undo()
    return base, answers


def rows_with_owner(db: sqlite3.Connection, table: str) -> list[tuple[int, int]]:
    """Return (rowid, sid) of all rows of a table."""
    if table == "history":
        return db.execute("SELECT rowid, k >> 32 FROM history").fetchall()
    if table == "seg":
        per_session = db.execute("SELECT count(*) FROM seg").fetchone()[0] // SESSIONS
        ids = [row[0] for row in db.execute("SELECT k FROM seg ORDER BY k")]
        return [(k, place // per_session + 1) for place, k in enumerate(ids)]
    return db.execute(f"SELECT rowid, sid FROM {table}").fetchall()


def flip(db: sqlite3.Connection, table: str, rowid: int, rng: random.Random) -> None:
    """Flip one bit of a row's content, sometimes of its checksum."""
    content, crc = db.execute(f"SELECT b, crc FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
    bit = rng.randrange(len(content) * 8 + 32)
    if bit < 32:
        crc ^= 1 << bit
    else:
        content = bytearray(content)
        content[(bit - 32) // 8] ^= 1 << bit % 8
    with db:
        db.execute(f"UPDATE {table} SET b = ?, crc = ? WHERE rowid = ?", (bytes(content), crc, rowid))


@pytest.mark.parametrize("table", OWNED_TABLES)
def test_a_flipped_bit_in_any_record_is_noticed_and_hurts_its_session_only(healthy, tmp_path, table):
    base, answers = healthy
    with closing(sqlite3.connect(base / "store.db")) as db:
        rows = rows_with_owner(db, table)
    assert len(rows) >= SESSIONS
    rng = random.Random(table)
    for rowid, sid in rng.sample(rows, min(len(rows), 12)):
        data = shutil.copytree(base, tmp_path / f"{table}-{rowid}")
        with closing(sqlite3.connect(data / "store.db")) as db:
            flip(db, table, rowid, rng)
        store = SqliteStore(data)
        try:
            assert {damage.sid for damage in store.verify().damages} == {sid}
            if table == "seg":  # it may be one that only the savepoint lists
                assert not _differs(store, sid, answers)
            else:
                with pytest.raises(DamagedRecord) as caught:
                    everything(store, sid)
                assert (caught.value.sid, caught.value.table) == (sid, table)
            for other in set(answers) - {sid}:
                assert everything(store, other) == answers[other]
        finally:
            store.close()


def _differs(store: SqliteStore, sid: Sid, answers: dict) -> bool:
    """Tell whether a session answers something else without an error."""
    try:
        return everything(store, sid) != answers[sid]
    except DamagedRecord:
        return False


def test_a_damaged_reply_is_an_error_and_never_a_missing_one(healthy, tmp_path):
    data = shutil.copytree(healthy[0], tmp_path / "data")
    with closing(sqlite3.connect(data / "store.db")) as db:
        for rowid in (1, 800):  # one indexed, one in the tail
            flip(db, "reply", rowid, random.Random(rowid))
        with db:
            db.execute("DELETE FROM reply WHERE id = 2")
    store = SqliteStore(data)
    for op_id in ("op1-0", "op1-1", "op3-199"):
        with pytest.raises(DamagedRecord, match="reply"):
            store.reply("ann", op_id)
    assert store.reply("ann", "op1-2").outcome == b"outcome"
    assert {damage.table for damage in store.verify().damages} == {"reply", "reply_key"}
    store.close()


def test_damaged_code_is_not_answered(healthy, tmp_path):
    data = shutil.copytree(healthy[0], tmp_path / "data")
    with closing(sqlite3.connect(data / "store.db")) as db:
        flip(db, "code", 1, random.Random(3))
    store = SqliteStore(data)
    assert store.code(b"hash") is None
    assert [damage.table for damage in store.verify().damages] == ["code"]
    store.close()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("DELETE FROM journal WHERE id = (SELECT min(id) + 3 FROM journal WHERE sid = 2)", "journal"),
        ("DELETE FROM root WHERE sid = 2", "root"),
        ("DELETE FROM history WHERE k >> 32 = 2", "history"),
        ("DELETE FROM seg", "segment"),
    ],
)
def test_a_lost_row_is_damage(healthy, tmp_path, statement, table):
    data = shutil.copytree(healthy[0], tmp_path / "data")
    with closing(sqlite3.connect(data / "store.db")) as db, db:
        db.execute(statement)
    store = SqliteStore(data)
    with pytest.raises(DamagedRecord, match="missing") as caught:
        everything(store, Sid(2))
    assert caught.value.table == table
    assert 2 in {damage.sid for damage in store.verify().damages}
    store.close()


def test_a_row_in_the_place_of_another_is_damage(healthy, tmp_path):
    """A good row under a wrong key, as a misdirected page write leaves it."""
    data = shutil.copytree(healthy[0], tmp_path / "data")
    with closing(sqlite3.connect(data / "store.db")) as db, db:
        db.execute("UPDATE root SET (crc, b) = (SELECT crc, b FROM root WHERE sid = 1) WHERE sid = 2")
    store = SqliteStore(data)
    with pytest.raises(DamagedRecord):
        store.load(Sid(2))
    store.close()


def test_a_damaged_session_neither_folds_nor_stops_the_folding_of_others(healthy, tmp_path):
    data = shutil.copytree(healthy[0], tmp_path / "data")
    with closing(sqlite3.connect(data / "store.db")) as db, db:
        db.execute("UPDATE journal SET crc = crc + 1 WHERE sid = 2")
    store = SqliteStore(data)
    for step in range(STEPS, STEPS + 70):
        store.commit([ObjectsChanged(Sid(sid), step, 9_999, []) for sid in (1, 3)])
    while store.fold_due(9):
        pass
    assert {damage.sid for damage in store.verify().damages} == {2}
    assert store.load(Sid(1)).seq == STEPS + 69
    assert store._db.number("SELECT count(*) FROM journal WHERE sid = 2") > 0
    assert store._db.number("SELECT count(*) FROM journal WHERE sid = 1") == 0
    store.close()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_flipped_bit_anywhere_in_the_file_is_reported_or_harmless(healthy, tmp_path_factory, data):
    base, answers = healthy
    path = tmp_path_factory.mktemp("flip") / "data"
    shutil.copytree(base, path)
    content = bytearray((path / "store.db").read_bytes())
    bit = data.draw(st.one_of(st.integers(0, 100 * 8 - 1), st.integers(0, len(content) * 8 - 1)))
    content[bit // 8] ^= 1 << bit % 8
    (path / "store.db").write_bytes(content)
    try:
        _check_reported_or_harmless(path, answers)
    finally:
        shutil.rmtree(path)


def _check_reported_or_harmless(path: Path, answers: dict) -> None:
    """Open and read everything: equal answers, or a report of the damage."""
    try:
        store = SqliteStore(path)
    except StoreError:
        return
    try:
        is_reported = bool(store.verify().damages)
        for sid, answer in answers.items():
            try:
                assert everything(store, sid) == answer
            except StoreError:
                assert is_reported
    finally:
        store.close()
