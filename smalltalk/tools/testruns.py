"""Running tests for a client: SUnit itself is written in Smalltalk; this asks it and writes down what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..runtime.limits import MESSAGE_TEXT_MAX
from ..runtime.objects import TRUE
from .errors import UnknownClassError
from .fileout import is_in_package, session_classes
from .naming import named_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


class SuiteProgress(NamedTuple):
    """How far a run has come: tests done, how many there are, and the one whose turn it is (empty at the end)."""

    done: int
    total: int
    class_name: str
    selector: str


#: Kinds of ends by the collections of a TestResult.
_ENDS: Final = {
    "expectedPasses": "passed",
    "unexpectedFailures": "failure",
    "unexpectedErrors": "error",
    "skipped": "skip",
    "expectedDefects": "expected_failure",
    "unexpectedPasses": "unexpected_pass",
}


def chosen_classes(world: World, names: Iterable[str] | None, package: str | None) -> list[ClassObject]:
    """The test classes of those names; without names the session's, of a package or all.

    Raises:
        UnknownClassError: A name is that of no class, or of one without tests.
    """
    if names is not None:
        return [_named(world, name) for name in names]
    return [
        each
        for each in session_classes(world)
        if is_test_class(world, each) and (package is None or is_in_package(each.category, package))
    ]


def _named(world: World, name: str) -> ClassObject:
    """The test class of that name."""
    found = named_class(world, name)
    if not is_test_class(world, found):
        raise UnknownClassError(f"{name} is not a class of tests")
    return found


def is_test_class(world: World, holder: ClassObject) -> bool:
    """Whether a class's instances are tests."""
    return holder.inherits_from(world.kernel.classes["TestCase"])


def run_test_classes(
    world: World, classes: Iterable[ClassObject], on_progress: Callable[[SuiteProgress], None], *, is_exact: bool
) -> SuiteReport:
    """Run the tests of classes, inside a running evaluation.

    Args:
        world: Where.
        classes: Test classes.
        on_progress: Told before each test, and at the end.
        is_exact: Whether an abstract class means its subclasses; otherwise it is left out, as they are there too.
    """
    suite = world.send(world.kernel.classes["TestSuite"], "new")
    for each in classes:
        if is_exact or world.send(each, "isAbstract") is not TRUE:
            world.send(suite, "addTest:", world.send(each, "suite"))
    total, started = world.send(suite, "caseCount"), count()

    def tell(case: Any) -> None:
        name = world.class_of(case).name
        on_progress(SuiteProgress(next(started), total, name, _text(world.send(case, "selector"))))

    report = _report(world, world.send(suite, "runTelling:", tell))
    on_progress(SuiteProgress(total, total, "", ""))
    return report


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
