"""All permutations of an array by exchanging elements."""

from __future__ import annotations


class Permute:
    """The benchmark."""

    def __init__(self) -> None:
        self.count = 0
        self.elements: list[int] = []

    def run(self) -> int:
        """Run it."""
        self.count = 0
        self.elements = [0] * 7
        for i in range(1, 8):
            self.elements[i - 1] = i
        self.permute(7)
        return self.count

    def permute(self, n: int) -> None:
        """Visit the permutations of the first n elements."""
        self.count = self.count + 1
        if n > 1:
            self.permute(n - 1)
            for i in range(n - 1, 0, -1):
                self.swap(n, i)
                self.permute(n - 1)
                self.swap(n, i)

    def swap(self, i: int, j: int) -> None:
        """Exchange two elements."""
        kept = self.elements[i - 1]
        self.elements[i - 1] = self.elements[j - 1]
        self.elements[j - 1] = kept


def run() -> int:
    """Run the benchmark."""
    return Permute().run()
