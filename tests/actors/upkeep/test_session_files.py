"""Session files through a whole server: exported while it runs, imported, archived; names lead nowhere else."""

import json

import pytest

from actors.durability.sharded_store import open_store, parts_of
from actors.durability.shards import first_sid
from actors.front.member import member_settings
from actors.settings import Settings
from actors.upkeep import archive
from actors.upkeep.errands import Errands
from actors.upkeep.session_files import exporting, file_name, free_place, reading, taking
from actors.upkeep.session_listing import session_facts
from smalltalk import SessionFileError
from storage import DiskFull, MemoryStore, Parcel, StoreError, pack_parcel

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
    (tmp_path / "parcel").write_bytes(b"".join(pack_parcel(parcel)))
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
        ({"show": "nobody", "to": "lines"}, "There is no session nobody"),
        ({"list": None, "to": "lines"}, "no such errand"),
        ({"list": ""}, "no such errand"),
    ],
)
def test_an_errand_that_cannot_be_done_is_answered(server, tmp_path, asked, reason):
    assert reason in errand(server, tmp_path, **asked)["error"]


def test_a_running_server_writes_the_lines_of_its_sessions(server, client, tmp_path):
    tokens = [client.create(client_id) for client_id in ("ann", "bob")]
    client.evaluate("x := 1", session_id=tokens[0])
    place = tmp_path / "lines"
    for asked, wanted in (({"list": ""}, tokens), ({"list": "bob"}, tokens[1:]), ({"show": tokens[0]}, tokens[:1])):
        assert errand(server, tmp_path, **asked, to=str(place)) == {"done": str(place)}
        text = place.read_text()
        assert [token for token in tokens if token in text] == wanted
        place.unlink()
    assert "history    1 evaluation" in "".join(session_facts(server.store, tokens[0]))


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


def test_the_archive_is_in_the_data_directory_and_shards_do_not_choose_the_same_name(server, client, tmp_path):
    token = client.create()
    row = server.store.session_by_token(token)
    names = set()
    for shard in range(3):
        of_shard = row._replace(sid=first_sid(shard))
        for _ in range(2):
            place = free_place(tmp_path, of_shard)
            place.touch()
            names.add(place.name)
    assert len(names) == 6
    settings = Settings(data=str(tmp_path), disk_mb=3)
    own = member_settings(settings, 2)
    assert (own.data, own.disk_mb) == (str(tmp_path), 3)


def test_errands_are_looked_for_where_the_store_of_a_shard_is(tmp_path):
    store = open_store(tmp_path, [1])
    assert parts_of(store, tmp_path) == [(tmp_path / "shard-1", store)]
    store.close()


def test_what_has_no_room_on_disk_is_not_taken_in(make_server, smalltalk, tmp_path):
    server = make_server(make_engine=smalltalk, data=str(tmp_path), client_disk_mb=1)
    client = server.client()
    token = client.create()
    client.evaluate("x := ByteArray new: 1100000", session_id=token)
    for _ in range(3):
        server.clock.advance(ms=1_000)
        client.result("ping")
    errand(server, tmp_path, export=token, to=str(tmp_path / "file.ston"))
    parcel = read(tmp_path / "file.ston", server.system.supervisor.parts.engine)
    (tmp_path / "parcel").write_bytes(b"".join(pack_parcel(parcel)))
    assert "client_disk_mb" in errand(server, tmp_path, take_in=str(tmp_path / "parcel"), client="ann")["error"]
    (tmp_path / "parcel").write_bytes(b"".join(pack_parcel(parcel)))
    assert "done" in errand(server, tmp_path, take_in=str(tmp_path / "parcel"), client="bob")


def large_parcel(tmp_path):
    """Hand over a session with so many objects that it takes many commits."""
    records = {oid: ("ByteArray", (), bytes(10_000)) for oid in range(2, 100)}
    parcel = Parcel({"client": "ann"}, 100, records, [], [])
    (tmp_path / "parcel").write_bytes(b"".join(pack_parcel(parcel)))
    return {"take_in": str(tmp_path / "parcel"), "client": "bob"}


def begin_errand(server, tmp_path, asked):
    """Ask, and let the server work until the session begins to be there."""
    Errands(tmp_path).ask(**asked)
    while not list(server.store.sessions()):
        server.clock.advance(ms=1_100)
        server.system.worker._sweep.step()
        server.client().result("ping")


def test_a_session_that_is_half_taken_in_is_nobodys_and_goes_when_the_server_ends(make_server, smalltalk, tmp_path):
    server = make_server(make_engine=smalltalk, data=str(tmp_path), sweep_s=10.0)
    begin_errand(server, tmp_path, large_parcel(tmp_path))
    (row,) = server.store.sessions()
    client = server.client()
    assert client.error("evaluate", code="1", session_id=row.token, client_id="bob") == "SessionNotFound"
    assert client.result("list_client_sessions", client_id="bob")["session_count"] == 0
    server.restart()
    for _ in range(20):
        server.clock.advance(ms=1_100)
        server.client().result("ping")
    assert list(server.store.sessions()) == []
    assert not (tmp_path / "archive").exists()


def test_a_session_that_cannot_be_stored_to_its_end_is_not_there(server, tmp_path):
    begin_errand(server, tmp_path, large_parcel(tmp_path))
    server.store.failures.append(DiskFull("there is no room"))
    answer = None
    while answer is None:
        server.system.worker._sweep.step()
        server.client().result("ping")
        answer = Errands(tmp_path).answer()
    assert "could not be stored" in answer["error"]
    server.client().result("ping")
    assert list(server.store.sessions()) == []


def test_a_large_session_is_taken_in_between_the_requests_of_others(server, client, tmp_path):
    token = client.create()
    Errands(tmp_path).ask(**large_parcel(tmp_path))
    server.clock.advance(ms=1_100)
    served = 0
    while (answer := Errands(tmp_path).answer()) is None:
        served += client.evaluate("1", session_id=token) == "1"
    taken = server.store.session_by_token(answer["done"])
    assert (taken.client_id, taken.meta) == ("bob", {})
    assert len(list(server.store.load(taken.sid).oids())) == 98
    assert served > 20
