"""Dictionaries: filling, looking up, counting."""

from __future__ import annotations


class Dictionaries:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        return self.numbers() + self.names() + self.counts()

    def numbers(self) -> int:
        """Keys that are integers."""
        table: dict[int, int] = {}
        for i in range(1, 8001):
            table[i * 7] = i
        total = 0
        for i in range(1, 8001):
            total = total + table[i * 7]
        return total

    def names(self) -> int:
        """Keys that are names."""
        table: dict[str, int] = {}
        for each in ("north", "east", "south", "west"):
            table[each] = len(each)
        total = 0
        for _ in range(1, 2001):
            total = total + table["north"] + table["west"]
            if "centre" in table:
                total = 0
        return total

    def counts(self) -> int:
        """Counting."""
        table: dict[int, int] = {}
        for i in range(1, 6001):
            key = i * i % 97
            table[key] = table.get(key, 0) + 1
        total = 0
        for key, count in table.items():
            total = total + key * count
        return total


def run() -> int:
    """Run the benchmark."""
    return Dictionaries().run()
