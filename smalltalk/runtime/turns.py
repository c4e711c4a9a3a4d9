"""Whose turn it is: processes ready to run, by priority, and processes that sleep until a time.

Both only order processes; what a process is stands in `processes.py`. A process is in at most one place of each.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReadyQueue:
    """Processes ready to run: the highest priority first, among equals the one that waits longest."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[int, deque[Any]] = {}

    def put_last(self, process: Any, priority: int) -> None:
        """Put a process behind all of its priority."""
        self._lines.setdefault(priority, deque()).append(process)

    def put_first(self, process: Any, priority: int) -> None:
        """Put a process before all of its priority: it was interrupted, not finished with its turn."""
        self._lines.setdefault(priority, deque()).appendleft(process)

    def take(self) -> Any | None:
        """Take out the process whose turn it is, None if none is ready."""
        priority = self.highest()
        if priority is None:
            return None
        line = self._lines[priority]
        process = line.popleft()
        if not line:
            del self._lines[priority]
        return process

    def remove(self, process: Any) -> None:
        """Take a process out, if it is there."""
        for priority, line in self._lines.items():
            if process in line:
                line.remove(process)
                if not line:
                    del self._lines[priority]
                return

    def highest(self) -> int | None:
        """The highest priority of a ready process, None if none is ready."""
        return max(self._lines, default=None)

    def holds(self, priority: int) -> bool:
        """Whether a process of that priority is ready."""
        return priority in self._lines

    def __iter__(self) -> Iterator[Any]:
        for priority in sorted(self._lines, reverse=True):
            yield from self._lines[priority]


class Sleepers:
    """Processes that sleep, by the time at which they wake."""

    __slots__ = ("_count", "_entries")

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, Any]] = []
        self._count = 0

    def add(self, process: Any, wake_at_ns: int) -> None:
        """Let a process sleep; among equal times the one that came first wakes first."""
        self._count += 1
        insort(self._entries, (wake_at_ns, self._count, process), key=lambda entry: entry[:2])

    def remove(self, process: Any) -> None:
        """Take a process out, if it is there."""
        if self._entries and self._entries[0][2] is process:
            del self._entries[0]
        else:
            self._entries = [entry for entry in self._entries if entry[2] is not process]

    def next_ns(self) -> int | None:
        """When the next one wakes, None if none sleeps."""
        return self._entries[0][0] if self._entries else None

    def first(self) -> Any:
        """The process that wakes next; there must be one."""
        return self._entries[0][2]

    def __iter__(self) -> Iterator[Any]:
        for _, _, process in self._entries:
            yield process
