"""Power losses: only what was synced is sure to be on the disk; of the rest, any sectors may be, old, new or garbled.

Goal: what was acknowledged before the loss is there, whole, and nothing is called damaged that is not.
Method: every write and sync of a run is recorded below SQLite. A loss at any point keeps what was synced, and of the
later writes a seeded choice of sectors, some of them garbled. The same method must find losses with
`synchronous=NORMAL`.
"""

import gzip
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import (
    HistoryAppended,
    ObjectsChanged,
    ReplyStored,
    SavepointSaved,
    SessionCreated,
    SessionForked,
    SessionPurged,
    Sid,
    SqliteStore,
    StoreError,
)
from storage.acknowledged import Acknowledged
from tests.storage import recording_vfs as vfs
from tests.storage import test_golden as golden
from tests.storage.power_losses import files_after_loss

pytestmark = pytest.mark.skipif(not vfs.is_available(), reason="needs SQLite as a shared library")

STEPS = 80
SID = Sid(1)
LITTER = Sid(2)
LIVING = 30


class Run:
    """A recorded run: all calls, and how many had been made when each step was acknowledged."""

    def __init__(self, log: list, acknowledged_at: list[int]) -> None:
        self.log = log
        self.acknowledged_at = acknowledged_at


def run(folder: Path, synchronous: str) -> Run:
    """Commit steps, some of them prepared, with folds, savepoints, collections, vacuums and forks in between."""
    with vfs.recording() as recorder:
        store = SqliteStore(folder)
        store._db.run(f"PRAGMA synchronous = {synchronous}")
        store._db.run("PRAGMA wal_autocheckpoint = 60")
        sids = [store.next_sid(), store.next_sid()]
        store.commit([SessionCreated(sid, f"t{sid}", "ann", 0, 0, {}) for sid in sids])
        acknowledged_at = [len(recorder.log)]
        for step in range(1, STEPS):
            changes = [
                ObjectsChanged(SID, step, step + 1, [(step, ("A", (step,), "x" * 20 * step))]),
                HistoryAppended(SID, step, {"step": step}),
                ReplyStored("ann", str(step), b"", b"", 0),
                ObjectsChanged(LITTER, step, step * LIVING + LIVING, litter(step)),
            ]
            if step % 11 == 0:
                changes.append(SavepointSaved(SID, f"s{step}", 0, {}))
            if step % 13 == 0:
                fork = store.next_sid()
                changes.append(SessionForked(fork, f"f{fork}", "bob", 0, 0, {}, LITTER))
            if step % 26 == 0:
                changes.append(SessionPurged(Sid(fork - 1)))
            if step % 4 == 0:
                changes[3:4] = prepared(store, changes[3:4])
            store.commit(changes)
            acknowledged_at.append(len(recorder.log))
            store.fold_due(1)
            if step % 9 == 0:
                for _ in store.collect(LITTER, (0,)):
                    pass
                store.vacuum(4)
        log = list(recorder.log)
        store.close()
    return Run(log, acknowledged_at)


def prepared(store: SqliteStore, changes: list) -> Sequence:
    """Prepare changes to the end."""
    preparing = store.prepare(changes)
    while True:
        try:
            next(preparing)
        except StopIteration as end:
            return end.value


def litter(step: int) -> list:
    """What the session of litter writes in a step: object 0 lists new objects, the former ones are garbage."""
    new = range(step * LIVING, step * LIVING + LIVING)
    head = (0, ("A", tuple((oid, "B") for oid in new), None))
    return [head, *[(oid, ("B", (step,), "x" * 40)) for oid in new]]


@pytest.fixture(scope="module", autouse=True)
def few_free_pages_kept_and_segments_written_ahead():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("storage.merge.WRITTEN_BYTES", 1)
        patched.setattr("storage.segments.DROPPED_AT_ONCE", 1)
        patched.setattr("storage.vacuum.FREE_PAGES_KEPT", 2)
        yield


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Run:
    return run(tmp_path_factory.mktemp("full"), "FULL")


@pytest.fixture(scope="module")
def normal(tmp_path_factory) -> Run:
    return run(tmp_path_factory.mktemp("normal"), "NORMAL")


def put_files(folder: Path, files: dict[str, bytearray], last: int, number_age: int) -> None:
    """Write what a loss left, and the acknowledged number, which may be older than step `last`."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    number = Acknowledged(folder / "store.ack")
    number.write(max(0, last + 1 - number_age))
    number.close()


def check_loss(recorded: Run, folder: Path, moment: int, seed: int, number_age: int) -> None:
    """Let the power fail after some calls, start again, and check the law."""
    rng = random.Random(seed)
    last = sum(count <= moment for count in recorded.acknowledged_at) - 1
    try:
        put_files(folder, files_after_loss(recorded.log[:moment], rng), last, number_age)
        store = SqliteStore(folder)
        try:
            check_steps(store, last)
        finally:
            store.close()
    finally:
        shutil.rmtree(folder)


def check_steps(store: SqliteStore, last: int) -> None:
    """Check that all steps to the last acknowledged one are there, and at most one more, whole."""
    assert store.verify().damages == []
    if last < 0 and store.session(SID) is None:
        return
    state = store.load(SID)
    assert last <= state.seq <= last + 1
    assert {oid: state.record(oid)[1] for oid in state.oids()} == {oid: (oid,) for oid in range(1, state.seq + 1)}
    assert store.load(LITTER).seq == state.seq
    for row in [store.session(LITTER), *store.sessions_of_client("bob")]:
        forked = store.load(row.sid)
        if forked.seq:
            expected = litter(forked.seq)
            assert [(oid, forked.record(oid)) for oid, _ in expected] == expected
    assert store.history(SID, 0, 1).total == state.seq
    replies = [step for step in range(1, STEPS + 1) if store.reply("ann", str(step))]
    assert replies == list(range(1, state.seq + 1))
    assert [point.seq for point in store.savepoints(SID)] == list(range(11, state.seq + 1, 11))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1), seed=st.integers(0, 2**32), number_age=st.integers(0, 5))
def test_what_was_acknowledged_survives_a_power_loss_at_any_moment(full, tmp_path_factory, share, seed, number_age):
    first = full.acknowledged_at[0]  # before it, the file itself is being made
    moment = first + int(share * (len(full.log) - first))
    check_loss(full, tmp_path_factory.mktemp("lost") / "data", moment, seed, number_age)


def test_a_power_loss_while_the_store_is_made_leaves_a_usable_directory(full, tmp_path):
    for moment in range(full.acknowledged_at[0]):
        check_loss(full, tmp_path / "data", moment, moment, 0)


def test_the_method_finds_what_weaker_syncing_loses(normal, tmp_path):
    losses = 0
    for moment in normal.acknowledged_at[::4]:
        try:
            check_loss(normal, tmp_path / "data", moment, moment, 5)
        except (AssertionError, StoreError):
            losses += 1
    assert losses > 0


def recorded_opening(folder: Path) -> list:
    """Open and close a store; return the calls of it."""
    with vfs.recording() as recorder:
        SqliteStore(folder).close()
    return recorder.log


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1), seed=st.integers(0, 2**32), again=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_power_may_be_lost_again_while_a_store_recovers(full, tmp_path_factory, share, seed, again):
    rng = random.Random(seed)
    first = full.acknowledged_at[0]
    moment = first + int(share * (len(full.log) - first))
    last = sum(count <= moment for count in full.acknowledged_at) - 1
    files = files_after_loss(full.log[:moment], rng)
    base = tmp_path_factory.mktemp("again")
    put_files(base / "recovering", files, last, 0)
    log = recorded_opening(base / "recovering")
    for number, place in enumerate(again):
        put_files(base / str(number), files_after_loss(log[: int(place * (len(log) + 1))], rng, files), last, 0)
        store = SqliteStore(base / str(number))
        check_steps(store, last)
        store.close()
    shutil.rmtree(base)


def test_a_power_loss_while_an_old_format_is_migrated_leaves_either_format_whole(tmp_path):
    old = gzip.decompress((golden.GOLDEN / "format-1.db.gz").read_bytes())
    (tmp_path / "migrating").mkdir()
    (tmp_path / "migrating" / "store.db").write_bytes(old)
    log = recorded_opening(tmp_path / "migrating")
    assert len(log) > 10
    for moment in range(len(log) + 1):
        for seed in range(3):
            folder = tmp_path / f"{moment}-{seed}"
            put_files(folder, files_after_loss(log[:moment], random.Random(seed), {"store.db": old}), 0, 1)
            store = SqliteStore(folder)
            golden.check(store)
            store.close()
            shutil.rmtree(folder)
