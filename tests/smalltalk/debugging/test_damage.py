"""A record of one waiting computation that is damaged is an error of that one, which can still be given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk import BrokenImageError, UnresumableError
from smalltalk.debugging.keeping import SUSPENSIONS_MAX
from tests.smalltalk.debugging.conftest import Debugged

if TYPE_CHECKING:
    from collections.abc import Callable


def _missing(_: Any) -> None:
    """It is gone."""


def _cut(record: Any) -> Any:
    """It has too few slots."""
    return record[0], record[1][:1], ()


def _at(index: Any) -> Callable[[Any], Any]:
    """It says that it stands in another operation."""
    return lambda record: (record[0], (*record[1][:2], index, *record[1][3:]), record[2])


def _primitive(record: Any) -> Any:
    """It says that it is in a primitive that there is not."""
    return record[0], ("noSuch", *record[1][1:]), record[2]


def damaged(session: Debugged, kind: str, damage: Callable[[Any], Any], number: int = 0) -> None:
    """Damage the record of that kind that has that number."""
    records = session.records.records
    oid = [oid for oid, record in records.items() if record[0] == kind][number]
    changed = damage(records[oid])
    if changed is None:
        del records[oid]
    else:
        records[oid] = changed
    session.restart()


CASES = [
    ("%Context", _missing),
    ("%Context", _cut),
    ("%Stack", _missing),
    ("%Stack", _cut),
    ("%Stack", lambda record: (record[0], (None, 7), None)),
    ("%Suspension", _missing),
    ("%Suspension", _cut),
    ("%Suspension", lambda record: (record[0], (7, *record[1][1:]), record[2])),
]
PLACES = [_at(99_999), _at(-5), _primitive]


def two(session: Debugged) -> tuple[str, str]:
    """Two computations that wait."""
    return session.wait("| t | t := 3. #(1) do: [:x | nil foo: x + t]. 5"), session.wait("nil bar. 6")


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_damage_is_named_and_can_be_given_up(session: Debugged, kind: str, damage: Callable[[Any], Any]) -> None:
    _, healthy = two(session)
    damaged(session, kind, damage)
    broken, other = session.debugger.contexts()
    assert (other.context_id, other.is_resumable) == (healthy, True)
    assert not broken.is_resumable
    assert "read" in str(broken.reason)
    for _ in range(2):  # the first look changes nothing
        with pytest.raises(BrokenImageError):
            session.debugger.stack(broken.context_id)
        with pytest.raises(UnresumableError, match="read"):
            session.do("proceed", broken.context_id)
    assert session.do("abandon", broken.context_id).failure is None
    assert session.waiting() == [healthy]
    session.restart()
    assert session.answer("proceed", healthy) == "6"
    assert session.waiting() == []


@pytest.mark.parametrize("damage", PLACES)
def test_what_has_no_place_to_go_on_from_is_refused_and_waits_on(
    session: Debugged, damage: Callable[[Any], Any]
) -> None:
    first, healthy = two(session)
    damaged(session, "%Context", damage)
    for operation in ("proceed", "retry", "step"):
        with pytest.raises(UnresumableError, match="there is no"):
            session.do(operation, first, *(["over"] if operation == "step" else []))
    assert session.waiting() == [first, healthy]
    assert [each.is_resumable for each in session.debugger.contexts()] == [False, True]
    assert session.debugger.stack(first).total > 1
    assert session.do("abandon", first).failure is None
    assert session.answer("proceed", healthy) == "6"


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_the_oldest_is_given_up_for_the_next_even_if_it_is_damaged(
    session: Debugged, kind: str, damage: Callable[[Any], Any]
) -> None:
    for _ in range(SUSPENSIONS_MAX):
        session.wait("[nil foo] ensure: [7]")
    damaged(session, kind, damage)
    outcome = session.evaluate("nil bar. 6")
    assert outcome.context_id == f"c{SUSPENSIONS_MAX + 1}"
    assert "was given up" in outcome.transcript
    assert len(session.waiting()) == SUSPENSIONS_MAX
    assert session.answer("proceed", outcome.context_id) == "6"


#: A do-it that waits in two primitives of each kind that has a state.
PRIMITIVES = (
    "[[[[1/0] on: ZeroDivide do: [:e | nil foo. e outer]] ensure: [1]] ifCurtailed: [2]] on: Warning do: [:e | 3]"
)


def states(session: Debugged) -> dict[int, Any]:
    """The records of contexts that stand in a primitive with a state, by id."""
    records = session.records.records
    return {oid: each for oid, each in records.items() if each[0] == "%Context" and each[1][0] and each[2]}


def refused(session: Debugged, context_id: str, reason: str) -> None:
    """A computation cannot go on for that reason, can be looked at and given up, and the session is as it was."""
    session.restart()
    (broken,) = session.debugger.contexts()
    assert reason in str(broken.reason)
    assert session.debugger.stack(context_id).total > 1
    for operation in ("proceed", "resume", "retry"):
        with pytest.raises(UnresumableError, match=reason):
            session.do(operation, context_id)
    assert session.do("abandon", context_id).failure is None
    assert session.run("3 + 4") == "7"


def test_primitives_whose_state_lacks_something_are_refused() -> None:
    first = Debugged()
    first.wait(PRIMITIVES)
    found = [(at, place) for at, each in enumerate(states(first).values()) for place in range(len(each[2]) // 2)]
    assert len(found) >= 9
    for at, place in found:
        session = Debugged()
        context_id = session.wait(PRIMITIVES)
        oid, (kind, slots, payload) = list(states(session).items())[at]
        session.records.records[oid] = kind, slots, payload[: 2 * place] + payload[2 * place + 2 :]
        refused(session, context_id, f"the state of {slots[0]} is damaged")


@pytest.mark.parametrize("name", ["handler", "outside", "record", "fallback"])
def test_primitives_whose_state_holds_something_else_are_refused(session: Debugged, name: str) -> None:
    context_id = session.wait(PRIMITIVES)
    oid, (kind, slots, payload) = next((oid, each) for oid, each in states(session).items() if name in each[2][::2])
    at = payload.index(name) + 1
    session.records.records[oid] = kind, slots, (*payload[:at], 7, *payload[at + 1 :])
    refused(session, context_id, f"the state of {slots[0]} is damaged")


@pytest.mark.parametrize("kind", ["%Handler", "%Signal"])
def test_handlers_and_signals_that_lead_back_to_themselves_are_refused(session: Debugged, kind: str) -> None:
    context_id = session.wait(PRIMITIVES)
    records = session.records.records
    for oid in [oid for oid, each in records.items() if each[0] == kind]:
        records[oid] = kind, (*records[oid][1][:-1], (oid, kind)), records[oid][2]
    refused(session, context_id, "lead back to themselves")
