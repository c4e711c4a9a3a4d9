"""Where our compiler points in snippets that it refuses, beside where the public cases' notices point.

A notice is `(start stop position message)`, positions counted from 1. Our compiler reports one error, the first that it
meets, so a snippet agrees when that error stands at the position or the start of any of its notices. Notices are
reported apart from the rate of the snippets: they say how helpful an error is, not whether the language is right.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_NOTICE = re.compile(r"#\(\s*(\d+)\s+(\d+)\s+(\d+)\s+'((?:[^']|'')*)'\s*\)")


class Notice(NamedTuple):
    """One notice of a case; positions count from 1."""

    start: int
    stop: int
    position: int
    message: str


def read_notices(literal: str) -> list[Notice]:
    """The notices of a case, from the Smalltalk literal that holds them."""
    return [Notice(int(a), int(b), int(c), text.replace("''", "'")) for a, b, c, text in _NOTICE.findall(literal)]


def position_of(source: str, line: int, column: int) -> int:
    """The position, counted from 1, of a place given as line and column."""
    return sum(len(each) for each in source.splitlines(keepends=True)[: line - 1]) + column


class NoticeTally:
    """How many refused snippets agree with their notices."""

    def __init__(self) -> None:
        self.seen = self.placed = self.worded = 0
        self.astray: list[str] = []

    def count(self, case: dict[str, Any], place: tuple[int, int], message: str) -> None:
        """Count one refused snippet that has notices.

        Args:
            case: The case; its `source` and `notices` are read.
            place: Line and column of our error, from 1.
            message: What our error says.
        """
        notices = read_notices(case["notices"])
        position = position_of(case["source"], *place)
        here = [each for each in notices if position in (each.start, each.position)]
        self.seen += 1
        self.placed += bool(here)
        self.worded += any(each.message.split(":")[0] == message.split(":", maxsplit=1)[0] for each in here)
        if not here:
            self.astray.append(f"{case['id']}: ours at {position} ({message}), theirs {notices}")

    def report(self, shown: int) -> None:
        """Print the counts, and so many of the snippets that do not agree."""
        print(f"notices    {self.placed:5} of {self.seen:5}  refused at a notice's place, {self.worded} in its words")
        for each in self.astray[:shown]:
            print(f"    {each[:200]}")
