"""What the durable store keeps of the past for undoing: how much, how it is read, and what damage of it costs."""

import sqlite3
import zlib
from contextlib import closing

import pytest

from storage import DamagedRecord, ObjectsChanged, SqliteStore, past, repair
from storage.checksums import Table, row_crc
from storage.database import Database
from storage.past import PAST_BYTES_MAX, UNPACKED_BYTES_MAX, Past, _step, read_outline, read_past

from .steps import objects


def test_what_compresses_well_does_not_take_any_amount_of_memory_when_it_is_read(durable):
    """Each evaluation replaces a text of half of what a past may take; together they take little on disk."""
    durable.evaluate(text="start")
    for number in range(12):
        durable.evaluate()
        durable.seq += 1
        replaced = [(1, ("B", (), str(number % 10) * (PAST_BYTES_MAX // 2)))]
        durable.store.commit([ObjectsChanged(durable.sid, durable.seq, durable.next_oid, replaced)])
        durable.store.fold(durable.sid)
    rows = UNPACKED_BYTES_MAX // (PAST_BYTES_MAX // 2) - 1
    assert durable.store.undo_points(durable.sid) == list(range(14 - rows, 14))
    durable.undo(13)
    assert durable.objects()[1][1] == ()
    assert durable.objects()[1][2] == "0" * (PAST_BYTES_MAX // 2)


def test_a_row_of_the_past_that_stands_for_any_number_of_bytes_is_damaged(durable, tmp_path):
    durable.evaluate(3)
    durable.store.fold(durable.sid)
    durable.store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as db, db:
        key, entry = db.execute("SELECT k, entry FROM past").fetchone()
        for content, reason in (
            (zlib.compress(bytes(8 * PAST_BYTES_MAX)), "stands for more"),
            (b"no zlib", "decompressed"),
        ):
            crc = row_crc(Table.PAST, key, entry, content)
            db.execute("UPDATE past SET b = ?, crc = ?", (content, crc))
            db.commit()
            with closing(Database(tmp_path / "data" / "store.db")) as read, pytest.raises(DamagedRecord, match=reason):
                read_past(read, durable.sid)


def test_a_step_back_in_a_past_of_the_first_kind_of_jumps_says_nothing_of_what_it_left():
    """Rows written before jumps held records have five fields; what they left is known by their savepoints only."""
    assert not _step(4, 7, [], 1, ["before 4", 3]).can_be_taken_back
    assert _step(3, 6, [0, b"old"], None, None).can_be_taken_back


def test_going_back_a_little_reads_no_older_part_of_the_past(durable):
    """Nor is it hindered by damage there, which telling all that can be undone must report."""
    states = []
    for _ in range(3):
        states.append(durable.objects())
        durable.evaluate(2)
        durable.store.fold(durable.sid)
    durable.store._db.run("UPDATE past SET b = zeroblob(length(b)) WHERE k = (SELECT min(k) FROM past)")
    assert objects(durable.store.former(durable.sid, 5)) == states[2]
    assert objects(durable.store.former(durable.sid, 3)) == states[1]
    with pytest.raises(DamagedRecord):
        durable.store.undo_points(durable.sid)
    with pytest.raises(DamagedRecord):
        durable.store.former(durable.sid, 1)
    durable.undo(5)
    assert durable.objects() == states[2]


def test_the_past_is_bounded_in_bytes_and_counts_on(durable):
    durable.next_oid = 10
    for number in range(3):
        durable.evaluate()
        durable.seq += 1
        big = [(oid, ("B", (), str(number) * (PAST_BYTES_MAX // 8))) for oid in range(10)]
        durable.store.commit([ObjectsChanged(durable.sid, durable.seq, durable.next_oid, big)])
        durable.store.fold(durable.sid)
    assert durable.store.undo_points(durable.sid) == []
    durable.evaluate(2)
    durable.undo(5)
    assert durable.objects()[0][1][0] == 4
    assert durable.store.verify().damages == []


def test_damage_of_the_past_is_told_and_costs_nothing_else(durable, tmp_path):
    durable.evaluate(3)
    durable.store.fold(durable.sid)
    now = durable.objects()
    durable.store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as db, db:
        db.execute("UPDATE past SET b = zeroblob(length(b))")
    store = SqliteStore(tmp_path / "data")
    with pytest.raises(DamagedRecord):
        store.undo_points(durable.sid)
    assert [(damage.sid, damage.table) for damage in store.verify().damages] == [(durable.sid, "past")]
    assert objects(store.load(durable.sid)) == now
    store.close()
    losses = repair(tmp_path / "data")
    assert [loss.what for loss in losses] == ["what undoing needs"]
    durable.store = SqliteStore(tmp_path / "data")
    assert durable.store.verify().damages == []
    durable.evaluate(2)
    assert durable.objects()[0][1][0] == 5
    assert durable.store.undo_points(durable.sid) == [4, 5]
    durable.store.close()


def test_telling_what_can_be_undone_makes_nothing_of_the_former_records(durable, monkeypatch):
    """They are most of what a past is, and everybody waits for what is made of them."""
    durable.evaluate(3, text="a" * 40)
    durable.store.fold(durable.sid)
    durable.undo(2)
    durable.evaluate()
    durable.store.fold(durable.sid)
    whole, outline = (read(durable.store._db, durable.sid) for read in (read_past, read_outline))
    assert any(step.former for step in whole.steps)
    assert outline == Past(whole.first, [step._replace(former=[]) for step in whole.steps])
    known = durable.store.undo_points(durable.sid)
    monkeypatch.setattr(past, "_whole", None)
    assert durable.store.undo_points(durable.sid) == known == [1, 2, 3, 4, 5]
