"""Calls with a list of arguments that stay within Python.

`f(*arguments)` goes through C and costs C stack in CPython 3.11: a recursion through such calls overflows it long
before the limit on frames. A plain call does not, so there is one function for each number of arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .limits import ARGUMENTS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable


def _caller(count: int) -> Callable[[Callable[..., Any], list[Any]], Any]:
    """Make the function that calls with so many arguments."""
    arguments = ",".join(f"a[{k}]" for k in range(count))
    caller: Callable[[Callable[..., Any], list[Any]], Any] = eval(f"lambda f, a: f({arguments})")  # noqa: S307 - fixed text
    return caller


#: By number of arguments; a method takes its receiver as well.
_CALLERS: Final = tuple(_caller(count) for count in range(ARGUMENTS_MAX + 2))


def call(function: Callable[..., Any], arguments: list[Any]) -> Any:
    """Call the function with the elements of the list."""
    return _CALLERS[len(arguments)](function, arguments)
