"""What `stui-server top` shows: a line for each worker with rates and tails, operations, and the limits that refuse.

Rates and tails are those of the time between the looks; with only one look, those since the start. Pure functions.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from ..monitoring.health import Row
from ..monitoring.measures import quantile

_NS_PER_MS: Final = 1_000_000
_MIB: Final = 1024 * 1024
#: What the line of the quarantine worker is called, for which its guests are lent.
_QUARANTINE: Final = "Q"
#: Two tables, because one would be wider than 80 columns: what each worker holds, and what it does.
_HELD: Final = ("worker", "pid", "up", "live", "asleep", "waiting", "MiB", "largest", "evicted", "defects", "restarts")
_DONE: Final = ("worker", "under way", "in line", "parked", "lent", "req/s", "commits/s", "p50 ms", "p99 ms", "cpu %")


class Look(NamedTuple):
    """One answer of the operation `health`, and when it came: nanoseconds, monotonic."""

    health: dict[str, Any]
    at_ns: int


def view(before: Look | None, now: Look) -> Group:
    """Return the tables of a look.

    Args:
        before: the look before it, None for the first.
        now: the look to show.
    """
    held = Table(*_HELD, title=f"stui-server: {now.health['status']}", box=SIMPLE_HEAD, padding=0)
    done = Table(*_DONE, box=SIMPLE_HEAD, padding=0)
    for cells in worker_lines(before, now):
        held.add_row(*(cells[name] for name in _HELD))
        done.add_row(*(cells[name] for name in _DONE))
    operations = Table("operation", "answers", "p50 ms", "p99 ms", title="operations since each worker's start")
    for line in operation_lines(now):
        operations.add_row(*line)
    refused = Table("refused by", "times")
    for reason, times in sorted(_summed(now.health["workers"], "refused").items()):
        refused.add_row(reason, f"{times:,}")
    return Group(held, done, *(each for each in (operations, refused) if each.row_count))


def worker_lines(before: Look | None, now: Look) -> Iterator[dict[str, str]]:
    """Yield the cells of each worker's line, by column."""
    bounds = now.health["latency_bounds_ns"]
    earlier = {} if before is None else {row["pid"]: row for _, row in _rows(before.health)}
    for name, row in _rows(now.health):
        # A worker that took the place of another began anew.
        old = earlier.get(row["pid"])
        took_s = row["uptime_s"] if before is None or old is None else (now.at_ns - before.at_ns) / 1e9
        done = _grown(row["totals"], None if old is None else old["totals"])
        counts = _counts(row, old, len(bounds) + 1)
        # The quarantine worker has other figures, and none before it serves.
        state: Counter[str] = Counter(row["state"])
        per_s = 1 / max(took_s, 1e-3)
        lent = state["guests"] if name == _QUARANTINE else state["evaluations_lent"]
        p50, p99 = (f"{quantile(bounds, counts, part) / _NS_PER_MS:.2f}" for part in (0.5, 0.99))
        yield {
            "worker": name,
            "pid": str(row["pid"]),
            "up": f"{row['uptime_s']} s",
            "live": f"{state['sessions_live']:,}",
            "asleep": f"{state['sessions_hibernated']:,}",
            "waiting": f"{state['sessions_waiting']:,}",
            "MiB": f"{state['resident_bytes'] // _MIB:,}",
            "largest": f"{state['largest_session_bytes'] / _MIB:,.1f}",
            "evicted": f"{row['totals'].get('sessions_evicted', 0):,}",
            "defects": f"{row['totals'].get('sessions_restarted', 0):,}",
            # Only a front counts them: who ends alone is started again by somebody else.
            "restarts": f"{row['totals'].get('worker_restarts', 0):,}",
            "under way": f"{state['requests_under_way']:,}",
            "in line": f"{state['sessions_in_line']:,}",
            "parked": f"{state['evaluations_parked']:,}",
            "lent": f"{lent:,}",
            "req/s": f"{done.get('requests', 0) * per_s:,.0f}",
            "commits/s": f"{done.get('commits', 0) * per_s:,.0f}",
            "p50 ms": p50,
            "p99 ms": p99,
            "cpu %": f"{done.get('processor_ms', 0) * per_s / 10:.0f}",
        }


def _rows(health: dict[str, Any]) -> Iterator[tuple[str, Row]]:
    """Yield the rows and what each is called."""
    for number, row in enumerate(health["workers"]):
        yield str(number), row
    if "quarantine" in health:
        yield _QUARANTINE, health["quarantine"]


def operation_lines(now: Look) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each operation's line, all workers together, the most frequent first."""
    bounds = now.health["latency_bounds_ns"]
    counts: dict[str, list[int]] = {}
    for row in now.health["workers"]:
        for name, histogram in row["latency_ns"].items():
            so_far = counts.get(name, [0] * (len(bounds) + 1))
            counts[name] = [a + b for a, b in zip(so_far, histogram["counts"], strict=True)]
    for name, each in sorted(counts.items(), key=lambda item: -sum(item[1])):
        tails = (f"{quantile(bounds, each, part) / _NS_PER_MS:.2f}" for part in (0.5, 0.99))
        yield (name, f"{sum(each):,}", *tails)


def _counts(row: Row, old: Row | None, length: int) -> list[int]:
    """Return how many answers of all operations took how long since the look before."""
    total = [0] * length
    for sign, each in ((1, row), (-1, old)):
        for histogram in () if each is None else each["latency_ns"].values():
            total = [a + sign * b for a, b in zip(total, histogram["counts"], strict=True)]
    return total


def _grown(totals: dict[str, int], old: dict[str, int] | None) -> dict[str, int]:
    return totals if old is None else {name: count - old.get(name, 0) for name, count in totals.items()}


def _summed(rows: Sequence[Row], group: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for row in rows:
        for name, count in row[group].items():
            total[name] = total.get(name, 0) + count
    return total
