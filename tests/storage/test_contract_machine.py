"""Random sequences of changes, folds and reopenings against a model of plain dicts, for every kind of store.

Hypothesis prints the failing sequence and replays it.
"""

import copy
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from storage import (
    CommitFailed,
    HistoryAppended,
    MemoryStore,
    ObjectsChanged,
    ReplyStored,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionClosed,
    SessionCreated,
    SessionForked,
    SessionMetaChanged,
    SessionPurged,
    SqliteStore,
    StateUndone,
    StoreError,
)

names = st.sampled_from(["a", "b"])
records = st.tuples(st.sampled_from(["Array", 7]), st.lists(st.integers(), max_size=2).map(tuple), st.none())


class StoreMachine(RuleBasedStateMachine):
    """Gathers changes, commits them, and compares the store with the model after each commit."""

    def __init__(self):
        super().__init__()
        self.store = self.open()
        self.model = {"sessions": {}, "replies": {}}
        self.draft = copy.deepcopy(self.model)
        self.changes = []

    def open(self):
        return MemoryStore()

    def session(self, data):
        sid = data.draw(st.sampled_from(sorted(self.draft["sessions"])))
        return sid, self.draft["sessions"][sid]

    @rule(meta=st.dictionaries(names, st.integers()))
    def create(self, meta):
        sid = self.store.next_sid()
        self.changes.append(SessionCreated(sid, f"t{sid}", f"c{sid % 2}", 1, 2, meta))
        self.draft["sessions"][sid] = {
            "meta": meta, "closed": False, "seq": 0, "next_oid": 0,
            "objects": {}, "entries": [], "savepoints": {}, "points": {},
        }  # fmt: skip

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), new=st.integers(0, 150), record=records)
    def change_objects(self, data, new, record):
        sid, session = self.session(data)
        session["seq"] += 1
        session["next_oid"] += new
        oids = data.draw(st.lists(st.integers(0, session["next_oid"] - 1), max_size=3)) if session["next_oid"] else []
        session["objects"].update(dict.fromkeys(oids, record))
        changed = [(oid, record) for oid in oids]
        self.changes.append(ObjectsChanged(sid, session["seq"], session["next_oid"], changed))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), meta=st.dictionaries(names, st.integers()))
    def change_meta(self, data, meta):
        sid, session = self.session(data)
        session["meta"] = meta
        self.changes.append(SessionMetaChanged(sid, meta))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data())
    def close_session(self, data):
        sid, session = self.session(data)
        session["closed"] = True
        self.changes.append(SessionClosed(sid))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), code=st.text(max_size=3))
    def append_history(self, data, code):
        sid, session = self.session(data)
        # Which step it names is not promised here: `evaluate` has it follow one directly.
        session["entries"].append({"code": code})
        self.changes.append(HistoryAppended(sid, len(session["entries"]), {"code": code}))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), new=st.integers(0, 150), record=records)
    def evaluate(self, data, new, record):
        sid, session = self.session(data)
        before = dict(session["objects"])
        session["seq"] += 1
        session["next_oid"] += new
        oids = data.draw(st.lists(st.integers(0, session["next_oid"] - 1), max_size=3)) if session["next_oid"] else []
        session["objects"].update(dict.fromkeys(oids, record))
        self.changes.append(ObjectsChanged(sid, session["seq"], session["next_oid"], [(oid, record) for oid in oids]))
        self.name_step(sid, session, before)

    @precondition(lambda self: self.changes)
    @rule(steps=st.integers(0, 12))
    def prepare_the_last_step(self, steps):
        """It may be given up, and the state may be another one at the commit, or already now."""
        names = isinstance(self.changes[-1], HistoryAppended)
        preparing = self.store.prepare(self.changes[-1 - names :])
        try:
            for _ in range(steps):
                next(preparing)
        except StopIteration as end:
            self.changes[-1 - names :] = end.value
        except StoreError:
            pass  # it is made by the same commit

    def name_step(self, sid, session, before):
        session["entries"].append({"code": ""})
        session["points"][len(session["entries"])] = before
        self.changes.append(HistoryAppended(sid, len(session["entries"]), {"code": ""}))

    @precondition(lambda self: self.draft["sessions"] and not self.changes)
    @rule(data=st.data(), is_kept=st.booleans())
    def undo(self, data, is_kept):
        sid, session = self.session(data)
        if not session["points"]:
            return
        point = data.draw(st.sampled_from(sorted(session["points"])))
        before, name = dict(session["objects"]), f"before {len(session['entries'])}" if is_kept else None
        if name is not None:
            session["savepoints"].pop(name, None)
            session["savepoints"][name] = before
            self.changes.append(SavepointSaved(sid, name, 0, {}))
        session["seq"] += 1
        session["objects"] = dict(session["points"][point])
        self.changes.append(StateUndone(sid, point, session["seq"], name))
        self.name_step(sid, session, before)
        self.commit()

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), is_savepoint=st.booleans())
    def fork(self, data, is_savepoint):
        from_sid, source = self.session(data)
        name = next(iter(source["savepoints"]), None) if is_savepoint else None
        sid = self.store.next_sid()
        self.changes.append(SessionForked(sid, f"t{sid}", "c0", 1, 2, {}, from_sid, name))
        objects = source["objects"] if name is None else source["savepoints"][name]
        self.draft["sessions"][sid] = {
            "meta": {}, "closed": False, "seq": source["seq"], "next_oid": source["next_oid"],
            "objects": dict(objects), "entries": [], "savepoints": {}, "points": {},
        }  # fmt: skip

    @precondition(lambda self: len(self.draft["sessions"]) > 1)
    @rule(data=st.data())
    def purge(self, data):
        sid, _ = self.session(data)
        del self.draft["sessions"][sid]
        self.changes.append(SessionPurged(sid))

    @rule(scope=names, op_id=names, outcome=st.binary(max_size=3))
    def store_reply(self, scope, op_id, outcome):
        self.draft["replies"][scope, op_id] = outcome
        self.changes.append(ReplyStored(scope, op_id, b"", outcome, 0))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), name=names)
    def save(self, data, name):
        sid, session = self.session(data)
        session["savepoints"].pop(name, None)
        session["savepoints"][name] = dict(session["objects"])
        self.changes.append(SavepointSaved(sid, name, 0, {}))

    @precondition(lambda self: self.draft["sessions"])
    @rule(data=st.data(), is_drop=st.booleans())
    def use_savepoint(self, data, is_drop):
        sid, session = self.session(data)
        for name in list(session["savepoints"])[:1]:
            if is_drop:
                del session["savepoints"][name]
                self.changes.append(SavepointDropped(sid, name))
            else:
                before = dict(session["objects"])
                session["seq"] += 1
                session["objects"] = dict(session["savepoints"][name])
                self.changes.append(SavepointLoaded(sid, name, session["seq"]))
                self.name_step(sid, session, before)

    @precondition(lambda self: self.model["sessions"])
    @rule(data=st.data())
    def look_back(self, data):
        sid = data.draw(st.sampled_from(sorted(self.model["sessions"])))
        session = self.model["sessions"][sid]
        assert session["points"].keys() <= set(self.store.undo_points(sid))
        for place, objects in {**session["points"], **session["savepoints"]}.items():
            former = self.store.former(sid, place)
            assert {oid: former.record(oid) for oid in former.oids()} == objects

    @rule()
    def commit(self):
        self.store.commit(self.changes)
        self.changes = []
        self.model = copy.deepcopy(self.draft)

    @rule()
    def fail_to_commit(self):
        with pytest.raises(CommitFailed):
            self.store.commit([*self.changes, SavepointDropped(999, "none")])
        self.changes = []
        self.draft = copy.deepcopy(self.model)

    @precondition(lambda self: self.model["sessions"])
    @rule(data=st.data())
    def fold(self, data):
        self.store.fold(data.draw(st.sampled_from(sorted(self.model["sessions"]))))

    @rule(steps=st.integers(1, 5))
    def fold_in_steps(self, steps):
        """Some of them are taken up again after other rules, or given up."""
        self.store.fold_due(steps)

    @precondition(lambda self: self.model["sessions"])
    @rule(data=st.data())
    def shorten(self, data):
        self.store.shorten(data.draw(st.sampled_from(sorted(self.model["sessions"]))))

    @precondition(lambda self: self.model["sessions"])
    @rule(data=st.data(), steps=st.integers(0, 3))
    def collect(self, data, steps):
        """Everything is reached; with fewer steps the collection is given up half-way."""
        sid = data.draw(st.sampled_from(sorted(self.model["sessions"])))
        for _ in zip(range(steps), self.store.collect(sid, list(self.model["sessions"][sid]["objects"])), strict=False):
            pass

    @invariant()
    def store_equals_model(self):
        assert {row.sid for row in self.store.sessions()} == set(self.model["sessions"])
        for sid, session in self.model["sessions"].items():
            row, state = self.store.session(sid), self.store.load(sid)
            assert (row.meta, row.is_closed) == (session["meta"], session["closed"])
            assert (state.seq, state.next_oid) == (session["seq"], session["next_oid"])
            assert {oid: state.record(oid) for oid in state.oids()} == session["objects"]
            assert [entry for _, entry in self.store.history(sid, 0, 999).entries] == session["entries"]
            assert [point.name for point in self.store.savepoints(sid)] == list(session["savepoints"])
        for scope in "ab":
            for op_id in "ab":
                reply = self.store.reply(scope, op_id)
                assert (reply and reply.outcome) == self.model["replies"].get((scope, op_id))

    def teardown(self):
        assert self.store.verify().damages == []
        self.store.close()


class SqliteMachine(StoreMachine):
    """The same on SQLite, which may also be closed and opened, or killed and recovered, at any moment."""

    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = Path(self.folder.name) / "0"
        return SqliteStore(self.data)

    def reset_draft(self):
        self.changes = []
        self.draft = copy.deepcopy(self.model)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = SqliteStore(self.data)
        self.reset_draft()

    @rule()
    def recover_from_a_kill(self):
        killed = self.data.with_name(str(int(self.data.name) + 1))
        shutil.copytree(self.data, killed)
        self.store.close()
        self.data = killed
        self.store = SqliteStore(killed)
        self.reset_draft()

    def teardown(self):
        super().teardown()
        self.folder.cleanup()


@pytest.mark.parametrize("machine", [StoreMachine, SqliteMachine])
def test_any_sequence_of_changes_answers_like_the_model(machine, monkeypatch):
    """Every journal is long, and a row of two records is folded in several steps."""
    monkeypatch.setattr("storage.backlog.FOLD_DUE_BYTES", 1)
    monkeypatch.setattr("storage.fold.FOLD_STEP_WORK", 5)
    monkeypatch.setattr("storage.merge.PIECE_RECORDS", 1)
    monkeypatch.setattr("storage.merge.WRITTEN_BYTES", 1)
    monkeypatch.setattr("storage.segments.DROPPED_AT_ONCE", 1)
    monkeypatch.setattr("storage.loose.DELETED_SEGMENTS", 2)
    options = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=options)
