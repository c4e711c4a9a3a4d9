"""The index of remembered replies, which takes them over in rounds."""

import shutil
from contextlib import closing
from itertools import pairwise

import pytest

import storage.replies
from storage import ReplyStored
from storage.sqlite import SqliteStore


@pytest.fixture
def interrupted(tmp_path, monkeypatch):
    """A copy of a store whose round is under way, as a kill leaves it, and how many replies it has."""
    monkeypatch.setattr("storage.ring.SLOTS", 32)
    monkeypatch.setattr("storage.replies.TAIL_REPLIES_MAX", 512)
    monkeypatch.setattr("storage.replies.INDEXED_PER_STEP", 16)
    with closing(SqliteStore(tmp_path / "data")) as store:
        count = next(number for number in range(2_000) if is_within_a_round(store) or remember(store, number))
        shutil.copytree(tmp_path / "data", tmp_path / "killed")
    return tmp_path / "killed", count


def is_within_a_round(store):
    """Some replies of it are indexed and others are not."""
    return 0 < len(store._known_writer().replies._due) < 300


def remember(store, number):
    """Store a reply."""
    store.commit([ReplyStored("ann", f"op{number}", b"", b"%d" % number, number)])


def test_a_round_that_a_kill_ended_begins_anew(interrupted):
    directory, count = interrupted
    with closing(SqliteStore(directory)) as store:
        assert store._db.number("SELECT count(*) FROM reply_key") > 0
        for number in range(count, 1_200):
            remember(store, number)
        assert store._known_writer().replies.indexed_id > 512
        outcomes = [store.reply("ann", f"op{number}").outcome for number in range(200, 1_200)]
        assert outcomes == [b"%d" % number for number in range(200, 1_200)]
        assert store.verify().damages == []


def test_no_commit_indexes_more_than_a_part_of_a_round(interrupted):
    directory, count = interrupted
    with closing(SqliteStore(directory)) as store:
        indexed = [store._db.number("SELECT count(*) FROM reply_key")]
        for number in range(count, 1_200):
            remember(store, number)
            indexed.append(store._db.number("SELECT count(*) FROM reply_key"))
        assert indexed[-1] > 512
        assert max(after - before for before, after in pairwise(indexed)) < 200


WINDOW = 40


@pytest.mark.parametrize("every", [1, 6])
def test_an_index_whose_rounds_end_early_knows_the_last_replies_and_no_other(tmp_path, monkeypatch, every):
    """Now and then all that is known in memory is read anew, while the ring is empty."""
    for name, value in {"TAIL_REPLIES_MAX": 64, "INDEXED_PER_STEP": 8, "WINDOW_SLACK": 4}.items():
        monkeypatch.setattr(storage.replies, name, value)
    monkeypatch.setattr(storage.replies, "REPLIES_PER_SCOPE_MIN", WINDOW)
    ended = 0
    with closing(SqliteStore(tmp_path / "data")) as store:
        for number in range(150):
            remember(store, number)
            store._settle(len(store._db.newest))
            if number % every == 0:
                ended += bool(store._known_writer().replies._due)
                store._writer = None
            if number % 10 == 0:
                known = [place for place in range(number + 1) if store.reply("ann", f"op{place}") is not None]
                assert known[-WINDOW:] == list(range(max(0, number + 1 - WINDOW), number + 1))
                assert store._db.all("SELECT id FROM reply_key WHERE id NOT IN (SELECT id FROM reply)") == []
        assert store.verify().damages == []
    assert ended > 2
