"""The exposition: health rows as Prometheus' text.

The library's own counters stand on no request's path: its families are filled from the rows when somebody asks. Each
sample carries the label `worker`, the number of its row or `quarantine`. Times are in seconds, whatever the row has
them in.

Source: prometheus.io/docs/instrumenting/exposition_formats, prometheus.io/docs/practices/naming. Thread: the HTTP
port's.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from .health import Row
from .measures import BATCH_BOUNDS, LATENCY_BOUNDS_NS

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_NS_PER_S: Final = 1_000_000_000
_MS_PER_S: Final = 1_000
_PREFIX: Final = "stui_"
_QUARANTINE: Final = "quarantine"


def exposed(rows: Sequence[Row], quarantine: Row | None = None) -> str:
    """Return the metrics of some workers as text.

    Args:
        rows: of the workers.
        quarantine: the quarantine worker's, if there is to be one.
    """
    registry = CollectorRegistry()
    registry.register(_Rows(rows, quarantine))
    return generate_latest(registry).decode()


class _Rows(Collector):
    """What the library asks for samples."""

    def __init__(self, rows: Sequence[Row], quarantine: Row | None) -> None:
        self._rows = [(str(number), row) for number, row in enumerate(rows)]
        if quarantine is not None:
            self._rows.append((_QUARANTINE, quarantine))

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield self._single("up_seconds", "Seconds since the worker's start.", "uptime_s")
        yield self._single("ready", "Whether the worker can store what it is asked to do.", "is_ready")
        for name in self._names("state"):
            told, unit = _in_base_units(name)
            gauge = GaugeMetricFamily(_PREFIX + told, _spoken(told), labels=("worker",))
            for worker, number in self._having("state", name):
                gauge.add_metric((worker,), number / unit)
            yield gauge
        for name in self._names("totals"):
            told, unit = _in_base_units(name)
            counter = CounterMetricFamily(_PREFIX + told, _spoken(told), labels=("worker",))
            for worker, number in self._having("totals", name):
                counter.add_metric((worker,), number / unit)
            yield counter
        yield self._labelled("refused", "Refusals by the limit or the type of error.", "reason")
        yield self._labelled("failures", "Answers that are failures, by type.", "type")
        yield self._latencies()
        yield self._batches()

    def _names(self, group: str) -> list[str]:
        """Return the names in a group of any row, in their order."""
        return list(dict.fromkeys(name for _, row in self._rows for name in row[group]))

    def _having(self, group: str, name: str) -> Iterator[tuple[str, int]]:
        """Yield the workers that have a number, and what it is: a guest must not be counted as a session, nor as 0."""
        for worker, row in self._rows:
            if name in row[group]:
                yield worker, row[group][name]

    def _single(self, name: str, doc: str, key: str) -> Metric:
        gauge = GaugeMetricFamily(_PREFIX + name, doc, labels=("worker",))
        for worker, row in self._rows:
            gauge.add_metric((worker,), float(row[key]))
        return gauge

    def _labelled(self, group: str, doc: str, label: str) -> Metric:
        counter = CounterMetricFamily(_PREFIX + group, doc, labels=("worker", label))
        for worker, row in self._rows:
            for value, count in row[group].items():
                counter.add_metric((worker, value), count)
        return counter

    def _latencies(self) -> Metric:
        doc = "From a request's arrival to its answer's leaving."
        family = HistogramMetricFamily(_PREFIX + "latency_seconds", doc, labels=("worker", "operation"))
        bounds = [bound / _NS_PER_S for bound in LATENCY_BOUNDS_NS]
        for worker, row in self._rows:
            for operation, histogram in row["latency_ns"].items():
                buckets = _cumulated(bounds, histogram)
                family.add_metric((worker, operation), buckets, histogram["total"] / _NS_PER_S)
        return family

    def _batches(self) -> Metric:
        family = HistogramMetricFamily(_PREFIX + "commit_changes", "Changes in one commit.", labels=("worker",))
        for worker, row in self._rows:
            family.add_metric((worker,), _cumulated(BATCH_BOUNDS, row["batches"]), row["batches"]["total"])
        return family


def _cumulated(bounds: Sequence[float], histogram: dict[str, Any]) -> list[tuple[str, float]]:
    """Return the buckets as the format wants them: how many values lie below each bound."""
    buckets, below = [], 0
    for bound, count in zip((*(f"{each:g}" for each in bounds), "+Inf"), histogram["counts"], strict=True):
        below += count
        buckets.append((bound, float(below)))
    return buckets


def _in_base_units(name: str) -> tuple[str, int]:
    """Return what a number of a row is called as a metric, and by what it is divided for that."""
    stem = name.removesuffix("_ms")
    return (name, 1) if stem == name else (f"{stem}_seconds", _MS_PER_S)


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize() + "."
