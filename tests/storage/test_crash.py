"""Crashes: a child process commits numbered steps and kills itself at a named point; the parent counts what survived.

Law: every step whose acknowledgement came out of the pipe is there, whole; at most the one in flight may be there too.
"""

from pathlib import Path

import pytest

from storage import SqliteStore

CHILD = """
import itertools
import storage.ring
from storage import HistoryAppended, ObjectsChanged, ReplyStored, SavepointSaved, SessionCreated, SqliteStore

storage.ring.SLOTS, storage.ring.SLOTS_SETTLED = 24, 8  # so that it is full soon
store = SqliteStore(Path(sys.argv[1]))
sids = [store.next_sid() for _ in range(3)]
store.commit([SessionCreated(sid, f"t{sid}", "ann", 0, 0, {}) for sid in sids])
os.write(1, b"0\\n")
for step in itertools.count(1):
    changes = []
    for sid in sids:
        records = [(0, ("A", (step,), "x" * 900)), (step, ("B", (step,), None))]
        changes += [
            ObjectsChanged(sid, step, step + 1, records),
            HistoryAppended(sid, step, {"step": step}),
            ReplyStored("ann", f"{sid}-{step}", b"", str(step).encode(), 0),
        ]
    if step % 10 == 0:
        changes.append(SavepointSaved(sids[0], f"s{step}", step, {}))
    store.commit(changes)
    os.write(1, f"{step}\\n".encode())
    if step % 7 == 0:
        store.fold_due(2)
"""

POINTS = [
    ("before BEGIN", 20),
    ("after BEGIN", 20),
    ("before INSERT INTO ring", 5),
    ("after INSERT INTO ring", 15),
    ("after UPDATE ring SET", 30),
    ("before INSERT INTO journal", 3),
    ("after INSERT INTO journal", 4),
    ("after INSERT INTO reply", 5),
    ("before UPDATE tally SET", 6),
    ("before COMMIT", 32),
    ("after COMMIT", 32),
    ("before acknowledging", 25),
    ("after acknowledging", 25),
    ("after INSERT INTO seg", 3),
    ("after INSERT OR REPLACE", 6),
    ("before DELETE FROM journal", 2),
    ("after DELETE FROM journal", 2),
    ("after DELETE FROM seg", 1),
    ("after INSERT INTO savepoint", 2),
    ("after INSERT INTO reply_key", 1),
]


@pytest.mark.parametrize(("point", "count"), POINTS, ids=[point.replace(" ", "-") for point, _ in POINTS])
def test_what_was_acknowledged_before_a_kill_is_there_whole(run_killed, tmp_path: Path, point: str, count: int):
    acknowledged = run_killed(CHILD, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    survived = _steps_of_each_session(store)
    assert store.verify().damages == []
    store.close()
    if acknowledged >= 0:
        assert len(survived) == 3
    assert len(set(survived)) <= 1
    assert all(acknowledged <= step <= acknowledged + 1 for step in survived)


def _steps_of_each_session(store: SqliteStore) -> list[int]:
    """Check that objects, history, replies and savepoints agree, and return the last step of each session."""
    steps = []
    for row in store.sessions():
        state = store.load(row.sid)
        step = state.seq
        for oid in range(1, step + 1):
            assert state.record(oid) == ("B", (oid,), None)
            assert store.reply("ann", f"{row.sid}-{oid}").outcome == str(oid).encode()
        if step:
            assert state.record(0)[1] == (step,)
        assert store.reply("ann", f"{row.sid}-{step + 1}") is None
        assert [entry["step"] for _, entry in store.history(row.sid, 0, 10_000).entries] == list(range(1, step + 1))
        if row.sid == 1:
            assert [point.seq for point in store.savepoints(row.sid)] == list(range(10, step + 1, 10))
        steps.append(step)
    return steps
