"""Running tests for a client: SUnit itself is written in Smalltalk; this asks it and writes down what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..runtime.limits import MESSAGE_TEXT_MAX
from ..runtime.objects import TRUE
from .fileout import is_in_package, session_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..runtime.classes import ClassObject
    from ..runtime.world import World

#: Problems a report lists: each is up to 9 KB with its stack, so all fit a reply; who broke more reads the first ones.
PROBLEMS_MAX: Final = 500


class UnpassedTest(NamedTuple):
    """A test that did not pass.

    Attributes:
        class_name: Name of its class.
        selector: Its method.
        kind: `failure`, `error`, `skip`, `expected_failure` or `unexpected_pass`.
        error_class: Name of the exception's class, empty for an unexpected pass.
        message: The exception's text.
        stack: Texts like `Foo>>bar line 3`, innermost first.
    """

    class_name: str
    selector: str
    kind: str
    error_class: str
    message: str
    stack: list[str]


@dataclass(slots=True)
class SuiteReport:
    """What came of running tests: counts by `UnpassedTest.kind` and `passed`, the problems, a line that sums it up."""

    summary: str
    counts: dict[str, int]
    has_passed: bool
    problems: list[UnpassedTest] = field(default_factory=list)


#: Kinds of ends by the collections of a TestResult.
_ENDS: Final = {
    "passed": "passed",
    "failures": "failure",
    "errors": "error",
    "skipped": "skip",
    "expectedFailures": "expected_failure",
    "unexpectedPasses": "unexpected_pass",
}


def classes_with_tests(world: World, package: str | None = None) -> list[ClassObject]:
    """The session's test classes, of a package or all."""
    return [
        each
        for each in session_classes(world)
        if is_test_class(world, each) and (package is None or is_in_package(each.category, package))
    ]


def is_test_class(world: World, holder: ClassObject) -> bool:
    """Whether a class's instances are tests."""
    return holder.inherits_from(world.kernel.classes["TestCase"])


def run_test_classes(world: World, classes: Iterable[ClassObject], *, is_exact: bool) -> SuiteReport:
    """Run the tests of classes, inside a running evaluation.

    Args:
        world: Where.
        classes: Test classes.
        is_exact: Whether an abstract class means its subclasses; otherwise it is left out, as they are there too.
    """
    suite = world.send(world.kernel.classes["TestSuite"], "new")
    for each in classes:
        if is_exact or world.send(each, "isAbstract") is not TRUE:
            world.send(suite, "addTest:", world.send(each, "suite"))
    return _report(world, world.send(suite, "run"))


def _report(world: World, result: Any) -> SuiteReport:
    """Write a TestResult down."""
    ends = {kind: _elements(world, world.send(result, selector)) for selector, kind in _ENDS.items()}
    report = SuiteReport(
        world.print_string(result),
        {kind: len(cases) for kind, cases in ends.items()},
        world.send(result, "hasPassed") is TRUE,
    )
    for kind, cases in ends.items():
        if kind != "passed":
            room = PROBLEMS_MAX - len(report.problems)
            report.problems += [_problem(world, result, kind, case) for case in cases[:room]]
    return report


def _problem(world: World, result: Any, kind: str, case: Any) -> UnpassedTest:
    """Write down why a test did not pass."""
    place = (world.class_of(case).name, _text(world.send(case, "selector")), kind)
    problem = world.send(result, "problemOfCase:", case)
    if problem is None:
        return UnpassedTest(*place, "", "", [])
    return UnpassedTest(
        *place,
        _text(world.send(world.send(problem, "exceptionClass"), "name")),
        _text(world.send(problem, "messageText"))[:MESSAGE_TEXT_MAX],
        [_text(line) for line in _elements(world, world.send(problem, "stack"))],
    )


def _elements(world: World, collection: Any) -> list[Any]:
    """The elements of a sequence."""
    return list(getattr(world.send(collection, "asArray"), "items", ()))


def _text(value: Any) -> str:
    """The characters of a String or Symbol."""
    return str(getattr(value, "text", getattr(value, "name", "")))
