"""Every primitive, given what it does not expect, answers a value or an error of the language.

The list of primitives is the kernel's own, so one that is added is tried as well. Combinations of arguments are drawn
by a printed seed; each primitive has a world of its own, which must be sound afterwards.
"""

from __future__ import annotations

import random
import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.redteam.hostile_values import Target, new_patient, receivers, send, targets, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

SEED = 20_261_123
#: Combinations of arguments that one receiver is given.
COMBINATIONS_MAX = 30
TARGETS = targets()
#: How an exception of Python that a primitive let escape is told, see `exception_for_defect`.
ESCAPED = re.compile(r"\w+: [A-Z]\w*(Error|Exception|Iteration|Interrupt|Exit): ")


def combinations(pool: list[Any], count: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """Tuples of so many arguments: all of them while they are few, else some by chance."""
    if len(pool) ** count <= COMBINATIONS_MAX:
        yield from product(pool, repeat=count)
    else:
        for _ in range(COMBINATIONS_MAX):
            yield tuple(chance.choice(pool) for _ in range(count))


def foreign(world: World, value: Any) -> str | None:
    """What is wrong with a value: it, or one of its elements, is no object of the language."""
    for each in (value, *getattr(value, "items", ())):
        try:
            world.class_of(each)
        except TypeError as error:
            return str(error)
    return None


def complaint(world: World, outcome: Outcome) -> str | None:
    """What is wrong with the end of a primitive; None if it is a value or an error of the language."""
    if outcome.failure is None:
        return foreign(world, outcome.value)
    return outcome.failure.message if ESCAPED.match(outcome.failure.message) else None


@pytest.mark.parametrize(("owner", "methods"), TARGETS.items(), ids=TARGETS)
def test_the_primitives_of_a_class_end_in_values_or_errors_of_the_language(owner: str, methods: list[Target]) -> None:
    print("seed", SEED)  # noqa: T201 - so that a failure can be replayed
    chance = random.Random(f"{SEED}{owner}")
    world = new_patient()
    wrong = []
    for target in methods:
        pool = values(world)
        for receiver in receivers(world, target, pool):
            for arguments in combinations(pool, target.argument_count, chance):
                text = complaint(world, send(world, receiver, target.selector, list(arguments)))
                if text is not None:
                    wrong.append((target.selector, type(receiver).__name__, arguments, text))
    assert not wrong
    sane = send(world, 3, "+", [4])
    assert (sane.failure, sane.value) == (None, 7)


def test_the_kernel_has_primitives_to_try() -> None:
    assert sum(map(len, TARGETS.values())) > 300
