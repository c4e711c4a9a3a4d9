"""Random programs answer the same in generated code, in the interpreter, and stopped and restored on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from .programs import PROGRAMS, SETUP
from .sampling import PERCENT, SEED, generator
from .stops import Whim
from .subject import Subject

if TYPE_CHECKING:
    from .subject import Answer

#: Programs that are tried, and how often one is stopped at most: a restart at each stop takes 20 ms. `make test` has
#: some seconds, `make fuzz` an hour.
EXAMPLES, STOPS_MAX = (400, 100) if PERCENT >= 100 else (12, 12)

#: Numbers grow and multiply in nested loops: so much of a program is looked at.
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


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(source=PROGRAMS, whim=st.integers(0, 2**32), is_interpreted=st.booleans(), is_restored=st.booleans())
def test_programs_answer_the_same_in_every_way(source: str, whim: int, **how: Any) -> None:
    generator("programs")
    wanted = prepared().generated(source)
    assert interpreted(source) == wanted
    subject = prepared()
    run = subject.restored if how["is_restored"] else subject.stopped
    places = Whim(whim, 1.0, STOPS_MAX, PLACES_MAX)
    assert run(source, places, is_interpreted=how["is_interpreted"]) == wanted
