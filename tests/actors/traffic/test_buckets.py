"""Token buckets: bursts up to their size, a steady rate after, debts that are waited for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.traffic.buckets import KEYS_MAX, TokenBuckets

SECOND = 1_000_000_000


def admitted(buckets: TokenBuckets, key: str, now_ns: int) -> bool:
    """Take one token if there is one."""
    if buckets.wait_ns(key, now_ns):
        return False
    buckets.take(key, now_ns)
    return True


def test_a_full_bucket_allows_a_burst_and_then_the_rate() -> None:
    buckets = TokenBuckets(per_s=2, capacity=3)
    assert [admitted(buckets, "ann", 0) for _ in range(4)] == [True, True, True, False]
    assert [admitted(buckets, "ann", SECOND) for _ in range(3)] == [True, True, False]


def test_one_client_takes_nothing_from_another() -> None:
    buckets = TokenBuckets(per_s=1, capacity=1)
    assert admitted(buckets, "ann", 0)
    assert not admitted(buckets, "ann", 0)
    assert admitted(buckets, "ben", 0)


def test_what_it_says_to_wait_is_enough_and_not_too_much() -> None:
    buckets = TokenBuckets(per_s=4, capacity=1)
    buckets.take("ann", 0)
    wait_ns = buckets.wait_ns("ann", 0)
    assert buckets.wait_ns("ann", wait_ns) == 0
    assert buckets.wait_ns("ann", wait_ns - SECOND // 100) > 0


def test_a_debt_is_paid_by_waiting() -> None:
    buckets = TokenBuckets(per_s=1, capacity=5)
    buckets.take("ann", 0, cost=8)
    assert buckets.wait_ns("ann", 0, cost=0) == pytest.approx(3 * SECOND, rel=1e-6)
    assert buckets.wait_ns("ann", 3 * SECOND + 1, cost=0) == 0


def test_no_rate_bounds_nobody_and_remembers_nothing() -> None:
    buckets = TokenBuckets(per_s=0, capacity=0)
    assert all(admitted(buckets, "ann", 0) for _ in range(1000))
    assert not buckets._levels


def test_it_remembers_a_bounded_number_of_clients() -> None:
    buckets = TokenBuckets(per_s=1, capacity=1)
    for number in range(KEYS_MAX + 10):
        buckets.take(number, 0)
    assert len(buckets._levels) == KEYS_MAX


@given(st.lists(st.integers(0, SECOND), min_size=1, max_size=60), st.integers(1, 20), st.integers(1, 10))
def test_never_more_pass_than_burst_and_rate_allow(gaps: list[int], per_s: int, capacity: int) -> None:
    """In any window that begins with a full bucket."""
    buckets, now_ns, passed = TokenBuckets(per_s, capacity), 0, 0
    for gap in gaps:
        now_ns += gap
        passed += admitted(buckets, "ann", now_ns)
        assert passed <= capacity + per_s * now_ns / SECOND + 1e-6


def test_buckets_that_are_full_again_are_forgotten() -> None:
    buckets = TokenBuckets(per_s=1, capacity=2)
    for number in range(100):
        buckets.take(f"passing-{number}", number * SECOND)
    assert len(buckets._levels) <= 3
    assert admitted(buckets, "passing-99", 99 * SECOND)
    assert not admitted(buckets, "passing-99", 99 * SECOND)
