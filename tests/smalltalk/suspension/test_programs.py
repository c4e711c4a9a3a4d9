"""Random programs answer the same in generated code, in the interpreter, and stopped and restored on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .programs import PROGRAMS, SETUP
from .sampling import PERCENT
from .stops import Whim
from .subject import Subject

if TYPE_CHECKING:
    from .subject import Answer

EXAMPLES = 400

#: Numbers grow and multiply in nested loops: so much of a program is looked at.
STOPS_MAX = 100
PLACES_MAX = 5_000


def prepared() -> Subject:
    """A session with the classes of the programs."""
    subject = Subject()
    for code in SETUP:
        subject.generated(code)
    return subject


@pytest.fixture(autouse=True, scope="module")
def _recursion_limit() -> None:
    """The first evaluation of a process raises Python's recursion limit, which hypothesis watches."""
    prepared()


def interpreted(source: str) -> Answer:
    """What the interpreter answers."""
    return prepared().stopped(source, Whim(0, stops_max=0), is_interpreted=True)


@pytest.mark.skipif(PERCENT < 100, reason="some programs run for a minute: `make fuzz` has the time")
@pytest.mark.timeout(3600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(source=PROGRAMS, seed=st.integers(0, 2**32), is_interpreted=st.booleans(), is_restored=st.booleans())
def test_programs_answer_the_same_in_every_way(source: str, seed: int, **how: Any) -> None:
    wanted = prepared().generated(source)
    assert interpreted(source) == wanted
    subject = prepared()
    run = subject.restored if how["is_restored"] else subject.stopped
    whim = Whim(seed, 1.0, STOPS_MAX, PLACES_MAX)
    assert run(source, whim, is_interpreted=how["is_interpreted"]) == wanted
