"""Session files through a whole server: exported while it runs, imported, archived; names lead nowhere else."""

import json

import pytest

from actors import archive
from actors.errands import Errands
from actors.session_files import exporting, file_name, reading, taking
from smalltalk import SessionFileError
from storage import MemoryStore, StoreError, pack_parcel

MANY_TICKS = 200


@pytest.fixture
def server(make_server, smalltalk, tmp_path):
    return make_server(make_engine=smalltalk, data=str(tmp_path))


def errand(server, tmp_path, **asked):
    """Ask the running server, let it work, return its answer."""
    errands = Errands(tmp_path)
    errands.ask(**asked)
    for _ in range(MANY_TICKS):
        server.clock.advance(ms=1_100)
        server.system.worker._sweep.step()
        server.client().result("ping")
        answer = errands.answer()
        if answer is not None:
            return answer
    raise AssertionError("no answer")


def read(place, engine):
    """What a file says."""
    steps = reading(place, engine)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_a_running_server_exports_and_takes_in_a_session(server, client, tmp_path):
    token = client.create()
    client.evaluate("x := OrderedCollection with: 1", session_id=token)
    assert client.error("evaluate", code="x zork", session_id=token) == "EvaluationError"
    answer = errand(server, tmp_path, export=token, to=str(tmp_path))
    (place,) = tmp_path.glob("session_ann_*.ston")
    assert answer == {"done": str(place)}
    engine = server.system.supervisor.parts.engine
    parcel = read(place, engine)
    (tmp_path / "parcel").write_bytes(pack_parcel(parcel))
    other = errand(server, tmp_path, take_in=str(tmp_path / "parcel"), client="bob")["done"]
    assert not (tmp_path / "parcel").exists()
    client.result("restore_session", session_id=other, client_id="bob")
    assert client.evaluate("x", session_id=other) == "an OrderedCollection(1)"
    history = [client.result("history", session_id=each)["entries"] for each in (token, other)]
    assert [entry["code"] for entry in history[1]][:2] == [entry["code"] for entry in history[0]][:2]
    assert client.result("debug", session_id=other, operation="GetStackTrace", context="c1")["result"]
    server.restart()
    client = server.client()
    assert client.evaluate("x add: 2; yourself", session_id=other) == "an OrderedCollection(1 2)"
    assert client.evaluate("x", session_id=token) == "an OrderedCollection(1)"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"export": "nobody", "to": "."}, "There is no session nobody"),
        ({"export": "nobody"}, "no such errand"),
        ({"export": 7, "to": "."}, "no such errand"),
        ({"take_in": "/nowhere/at/all"}, "cannot be read"),
        ({"take_in": None}, "no such errand"),
    ],
)
def test_an_errand_that_cannot_be_done_is_answered(server, tmp_path, asked, reason):
    assert reason in errand(server, tmp_path, **asked)["error"]


def test_rubbish_is_not_taken_in(server, tmp_path):
    (tmp_path / "parcel").write_bytes(b"rubbish")
    assert "damaged" in errand(server, tmp_path, take_in=str(tmp_path / "parcel"), client="bob")["error"]
    assert list(server.store.sessions()) == []


def test_marks_of_the_place_where_a_session_was_stay_there(server, client, tmp_path):
    token = client.create()
    client.evaluate("x := 1", session_id=token)
    row = server.store.session_by_token(token)
    row = row._replace(meta={"due_since_ms": 1, "stopped": {}, "client_info": {"platform": "x"}})
    parts = server.system.supervisor.parts
    list(exporting(server.store, row, parts.engine, tmp_path / "file.ston"))
    parcel = read(tmp_path / "file.ston", parts.engine)
    session, _ = taking(parcel, MemoryStore(), server.clock, 30.0, None)
    assert session.meta == {"client_info": {"platform": "x"}}
    assert session.client_id == "ann"
    assert session.token != token


def test_a_damaged_session_is_not_exported(server, client, tmp_path):
    token = client.create()
    client.evaluate("x := OrderedCollection with: 1", session_id=token)
    row = server.store.session_by_token(token)

    class Holes:
        """A store that lost the objects with high ids."""

        def __getattr__(self, name):
            return getattr(server.store, name)

        def load(self, sid):
            state = server.store.load(sid)
            record = state.record
            state.record = lambda oid: record(oid) if oid < 15 else None
            return state

    with pytest.raises((StoreError, SessionFileError), match="damaged"):
        list(exporting(Holes(), row, server.system.supervisor.parts.engine, tmp_path / "file.ston"))
    assert list(tmp_path.glob("file*")) == []


@pytest.mark.parametrize(
    "client_id", ["", "..", "../../etc/passwd", "a/b\\c", "x" * 500, "na\0me", "\u00e9\ud800", "CON", "a b"]
)
def test_no_name_of_a_client_leads_out_of_the_directory(client_id):
    name = file_name(client_id, 1_700_000_000_123)
    assert name.startswith("session_")
    assert name.endswith("_20231114T221320123Z.ston")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    assert len(name) < 120
    assert json.dumps(name)


def test_a_file_that_cannot_be_read_back_does_not_stay_in_the_archive(server, client, tmp_path, monkeypatch):
    token = client.create()
    client.evaluate("x := 1", session_id=token)
    row = server.store.session_by_token(token)
    monkeypatch.setattr(archive, "FILE_BYTES_MAX", 10)
    for _ in range(2):
        with pytest.raises(StoreError, match="larger than 10 bytes"):
            list(archive.archiving(server.store, row, server.system.supervisor.parts.engine, tmp_path / "archive"))
    assert list((tmp_path / "archive").iterdir()) == []
