"""Errands: a running server does what a command asks through a file, in steps, and answers; rubbish is answered too."""

import pytest

from actors.errands import Errands
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
    "content", [b"", b"rubbish", b"[1]", b"{}", b'{"back_up": 7}', b'{"burn": "all"}', b"\xff" * 99]
)
def test_rubbish_is_answered_and_forgotten(errands, tmp_path, content):
    (tmp_path / "errand.json").write_bytes(content)
    list(errands.steps(MemoryStore()))
    assert "no such errand" in errands.answer()["error"]
    assert not (tmp_path / "errand.json").exists()


def test_a_withdrawn_errand_is_not_done(errands, tmp_path):
    errands.ask_for_backup(tmp_path / "backup")
    errands.withdraw()
    errands.withdraw()
    assert list(errands.steps(MemoryStore())) == []
    assert errands.answer() is None
