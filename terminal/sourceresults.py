"""What a server answers about sources and tests, as typed values; see `results`."""

from typing import Any, NamedTuple, Self

from .results import Whole


class FileInError(NamedTuple):
    """A definition of a file that had no effect: where, whose and why."""

    line: int
    column: int
    class_name: str
    selector: str
    message: str
    suggestion: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of a file's errors."""
        return cls(row["line"], row["column"], row["class"], row["selector"], row["message"], row["suggestion"])


class FileInReport(NamedTuple):
    """What a file defined, and what of it had no effect."""

    classes: tuple[str, ...]
    methods: tuple[str, ...]
    expression_count: int
    errors: tuple[FileInError, ...]
    transcript: str
    whole: dict[str, Whole]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `file_in`."""
        return cls(
            tuple(result["classes"]),
            tuple(result["methods"]),
            result["expressions"],
            tuple(FileInError.read(row) for row in result["errors"]),
            result.get("transcript", ""),
            Whole.read_all(result),
        )


class UnpassedTest(NamedTuple):
    """A test that did not pass; `kind` is failure, error, skip, expected_failure or unexpected_pass."""

    class_name: str
    selector: str
    kind: str
    message: str
    stack: tuple[str, ...]

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of a run's problems."""
        return cls(row["class"], row["selector"], row["kind"], row["message"], tuple(row["stack"]))


class SuiteReport(NamedTuple):
    """What came of a run of tests."""

    summary: str
    has_passed: bool
    run_count: int
    problems: tuple[UnpassedTest, ...]
    transcript: str
    whole: dict[str, Whole]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `run_tests`."""
        return cls(
            result["summary"],
            result["has_passed"],
            result["run_count"],
            tuple(UnpassedTest.read(row) for row in result["problems"]),
            result.get("transcript", ""),
            Whole.read_all(result),
        )


class MethodText(NamedTuple):
    """A method as it is at present."""

    source: str
    category: str

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `get_method`."""
        return cls(result["method"]["source"], result["method"]["category"])


class MethodVersion(NamedTuple):
    """What a method is (`version_id` 0, no `replaced_at`) or was."""

    version_id: int
    source: str
    category: str
    change: str | None
    replaced_at: str | None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one version."""
        return cls(row["version_id"], row["source"], row["category"], row["change"], row["replaced_at"])


class MethodHistory(NamedTuple):
    """A method's versions, newest first, and the selectors that its class had and has no more."""

    versions: tuple[MethodVersion, ...]
    removed: tuple[str, ...]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `method_versions`."""
        return cls(tuple(MethodVersion.read(row) for row in result["versions"]), tuple(result["removed"]))


class Suggestion(NamedTuple):
    """What may stand at a place in code; `kind` is class, method, variable, selector or package."""

    text: str
    kind: str
    signature: str
    doc: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one suggestion."""
        return cls(row["text"], row["kind"], row["signature"], row["doc"])


class Suggestions(NamedTuple):
    """Suggestions, the best first, for the text from `start` to the cursor."""

    start: int
    suggestions: tuple[Suggestion, ...]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `complete`."""
        return cls(result["start"], tuple(Suggestion.read(row) for row in result["suggestions"]))
