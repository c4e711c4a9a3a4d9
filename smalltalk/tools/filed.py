"""What a source file defines, whatever its format: readers make these, writers take them, filing in obeys them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class FiledClass(NamedTuple):
    """A class.

    Attributes:
        name: Its name.
        superclass: Its superclass's name.
        instance_variables: Names it adds.
        class_variables: Names it has.
        class_side_variables: Names its metaclass adds.
        category: Its package.
        comment: Its comment, empty without one.
        kind: Payload kind, None for its superclass's.
        line: 1-based line of the file, 0 when it comes from none.
    """

    name: str
    superclass: str
    instance_variables: tuple[str, ...]
    class_variables: tuple[str, ...]
    class_side_variables: tuple[str, ...]
    category: str
    comment: str
    kind: str | None = None
    line: int = 0


class FiledComment(NamedTuple):
    """The comment of a class that is there already."""

    name: str
    text: str
    line: int = 0


class FiledMethod(NamedTuple):
    """A method of a class (`is_class_side`: of the class itself); `category` None leaves its protocol alone."""

    class_name: str
    is_class_side: bool
    source: str
    category: str | None
    line: int = 0

    @property
    def holder(self) -> str:
        """`Foo` or `Foo class`."""
        return f"{self.class_name} class" if self.is_class_side else self.class_name


class FiledExpression(NamedTuple):
    """Code that is evaluated."""

    code: str
    line: int = 0


class Refused(NamedTuple):
    """A definition that was read and cannot be: a trait, or properties that make no sense."""

    name: str
    message: str
    line: int


Filed: TypeAlias = FiledClass | FiledComment | FiledMethod | FiledExpression | Refused
