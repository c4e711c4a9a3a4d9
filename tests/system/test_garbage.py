"""Garbage of the language in the store: a session whose garbage was collected has everything it had.

Method: a session with everything a session can hold; its records that the root does not lead to are dropped; a new
image on what is left answers as before, and a second collection finds nothing.
"""

import pytest

from actors.clock import SystemClock
from actors.running.language import SmalltalkEngine
from smalltalk import ROOT_OID
from storage import MemoryStore, ObjectsChanged, SessionCreated, Sid

SID = Sid(1)
MAKING = (
    "Object subclass: #Node instanceVariableNames: 'value next' classVariableNames: 'Made' package: 'Demo'",
    "Node compile: 'value ^value'",
    "Node compile: 'value: v next: n value := v. next := n'",
    "Node compile: 'next ^next'",
    "Trait named: #TLoud uses: {} package: 'Demo'. TLoud compile: 'loud ^#loud'",
    "Object subclass: #Speaker uses: TLoud instanceVariableNames: '' classVariableNames: '' package: 'Demo'",
    "chain := nil. 1 to: 300 do: [:i | chain := Node new value: i next: chain]",
    "kept := Array new: 50. 1 to: 50 do: [:i | kept at: i put: (Node new value: i next: nil)]",
    "table := Dictionary new. 1 to: 100 do: [:i | table at: i put: (Node new value: i * i next: nil)]",
    "bag := Set new. bag add: #a; add: 'text'; add: 3/4",
    "offset := 10. adder := [:n | n + offset]",
    "speaker := Speaker new",
    "gone := OrderedCollection new. 1 to: 1500 do: [:i | gone add: (Node new value: i next: nil)]",
    "old := Array with: 1. new := Array with: 2 with: 3. holder := Array with: old. old become: new",
    "Object subclass: #Node instanceVariableNames: 'next value extra' classVariableNames: 'Made' package: 'Demo'",
    "gone := nil. chain := chain next",
)
ASKING = {
    "chain value + chain next value": "597",
    "kept inject: 0 into: [:sum :each | sum + each value]": "1275",
    "(table at: 9) value + table size": "181",
    "bag size": "3",
    "adder value: 5": "15",
    "speaker loud": "#loud",
    "holder first size": "2",
    "Node new value: 7 next: nil; value": "7",
}


@pytest.fixture
def run():
    """A function that runs expressions in a fresh image on the store, commits, and returns what they print."""
    store, clock = MemoryStore(), SystemClock()
    engine = SmalltalkEngine(clock, store)
    store.commit([SessionCreated(SID, "t", "ann", 0, 0, {})])

    def evaluate(*codes):
        state = store.load(SID)
        image = engine.restore(state, is_safe=False) if state.seq else engine.create()
        seq, printed = state.seq, []
        for code in codes:
            outcome = image.evaluate(code, tool_id=None, display=False, evaluation=image.begin())
            assert outcome.failure is None, (code, outcome.failure)
            printed.append(outcome.result)
            delta = image.drain_delta()
            if delta is not None:
                seq += 1
                store.commit([ObjectsChanged(SID, seq, delta.next_oid, delta.records)])
        image.close()
        return printed

    return store, evaluate


def test_a_session_answers_as_before_when_its_garbage_is_gone(run):
    store, evaluate = run
    evaluate(*MAKING)
    before = set(store.load(SID).oids())
    assert [row.sid for row in store.garbage_due(9)] == [SID]
    for _ in store.collect(SID, (ROOT_OID,)):
        pass
    after = set(store.load(SID).oids())
    assert len(before - after) > 1_500
    assert evaluate(*ASKING) == list(ASKING.values())
    for _ in store.collect(SID, (ROOT_OID,)):
        pass
    assert evaluate(*ASKING) == list(ASKING.values())
