"""Linked lists and deep recursion: Takeuchi's function over lengths of lists."""

from __future__ import annotations


class Link:
    """A link of a list."""

    def __init__(self, value: object, next_: Link | None) -> None:
        self.value = value
        self.next = next_

    def length(self) -> int:
        """How many links there are from here on."""
        return 1 if self.next is None else 1 + self.next.length()


class Lists:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        found = self.tail(self.make(15), self.make(10), self.make(6))
        return found.length()  # type: ignore[union-attr]  # the answer is never empty

    def make(self, length: int) -> Link | None:
        """A list of that length."""
        return None if length == 0 else Link(length, self.make(length - 1))

    def is_shorter(self, x: Link | None, y: Link | None) -> bool:
        """Whether x is the shorter one."""
        left = x
        right = y
        while right is not None:
            if left is None:
                return True
            left = left.next
            right = right.next
        return False

    def tail(self, x: Link | None, y: Link | None, z: Link | None) -> Link | None:
        """The function."""
        if self.is_shorter(y, x):
            return self.tail(
                self.tail(x.next, y, z),  # type: ignore[union-attr]  # a longer list has links
                self.tail(y.next, z, x),  # type: ignore[union-attr]  # the same
                self.tail(z.next, x, y),  # type: ignore[union-attr]  # the same
            )
        return z


def run() -> int:
    """Run the benchmark."""
    return Lists().run()
