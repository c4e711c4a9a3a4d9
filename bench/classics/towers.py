"""The towers of Hanoi with disks as objects."""

from __future__ import annotations


class Disk:
    """A disk on a pile."""

    def __init__(self) -> None:
        self.size = 0
        self.next: Disk | None = None


class Towers:
    """The benchmark."""

    def __init__(self) -> None:
        self.piles: list[Disk | None] = []
        self.moves = 0

    def run(self) -> int:
        """Run it."""
        self.piles = [None] * 3
        self.moves = 0
        for size in range(12, 0, -1):
            disk = Disk()
            disk.size = size
            self.push(disk, 1)
        self.move(12, 1, 2)
        return self.moves

    def push(self, disk: Disk, pile: int) -> None:
        """Put a disk on a pile."""
        top = self.piles[pile - 1]
        if top is not None and disk.size >= top.size:
            raise ValueError("a large disk on a small one")
        disk.next = top
        self.piles[pile - 1] = disk

    def pop_from(self, pile: int) -> Disk:
        """Take the top disk of a pile."""
        top = self.piles[pile - 1]
        if top is None:
            raise ValueError("the pile is empty")
        self.piles[pile - 1] = top.next
        top.next = None
        return top

    def move(self, count: int, source: int, target: int) -> None:
        """Move so many disks."""
        if count == 1:
            self.push(self.pop_from(source), target)
            self.moves = self.moves + 1
            return
        other = 6 - source - target
        self.move(count - 1, source, other)
        self.push(self.pop_from(source), target)
        self.moves = self.moves + 1
        self.move(count - 1, other, target)


def run() -> int:
    """Run the benchmark."""
    return Towers().run()
