"""The health of one worker: its present state and its totals since the start, as plain values.

One such row is what the operation `health` answers for each worker, what `stui-server top` shows, and what
`exposition.py` turns into metrics; a front gathers the rows of all its workers into one list.

| key | what |
|---|---|
| `pid`, `uptime_s`, `is_ready` | which process, for how long, and whether it can store what it is asked to do |
| `state` | numbers of this moment: sessions, work under way, memory |
| `totals` | numbers that only rise |
| `refused`, `failures` | totals by the limit that refused, and by the type of the error |
| `latency_ns` | histograms by operation: `counts` of the buckets of `measures.LATENCY_BOUNDS_NS`, and the `total` |
| `batches` | the same of the changes in a commit, by `measures.BATCH_BOUNDS` |

The quarantine worker has a row of the same form. It has guests in place of sessions, so its `state` and `totals` are
others, and it answers and commits nothing. It tells its front the figures for it unasked (`guest_figures`): a question
would wait for the process that has the lowest priority.

Making one takes some hundred microseconds. Thread: the loop.
"""

import os
import resource
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..resources.memory_use import resident_bytes
from ..resources.weights import weights_of
from .measures import BATCH_BOUNDS, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..parts import Parts
    from ..sessions.supervisor import Supervisor

Row: TypeAlias = dict[str, Any]
_NS_PER_S: Final = 1_000_000_000
_NS_PER_MS: Final = 1_000_000


def health_row(supervisor: "Supervisor") -> Row:
    """Return the health of the supervisor's worker."""
    parts = supervisor.parts
    return {
        "pid": os.getpid(),
        "uptime_s": supervisor.uptime_ns() // _NS_PER_S,
        "is_ready": not parts.keeper.is_lost,
        "state": _state(supervisor),
        "totals": {**asdict(parts.counters), "replies_dropped": parts.door.dropped, "processor_ms": _processor_ms()},
        "refused": dict(parts.measures.refused),
        "failures": dict(parts.measures.failures),
        "latency_ns": {name: each.as_plain() for name, each in parts.measures.latencies.items()},
        "batches": parts.measures.batches.as_plain(),
    }


def _state(supervisor: "Supervisor") -> dict[str, int]:
    parts, live, weights = supervisor.parts, len(supervisor.roster), weights_of(supervisor)
    scheduler = parts.scheduler
    # What the store cannot say now is not known; the rest is all the more wanted.
    open_sessions = live if parts.keeper.is_lost else supervisor.census.sessions
    return {
        "sessions_live": live,
        "sessions_hibernated": max(0, open_sessions - live),
        "sessions_waiting": len(supervisor.alarms),
        "clients_live": supervisor.roster.client_count,
        "connections": len(parts.connections),
        "requests_under_way": parts.fairness.under_way,
        "sessions_in_line": scheduler.line_count,
        "line_wait_ms": (scheduler.wait_ns + scheduler.rounds_ns(parts.clock.monotonic_ns())) // _NS_PER_MS,
        "evaluations_parked": scheduler.parked_count,
        "evaluations_hogging": scheduler.hog_count,
        "evaluations_lent": parts.loans.count,
        "resident_bytes": resident_bytes(),
        "sessions_memory_bytes": sum(weights),
        "largest_session_bytes": max(weights, default=0),
        "disk_used_bytes": parts.quotas.used_bytes,
        "clients_near_disk_quota": parts.quotas.clients_near,
    }


def guest_figures(parts: "Parts", weights: "Sequence[int]", taken: int, uptime_s: int) -> Row:
    """Return what the quarantine worker tells its front of itself.

    Args:
        parts: its own.
        weights: what the live objects of each guest take, as they were measured last, bytes.
        taken: how many guests it took since its start.
        uptime_s: since when.
    """
    state = {
        "guests": len(weights),
        "evaluations_parked": parts.scheduler.parked_count,
        "resident_bytes": resident_bytes(),
        "sessions_memory_bytes": sum(weights),
        "largest_session_bytes": max(weights, default=0),
    }
    totals = {"guests_taken": taken, "processor_ms": _processor_ms()}
    return {"pid": os.getpid(), "uptime_s": uptime_s, "state": state, "totals": totals}


def quarantine_row(figures: Row | None, restarts: int) -> Row:
    """Return the health of the quarantine worker.

    Args:
        figures: what it told last (`guest_figures`), None while there is none.
        restarts: how many died.
    """
    told = figures or {"pid": 0, "uptime_s": 0, "state": {}, "totals": {}}
    return {
        **told,
        "is_ready": figures is not None,
        "totals": {**told["totals"], "worker_restarts": restarts},
        "refused": {},
        "failures": {},
        "latency_ns": {},
        "batches": Histogram(BATCH_BOUNDS).as_plain(),
    }


def _processor_ms() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int((used.ru_utime + used.ru_stime) * 1_000)
