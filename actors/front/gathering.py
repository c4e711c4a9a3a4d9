"""Gathering: operations on the server as a whole, asked of every worker and answered as one.

Texts and lists of the workers' answers become one answer by the rules in `_COMBINED`; a failure of any is the answer.
Pure, but for the class, which waits until all have answered.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from protocol import Event, Failure, decode_reply

from ..operations.server import READY

Answers = list[dict[str, Any]]
#: Facts of a server that are the same in all its workers, or those of the first.
_NOT_SUMMED: Final = frozenset({"uptime_s", "processors", "process_id", "protocol", "version", "python"})
#: Figures of the statistics that are each worker's own.
_SUMMED: Final = ("total_sessions", "active_clients", "memory_bytes", "disk_used_bytes", "disk_max_bytes")


class Gathering:
    """One operation under way at all workers."""

    def __init__(self, operation: str, count: int, done: Callable[[dict[str, Any] | Failure], None]) -> None:
        """Make it.

        Args:
            operation: one of `GATHERED`.
            count: how many workers were asked.
            done: takes the one answer.
        """
        self._operation = operation
        self._count = count
        self._done = done
        self._answers: dict[int, dict[str, Any] | Failure] = {}

    def take(self, worker: int, body: bytes) -> None:
        """Take one worker's reply."""
        reply = decode_reply(body)
        assert not isinstance(reply, Event)
        self._answers[worker] = reply.answer
        if len(self._answers) == self._count:
            self._done(combined(self._operation, [self._answers[each] for each in range(self._count)]))


def combined(operation: str, answers: list[dict[str, Any] | Failure]) -> dict[str, Any] | Failure:
    """Make one answer of all workers'."""
    results: Answers = []
    for answer in answers:
        if isinstance(answer, Failure):
            return answer
        results.append(answer)
    return _COMBINED[operation](results)


def _statistics(results: Answers) -> dict[str, Any]:
    sums = {name: sum(result[name] for result in results) for name in _SUMMED}
    warning = next(({"warning": result["warning"]} for result in results if "warning" in result), {})
    return {**results[0], **warning, **sums}


def _info(results: Answers) -> dict[str, Any]:
    """Add up the numbers that are each worker's own; all facts are texts."""
    info = dict(results[0]["info"])
    for name, text in info.items():
        if text.isascii() and text.isdigit() and name not in _NOT_SUMMED:
            info[name] = str(sum(int(result["info"].get(name, "0")) for result in results))
    return {"info": {**info, "workers": str(len(results))}}


def _health(results: Answers) -> dict[str, Any]:
    """Join the workers' rows; one that is not ready says how all are."""
    status = next((result["status"] for result in results if result["status"] != READY), READY)
    return {**results[0], "status": status, "workers": [row for result in results for row in result["workers"]]}


_COMBINED: Final[Mapping[str, Callable[[Answers], dict[str, Any]]]] = MappingProxyType(
    {"get_session_statistics": _statistics, "system_info": _info, "health": _health}
)
#: Operations that all workers are asked for.
GATHERED: Final = frozenset(_COMBINED)


class FrontFacts(NamedTuple):
    """What the front knows of itself.

    Attributes:
        uptime_s: how long the server runs, whatever its workers.
        restarts: by worker, how many died in its place.
        garbage_frames: frames that were no request.
        dropped: replies dropped because their peers did not read.
        connections: that it remembers.
        refused: its refusals by reason.
        failures: its answers that are failures, by type.
        quarantine: the row of the quarantine worker, None if there is to be none.
    """

    uptime_s: int
    restarts: list[int]
    garbage_frames: int
    dropped: int
    connections: int
    refused: Mapping[str, int]
    failures: Mapping[str, int]
    quarantine: dict[str, Any] | None = None


def add_front(operation: str, answer: dict[str, Any], front: FrontFacts) -> None:
    """Add to all workers' answer what the front knows; what is no worker's stands in the first one's row.

    Args:
        operation: one of `GATHERED`.
        answer: of all workers; changed.
        front: what it knows.
    """
    if operation == "health":
        answer["uptime"] = front.uptime_s
        _add_to_rows(answer["workers"], front)
        if front.quarantine is not None:
            answer["quarantine"] = front.quarantine
    elif operation == "system_info" and "refused_frames" in answer["info"]:
        info = answer["info"]
        info["uptime_s"] = str(front.uptime_s)
        info["refused_frames"] = str(int(info["refused_frames"]) + front.garbage_frames)
        info["worker_restarts"] = str(sum(front.restarts))


def _add_to_rows(rows: Answers, front: FrontFacts) -> None:
    for row, count in zip(rows, front.restarts, strict=True):
        row["totals"]["worker_restarts"] = count
        # Each worker remembers those that the front told it of: the same ones, counted once.
        row["state"]["connections"] = 0
    first = rows[0]
    first["state"]["connections"] = front.connections
    first["totals"]["refused_frames"] += front.garbage_frames
    first["totals"]["replies_dropped"] += front.dropped
    for name, counts in (("refused", front.refused), ("failures", front.failures)):
        for reason, times in counts.items():
            first[name][reason] = first[name].get(reason, 0) + times
