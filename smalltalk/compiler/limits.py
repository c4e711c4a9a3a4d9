"""The compiler's limits, each with its reason."""

from __future__ import annotations

from typing import Final

#: Operations one method or do-it may lower to, one or two for each message: compiling takes 30 to 80 us each, 0.3 s for
#: all of them, and everybody waits.
OPERATIONS_MAX: Final = 5_000

#: Sends of one function that get short ways in place: each takes as long to compile as some plain sends. Of longer code
#: most runs once.
SHORT_WAYS_MAX: Final = 512

#: Inlined loops inside each other in one function. CPython allows 20 statically nested blocks; `try` takes three.
LOOPS_NESTED_MAX: Final = 15

#: Indentation levels of generated Python. CPython's tokenizer allows 100; a function's frame needs up to five.
INDENT_MAX: Final = 90

#: Levels that a real block takes: its function, the `try` in it and, in a loop, the factory around it.
BLOCK_INDENT: Final = 3

#: Literal arrays inside each other. CPython's parser allows 200 open parentheses and a literal array takes two.
LITERALS_NESTED_MAX: Final = 60

#: Arguments of one method or block, as many as Pharo allows.
ARGUMENTS_MAX: Final = 15

#: Multiplications in a straight line before a safe point: each may double an integer's digits, so growth between two
#: looks at the operands is at most 64-fold.
MULTIPLICATIONS_PER_POLL: Final = 6

#: Divisors below this are divided by at once: the time is that of reading the dividend. By longer ones it is quadratic,
#: so the primitive divides, which looks at the lengths first. Everyday divisors fit.
DIVISOR_END: Final = 1 << 62

#: Operations that are done in place in one expression: CPython's parser allows 200 open parentheses.
COMPUTED_MAX: Final = 24

#: Wrong guesses at one site before its unit is compiled again with that site guarded: one is chance, three a habit.
DEOPTS_PER_SITE: Final = 3

#: Units whose IR is kept for continuations and position maps; making one again takes about a third of a millisecond.
LOWERED_CACHE_SIZE: Final = 256

#: Compiled continuations kept in one process; each is a few kilobytes and takes about a third of a millisecond.
CONTINUATION_CACHE_SIZE: Final = 1024

#: Operations of a source up to which what remains of it at a place is kept: so many lists of these take 8 MB at most,
#: and hardly any method is as long.
REST_KEPT_OPERATIONS_MAX: Final = 1_000
