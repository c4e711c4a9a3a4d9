"""How computations that wait look in a terminal: the stack, the source with its place marked, the variables."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rich.cells import cell_len

from .debugresults import Breakpoint, FrameVariable, FrameView, Stack
from .render import Screen, visible
from .suspensions import Suspension

#: Lines shown before and after those that run: with them the place fits on any screen, together with the stack.
_LINES_AROUND: Final = 4
#: Lines of a long statement that are shown at most.
_LINES_MARKED_MAX: Final = 6
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n?|\n|$)")
#: What a person reads for each kind of waiting; errors say their own class and message.
_KINDS: Final = {
    "halt": "halted",
    "breakpoint": "stopped at a breakpoint",
    "interrupted": "interrupted",
    "timeout": "out of time",
    "step": "stopped after a step",
    "stopped": "stopped with the server; it goes on by itself",
}


class SourceLine(NamedTuple):
    """A line of a source: its number from 1, its text, whether it belongs to what runs, and the marks below it."""

    number: int
    text: str
    is_running: bool
    marks: str


def source_lines(view: FrameView) -> tuple[SourceLine, ...]:
    """Return the source of a frame line by line, what runs marked."""
    return tuple(_source_lines(view))


def _source_lines(view: FrameView) -> Iterator[SourceLine]:
    has_marks = False
    for number, match in enumerate(_LINE.finditer(view.source), 1):
        text = match[1]
        if number > 1 and match.start() == len(view.source) and not text:
            return  # what follows the last line end
        begin, end = view.start - match.start(), view.stop - match.start()
        is_running = begin <= len(text) and end > 0
        marks = "" if has_marks or not is_running else _marks(text, max(begin, 0), min(end, len(text)))
        has_marks = has_marks or is_running
        yield SourceLine(number, visible(text), is_running, marks)


def _marks(text: str, begin: int, end: int) -> str:
    """Return carets below a part of a line."""
    before = cell_len(visible(text[:begin]))
    return " " * before + "^" * max(1, cell_len(visible(text[:end])) - before)


def excerpt(lines: tuple[SourceLine, ...]) -> tuple[SourceLine, ...]:
    """Return the lines that run and some around them."""
    first = next((index for index, line in enumerate(lines) if line.is_running), 0)
    running = sum(line.is_running for line in lines)
    last = first + min(running, _LINES_MARKED_MAX)
    return lines[max(0, first - _LINES_AROUND) : last + _LINES_AROUND]


def why(suspension: Suspension) -> str:
    """Return in a few words why a computation waits."""
    if suspension.kind in _KINDS:
        return _KINDS[suspension.kind]
    parts = dict.fromkeys(each for each in (suspension.class_name, suspension.message) if each)
    return ": ".join(parts) or suspension.kind


def show_suspension(screen: Screen, suspension: Suspension) -> None:
    """Show what waits, why, and what it was to do."""
    screen.say(visible(f"{suspension.context_id}  {why(suspension)}"), "bold red")
    if suspension.code:
        screen.note(f"in: {suspension.code}")
    if not suspension.is_resumable:
        screen.warning(f"it cannot go on: {suspension.reason}; it can be looked at, and abandoned")


def show_suspensions(screen: Screen, suspensions: Iterable[Suspension], current: str | None) -> None:
    """Show what waits in a session, oldest first, the open one marked."""
    rows = (("*" if each.context_id == current else "", each.context_id, why(each), each.code) for each in suspensions)
    screen.table(("", "id", "why", "code"), rows)


def show_stack(screen: Screen, stack: Stack, selected: int) -> None:
    """Show a part of a stack, the selected frame marked."""
    rows = (
        (">" if each.number == selected else "", str(each.number), each.method, str(each.line), each.receiver)
        for each in stack.frames
    )
    screen.table(("", "no.", "method", "line", "receiver"), rows)
    if stack.frames and len(stack.frames) < stack.total:
        screen.note(f"frames {stack.frames[0].number} to {stack.frames[-1].number} of {stack.total}")


def show_source(screen: Screen, view: FrameView, *, is_whole: bool = False) -> None:
    """Show where a frame stands: its method, and of the source what is near the place, or all of it."""
    frame = view.frame
    screen.say(visible(f"{frame.number}  {frame.method}  line {frame.line}"), "bold")
    lines = source_lines(view)
    shown = lines if is_whole else excerpt(lines)
    width = len(str(shown[-1].number)) if shown else 0
    for line in shown:
        screen.say(f"{'>' if line.is_running else ' '} {line.number:>{width}}  {line.text}".rstrip())
        if line.marks:
            screen.say(f"{'':{width + 4}}{line.marks}", "bold red")


def show_variables(screen: Screen, variables: Iterable[FrameVariable]) -> None:
    """Show the variables of a frame."""
    screen.table(("variable", "kind", "class", "value"), ((v.name, v.kind, v.class_name, v.text) for v in variables))


def show_breakpoints(screen: Screen, breakpoints: tuple[Breakpoint, ...]) -> None:
    """Show where code stops."""
    if not breakpoints:
        screen.note("there are no breakpoints")
        return
    rows = ((each.method, str(each.stops_at or "the method is gone")) for each in breakpoints)
    screen.table(("method", "line"), rows)
