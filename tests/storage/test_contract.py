"""The laws of `storage/contract.py`, one by one, for every kind of store."""

import math
import random

import pytest

from storage import (
    REPLIES_PER_SCOPE_MIN,
    ChangeRefused,
    CommitFailed,
    Counts,
    HistoryAppended,
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
    SessionRow,
    SessionTouched,
    Sid,
    StoredReply,
    StoreRefuses,
    UnknownSession,
    pack_record,
    references,
    unpack_record,
)

BIG = ("Array", (), "x" * 5_000)


def objects_of(store, sid):
    state = store.load(sid)
    return {oid: state.record(oid) for oid in state.oids()}


def test_a_created_session_is_found_by_number_token_and_client(store, add_session):
    sid = add_session(store)
    row = SessionRow(sid, f"token-{sid}", "ann", 1_000, 1_000, 86_401_000, is_closed=False, meta={"pane": 1})
    assert store.session(sid) == row
    assert store.session_by_token(f"token-{sid}") == row
    assert store.sessions_of_client("ann") == [row]
    assert list(store.sessions()) == [row]


def test_an_unknown_session_is_none_to_lookups_and_an_error_to_loading(store):
    assert store.session(Sid(7)) is None
    assert store.session_by_token("nobody") is None
    assert store.sessions_of_client("nobody") == []
    for ask in (store.load, store.fold, store.savepoints, lambda sid: store.history(sid, 0, 1)):
        with pytest.raises((UnknownSession, CommitFailed)):
            ask(Sid(7))


def test_session_numbers_are_new_with_each_call(store, add_session):
    first = add_session(store)
    assert first < store.next_sid() < store.next_sid()


def test_objects_come_back_changed_and_unchanged(store, add_session):
    sid = add_session(store, objects=300)
    changed = ("Point", (-1, (299, "Point")), "text")
    store.commit([ObjectsChanged(sid, 2, 301, [(5, changed), (300, ("Array", (), (1, 2.5)))])])
    state = store.load(sid)
    assert (state.seq, state.next_oid) == (2, 301)
    assert list(state.oids()) == list(range(301))
    assert state.record(5) == changed
    assert state.record(300) == ("Array", (), (1, 2.5))
    assert state.record(6) == ("Point", (6, (0, "Array")), None)
    assert state.record(301) is None


def merged(parts):
    """What the parts of `LoadedState.encoded` say together."""
    return {oid: unpack_record(content) for part in parts for oid, content in part.items()}


def test_encoded_records_are_those_that_are_read_one_by_one_also_when_folding_comes_in_between(store, add_session):
    sid = add_session(store, objects=1_000)
    store.fold(sid)
    store.commit([ObjectsChanged(sid, 2, 1_001, [(5, BIG), (1_000, ("Array", (), (1, 2.5)))])])
    expected = objects_of(store, sid)
    assert merged(store.load(sid).encoded()) == expected
    parts = store.load(sid).encoded()
    read = [next(parts)]
    store.fold(sid)
    assert merged([*read, *parts]) == expected


def test_folding_changes_nothing_visible_and_may_be_repeated(store, add_session):
    sid = add_session(store, objects=200)
    store.commit([HistoryAppended(sid, 1, {"code": "1"})])
    before = objects_of(store, sid), store.history(sid, 0, 9), store.load(sid).next_oid
    for _ in range(2):
        store.fold(sid)
        assert (objects_of(store, sid), store.history(sid, 0, 9), store.load(sid).next_oid) == before
    store.commit([ObjectsChanged(sid, 2, 200, [(0, ("Array", (), None))])])
    assert objects_of(store, sid)[0] == ("Array", (), None)


def test_a_loaded_state_goes_on_answering_while_its_session_is_folded(store, add_session):
    sid = add_session(store, objects=300)
    store.fold(sid)
    state = store.load(sid)
    store.commit([ObjectsChanged(sid, 2, 300, [(1, ("Array", (), None))])])
    store.fold(sid)
    assert state.record(299) == ("Point", (299, (0, "Array")), None)
    assert state.record(2) == ("Point", (2, (0, "Array")), None)


def test_the_size_of_a_state_is_about_that_of_its_records(store, add_session):
    sid = add_session(store)
    rest = [(oid, ("Array", (), random.Random(oid).randbytes(100))) for oid in range(300)]
    store.commit([ObjectsChanged(sid, 2, 300, rest)])
    encoded = sum(len(pack_record(record)) for _, record in rest)
    assert encoded <= store.load(sid).size_bytes() < 2 * encoded
    store.fold(sid)
    assert 0.8 * encoded <= store.load(sid).size_bytes() < 2 * encoded


def test_nothing_is_due_after_everything_due_was_folded(store, add_session):
    sids = [add_session(store) for _ in range(3)]
    for seq in range(2, 102):
        store.commit([ObjectsChanged(sid, seq, 3, [(0, ("Array", (seq,), None))]) for sid in sids])
    while store.fold_due(2):
        pass
    for seq in range(102, 202):
        store.commit([ObjectsChanged(sid, seq, 3, [(0, ("Array", (seq,), None))]) for sid in sids])
    steps = 1
    while store.fold_due(10):
        steps += 1
    assert steps < 10
    assert [store.load(sid).record(0) for sid in sids] == [("Array", (201,), None)] * 3


@pytest.mark.parametrize(
    "change",
    [
        ObjectsChanged(Sid(1), 3, 3, []),
        ObjectsChanged(Sid(1), 1, 3, []),
        ObjectsChanged(Sid(1), 2, 2, []),
        ObjectsChanged(Sid(1), 2, 3, [(3, ("Array", (), None))]),
        ObjectsChanged(Sid(1), 2, 3, [(-1, ("Array", (), None))]),
        ObjectsChanged(Sid(9), 1, 0, []),
        SessionCreated(Sid(1), "new", "ann", 0, 0, {}),
        SessionCreated(Sid(0), "new", "ann", 0, 0, {}),
        SessionCreated(Sid(2), "token-1", "ann", 0, 0, {}),
        SessionTouched(Sid(9), 0, 0),
        SessionMetaChanged(Sid(9), {}),
        SessionClosed(Sid(9)),
        HistoryAppended(Sid(1), 2, {}),
        HistoryAppended(Sid(9), 1, {}),
        SavepointSaved(Sid(9), "a", 0, {}),
        SavepointDropped(Sid(1), "a"),
        SavepointLoaded(Sid(1), "a", 2),
        SessionForked(Sid(2), "new", "ann", 0, 0, {}, Sid(9)),
        SessionForked(Sid(1), "new", "ann", 0, 0, {}, Sid(1)),
        SessionForked(Sid(9), "token-1", "ann", 0, 0, {}, Sid(1)),
        SessionForked(Sid(9), "new", "ann", 0, 0, {}, Sid(1), "a"),
        SessionPurged(Sid(9)),
        "not a change",
    ],
)
def test_a_change_against_the_contract_is_refused_and_nothing_of_its_commit_is_visible(store, add_session, change):
    sid = add_session(store)
    good = [
        SessionCreated(store.next_sid(), "other", "bob", 0, 0, {}),
        HistoryAppended(sid, 1, {}),
        SessionClosed(sid),
        ReplyStored("ann", "op", b"", b"", 0),
    ]
    if isinstance(change, HistoryAppended):
        good.pop(1)
    with pytest.raises(ChangeRefused):
        store.commit([*good, change])
    assert store.counts() == Counts(1, 1, 1)
    assert store.history(sid, 0, 1).total == 0
    assert store.reply("ann", "op") is None
    store.commit([ObjectsChanged(sid, 2, 3, []), HistoryAppended(sid, 1, {})])


@pytest.mark.parametrize("value", [object(), {1, 2}, ("deep",)])
def test_a_value_outside_the_grammar_fails_the_commit_and_the_store_goes_on(store, add_session, value):
    sid = add_session(store)
    for _ in range(5_000 if value == ("deep",) else 0):
        value = ("deep", value)
    with pytest.raises(CommitFailed):
        store.commit([ObjectsChanged(sid, 2, 3, [(0, ("Array", (value,), None))])])
    store.commit([ObjectsChanged(sid, 2, 3, [])])
    assert store.load(sid).seq == 2


def test_several_steps_of_a_session_in_one_commit_count_in_order(store, add_session):
    sid = add_session(store)
    store.commit(
        [
            ObjectsChanged(sid, 2, 4, [(3, ("Array", (1,), None))]),
            HistoryAppended(sid, 1, {"code": "a"}),
            ObjectsChanged(sid, 3, 4, [(3, ("Array", (2,), None)), (3, ("Array", (3,), None))]),
            HistoryAppended(sid, 2, {"code": "b"}),
        ]
    )
    assert store.load(sid).record(3) == ("Array", (3,), None)
    assert store.history(sid, 0, 9).entries == [(1, {"code": "a"}), (2, {"code": "b"})]
    assert store.load(sid).entries == 2


def test_touching_closing_and_new_meta_change_the_row_only(store, add_session):
    sid = add_session(store)
    store.commit([SessionTouched(sid, 5_000, 6_000), SessionMetaChanged(sid, {"due": True}), SessionClosed(sid)])
    row = store.session(sid)
    assert (row.last_modified_ms, row.expires_at_ms, row.meta, row.is_closed) == (5_000, 6_000, {"due": True}, True)
    assert store.counts() == Counts(1, 0, 0)
    assert len(objects_of(store, sid)) == 3


def test_plain_data_is_neither_kept_nor_shared(store, add_session):
    sid = add_session(store)
    meta = {"panes": [1, (2, 3)], "big": 1 << 80, "text": "\ud800"}
    store.commit([SessionMetaChanged(sid, meta)])
    meta["panes"].append(4)
    store.session(sid).meta["panes"].append(5)
    assert store.session(sid).meta == {"panes": [1, [2, 3]], "big": 1 << 80, "text": "\ud800"}


def test_expired_sessions_come_in_pages_by_time(store):
    for expires_at_ms in (30, 10, 20, 20, 99):
        sid = store.next_sid()
        store.commit([SessionCreated(sid, f"t{sid}", "ann", 0, expires_at_ms, {})])
    store.commit([SessionClosed(Sid(2))])
    first = store.expired(30, 2)
    rest = store.expired(30, 9, after=first[-1])
    assert [row.sid for row in first + rest] == [2, 3, 4, 1]
    assert store.expired(30, 9, after=rest[-1]) == []


@pytest.mark.parametrize("is_folded", [False, True])
def test_history_comes_in_pages_from_either_end(store, add_session, is_folded):
    sid = add_session(store)
    for number in range(1, 151):
        store.commit([HistoryAppended(sid, number, {"code": str(number)})])
        if is_folded and number % 40 == 0:
            store.fold(sid)
    entries = [(number, {"code": str(number)}) for number in range(1, 151)]
    for offset, count in (
        (0, 150),
        (0, 1),
        (63, 3),
        (100, 999),
        (-50, 50),
        (-3, 2),
        (-999, 2),
        (150, 5),
        (3, 0),
        (3, -1),
    ):
        start = offset if offset >= 0 else max(0, 150 + offset)
        assert store.history(sid, offset, count) == (150, entries[start : start + max(0, count)])


def test_a_reply_comes_back_as_stored_and_scopes_are_apart(store):
    store.commit([ReplyStored("ann", "op", b"digest", b"outcome", 7)])
    assert store.reply("ann", "op") == StoredReply(b"digest", b"outcome", 7)
    assert store.reply("bob", "op") is None
    assert store.reply("ann", "other") is None
    store.commit([ReplyStored("ann", "op", b"2", b"newer", 8)])
    assert store.reply("ann", "op").outcome == b"newer"


def test_the_last_thousand_replies_of_each_scope_are_kept_and_old_ones_forgotten(store, monkeypatch):
    monkeypatch.setattr("storage.ring.SLOTS", 32)
    monkeypatch.setattr("storage.replies.TAIL_REPLIES_MAX", 512)
    for start in range(0, 4_000, 100):
        store.commit(
            [ReplyStored(scope, f"op{i}", b"", scope.encode(), i) for i in range(start, start + 100) for scope in "ab"]
        )
    for scope in "ab":
        kept = [i for i in range(4_000) if store.reply(scope, f"op{i}")]
        assert kept[-REPLIES_PER_SCOPE_MIN:] == list(range(4_000 - REPLIES_PER_SCOPE_MIN, 4_000))
        assert len(kept) < 2 * REPLIES_PER_SCOPE_MIN


def collect(store, sid, roots=(0,)):
    return sum(1 for _ in store.collect(sid, roots))


def test_garbage_goes_and_what_the_roots_lead_to_stays_for_ever(store, add_session):
    sid = add_session(store, objects=1)
    links = [(oid, ("Link", ((oid + 2, 1),), ((oid * 3 % 2_000, "Array"), "x"))) for oid in range(1, 1_999)]
    links[998] = (999, ("Link", (), ("list", (1_001, "Link"), ("deep", ("class", (77, "%Class"))))))
    store.commit([ObjectsChanged(sid, 2, 2_000, [(0, ("Array", ((1, "Link"),), None)), *links])])
    store.fold(sid)
    reached, waiting, before = {0}, [0], objects_of(store, sid)
    while waiting:
        record = before.get(waiting.pop(), ("", (), None))
        new = set(references(pack_record(record))) - reached
        reached |= new
        waiting += new
    assert 1_000 < len(reached) < 2_000
    assert [row.sid for row in store.garbage_due(9)] == [sid]
    collect(store, sid)
    assert objects_of(store, sid) == {oid: record for oid, record in before.items() if oid in reached}
    assert (store.load(sid).seq, store.load(sid).next_oid) == (2, 2_000)
    assert store.garbage_due(9) == []
    store.commit([ObjectsChanged(sid, 3, 2_001, [(0, ("Array", (), None))])])
    collect(store, sid)
    assert objects_of(store, sid) == {0: ("Array", (), None)}
    assert store.verify().damages == []


def test_sessions_with_garbage_are_answered_in_pages(store, add_session):
    sids = [add_session(store, objects=1_200) for _ in range(5)]
    for sid in sids:
        store.fold(sid)
    first = store.garbage_due(2)
    rest = store.garbage_due(9, first[-1])
    assert [row.sid for row in first + rest] == sids
    assert store.garbage_due(9, rest[-1]) == []


def test_what_a_savepoint_or_a_fork_keeps_is_no_garbage(store, add_session):
    sid = add_session(store, objects=300)
    then = objects_of(store, sid)
    fork = store.next_sid()
    store.commit([SavepointSaved(sid, "a", 1, {}), SessionForked(fork, "fork", "bob", 7, 8, {}, sid)])
    collect(store, sid, [7])
    assert objects_of(store, sid) == {0: then[0], 7: then[7]}
    assert objects_of(store, fork) == then
    store.commit([SavepointLoaded(sid, "a", 2)])
    assert objects_of(store, sid) == then
    assert store.verify().damages == []


def test_collecting_a_session_that_is_not_there_is_an_error(store):
    with pytest.raises(UnknownSession):
        collect(store, Sid(7))


def test_code_is_cached_and_replaced(store):
    store.put_code([(b"hash", b"code"), (b"other", b"x")])
    store.put_code([(b"hash", b"newer")])
    assert (store.code(b"hash"), store.code(b"other"), store.code(b"none")) == (b"newer", b"x", None)


def test_verify_counts_sessions_and_records(store, add_session):
    for _ in range(3):
        store.fold(add_session(store, objects=10))
    assert store.verify() == (3, 30, [])


def test_a_closed_store_refuses_everything_and_closes_twice(store, add_session):
    sid = add_session(store)
    store.close()
    store.close()
    for ask in (
        lambda: store.commit([]),
        lambda: store.load(sid),
        lambda: store.session(sid),
        store.counts,
        store.verify,
        lambda: store.reply("a", "b"),
    ):
        with pytest.raises(StoreRefuses):
            ask()


def test_special_values_survive_the_store(store, add_session):
    sid = add_session(store)
    record = ("Array", (math.inf, -0.0, 1 << 200, -(1 << 63) - 1, None, True, "sym", b"\0"), ((65,), ("Smalltalk",)))
    store.commit([ObjectsChanged(sid, 2, 3, [(0, record)])])
    assert repr(store.load(sid).record(0)) == repr(record)
