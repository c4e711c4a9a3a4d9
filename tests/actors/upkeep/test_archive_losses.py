"""Power losses while sessions go to the archive: a session is in the store or, whole, in a file; never in neither.

The calls of a server's sweep that change or sync files are recorded, and among them the commit that deletes the
session; a loss after any of them keeps a seeded choice of what was not synced (`tests/storage/file_losses.py`).
"""

import os
import random
import sys

import pytest

from smalltalk import SessionFileError
from storage import SessionPurged
from tests.storage.file_losses import files_after_loss, recording

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads names of descriptors from /proc"),
]

ROUNDS = 4 * int(os.environ.get("STUI_CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("STUI_CRASH_SEED", random.SystemRandom().randrange(2**32)))
STEPS = 200


@pytest.fixture
def server(make_server, smalltalk, tmp_path):
    return make_server(make_engine=smalltalk, data=str(tmp_path), sweep_s=10.0, retention_days=1.0)


@pytest.fixture
def events(server, client, tmp_path, monkeypatch):
    """What the archiving of one session did, in order."""
    token = client.create()
    client.evaluate("x := OrderedCollection with: 1 with: 'two'", session_id=token)
    plain = server.store.commit
    with recording(monkeypatch) as recorder:

        def commit(changes):
            plain(changes)
            if any(isinstance(change, SessionPurged) for change in changes):
                recorder.mark("purged")

        monkeypatch.setattr(server.store, "commit", commit)
        server.clock.advance(ms=86_400_000)
        for _ in range(STEPS):
            server.clock.advance(ms=1_000)
            client.result("ping")
            if any(event.kind == "purged" for event in recorder.events):
                break
    assert list((tmp_path / "archive").iterdir())
    return recorder.events


def is_session(server, content):
    """Whether the content of a file is a whole session."""
    try:
        for _ in server.system.supervisor.parts.engine.read_session(content):
            pass
    except SessionFileError:
        return False
    return b"OrderedCollection" in content


def test_an_archived_session_is_deleted_only_when_its_file_outlives_every_loss(server, events):
    whole = {content for event in events if event.kind == "sync" for content in (event.content,) if content}
    (content,) = (each for each in whole if is_session(server, each))
    purged_at = next(number for number, event in enumerate(events) if event.kind == "purged")
    for number in range(ROUNDS):
        for count in range(len(events) + 1):
            files = files_after_loss(events, count, random.Random(f"{SEED} {number} {count}"))
            named = [each for path, each in files.items() if path.suffix == ".ston"]
            assert all(each == content for each in named), (SEED, number, count)
            assert named or count <= purged_at, (SEED, number, count)


def test_what_a_loss_left_half_written_is_told_from_a_session(server, events):
    chance = random.Random(SEED)
    half = []
    while len(half) < ROUNDS:
        files = files_after_loss(events, chance.randrange(len(events)), chance)
        half += [each for path, each in files.items() if path.suffix == ".partial"]
    (content,) = {each for each in (event.content for event in events) if is_session(server, each)}
    assert all(is_session(server, each) == (each == content) for each in half), SEED
