"""Letters about loans say what was put into them, whatever that is."""

from hypothesis import given
from hypothesis import strategies as st

from actors.lending.letters import (
    Homecoming,
    Offer,
    pack_homecoming,
    pack_offer,
    unpack_homecoming,
    unpack_offer,
)
from protocol import Failure

#: A text of the language may hold any code point, halves of surrogate pairs too.
TEXTS = st.text(st.characters(), max_size=10)
PLAIN = st.dictionaries(
    TEXTS, st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXTS | st.binary(max_size=10)
)
RECORDS = st.lists(st.tuples(st.integers(0, 2**40), st.binary(max_size=10)), max_size=5).map(
    lambda pairs: [each for pair in pairs for each in pair]
)
FAILURES = st.builds(Failure, TEXTS, TEXTS, st.none() | PLAIN, st.none() | TEXTS)


@given(
    st.builds(
        Homecoming,
        st.integers(0, 2**62),
        st.none() | PLAIN | FAILURES,
        st.none() | PLAIN,
        st.lists(st.tuples(TEXTS, PLAIN), max_size=3),
        st.integers(0, 2**40),
        RECORDS,
        st.none() | st.integers(0, 2**62),
        st.booleans(),
    )
)
def test_a_homecoming(home):
    assert unpack_homecoming(pack_homecoming(home)) == home


@given(st.builds(Offer, st.lists(st.integers(0, 9) | TEXTS | PLAIN, max_size=8), PLAIN, st.integers(0, 2**40), RECORDS))
def test_an_offer(offer):
    assert unpack_offer(pack_offer(offer)) == offer
