"""Programs that try to bring the server down end in an ordinary failure, and the world goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime import evaluation
from smalltalk.runtime.stack import stack_lines
from tests.smalltalk.harness import evaluate, run
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: Superclass, method of its subclass Deep, do-it.
RECURSIONS = [
    ("Object", "down: n ^ (self down: n + 1) + 1", "Deep new down: 1"),
    ("Object", "down ^ [:x | self down] value: 1", "Deep new down"),
    ("Object", "printOn: s self printOn: s", "Deep new printString"),
    ("Object", "hash ^ self hash", "Set new add: Deep new"),
    ("Object", "doesNotUnderstand: m ^ self foo", "Deep new bar"),
    ("Object", "down ^ [self down] ensure: [1]", "Deep new down"),
    ("Object", "down ^ [self down] on: ZeroDivide do: [:e | 1]", "Deep new down"),
    ("Object", "down ^ self perform: #down", "Deep new down"),
    ("Object", "down #(1) do: [:each | self down]", "Deep new down"),
    ("Object", "down ^ [1 foo] on: Error do: [:e | self down]", "Deep new down"),
    ("Error", "defaultAction ^ self signal", "Deep signal"),
    ("Error", "isResumable ^ self isResumable", "[Deep signal] on: Deep do: [:e | e resume]"),
]


@pytest.mark.parametrize(("above", "method", "source"), RECURSIONS)
def test_recursion_without_end_is_an_error_and_the_world_goes_on(
    world: World, above: str, method: str, source: str
) -> None:
    evaluate(world, f"{above} subclass: #Deep")
    evaluate(world, f"Deep compile: '{method}'")
    outcome = run(world, source)
    assert outcome.failure is not None
    assert outcome.failure.error_class == "RecursionTooDeep"
    assert evaluate(world, "3 + 4") == "7"


def test_a_handler_search_without_end_is_an_error(world: World) -> None:
    evaluate(world, "Error subclass: #Deep")
    evaluate(world, "Deep class compile: 'handles: x ^ x foo'")
    outcome = run(world, "[nil bar] on: Deep do: [:e | 1]")
    assert outcome.failure is not None
    assert outcome.failure.error_class == "RecursionTooDeep"


def test_a_failing_message_text_does_not_hide_the_failure(world: World) -> None:
    evaluate(world, "Error subclass: #Deep")
    evaluate(world, "Deep compile: 'messageText ^ self signal'")
    assert evaluate(world, "Deep signal") == "Deep: Deep"


def test_a_recursion_can_be_handled_by_the_program_again_and_again(world: World) -> None:
    evaluate(world, "Object subclass: #Deep")
    evaluate(world, "Deep compile: 'down ^ self down + 1'")
    evaluate(world, "Deep compile: 'safe [self down] on: RecursionTooDeep do: [:e | ^ 5]'")
    assert evaluate(world, "Deep new safe + Deep new safe + Deep new safe") == "15"


def test_fifty_thousand_nested_sends_are_no_error(world: World) -> None:
    evaluate(world, "Object subclass: #Deep")
    evaluate(world, "Deep compile: 'down: n n = 0 ifTrue: [^ 0]. ^ (self down: n - 1) + 1'")
    assert evaluate(world, "Deep new down: 50000") == "50000"


@pytest.mark.parametrize(
    "source",
    [
        "Array new: 1000000000000",
        "String new: 1 << 40",
        "1 << 10000000000",
        "2 raisedTo: 100000000",
        "ByteArray new: -1",
        "Object new: 5",
    ],
)
def test_a_request_for_too_much_is_an_error_before_anything_is_allocated(world: World, source: str) -> None:
    outcome = run(world, source)
    assert outcome.failure is not None
    assert outcome.failure.kind == "error"


def test_a_stack_without_end_is_read_once_for_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was read again in each frame further out, until there was room to describe it: seconds in one go."""
    session = Lifetimes()
    session.run("Object compile: 'down ^ [self down] on: RecursionTooDeep do: [:e | self down]'")
    reads = []

    def counted(*arguments: Any, **named: Any) -> Any:
        reads.append(arguments)
        return stack_lines(*arguments, **named)

    monkeypatch.setattr(evaluation, "stack_lines", counted)
    assert session.fail("3 down").error_class == "RecursionTooDeep"
    assert len(reads) == 1
