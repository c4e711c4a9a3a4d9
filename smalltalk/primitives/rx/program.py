"""Tree -> program.

| instruction              | meaning                                                              |
|--------------------------|----------------------------------------------------------------------|
| `("test", accepts)`      | read one character that the function accepts                         |
| `("split", first, second)` | go on at both, the first preferred                                 |
| `("jump", to)`           | go on there                                                          |
| `("save", slot)`         | remember the position; slots 2n and 2n+1 are begin and end of group n |
| `("place", kind)`        | go on if the position is such a place                                |
| `("look", look)`         | go on if a program matches here, or does not; its groups are not kept |
| `("match",)`             | done                                                                 |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .nodes import CharacterTest, Choice, Group, Look, Node, Place, Repeat, Sequence
from .syntax import Parser, PatternError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Most instructions of a program: nested counts multiply. A step costs as much as there are instructions at worst.
#: So many characters are the longest pattern, too.
PROGRAM_LENGTH_MAX: Final = 10_000

#: What is said of a pattern beyond that.
TOO_LARGE: Final = "the pattern is too large"

#: Characters of ASCII.
ASCII_COUNT: Final = 128

#: Programs kept: each a few KB; what a session matches with again and again is compiled once.
PROGRAMS_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pattern.

    Attributes:
        code: Its instructions.
        group_count: How many groups it remembers, the whole match not counted.
        has_looks: Whether it tries other programs on its way.
    """

    code: tuple[tuple[Any, ...], ...]
    group_count: int
    has_looks: bool


@dataclass(frozen=True, slots=True)
class LookProgram:
    """A program to be tried at a place."""

    program: Program
    is_behind: bool
    is_negated: bool


@lru_cache(maxsize=PROGRAMS_MAX)
def compile_pattern(pattern: str, *, ignores_case: bool) -> Program:
    """Compile a pattern.

    Raises:
        PatternError: It is none, or too large.
    """
    if len(pattern) > PROGRAM_LENGTH_MAX:  # looked at before it is parsed: that cannot be interrupted
        raise PatternError(TOO_LARGE, 0)
    parser = Parser(pattern)
    tree = parser.parse()
    return _compile(tree, parser.group_count, ignores_case=ignores_case)


def _compile(tree: Node, group_count: int, *, ignores_case: bool) -> Program:
    compiler = Compiler(group_count, ignores_case=ignores_case)
    compiler.emit(Group(tree, 0))
    compiler.code.append(("match",))
    return Program(tuple(compiler.code), group_count, compiler.has_looks)


class Compiler:
    """Appends instructions.

    Attributes:
        code: Those so far.
        has_looks: Whether one of them tries another program.
    """

    def __init__(self, group_count: int, *, ignores_case: bool) -> None:
        self.code: list[tuple[Any, ...]] = []
        self.has_looks = False
        self._tests: dict[CharacterTest, Callable[[str], bool]] = {}
        self._looked_length = 0
        self._group_count = group_count
        self._ignores_case = ignores_case

    def emit(self, node: Node) -> None:
        """Append the instructions of a tree."""
        if len(self.code) + self._looked_length > PROGRAM_LENGTH_MAX:
            raise PatternError(TOO_LARGE, 0)
        if isinstance(node, CharacterTest):
            if node not in self._tests:
                self._tests[node] = self._test(node)
            self.code.append(("test", self._tests[node]))
        elif isinstance(node, Place):
            self.code.append(("place", node.kind))
        elif isinstance(node, Sequence):
            for part in node.parts:
                self.emit(part)
        elif isinstance(node, Choice):
            self._emit_choice(node)
        elif isinstance(node, Repeat):
            self._emit_repeat(node)
        elif isinstance(node, Group):
            self._emit_group(node)
        else:
            self._emit_look(node)

    def _test(self, node: CharacterTest) -> Callable[[str], bool]:
        """The test of a character, in both cases where case does not matter; for ASCII its answers are known before."""
        accepts = self._slow_test(node)
        known = frozenset(filter(accepts, map(chr, range(ASCII_COUNT))))
        return lambda each: each in known if each.isascii() else accepts(each)

    def _slow_test(self, node: CharacterTest) -> Callable[[str], bool]:
        """The test of any character, in both cases where case does not matter."""
        accepts = node.accepts
        if not self._ignores_case:
            return accepts
        if node.is_negated:
            return lambda each: accepts(each.lower()) and accepts(each.upper())
        return lambda each: accepts(each.lower()) or accepts(each.upper())

    def _emit_choice(self, node: Choice) -> None:
        jumps = []
        for option in node.options[:-1]:
            split = self._reserve()
            self.emit(option)
            jumps.append(self._reserve())
            self.code[split] = ("split", split + 1, len(self.code))
        self.emit(node.options[-1])
        for jump in jumps:
            self.code[jump] = ("jump", len(self.code))

    def _emit_repeat(self, node: Repeat) -> None:
        for _ in range(node.low):
            self.emit(node.part)
        if node.high is None:
            split = self._reserve()
            self.emit(node.part)
            self.code.append(("jump", split))
            self._split(split)
            return
        splits = []
        for _ in range(node.high - node.low):
            splits.append(self._reserve())
            self.emit(node.part)
        for split in splits:
            self._split(split)

    def _emit_group(self, node: Group) -> None:
        self.code.append(("save", 2 * node.number))
        self.emit(node.part)
        self.code.append(("save", 2 * node.number + 1))

    def _emit_look(self, node: Look) -> None:
        self.has_looks = True
        program = _compile(node.part, self._group_count, ignores_case=self._ignores_case)
        self._looked_length += len(program.code)
        self.code.append(("look", LookProgram(program, node.is_behind, node.is_negated)))

    def _reserve(self) -> int:
        """Leave room for an instruction; answer where."""
        self.code.append(())
        return len(self.code) - 1

    def _split(self, at: int) -> None:
        """Rather go on behind the split than leave to the end of the code so far."""
        self.code[at] = ("split", at + 1, len(self.code))
