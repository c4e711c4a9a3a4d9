"""A tree of arrays: allocation."""

from __future__ import annotations

from typing import Any


class Storage:
    """The benchmark."""

    def __init__(self) -> None:
        self.count = 0
        self.seed = 0

    def run(self) -> int:
        """Run it."""
        self.count = 0
        self.seed = 74_755
        self.tree_of_depth(7)
        return self.count

    def next_random(self) -> int:
        """The next number of a sequence that looks random."""
        self.seed = (self.seed * 1309 + 13_849) & 65_535
        return self.seed

    def tree_of_depth(self, depth: int) -> list[Any]:
        """A tree."""
        self.count = self.count + 1
        if depth == 1:
            return [None] * (self.next_random() % 10 + 1)
        node: list[Any] = [None] * 4
        for i in range(1, 5):
            node[i - 1] = self.tree_of_depth(depth - 1)
        return node


def run() -> int:
    """Run the benchmark."""
    return Storage().run()
