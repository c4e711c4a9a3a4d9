"""STON and Python's json read each other, and every text is read or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smalltalk.runtime.evaluation import Evaluation
from tests.smalltalk import harness

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: A world is made once a test: examples share it and only compute.
SHARED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
trees = st.recursive(leaves, lambda parts: st.lists(parts, max_size=3) | st.dictionaries(texts, parts, max_size=3))


@pytest.fixture
def world() -> World:
    """A world that evaluated before: the first evaluation raises Python's recursion limit, which hypothesis watches."""
    world = harness.new_world()
    harness.evaluate(world, "nil")
    return world


def sent(world: World, receiver: str, selector: str, text: str) -> tuple[Any, str | None]:
    """The value of a message with a String, and the class of the error that ended it."""
    evaluation = Evaluation(world)
    holder = world.class_named(receiver)
    outcome = evaluation.run(lambda: world.send(world.send(holder, selector, world.new_text(text)), "yourself"))
    return outcome.value, outcome.failure.error_class if outcome.failure is not None else None


@SHARED
@given(trees)
def test_what_python_writes_as_json_comes_back_as_json(world: World, tree: Any) -> None:
    value, failure = sent(world, "STON", "fromString:", json.dumps(tree))
    assert failure is None
    written = Evaluation(world).run(lambda: world.send(world.class_named("STON"), "toJsonString:", value))
    assert json.loads(written.value.text) == tree


@SHARED
@given(trees)
def test_indented_ston_reads_back_as_the_same_objects(world: World, tree: Any) -> None:
    value, _ = sent(world, "STON", "fromString:", json.dumps(tree, ensure_ascii=False))
    ston = world.class_named("STON")
    written = Evaluation(world).run(lambda: world.send(ston, "toStringPretty:", value)).value.text
    again, failure = sent(world, "STON", "fromString:", written)
    assert failure is None
    assert Evaluation(world).run(lambda: world.send(ston, "toStringPretty:", again)).value.text == written


@SHARED
@given(st.text(alphabet="[]{}:,@#'\"\\ 12.eE-/ntSPoi", max_size=16))
def test_every_text_is_read_or_refused_with_an_error_of_the_language(world: World, text: str) -> None:
    _, failure = sent(world, "STON", "fromString:", text)
    assert failure in {None, "STONReaderError", "ZeroDivide"}
