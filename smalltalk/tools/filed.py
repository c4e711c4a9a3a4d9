"""What a source file defines, whatever its format: readers make these, writers take them, filing in obeys them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

_WORD: Final = re.compile(r"\w+")


class FiledClass(NamedTuple):
    """A class or trait.

    Attributes:
        name: Its name.
        superclass: Its superclass's name, None for a trait.
        instance_variables: Names it adds.
        class_variables: Names it has.
        class_side_variables: Names its metaclass adds.
        category: Its package.
        comment: Its comment, empty without one.
        kind: Payload kind, None for its superclass's.
        line: 1-based line of the file, 0 when it comes from none.
        pools: Names of the classes whose class variables it sees.
        uses: The expression for its traits, empty without one.
        class_uses: That for the traits of its class side, None for the class sides of `uses`.
    """

    name: str
    superclass: str | None
    instance_variables: tuple[str, ...]
    class_variables: tuple[str, ...]
    class_side_variables: tuple[str, ...]
    category: str
    comment: str
    kind: str | None = None
    line: int = 0
    pools: tuple[str, ...] = ()
    uses: str = ""
    class_uses: str | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The names of classes and traits that must be there before it."""
        return frozenset({self.superclass or "", *self.pools, *_WORD.findall(self.uses)})


class FiledComment(NamedTuple):
    """The comment of a class that is there already."""

    name: str
    text: str
    line: int = 0


class FiledMethod(NamedTuple):
    """A method of a class (`is_class_side`: of the class itself); `category` None leaves its protocol alone.

    Attributes:
        line: 1-based line of the file where its source begins, 0 when it comes from none.
        column: 1-based column there.
        gap: Place in the source's first line after which characters of the file are left out, and how many are.
    """

    class_name: str
    is_class_side: bool
    source: str
    category: str | None
    line: int = 0
    column: int = 1
    gap: tuple[int, int] = (0, 0)

    @property
    def holder(self) -> str:
        """`Foo` or `Foo class`."""
        return f"{self.class_name} class" if self.is_class_side else self.class_name


class FiledExpression(NamedTuple):
    """Code that is evaluated; `line` and `column` are where it begins in the file."""

    code: str
    line: int = 0
    column: int = 1


class Refused(NamedTuple):
    """A definition that was read and cannot be: its properties make no sense."""

    name: str
    message: str
    line: int


Filed: TypeAlias = FiledClass | FiledComment | FiledMethod | FiledExpression | Refused
