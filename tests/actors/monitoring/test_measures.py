"""Histograms count every value once; quantiles lie in the bucket of their value; bursts are told once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.monitoring.measures import LATENCY_BOUNDS_NS, Histogram, Measures, quantile
from actors.traffic.bursts import PERIOD_NS, Bursts
from protocol import Failure


@given(st.lists(st.integers(0, 10**12), max_size=100))
def test_every_value_is_counted_in_the_bucket_of_its_bound(values: list[int]) -> None:
    histogram = Histogram(LATENCY_BOUNDS_NS)
    for value in values:
        histogram.add(value)
    assert sum(histogram.counts) == len(values)
    assert histogram.total == sum(values)
    for index, bound in enumerate(LATENCY_BOUNDS_NS):
        assert sum(histogram.counts[: index + 1]) == sum(value <= bound for value in values)


@given(st.lists(st.integers(1, LATENCY_BOUNDS_NS[-1]), min_size=1, max_size=100), st.floats(0.01, 1))
def test_a_quantile_lies_between_the_bounds_of_its_value(values: list[int], part: float) -> None:
    histogram = Histogram(LATENCY_BOUNDS_NS)
    for value in values:
        histogram.add(value)
    true = sorted(values)[max(0, -(-int(part * len(values) * 1e6) // 10**6) - 1)]
    index = next(index for index, bound in enumerate(LATENCY_BOUNDS_NS) if true <= bound)
    low = LATENCY_BOUNDS_NS[index - 2] if index > 1 else 0
    high = LATENCY_BOUNDS_NS[min(index + 1, len(LATENCY_BOUNDS_NS) - 1)]
    assert low <= quantile(LATENCY_BOUNDS_NS, histogram.counts, part) <= high


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile((1, 2), (0, 0, 0), 0.5) == 0


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure("LimitExceeded", "", {"limit": "queue_max"}), "queue_max"),
        (Failure("PermissionDenied", ""), "PermissionDenied"),
        (Failure("EvaluationError", ""), None),
    ],
)
def test_a_refusal_is_counted_by_what_refused_it(failure: Failure, reason: str | None) -> None:
    measures = Measures()
    assert measures.failed(failure) == reason
    assert measures.refused == ({} if reason is None else {reason: 1})
    assert measures.failures == {failure.error_type: 1}


def test_a_burst_is_told_at_once_and_then_once_a_period_with_its_count() -> None:
    bursts = Bursts()
    assert [bursts.note("a", now) for now in (0, 1, 2, 3)] == [1, None, None, None]
    assert bursts.note("b", 4) == 1
    assert bursts.note("a", PERIOD_NS) == 4
    assert bursts.note("a", PERIOD_NS + 1) is None
