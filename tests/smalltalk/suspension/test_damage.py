"""Goal: what is damaged in a stored computation is an error of that computation and of nothing else.

Method: fields of the records of golden captures are replaced by values of other kinds, or records are taken away, by a
printed seed. The session must be looked at, go on and evaluate with no other outcome than answers, failures of the
language, and the errors that say so. Time passes meanwhile: what was made to go round for ever meets its budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk import BrokenImageError, UnknownContextError, UnknownFrameError, UnresumableError
from smalltalk.runtime import safe_points
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.resumption import resume
from tests.smalltalk.harness import TickingHost

from .captures import captures, restored, resumed
from .sampling import PERCENT, generator
from .stops import At
from .subject import Subject

if TYPE_CHECKING:
    import random

    from smalltalk.debugging import Debugger

CAPTURES = captures()

#: What a waiting computation consists of.
KINDS = ("%Context", "%Handler", "%Signal", "%Pending", "%Stack", "%Suspension", "%Home", "%Box", "%Unit", "%Block")

#: Values that no field, or only another one, has; the last one refers to nothing.
STRANGE = (None, True, -1, 10**6, "x", b"x", 1.5, (1, 2, 3), ("nowhere",), (10**6, "%Context"))

DAMAGES = 200 if PERCENT >= 100 else 1

WAITING = next(name for name in CAPTURES if "waiting-deep" in name)


def damage(subject: Subject, chance: random.Random) -> None:
    """Damage one record."""
    records = subject.records.records
    oid = chance.choice([oid for oid, record in records.items() if record[0] in KINDS])
    kind, slots, payload = records[oid]
    strange = chance.choice(STRANGE)
    place = chance.randrange(len(slots) + len(payload or ()) + 1)
    if place < len(slots):
        records[oid] = kind, (*slots[:place], strange, *slots[place + 1 :]), payload
    elif payload and place < len(slots) + len(payload):
        place -= len(slots)
        records[oid] = kind, slots, (*payload[:place], strange, *payload[place + 1 :])
    else:
        del records[oid]
    subject.restart()


def look_and_go_on(subject: Subject, capture: dict[str, Any]) -> None:
    """What a client may do with it."""
    if "waiting" not in capture:
        subject.finish()
        return
    debugger = subject.image.debugger
    debugger.contexts()
    debugger.stack(capture["waiting"])
    debugger.frame(capture["waiting"], 0, evaluation=subject.image.begin())
    debugger.proceed(capture["waiting"], evaluation=subject.image.begin(cpu_budget_ms=500), code=capture["code"])


@pytest.mark.parametrize("name", CAPTURES)
def test_damaged_captures_leave_the_session_intact(name: str) -> None:
    chance = generator(name)
    for _ in range(DAMAGES):
        subject = restored(CAPTURES[name])
        subject.world.host = TickingHost()
        try:
            damage(subject, chance)
            look_and_go_on(subject, CAPTURES[name])
        except (BrokenImageError, UnresumableError, UnknownContextError, UnknownFrameError):
            pass
        finally:
            safe_points.set_poll(False)
        assert subject.evaluate("3 + 4").result == "7"


def waiting() -> tuple[Subject, Debugger, str]:
    """A session with a computation that waits, its debugger and the computation's id."""
    subject = restored(CAPTURES[WAITING])
    return subject, subject.image.debugger, CAPTURES[WAITING]["waiting"]


def contexts_of(subject: Subject) -> dict[int, Any]:
    """The records of contexts, by their ids."""
    return {oid: record for oid, record in subject.records.records.items() if record[0] == "%Context"}


def test_contexts_that_wait_in_a_circle_are_refused() -> None:
    subject, _, name = waiting()
    found = contexts_of(subject)
    outermost = next(oid for oid, (_, slots, _) in found.items() if slots[-1] is None)
    innermost = next(oid for oid in found if all(slots[-1] != (oid, "%Context") for _, slots, _ in found.values()))
    kind, slots, payload = found[outermost]
    subject.records.records[outermost] = kind, (*slots[:-1], (innermost, "%Context")), payload
    subject.restart()
    with pytest.raises(UnresumableError, match="circle"):
        subject.image.debugger.stack(name)
    assert subject.evaluate("3 + 4").result == "7"


def test_a_computation_of_another_compiler_can_be_looked_at_only() -> None:
    """Where lowering numbers operations otherwise than when the stack was stored, nothing goes on at a wrong place."""
    subject, _, name = waiting()
    for oid, (kind, slots, payload) in contexts_of(subject).items():
        if slots[3] is not None:
            subject.records.records[oid] = kind, (*slots[:3], slots[3] + 1, *slots[4:]), payload
    subject.restart()
    debugger = subject.image.debugger
    assert debugger.stack(name).total > 3
    assert not debugger.contexts()[0].is_resumable
    with pytest.raises(UnresumableError):
        debugger.proceed(name, evaluation=subject.image.begin())
    assert subject.evaluate("3 + 4").result == "7"


def test_a_computation_that_ended_cannot_go_on_again() -> None:
    subject, debugger, name = waiting()
    assert resumed(CAPTURES[WAITING]).text == "30"
    for _ in range(3):
        debugger.proceed(name, evaluation=subject.image.begin(), code="10")
    with pytest.raises(UnknownContextError):
        debugger.proceed(name, evaluation=subject.image.begin(), code="10")


@pytest.mark.parametrize("place", range(0, 40, 5))
def test_contexts_that_are_resumed_twice_do_no_harm(place: int) -> None:
    """The second run has the variables as the first one left them: it ends, in whatever way."""
    subject = Subject()
    source = (
        "| n | n := 0. [#(1 2 3) do: [:each | n := n + (each raisedTo: 2). n > 4 ifTrue: [n foo]]] on: Error do: [n]"
    )
    stopped = subject.stop(source, At(place))
    assert stopped is not None
    for _ in range(2):
        outcome = Evaluation(subject.world).run(lambda: resume(stopped.stack.top, lambda: None))
        assert outcome.failure is None or outcome.failure.kind == "error"
    assert subject.evaluate("3 + 4").result == "7"
