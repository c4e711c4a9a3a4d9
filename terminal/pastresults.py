"""What the client answers about a session's past: undone evaluations, and what differs between two states."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


class Undone(NamedTuple):
    """The session is as it was before an evaluation.

    Attributes:
        before: number of that evaluation in the history.
        code: what it ran.
        seq: number of the undo itself: an undo before that is a redo.
        savepoint: the automatic savepoint that keeps what was before the undo.
    """

    before: int
    code: str
    seq: int
    savepoint: str

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `undo`."""
        return cls(result["before"], result["code"], result["seq"], result["savepoint"])


class Changes(NamedTuple):
    """Names of what is new, gone and different in the later of two states."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def told(self) -> "Iterator[tuple[str, str]]":
        """Iterate over what became of what: `new`, `gone` or `changed`, and its name."""
        for how, names in zip(("new", "gone", "changed"), self, strict=True):
            for name in names:
                yield how, name

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return the changes of one kind."""
        return cls(tuple(row["added"]), tuple(row["removed"]), tuple(row["changed"]))


class Difference(NamedTuple):
    """What differs between two states; `is_complete` is False when there was too much for one answer."""

    variables: Changes
    classes: Changes
    methods: Changes
    is_complete: bool

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `diff`."""
        variables, classes, methods = (Changes.read(result[kind]) for kind in ("variables", "classes", "methods"))
        return cls(variables, classes, methods, result["is_complete"])
