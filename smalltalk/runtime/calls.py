"""Calls with a list of arguments that stay within Python.

`f(*arguments)` goes through C and costs C stack in CPython 3.11: a recursion through such calls overflows it long
before the limit on frames. A plain call does not, so there is one function for each number of arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: By number of arguments, up to `ARGUMENTS_MAX` and the receiver. Written out: to compile them takes a millisecond of
#: each start.
_CALLERS: Final[tuple[Callable[[Callable[..., Any], list[Any]], Any], ...]] = (
    lambda f, a: f(),  # noqa: ARG005 - one of a row of functions that are called alike
    lambda f, a: f(a[0]),
    lambda f, a: f(a[0], a[1]),
    lambda f, a: f(a[0], a[1], a[2]),
    lambda f, a: f(a[0], a[1], a[2], a[3]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13]),
    lambda f, a: f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14]),
    lambda f, a: f(
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15]
    ),
)


def call(function: Callable[..., Any], arguments: list[Any]) -> Any:
    """Call the function with the elements of the list."""
    return _CALLERS[len(arguments)](function, arguments)
