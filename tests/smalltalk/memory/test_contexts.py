"""Suspended computations are stored and go on in another process: from records, with everything they knew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.resumption import resume
from smalltalk.runtime.unwinding import Termination
from tests.smalltalk import harness
from tests.smalltalk.lifetimes import Lifetimes
from tests.smalltalk.suspending import Whim, begin, drop, run_suspended, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from greenlet import greenlet

    from smalltalk.runtime.capture import CapturedStack
    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

#: One safe point in so many suspends; every suspension is a restart.
SHARE = 1 / 40
SEED = 2028

#: What is tried: the control structures of the language. The other files differ in primitives only.
FILES = ["blocks", "collections", "control-structures", "exceptions", "library", "subclasses"]

#: Every so many safe points the program below is suspended once: each is a session of its own.
STRIDE = 4


class Suspended(Lifetimes):
    """A session whose computations are stored at each suspension and go on after a restart."""

    def hold(self, name: str, value: Any) -> Any:
        """Keep something in a variable of the workspace, where no code of the language looks."""
        binding = self.variable(name)
        binding.v = value
        self.image._heap.mark(binding)
        self.commit()
        return value

    def variable(self, name: str) -> Any:
        return self.image._workspaces.declare("", name)

    def store(self, stack: CapturedStack, parked: greenlet) -> CapturedStack:
        """Store a stack, kill the process, restore the session, answer the stack of its records."""
        self.hold("stack", stack)
        drop(stack, parked)
        self.restart()
        return self.variable("stack").v  # type: ignore[no-any-return]

    def run_in_pieces(self, make: Callable[[World], Callable[[], Any]], whim: Whim) -> Outcome:
        self.image._activate()
        return run_suspended(lambda: self.image.world, make(self.image.world), whim, self.store)

    def printed(self, source: str, whim: Whim) -> str:
        def make(world: World) -> Callable[[], Any]:
            return begin(
                world, source, lambda unit: [self.variable(name) for name in unit.bindings], interpreted=whim()
            )

        try:
            make(self.image.world)
        except Exception:  # noqa: BLE001 - a source that does not compile has nothing to suspend
            outcome = self.evaluate(source)
            return outcome.result if outcome.failure is None else text_of(outcome)
        outcome = self.run_in_pieces(make, whim)
        if outcome.failure is not None:
            return text_of(outcome)
        self.hold("value", outcome.value)
        return text_of(
            self.run_in_pieces(lambda world: lambda: world.send(self.variable("value").v, "printString"), whim)
        )


@pytest.mark.parametrize("name", FILES)
def test_snippets_that_are_restored_in_the_middle_answer_the_same(name: str) -> None:
    session = Suspended()
    whim = Whim(SEED, SHARE)
    snippets = harness.read_snippets(harness.SNIPPETS / f"{name}.st")
    answers = {each.line: (session.printed(each.source, whim), each.expected) for each in snippets}
    assert {line: got for line, (got, want) in answers.items() if got != want} == {}


#: Homes, shared variables, handlers, unwinding blocks and a loop, each of which must be one thing after the restart.
PROGRAM = """| log shared bump |
log := OrderedCollection new.
shared := 0.
bump := [:n | shared := shared + n].
[[1 to: 3 do: [:i | bump value: i. log add: shared. (log detect: [:each | each > 100] ifNone: [])].
  (Warning signal: 'w') = 7 ifTrue: [log add: #resumed].
  #(1 2 3) do: [:each | each = 2 ifTrue: [Error signal: each printString]]]
    ensure: [log add: #ensured]]
        on: Error do: [:e | log add: e messageText. e return: shared].
log asArray printString , shared printString"""

HANDLED = f"[ {PROGRAM} ] on: Warning do: [:w | w resume: 7]"


def test_a_program_can_be_restored_at_any_place() -> None:
    """Suspended once, at safe points from its beginning to its end, the program gives the same answer."""
    expected = "#(1 3 6 #resumed '2' #ensured)6"
    place = SEED % STRIDE
    while True:
        session = Suspended()
        whim = Once(place)
        assert session.printed(HANDLED, whim) == f"'{expected}'".replace("'2'", "''2''"), place
        if whim.left >= 0:
            break
        place += STRIDE
    assert place > 10 * STRIDE


class Once(Whim):
    """Suspends at one safe point only."""

    def __init__(self, place: int) -> None:
        super().__init__(0, 0)
        self.left = place

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == -1


#: What a process does that knows nothing but records: restore, resume, print.
CHILD = """import ast, sys
from smalltalk.runtime.resumption import resume
from tests.smalltalk.memory.test_contexts import Suspended

session = Suspended()
session.records.next_oid, session.records.records = ast.literal_eval(sys.stdin.read())
session.restart()
evaluation = session.image.begin()
outcome = evaluation.run(lambda: resume(session.variable("stack").v.top, lambda: None))
print(outcome.value.text if outcome.failure is None else outcome.failure)
"""


def test_a_computation_goes_on_in_a_fresh_process() -> None:
    """The records are all there is: text that any process, also one of another Python, can read."""
    session = Suspended()
    stored: list[str] = []

    def keep(stack: CapturedStack, parked: greenlet) -> CapturedStack:
        session.hold("stack", stack)
        stored.append(repr((session.records.next_oid, session.records.records)))
        return drop(stack, parked)

    computation = begin(
        session.image.world, HANDLED, lambda unit: [session.variable(name) for name in unit.bindings], interpreted=False
    )
    outcome = run_suspended(lambda: session.image.world, computation, Once(25), keep)
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=stored[0],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout.strip() == text_of(outcome) == "#(1 3 6 #resumed '2' #ensured)6"


def test_a_failure_that_unwinds_is_the_failure_after_a_restart() -> None:
    """Suspended in the block that an unhandled error runs on its way out, the evaluation ends with that error."""
    source = "[Error signal: 'lost'] ensure: [1 to: 9 do: [:i | i printString]]"
    for place in range(0, 40, STRIDE):
        assert Suspended().printed(source, Once(place)) == "Error: lost", place


def test_a_method_that_changed_meanwhile_goes_on_as_it_was() -> None:
    session = Suspended()
    session.run("Object subclass: #Old instanceVariableNames: '' classVariableNames: '' package: 'T'")
    session.run("Old compile: 'run | n | n := 0. 1 to: 5 do: [:i | n := n + i. n printString]. ^n printString'")

    def keep(stack: CapturedStack, parked: greenlet) -> CapturedStack:
        session.hold("stack", stack)
        drop(stack, parked)
        session.run("Old compile: 'run ^#new'")
        session.restart()
        return session.variable("stack").v  # type: ignore[no-any-return]

    session.image._activate()
    computation = begin(session.image.world, "Old new run", lambda _: [], interpreted=False)
    assert text_of(run_suspended(lambda: session.image.world, computation, Once(4), keep)) == "15"
    assert session.run("Old new run") == "#new"


def test_what_has_not_moved_is_not_written_again() -> None:
    """A stack of forty activations, captured twice: the second delta holds the top of it only."""
    session = Suspended()
    session.run("Object subclass: #Deep instanceVariableNames: '' classVariableNames: '' package: 'T'")
    session.run(
        "Deep compile: 'down: n ^n = 0 ifTrue: [1 to: 9 do: [:i | i printString]. #ok printString]"
        " ifFalse: [self down: n - 1]'"
    )
    written: list[int] = []

    def keep(stack: CapturedStack, parked: greenlet) -> CapturedStack:
        binding = session.variable("stack")
        binding.v = stack
        session.image._heap.mark(binding)
        written.append(sum(session.kind_of(oid) == "%Context" for oid in session.commit()))
        drop(stack, parked)
        session.restart()
        return session.variable("stack").v  # type: ignore[no-any-return]

    session.image._activate()
    computation = begin(session.image.world, "Deep new down: 40", lambda _: [], interpreted=False)
    outcome = run_suspended(lambda: session.image.world, computation, Twice(44), keep)
    assert text_of(outcome) == "#ok"
    assert written[0] > 40
    assert written[1] < 6


class Twice(Once):
    """Suspends at one safe point and at the next but one."""

    def __call__(self) -> bool:
        self.left -= 1
        return self.left in (-1, -3)


def terminate() -> None:
    raise Termination


#: What can become of a restored computation: its start answers, signals there, or ends it.
STARTS: dict[str, Callable[[World], Any]] = {
    "#(#left #ensured)": lambda world: world.signal("Error", "left"),
    "#(#ensured)": lambda _world: terminate(),
    "#(1 #ensured)": lambda _world: None,
}


@pytest.mark.parametrize("expected", STARTS)
def test_a_restored_computation_can_be_given_an_answer_an_exception_or_its_end(expected: str) -> None:
    session = Suspended()
    session.run("log := OrderedCollection new")
    source = (
        "[[1 to: 1 do: [:i | i printString. log add: i]] on: Error do: [:e | log add: e messageText asSymbol]]"
        " ensure: [log add: #ensured]"
    )
    computation = begin(
        session.image.world, source, lambda unit: [session.variable(name) for name in unit.bindings], interpreted=False
    )
    stacks: list[CapturedStack] = []

    def keep(stack: CapturedStack, parked: greenlet) -> CapturedStack:
        stacks.append(session.store(stack, parked))
        raise StopIteration

    with pytest.raises(StopIteration):
        run_suspended(lambda: session.image.world, computation, Once(3), keep)
    world = session.image.world
    session.image.begin().run(lambda: resume(stacks[0].top, lambda: STARTS[expected](world)))
    assert session.run("log asArray") == expected


def test_a_context_that_is_kept_stays_readable() -> None:
    session = Suspended()
    session.run("kept := [:x | | t | t := x + 1. thisContext] value: 5")
    session.restart()
    assert session.run("{kept. kept temps. kept sender. kept isDead}").endswith("#(5 6) nil true)")
    session.restart()
    assert session.run("kept tempNamed: 't'") == "6"


def test_a_computation_of_another_compiler_is_not_resumed_at_the_wrong_place() -> None:
    """Where lowering numbers the operations of a source otherwise than when the stack was stored, nothing goes on."""
    session = Suspended()
    stacks: list[CapturedStack] = []

    def keep(stack: CapturedStack, parked: greenlet) -> CapturedStack:
        stacks.append(session.store(stack, parked))
        raise StopIteration

    computation = begin(session.image.world, "1 to: 9 do: [:i | i printString]. #x", lambda _: [], interpreted=False)
    with pytest.raises(StopIteration):
        run_suspended(lambda: session.image.world, computation, Once(3), keep)
    for oid, (kind, slots, payload) in list(session.records.records.items()):
        if kind == "%Context" and slots[3] is not None:
            session.records.records[oid] = kind, (*slots[:3], slots[3] + 1, *slots[4:]), payload
    session.restart()
    top = session.variable("stack").v.top
    failure = session.image.begin().run(lambda: resume(top, lambda: None)).failure
    assert failure is not None
    assert "there is no operation" in failure.message
