"""The sieve of Eratosthenes over an array of Booleans."""

from __future__ import annotations


class Sieve:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        return self.primes_to(30_000)

    def primes_to(self, limit: int) -> int:
        """How many primes there are up to `limit`."""
        flags = [True] * limit
        count = 0
        for i in range(2, limit + 1):
            if flags[i - 1]:
                count = count + 1
                k = i + i
                while k <= limit:
                    flags[k - 1] = False
                    k = k + i
        return count


def run() -> int:
    """Run the benchmark."""
    return Sieve().run()
