"""The compiled library in a file: kept, found again, and never taken from a file that may be another's."""

from __future__ import annotations

import pytest

from actors.commands.code_file import CodeFile, cache_directory

KEY, CODE = b"kernel", b"\0compiled" * 100


@pytest.fixture
def kept(tmp_path):
    file = CodeFile(tmp_path / "cache")
    file.put_code([(KEY, CODE)])
    return file


def test_code_is_found_again_and_replaced(kept, tmp_path) -> None:
    assert CodeFile(tmp_path / "cache").code(KEY) == CODE
    kept.put_code([(KEY, b"newer")])
    assert kept.code(KEY) == b"newer"
    assert [place.name for place in (tmp_path / "cache").iterdir()] == ["kernel.code"]


def test_what_is_missing_damaged_or_writable_for_others_is_not_taken(kept, tmp_path) -> None:
    place = tmp_path / "cache" / "kernel.code"
    assert CodeFile(tmp_path / "nowhere").code(KEY) is None
    place.chmod(0o620)
    assert kept.code(KEY) is None
    place.chmod(0o600)
    whole = place.read_bytes()
    for damaged in (whole[:-1], whole[:3], b"", whole[:40] + b"!" + whole[41:]):
        place.write_bytes(damaged)
        assert kept.code(KEY) is None


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_said(tmp_path) -> None:
    (tmp_path / "file").touch()
    file = CodeFile(tmp_path / "file" / "cache")
    file.put_code([(KEY, CODE)])
    assert file.code(KEY) is None


def test_the_place_is_the_users_cache(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "stui-server"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_directory() == tmp_path / ".cache" / "stui-server"
