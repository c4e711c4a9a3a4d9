"""Errands: a running server does what a command asks through a file, in steps, and answers; rubbish is answered too."""

import json
import threading

import pytest

from actors.upkeep.errands import Errands
from storage import MemoryStore, SqliteStore


@pytest.fixture
def errands(tmp_path):
    return Errands(tmp_path)


def test_nothing_asked_is_nothing_to_do(errands):
    assert list(errands.steps(MemoryStore())) == []
    assert errands.answer() is None


def test_a_backup_is_made_and_answered_once(errands, tmp_path):
    store = SqliteStore(tmp_path / "data")
    errands.ask_for_backup(tmp_path / "backup")
    assert len(list(errands.steps(store))) > 0
    assert errands.answer() == {"done": str(tmp_path / "backup")}
    assert errands.answer() is None
    assert list(errands.steps(store)) == []
    store.close()
    SqliteStore(tmp_path / "backup").close()


def test_what_goes_wrong_is_answered(errands, tmp_path):
    errands.ask_for_backup(tmp_path / "backup")
    list(errands.steps(MemoryStore()))
    assert "cannot be backed up" in errands.answer()["error"]


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", b"[1]", b"{}", b'{"back_up": 7}', b'{"burn": "all"}', b"\xff" * 99, b"[" * 60_000],
)
def test_rubbish_is_answered_and_forgotten(errands, tmp_path, content):
    (tmp_path / "errand.json").write_bytes(content)
    list(errands.steps(MemoryStore()))
    assert "no such errand" in errands.answer()["error"]
    assert not (tmp_path / "errand.json").exists()


@pytest.mark.parametrize("target", ["/", ".", "..", "", "a\0b", "\ud800", "x" * 300, "{data}", "{data}/backup"])
def test_a_backup_to_no_place_for_one_is_answered_and_the_store_goes_on(errands, tmp_path, target):
    store = SqliteStore(tmp_path / "data")
    named = target.replace("{data}", str(tmp_path / "data"))
    (tmp_path / "errand.json").write_text(json.dumps({"back_up": named}))
    list(errands.steps(store))
    assert "backup" in errands.answer()["error"]
    assert store.verify().damages == []
    store.close()


def test_an_errand_or_answer_that_cannot_be_written_harms_nobody(errands, tmp_path):
    (tmp_path / "errand.json").write_text('{"back_up": "/"}')
    (tmp_path / "errand.draft").mkdir()
    assert list(errands.steps(MemoryStore())) == []
    (tmp_path / "errand.json").mkdir()
    assert list(errands.steps(MemoryStore())) == []


def test_a_withdrawn_errand_is_not_done(errands, tmp_path):
    errands.ask_for_backup(tmp_path / "backup")
    errands.withdraw()
    errands.withdraw()
    assert list(errands.steps(MemoryStore())) == []
    assert errands.answer() is None


def test_commands_ask_one_after_the_other(errands, tmp_path):
    """Who asked first has its answer before the next one can ask: nobody reads another's answer."""
    told = []

    def ask_second():
        other = Errands(tmp_path)
        with other.turn():
            told.append(("second asks", other.is_answered()))

    with errands.turn():
        second = threading.Thread(target=ask_second)
        second.start()
        errands.ask(something=1)
        list(errands.steps(MemoryStore()))
        told.append(("first is answered", errands.answer() is not None))
    second.join()
    assert told == [("first is answered", True), ("second asks", False)]
