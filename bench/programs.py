"""The language benchmark's programs: our own Smalltalk beside the same work, line by line, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Program:
    """One program in both languages.

    Args:
        name: what it stresses.
        methods: Smalltalk methods of the class `Bench`, which has the instance variable `x`.
        expression: the do-it that runs it; `b` holds a `Bench`.
        python: the same work.
        is_bound: whether this release promises a ratio: sends and loops do, the library's collections come later.
    """

    name: str
    methods: tuple[str, ...]
    expression: str
    python: Callable[[], Any]
    is_bound: bool = True


def fib(n: int) -> int:
    """Calls."""
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def to_do(n: int) -> int:
    """A counted loop."""
    s = 0
    for i in range(1, n + 1):
        s = s + i
    return s


def while_true(n: int) -> int:
    """A conditional loop."""
    s = 0
    i = 1
    while i <= n:
        s = s + i
        i = i + 1
    return s


class Interval:
    """What `(1 to: n) inject:into:` works on."""

    def __init__(self, start: int, stop: int) -> None:
        self.start = start
        self.stop = stop

    def do(self, block: Callable[[int], Any]) -> None:
        """Call the block with each number."""
        for i in range(self.start, self.stop + 1):
            block(i)

    def inject_into(self, value: Any, block: Callable[[Any, int], Any]) -> Any:
        """Fold with the block."""
        accumulated = value

        def step(each: int) -> None:
            nonlocal accumulated
            accumulated = block(accumulated, each)

        self.do(step)
        return accumulated


def inject(n: int) -> int:
    """Blocks."""
    return int(Interval(1, n).inject_into(0, lambda a, b: a + b))


def dictionary(n: int) -> int:
    """A dictionary of integers."""
    table = {}
    for i in range(1, n + 1):
        table[i] = i
    s = 0
    for i in range(1, n + 1):
        s = s + table[i]
    return s


def collection(n: int) -> int:
    """A growing list."""
    items = []
    for i in range(1, n + 1):
        items.append(i)
    s = 0
    for each in items:
        s = s + each
    return s


def sieve(n: int) -> int:
    """An array of flags."""
    flags = [True] * n
    count = 0
    for i in range(2, n + 1):
        if flags[i - 1]:
            count = count + 1
            k = i + i
            while k <= n:
                flags[k - 1] = False
                k = k + i
    return count


class Counter:
    """An object with a variable."""

    def __init__(self) -> None:
        self.x = 0

    def bump(self, n: int) -> Any:
        """Store n times."""
        for i in range(1, n + 1):
            self.x = i
        return self.x


def text(n: int) -> int:
    """Building a string."""
    parts = []
    for i in range(1, n + 1):
        parts.append(str(i))
        parts.append(" ")
    return len("".join(parts))


PROGRAMS = (
    Program(
        "sends (fib)",
        ("fib: n  n < 2 ifTrue: [^n]. ^(self fib: n - 1) + (self fib: n - 2)",),
        "b fib: 22",
        lambda: fib(22),
    ),
    Program(
        "to:do:",
        ("loop: n | s | s := 0. 1 to: n do: [:i | s := s + i]. ^s",),
        "b loop: 300000",
        lambda: to_do(300_000),
    ),
    Program(
        "whileTrue:",
        ("while: n | s i | s := 0. i := 1. [i <= n] whileTrue: [s := s + i. i := i + 1]. ^s",),
        "b while: 200000",
        lambda: while_true(200_000),
    ),
    Program(
        "inject:into: with blocks",
        ("inject: n ^(1 to: n) inject: 0 into: [:a :e | a + e]",),
        "b inject: 100000",
        lambda: inject(100_000),
    ),
    Program(
        "Dictionary at:put: and at:",
        (
            (
                "dict: n | d s | d := Dictionary new. 1 to: n do: [:i | d at: i put: i]. "
                "s := 0. 1 to: n do: [:i | s := s + (d at: i)]. ^s"
            ),
        ),
        "b dict: 50000",
        lambda: dictionary(50_000),
        is_bound=False,
    ),
    Program(
        "OrderedCollection add: and do:",
        (
            "list: n | c s | c := OrderedCollection new. 1 to: n do: [:i | c add: i]. s := 0. c do: [:e | s := s + e]. ^s",
        ),
        "b list: 100000",
        lambda: collection(100_000),
        is_bound=False,
    ),
    Program(
        "sieve",
        (
            (
                "sieve: n | flags count k | flags := Array new: n withAll: true. count := 0. "
                "2 to: n do: [:i | (flags at: i) ifTrue: [count := count + 1. k := i + i. "
                "[k <= n] whileTrue: [flags at: k put: false. k := k + i]]]. ^count"
            ),
        ),
        "b sieve: 50000",
        lambda: sieve(50_000),
        is_bound=False,
    ),
    Program(
        "stores into an instance variable",
        ("bump: n 1 to: n do: [:i | x := i]. ^x",),
        "b bump: 200000",
        lambda: Counter().bump(200_000),
    ),
    Program(
        "WriteStream",
        (
            (
                "text: n | w | w := WriteStream on: String new. "
                "1 to: n do: [:i | w nextPutAll: i printString; space]. ^w contents size"
            ),
        ),
        "b text: 30000",
        lambda: text(30_000),
        is_bound=False,
    ),
)
