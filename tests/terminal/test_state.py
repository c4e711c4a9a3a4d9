"""What the console remembers between runs."""

import stat
from pathlib import Path

import pytest

from terminal.state import OpenDebugger, State, default_folder

URL = "tcp://127.0.0.1:5555"


def test_each_client_has_its_last_session_on_each_server(tmp_path):
    state = State(tmp_path / "new" / "folder")
    assert state.last_session("ann", URL) is None
    state.remember("ann", URL, "s1")
    state.remember("ben", URL, "s2")
    state.remember("ann", "tcp://other:1", "s3")
    again = State(tmp_path / "new" / "folder")
    assert [again.last_session(*who) for who in (("ann", URL), ("ben", URL), ("ann", "tcp://other:1"))] == [
        "s1",
        "s2",
        "s3",
    ]
    again.remember("ann", URL, None)
    assert state.last_session("ann", URL) is None
    assert state.last_session("ann", "tcp://other:1") == "s3"


def test_only_the_owner_may_read_it_and_no_draft_is_left(tmp_path):
    folder = tmp_path / "state"
    State(folder).remember("ann", URL, "s1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["console.json"]


def test_each_client_has_its_open_debugger_on_each_server(tmp_path):
    place = OpenDebugger("s1", "c1", 3)
    state = State(tmp_path)
    assert state.open_debugger("ann", URL) is None
    state.remember("ann", URL, "s1")
    state.remember_debugger("ann", URL, place)
    again = State(tmp_path)
    assert again.open_debugger("ann", URL) == place
    assert again.last_session("ann", URL) == "s1"
    assert again.open_debugger("ben", URL) is None
    again.remember_debugger("ann", URL, None)
    assert state.open_debugger("ann", URL) is None


@pytest.mark.parametrize("kept", ['[1, "c1", 2]', '["s1", "c1"]', "3", '["s1", "c1", "2"]'])
def test_a_damaged_place_of_a_debugger_counts_as_none(tmp_path, kept):
    content = f'{{"version": 1, "sessions": {{}}, "debuggers": {{"ann": {{"{URL}": {kept}}}}}}}'
    (tmp_path / "console.json").write_text(content)
    assert State(tmp_path).open_debugger("ann", URL) is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 2, "sessions": {}}', '{"version": 1, "sessions": 3}', '{"version": 1}', "\udcff",
     '{"version": 1, "sessions": {"ann": 3}}', '{"version": 1, "sessions": {"ann": {"tcp://127.0.0.1:5555": 3}}}'],
)  # fmt: skip
def test_a_damaged_file_counts_as_empty_and_is_replaced(tmp_path, content):
    (tmp_path / "console.json").write_text(content, errors="surrogateescape")
    state = State(tmp_path)
    assert state.last_session("ann", URL) is None
    state.remember("ann", URL, "s1")
    assert state.last_session("ann", URL) == "s1"


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "stui"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == Path(tmp_path) / ".local" / "state" / "stui"
