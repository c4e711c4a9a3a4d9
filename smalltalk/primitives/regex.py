"""Regular expressions of the language: compiling patterns, and searching texts a portion at a time.

A search is an Array of the language, so that a session interrupted in it can be stored:
`position, may begin later, must end with the text, threads, best match`. Threads stand one after the other as
instruction and slots, nil before the first portion; the best match is an Array of slots, nil without one. Positions
count from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.objects import TRUE
from . import rx
from .values import array, changed, fail_with, string, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Callable

#: Steps between two safe points: about 10 ms.
STEPS_MAX: Final = 10_000

#: Elements of a search's Array.
STATE_SIZE: Final = 5

#: Longest text for a pattern that looks ahead or behind: each look may read all of it, and cannot be interrupted.
LOOK_TEXT_MAX: Final = 16_384


def compile_(self: Any, pattern: Any, ignores_case: Any) -> Any:
    """The number of groups of a pattern; an Array of message and position of the fault in one that is none."""
    text = text_of(pattern)
    if text is None:
        return fail_with(self, pattern)
    try:
        return rx.compile_pattern(text, ignores_case=ignores_case is TRUE).group_count
    except rx.PatternError as fault:
        return array([string(fault.message), fault.index + 1])


def search(self: Any, pattern: Any, ignores_case: Any, subject: Any, state: Any) -> Any:
    """Take a portion of a search's steps; answer whether it came to its end."""
    text, program = text_of(subject), _program_of(pattern, ignores_case)
    if text is None or program is None:
        return fail_with(self, subject if text is None else pattern)
    if program.has_looks and len(text) > LOOK_TEXT_MAX:
        return current.world.send(self, "error:", string("the text is too long for a pattern that looks around"))
    searching = _restored(state, program, len(text))
    if searching is None:
        return fail_with(self, state)
    machine = rx.Machine(program, text)
    if state.items[3] is None and not searching.is_floating:
        machine.begin(searching)
    is_finished = machine.run(searching, STEPS_MAX)
    flat = [part for at, slots in searching.threads for part in (at, *slots)]
    best = array(list(searching.best)) if searching.best is not None else None
    state.items[:] = [searching.position, *state.items[1:3], array(flat), best]
    changed(state)
    return truth(is_finished)


def _program_of(pattern: Any, ignores_case: Any) -> rx.Program | None:
    """The program of a pattern, None for what is none."""
    text = text_of(pattern)
    try:
        return None if text is None else rx.compile_pattern(text, ignores_case=ignores_case is TRUE)
    except rx.PatternError:
        return None


def _restored(state: Any, program: rx.Program, length: int) -> rx.Search | None:
    """The search that an Array holds, None where it holds none of that program on a text of that length."""
    items = getattr(state, "items", None)
    if items is None or len(items) != STATE_SIZE or type(items[0]) is not int or not 0 <= items[0] <= length + 1:
        return None
    position, floats, whole, threads, best = items
    width = 2 * program.group_count + 3
    flat, found = _numbers_of(threads), _numbers_of(best)
    if flat is None or len(flat) % width or (found and len(found) != width - 1):
        return None
    restored = [(flat[at], tuple(flat[at + 1 : at + width])) for at in range(0, len(flat), width)]
    if not all(0 <= at < len(program.code) for at, _ in restored):
        return None
    return rx.Search(position, floats is TRUE, whole is TRUE, restored, tuple(found) if found else None)


def _numbers_of(value: Any) -> list[int] | None:
    """The integers of an Array, none for nil; None for anything else."""
    items: list[Any] | None = [] if value is None else getattr(value, "items", None)
    return items if items is not None and all(type(each) is int for each in items) else None


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"regexCompile": compile_, "regexSearch": search}
