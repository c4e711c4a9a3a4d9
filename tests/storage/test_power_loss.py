"""Power losses: only what was synced is sure to be on the disk; of the rest, any sectors may be, old, new or garbled.

Goal: what was acknowledged before the loss is there, whole, and nothing is called damaged that is not.
Method: every write and sync of a run is recorded below SQLite. A loss at any point keeps what was synced, and of the
later writes a seeded choice of sectors, some of them garbled. The same method must find losses with
`synchronous=NORMAL`.
"""

import importlib.util
import random
import shutil
import sys
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
    Sid,
    SqliteStore,
    StoreError,
)
from storage.acknowledged import Acknowledged

_spec = importlib.util.spec_from_file_location("recording_vfs", Path(__file__).with_name("recording_vfs.py"))
vfs = sys.modules["recording_vfs"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(vfs)

pytestmark = pytest.mark.skipif(not vfs.is_available(), reason="needs SQLite as a shared library")

SECTOR_BYTES = 512
STEPS = 80
SID = Sid(1)


class Run:
    """A recorded run: all calls, and how many had been made when each step was acknowledged."""

    def __init__(self, log: list, acknowledged_at: list[int]) -> None:
        self.log = log
        self.acknowledged_at = acknowledged_at


def run(folder: Path, synchronous: str) -> Run:
    """Commit steps with folds, savepoints and checkpoints in between."""
    with vfs.recording() as recorder:
        store = SqliteStore(folder)
        store._db.run(f"PRAGMA synchronous = {synchronous}")
        store._db.run("PRAGMA wal_autocheckpoint = 60")
        store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
        acknowledged_at = [len(recorder.log)]
        for step in range(1, STEPS):
            changes = [
                ObjectsChanged(SID, step, step + 1, [(step, ("A", (step,), "x" * 20 * step))]),
                HistoryAppended(SID, step, {"step": step}),
                ReplyStored("ann", str(step), b"", b"", 0),
            ]
            if step % 11 == 0:
                changes.append(SavepointSaved(SID, f"s{step}", 0, {}))
            store.commit(changes)
            acknowledged_at.append(len(recorder.log))
            store.fold_due(1)
        log = list(recorder.log)
        store.close()
    return Run(log, acknowledged_at)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Run:
    return run(tmp_path_factory.mktemp("full"), "FULL")


@pytest.fixture(scope="module")
def normal(tmp_path_factory) -> Run:
    return run(tmp_path_factory.mktemp("normal"), "NORMAL")


def put(content: bytearray, offset: int, piece: bytes) -> None:
    """Write a piece; a gap before it reads as zeros."""
    content.extend(bytes(max(0, offset + len(piece) - len(content))))
    content[offset : offset + len(piece)] = piece


def put_some(content: bytearray, write: "vfs.Write", chance: float, rng: random.Random) -> None:
    """Write a seeded choice of a write's sectors; of a sector written in part, the rest stays as SQLite relies on."""
    start = 0
    while start < len(write.content):
        stop = min(len(write.content), start + SECTOR_BYTES - (write.offset + start) % SECTOR_BYTES)
        if rng.random() < chance:
            piece = write.content[start:stop]
            put(content, write.offset + start, rng.randbytes(len(piece)) if rng.random() < 0.05 else piece)
        start = stop


def files_after_loss(log: list, rng: random.Random) -> dict[str, bytearray]:
    """Return the files a power loss after these calls may leave."""
    chance = rng.choice([0.0, 0.2, 0.5, 0.9, 1.0])
    files = {}
    for name in {call.file for call in log}:
        calls = [call for call in log if call.file == name]
        deleted = max((place for place, call in enumerate(calls) if isinstance(call, vfs.Delete)), default=-1)
        calls = calls[deleted + 1 :]
        if not calls:
            continue
        synced = max((place for place, call in enumerate(calls) if isinstance(call, vfs.Sync)), default=-1)
        content = files[name] = bytearray()
        for place, call in enumerate(calls):
            if isinstance(call, vfs.Truncate) and (place <= synced or rng.random() < chance):
                del content[call.size :]
            elif isinstance(call, vfs.Write):
                if place <= synced:
                    put(content, call.offset, call.content)
                else:
                    put_some(content, call, chance, rng)
    return files


def check_loss(recorded: Run, folder: Path, moment: int, seed: int, number_age: int) -> None:
    """Let the power fail after some calls, start again, and check the law."""
    rng = random.Random(seed)
    last = sum(count <= moment for count in recorded.acknowledged_at) - 1
    folder.mkdir()
    try:
        for name, content in files_after_loss(recorded.log[:moment], rng).items():
            (folder / name).write_bytes(content)
        number = Acknowledged(folder / "store.ack")
        number.write(max(0, last + 1 - number_age))
        number.close()
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
    assert store.history(SID, 0, 1).total == state.seq
    replies = [step for step in range(1, STEPS + 1) if store.reply("ann", str(step))]
    assert replies == list(range(1, state.seq + 1))
    assert [point.seq for point in store.savepoints(SID)] == list(range(11, state.seq + 1, 11))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
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
