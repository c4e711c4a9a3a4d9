"""Fibonacci numbers by recursion: sends and little else."""

from __future__ import annotations


class Fib:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        return self.fib(22)

    def fib(self, n: int) -> int:
        """The n-th number."""
        if n < 2:
            return n
        return self.fib(n - 1) + self.fib(n - 2)


def run() -> int:
    """Run the benchmark."""
    return Fib().run()
