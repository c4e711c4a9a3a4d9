"""Power losses while files are written: what was acknowledged is there whole, what was there before is not lost.

Every call that changes or syncs a file is recorded; a loss after any of them keeps a seeded choice of what was not
synced. `STUI_CRASH_SEED` and `STUI_CRASH_ROUNDS` as in `tests/system/test_crash.py`.
"""

import os
import random
import sys

import pytest

from storage import remove_durably, write_whole
from tests.storage.file_losses import files_after_loss, recording

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads names of descriptors from /proc"),
]

ROUNDS = 10 * int(os.environ.get("STUI_CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("STUI_CRASH_SEED", random.SystemRandom().randrange(2**32)))
VERSIONS = [b"first" * 40, b"second" * 900, b"third" * 3]


def losses(events):
    """All losses to look at: how many events were before, and what is on the disk after."""
    for number in range(ROUNDS):
        for count in range(len(events) + 1):
            chance = random.Random(f"{SEED} {number} {count}")
            yield count, files_after_loss(events, count, chance)


def written(tmp_path, monkeypatch):
    """A run that writes three versions of a file into a new directory and acknowledges each."""
    path = tmp_path / "new" / "deep" / "file"
    with recording(monkeypatch) as recorder:
        for version in VERSIONS:
            for _ in write_whole(path, [version[:100], version[100:]]):
                pass
            recorder.mark("acknowledged")
    return path, recorder.events


def versions_kept(path, files):
    """The versions that stand under the name, or kept beside it."""
    return {content for place, content in files.items() if place == path or place.suffix.lstrip(".").isdigit()}


def test_every_acknowledged_version_outlives_every_loss_whole(tmp_path, monkeypatch):
    path, events = written(tmp_path, monkeypatch)
    for count, files in losses(events):
        acknowledged = sum(event.kind == "acknowledged" for event in events[:count])
        kept = versions_kept(path, files)
        assert set(VERSIONS[:acknowledged]) <= kept <= set(VERSIONS), (SEED, count)
        if acknowledged:
            assert files[path] in VERSIONS[acknowledged - 1 : acknowledged + 1], (SEED, count)


def test_after_a_loss_the_file_can_be_written_again(tmp_path, monkeypatch):
    path, events = written(tmp_path, monkeypatch)
    chance = random.Random(SEED)
    for number in range(5):
        files = files_after_loss(events, chance.randrange(len(events)), chance)
        there = tmp_path / str(number)
        there.mkdir()
        for place, content in files.items():
            (there / place.name).write_bytes(content)
        for _ in write_whole(there / path.name, [b"again"]):
            pass
        assert (there / path.name).read_bytes() == b"again"
        assert not list(there.glob("*.partial"))


def test_what_was_removed_does_not_come_back(tmp_path, monkeypatch):
    path = tmp_path / "file"
    with recording(monkeypatch) as recorder:
        for _ in write_whole(path, [b"content"]):
            pass
        remove_durably(path)
    for _ in range(ROUNDS):
        assert files_after_loss(recorder.events, len(recorder.events), random.Random(SEED)) == {}


@pytest.mark.parametrize("skipped", ["sync", "sync_directory"])
def test_the_method_finds_a_sync_that_is_missing(tmp_path, monkeypatch, skipped):
    path, events = written(tmp_path, monkeypatch)
    left = [event for event in events if event.kind != skipped]
    if skipped == "sync":  # what was to be written is known from there
        left += [event for event in events if event.kind == skipped]
    ends = sum(event.kind != skipped for event in events)
    found = 0
    for number in range(ROUNDS):
        files = files_after_loss(left, ends, random.Random(f"{SEED} {number}"))
        found += not set(VERSIONS) <= versions_kept(path, files)
    assert found
