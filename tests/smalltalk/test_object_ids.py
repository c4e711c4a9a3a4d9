"""Object ids name values across restarts, and nothing else."""

from __future__ import annotations

import math

import pytest

from smalltalk import UnknownObjectIdError
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A new session."""
    return Lifetimes()


@pytest.mark.parametrize(
    ("expression", "object_id"),
    [
        ("nil", "nil"),
        ("true", "true"),
        ("false", "false"),
        ("7", "i:7"),
        ("-7", "i:-7"),
        ("0.1", "f:0.1"),
        ("#at:put:", "s:#at:put:"),
        ("$a", "c:97"),
        ("Array", "k:Array"),
        ("Array class", "k:Array class"),
        ("Transcript", "k:Transcript"),
    ],
)
def test_a_value_without_identity_is_its_own_id(session: Lifetimes, expression: str, object_id: str) -> None:
    value = session.evaluate(expression).value
    assert session.image.object_id(value) == object_id
    assert session.image.object_by_id(object_id) is value or session.image.object_by_id(object_id) == value
    assert session.image.drain_delta() is None


def test_floats_come_back_exactly(session: Lifetimes) -> None:
    for value in (-0.0, math.inf, 5e-324, 0.1 + 0.2):
        again = session.image.object_by_id(session.image.object_id(value))
        assert math.copysign(1, again) == math.copysign(1, value)
        assert again == value
    assert math.isnan(session.image.object_by_id(session.image.object_id(math.nan)))


@pytest.mark.parametrize(
    "expression", ["OrderedCollection new", "'text'", "[:x | x]", "2 raisedTo: 3000", "('x' repeat: 300) asSymbol"]
)
def test_an_id_is_valid_after_a_restart(session: Lifetimes, expression: str) -> None:
    outcome = session.evaluate(expression.replace("'x' repeat: 300", "(String new: 300 withAll: $x)"))
    object_id = session.image.object_id(outcome.value)
    assert object_id.isdecimal()
    session.commit()
    session.restart()
    value = session.image.object_by_id(object_id)
    assert session.image.world.class_of(value).name == outcome.class_name
    assert session.image.object_id(value) == object_id or not hasattr(value, "oid")


def test_user_classes_and_their_metaclasses_have_ids(session: Lifetimes) -> None:
    outcome = session.evaluate("Object subclass: #Foo")
    class_id = session.image.object_id(outcome.value)
    metaclass_id = session.image.object_id(outcome.value.metaclass)
    session.commit()
    session.restart()
    assert session.image.object_by_id(class_id).name == "Foo"
    assert session.image.object_by_id(metaclass_id) is session.image.object_by_id(class_id).metaclass


@pytest.mark.parametrize(
    "object_id",
    [
        "",
        "0",
        "1",
        "2",
        "007",
        "-1",
        "999999",
        "9" * 100,
        "x",
        "i:",
        "i:x",
        "i:1_0 ",
        "f:",
        "f:x",
        "s:foo",
        "c:-1",
        "c:1114112",
        "k:NoSuchClass",
        "m:1",
        "m:999999",
        "q:1",
        ":",
        "²",
        "i:" + "9" * 1000,
    ],
)
def test_what_names_no_value_is_refused(session: Lifetimes, object_id: str) -> None:
    session.restart()
    with pytest.raises(UnknownObjectIdError):
        session.image.object_by_id(object_id)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("100 factorial", str(math.factorial(100))),
        ("2 raisedTo: 3000", "a very large integer"),
        ("(String new: 300 withAll: $x) asSymbol", f"#{'x' * 255}... (45 more characters)"),
    ],
)
def test_the_registry_lists_values_held_for_their_long_ids(session: Lifetimes, expression: str, text: str) -> None:
    """While the session lives, after a restart, and in a session that its records were copied to."""
    object_id = session.image.object_id(session.evaluate(expression).value)
    assert session.image.object_registry() == {object_id: text}
    session.commit()
    for _ in range(2):
        session.restart()
        assert session.image.object_registry() == {object_id: text}
        assert session.image.object_registry() == {object_id: text}


def test_the_registry_lists_what_was_answered(session: Lifetimes) -> None:
    object_id = session.image.object_id(session.evaluate("OrderedCollection new").value)
    session.commit()
    session.restart()
    assert session.image.object_registry() == {object_id: "an OrderedCollection"}
