"""Random Smalltalk programs against an eager model in memory, over every kind of restart, fold, fork and return.

The model is what a Smalltalker has in mind: variables that hold numbers or share lists. Each state the session has been
in is kept whole, so that a return to it can be compared; nothing of the durable memory's ways is modelled.
"""

import copy
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from smalltalk import ROOT_OID
from smalltalk.memory import draining, heap, layouts, loaded, trimming
from storage import SqliteStore

from tests.actors.conftest import Server

NAMES = "abc"
PAIRS = ("ab", "bc", "ac")
names = st.sampled_from(NAMES)
DEFINITION = "Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'"


class DiskServer(Server):
    """A server on a store on disk."""

    def __init__(self, make_engine, folder):
        self._folder = folder
        super().__init__(make_engine)

    def start(self):
        self.store = SimpleNamespace(open=self._open)
        super().start()

    def _open(self):
        self.opened = SqliteStore(self._folder)
        return self.opened


class State:
    """What the model knows: variables, and by what the method of the class adds."""

    def __init__(self):
        self.variables = dict.fromkeys(NAMES, None)
        self.step = None


class SessionMachine(RuleBasedStateMachine):
    """One session of a real engine on a real store, and its model."""

    make_engine = None

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = DiskServer(type(self).make_engine, Path(self.folder.name) / "data")
        self.server.clock.step_ns = 1_000_000  # each look at the clock uses a slice up
        self.client = self.server.client()
        self.token = self.client.create()
        self.state = State()
        self.former = []  # by the numbers of the history entries, from 1: the state before
        self.savepoints = {}

    @property
    def sid(self):
        return self.server.opened.session_by_token(self.token).sid

    def teardown(self):
        self.server.close()
        store = SqliteStore(Path(self.folder.name) / "data")
        assert store.verify().damages == []
        store.close()
        self.folder.cleanup()

    def evaluate(self, code):
        self.former.append(copy.deepcopy(self.state))
        return self.client.evaluate(code, session_id=self.token)

    @rule(name=names, number=st.integers(-5, 5))
    def assign(self, name, number):
        self.evaluate(f"{name} := {number}")
        self.state.variables[name] = number

    @rule(name=names, other=names)
    def share(self, name, other):
        self.evaluate(f"{name} := {other}")
        self.state.variables[name] = self.state.variables[other]

    @rule(name=names, size=st.integers(1, 60), number=st.integers(-5, 5))
    def make_list_of_lists_while_it_is_read(self, name, size, number):
        """Make many objects, and restore the session before they are stored."""
        code = f"{name} := ((1 to: {size}) collect: [:k | OrderedCollection with: k with: {number}]) last"
        self.former += [copy.deepcopy(self.state)]
        sent = self.client.send("evaluate", code=code, session_id=self.token)
        self.server.tick()
        self.server.client().result("restore_session", session_id=self.token)
        assert self.client.receive()["id"] == sent
        self.state.variables[name] = [size, number]

    @rule(name=names, size=st.integers(0, 200))
    def make_list(self, name, size):
        self.evaluate(f"{name} := (1 to: {size}) asOrderedCollection")
        self.state.variables[name] = list(range(1, size + 1))

    @rule(name=names, number=st.integers(0, 9))
    def add(self, name, number):
        self.evaluate(f"({name} isKindOf: OrderedCollection) ifTrue: [{name} add: {number}]")
        if isinstance(self.state.variables[name], list):
            self.state.variables[name].append(number)

    @rule(step=st.integers(1, 9))
    def define(self, step):
        self.evaluate(DEFINITION)
        self.evaluate(f"Counter compile: 'bump: x ^x + {step}'")
        self.state.step = step

    @precondition(lambda self: self.state.step is not None)
    @rule(name=names)
    def use(self, name):
        self.evaluate(f"{name} := Counter new bump: 1")
        self.state.variables[name] = 1 + self.state.step

    @precondition(lambda self: self.former)
    @rule(data=st.data())
    def undo(self, data):
        point = data.draw(st.integers(1, len(self.former)))
        undone = self.client.result("undo", session_id=self.token, before=point)
        self.former.append(self.state)
        assert undone["seq"] == len(self.former)
        self.state = copy.deepcopy(self.former[point - 1])

    @rule(name=names)
    def save(self, name):
        self.client.result("save_context", session_id=self.token, name=name)
        self.savepoints[name] = copy.deepcopy(self.state)

    @precondition(lambda self: self.savepoints)
    @rule(data=st.data())
    def load(self, data):
        name = data.draw(st.sampled_from(sorted(self.savepoints)))
        self.client.result("load_context", session_id=self.token, name=name)
        self.former.append(self.state)
        self.state = copy.deepcopy(self.savepoints[name])

    @rule()
    def fork(self):
        """Go on in a copy, which has neither past nor savepoints."""
        token = self.client.create(from_session=self.token)
        self.client.result("close_session", session_id=self.token)
        self.token, self.former, self.savepoints = token, [], {}

    @rule()
    def restart(self):
        self.server.restart()
        self.client = self.server.client()

    @rule()
    def fold(self):
        self.server.opened.fold(self.sid)

    @rule()
    def collect(self):
        """Collect garbage as the sweep does: of a session nobody has in memory."""
        self.restart()
        for _ in self.server.opened.collect(self.sid, (ROOT_OID,)):
            pass

    @invariant()
    def session_equals_model(self):
        shown = [f"({name} isKindOf: OrderedCollection) ifTrue: [{name} asArray] ifFalse: [{name}]" for name in NAMES]
        same = [f"{one} == {other}" for one, other in PAIRS]
        variables = self.state.variables
        pairs = [(variables[one], variables[other]) for one, other in PAIRS]
        shared = [one is other if isinstance(one, list) else one == other for one, other in pairs]
        assert self.evaluate(f"{{{'. '.join(shown + same)}}}") == printed([*variables.values(), *shared])


def printed(value):
    """Print a value of the model as Smalltalk prints it."""
    if isinstance(value, list):
        return f"#({' '.join(map(printed, value))})"
    return "nil" if value is None else str(value).lower()


@pytest.fixture
def tiny_steps(monkeypatch):
    """What an evaluation changed is encoded a few values at a time."""
    monkeypatch.setattr(layouts, "PIECE_VALUES", 16)
    monkeypatch.setattr(draining, "_OBJECTS_PER_STEP", 1)
    monkeypatch.setattr(draining, "_PLACES_PER_STEP", 8)
    monkeypatch.setattr(heap, "TRIM_OBJECTS_MIN", 64)
    monkeypatch.setattr(loaded, "_PAGES_PER_STEP", 8)
    monkeypatch.setattr(trimming, "_VALUES_PER_STEP", 256)


@pytest.mark.usefixtures("tiny_steps")
def test_any_sequence_of_programs_and_returns_answers_like_the_model(make_server, smalltalk):
    # The first run raises Python's bound of recursion for good, which hypothesis must not take for its own doing.
    make_server(make_engine=smalltalk).client().evaluate("1")
    machine = type("Machine", (SessionMachine,), {"make_engine": staticmethod(smalltalk)})
    options = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=options)
