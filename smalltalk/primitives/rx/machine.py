"""Runs programs: all ways to match are followed at once, in order of preference (Pike's machine).

No pattern takes more than text length times program length steps. A search stops when its steps are used up and goes on
later from its state, so that long ones can be interrupted between two portions.

Source: Rob Pike's machine as described by Russ Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from .nodes import PREDICATES

if TYPE_CHECKING:
    from .program import LookProgram, Program

#: Positions of the groups: begin and end by turns, -1 where a group took no part.
Slots: TypeAlias = tuple[int, ...]

#: Where a way of matching has got to: instruction and positions remembered.
Thread: TypeAlias = tuple[int, Slots]

_is_word: Final = PREDICATES["word"]


@dataclass(slots=True)
class Search:
    """The state of a search.

    Attributes:
        position: Of the next character.
        is_floating: Whether a match may begin later than at the first position.
        is_whole: Whether a match must end where the text ends.
        threads: The ways followed, most preferred first.
        best: The match found so far; better ones may follow.
    """

    position: int
    is_floating: bool
    is_whole: bool
    threads: list[Thread] = field(default_factory=list)
    best: Slots | None = None


class Machine:
    """One program on one text."""

    def __init__(self, program: Program, text: str) -> None:
        self._code = program.code
        self._text = text
        self._no_slots: Slots = (-1,) * (2 * program.group_count + 2)
        self._steps = 0

    def run(self, search: Search, steps: int | None = None) -> bool:
        """Go on with a search; answer whether it came to its end.

        Args:
            search: Changed in place; `best` is the match at the end, None without one.
            steps: How many to take before stopping; None for all.
        """
        self._steps = 0
        text, end = self._text, len(self._text)
        while search.threads or (search.best is None and self._may_begin(search)):
            if steps is not None and self._steps > steps:
                return False
            ready = self._ready(search)
            search.threads = []
            if search.position < end:
                character = text[search.position]
                code = self._code
                search.threads = [(at + 1, slots) for at, slots in ready if code[at][1](character)]
            search.position += 1
        return True

    def _may_begin(self, search: Search) -> bool:
        """Whether a match may begin at the present position."""
        return search.position <= len(self._text) and search.is_floating

    def _ready(self, search: Search) -> list[Thread]:
        """Follow all ways up to the next character to read; a match ends those less preferred."""
        visited: set[int] = set()
        ready: list[Thread] = []
        starts = search.threads
        if search.best is None and search.is_floating:
            starts = [*starts, (0, self._no_slots)]
        for start in starts:
            if self._code[start[0]][0] == "test":  # most ways wait for a character most of the time
                if start[0] not in visited:
                    visited.add(start[0])
                    ready.append(start)
            elif self._follow(start, search, visited, ready):
                break
        self._steps += len(visited) + 1
        return ready

    def _follow(self, start: Thread, search: Search, visited: set[int], ready: list[Thread]) -> bool:
        """Follow one way; answer whether it came to a match."""
        position = search.position
        pending = [start]
        while pending:
            at, slots = pending.pop()
            if at in visited:
                continue
            visited.add(at)
            instruction = self._code[at]
            operation = instruction[0]
            if operation == "test":
                ready.append((at, slots))
            elif operation == "split":
                pending.append((instruction[2], slots))
                pending.append((instruction[1], slots))
            elif operation == "jump":
                pending.append((instruction[1], slots))
            elif operation == "save":
                slot = instruction[1]
                pending.append((at + 1, (*slots[:slot], position, *slots[slot + 1 :])))
            elif operation == "match":
                if not search.is_whole or position == len(self._text):
                    search.best = slots
                    return True
            elif self._holds(instruction, position):
                pending.append((at + 1, slots))
        return False

    def _holds(self, instruction: tuple[object, ...], position: int) -> bool:
        """Whether a place is what an instruction asks for."""
        operation, argument = instruction
        if operation == "place":
            return self._is_place(str(argument), position)
        return self._looks_right(argument, position)  # type: ignore[arg-type]  # a look instruction holds a LookProgram

    def _is_place(self, kind: str, position: int) -> bool:
        """Whether the position is the begin or end of a line or a word."""
        text = self._text
        if kind in "^$" and text[position - 1 : position + 1] == "\r\n" and position > 0:
            return False  # inside of one line end
        if kind == "^":
            return position == 0 or text[position - 1] in "\r\n"
        if kind == "$":
            return position == len(text) or text[position] in "\r\n"
        before = position > 0 and _is_word(text[position - 1])
        after = position < len(text) and _is_word(text[position])
        if kind == "<":
            return after and not before
        if kind == ">":
            return before and not after
        return (before is not after) is (kind == "b")

    def _looks_right(self, look: LookProgram, position: int) -> bool:
        """Whether what comes before or behind the position is as wanted."""
        if look.is_behind:
            machine, search = Machine(look.program, self._text[:position]), Search(0, is_floating=True, is_whole=True)
        else:
            machine, search = Machine(look.program, self._text), Search(position, is_floating=False, is_whole=False)
            machine.begin(search)
        machine.run(search)
        self._steps += machine.steps
        return (search.best is not None) is not look.is_negated

    def begin(self, search: Search) -> None:
        """Let the match begin where the search stands."""
        search.threads.append((0, self._no_slots))

    @property
    def steps(self) -> int:
        """Steps of the last run."""
        return self._steps
