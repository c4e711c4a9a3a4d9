"""Sources filed in take effect definition by definition, come out as they went in, and their tests run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk import UnknownClassError, set_poll
from smalltalk.tools.chunks import read_chunks, write_chunks
from smalltalk.tools.filed import FiledMethod
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk import FailureReport, FileInReport, SuiteReport

TONEL = """\
"I know ""leap"" years."
Class {
	#name : #LeapYear,
	#superclass : #YearRule,
	#instVars : [ 'length' ],
	#classVars : [ 'Count' ],
	#classInstVars : [ 'known' ],
	#category : #'Calendar@Rules'
}

{ #category : #initialization }
LeapYear class >> initialize [
	Count := 0.
	known := 'yes!'
]

{ #category : #accessing }
LeapYear class >> known [
	^ known
]

{ #category : #testing }
LeapYear >> holds: aYear [
	"a [ in a comment"
	^ (aYear isDivisibleBy: 4) and: [ aYear \\\\ 100 > 0 or: [ aYear isDivisibleBy: 400 ] ]
]

LeapYear >> blank [
	^ #($[ $] $' $")
]

Class { #name : #YearRule, #superclass : #Object, #category : #'Calendar@Rules' }

{ #category : #'*Calendar@Rules' }
Integer >> isDivisibleBy: anInteger [
	^ self \\\\ anInteger = 0
]

Class { #name : #Ring, #superclass : #Object, #type : #variable, #category : #'Calendar@Other' }

Class { #name : #LeapYearTest, #superclass : #TestCase, #category : #'Calendar@Rules' }

LeapYearTest >> testFourth [
	self assert: (LeapYear new holds: 1996)
]

LeapYearTest >> testCentury [
	self assert: (LeapYear new holds: 1900) equals: true
]
"""
FORMATS = pytest.mark.parametrize("file_format", ["tonel", "chunk"])


class Sources(Lifetimes):
    """A session that files in and out."""

    def value(self, outcome: Any) -> Any:
        assert outcome.failure is None, outcome.failure
        self.commit()
        return outcome.value

    def file_in(self, text: str, file_format: str = "tonel") -> FileInReport:
        return self.value(self.image.file_in(text, file_format, evaluation=self.image.begin()))  # type: ignore[no-any-return]

    def file_out(self, file_format: str = "tonel", **what: str) -> str:
        return self.value(self.image.file_out(file_format, **what, evaluation=self.image.begin()))  # type: ignore[no-any-return]

    def run_tests(self, **which: Any) -> SuiteReport:
        return self.value(self.image.run_tests(**which, evaluation=self.image.begin()))  # type: ignore[no-any-return]

    def failed_file_in(self, text: str, file_format: str) -> FailureReport:
        failure = self.image.file_in(text, file_format, evaluation=self.image.begin()).failure
        assert failure is not None
        return failure


@pytest.fixture
def session() -> Sources:
    return Sources()


def test_superclasses_are_defined_first_whatever_their_order(session: Sources) -> None:
    report = session.file_in(TONEL)
    assert report.classes == ["YearRule", "Ring", "LeapYearTest", "LeapYear"]
    assert report.errors == []
    assert "LeapYear class>>#initialize" in report.methods
    assert session.run("LeapYear new holds: 2000") == "true"
    assert session.run("LeapYear comment") == "'I know \"leap\" years.'"


def test_a_class_side_initialize_runs_after_a_tonel_file_in(session: Sources) -> None:
    session.file_in(TONEL)
    assert session.run("LeapYear known") == "'yes!'"


def test_what_was_filed_in_survives_a_restart(session: Sources) -> None:
    session.file_in(TONEL)
    session.restart()
    assert session.run("LeapYear new holds: 1900") == "false"
    assert session.run_tests().summary.startswith("2 ran, 1 passed")


@FORMATS
def test_a_file_out_files_in_as_the_same_session(session: Sources, file_format: str) -> None:
    session.file_in(TONEL)
    session.run("LeapYear compile: 'trailing ^ $ ' classified: 'odd ''one'''")
    session.run("LeapYear compile: 'bang: \"[\" aString ^ ''!''' classified: 'odd'")
    text = session.file_out(file_format)
    other = Sources()
    report = other.file_in(text, file_format)
    assert report.errors == []
    assert other.file_out(file_format) == text
    assert other.file_out("tonel") == session.file_out("tonel")
    assert other.run("LeapYear new trailing asInteger") == "32"
    assert other.run("LeapYear new bang: 1") == "'!'"
    assert other.run("(Ring new: 3) size") == "3"
    assert other.run("LeapYear category") == "'Calendar@Rules'"


def test_a_package_holds_its_classes_and_its_extensions(session: Sources) -> None:
    session.file_in(TONEL)
    text = session.file_out(package="Calendar@Rules")
    assert "Integer >> isDivisibleBy: anInteger [" in text
    assert "Ring" not in text
    assert session.file_out(class_name="Integer") == (
        "Extension {\n\t#name : 'Integer'\n}\n\n{ #category : '*Calendar@Rules' }\n"
        "Integer >> isDivisibleBy: anInteger [\n\t^ self \\\\ anInteger = 0\n]\n"
    )
    assert session.file_out(class_name="Array") == ""


def test_a_class_nobody_knows_cannot_be_filed_out(session: Sources) -> None:
    with pytest.raises(UnknownClassError):
        session.file_out(class_name="Nowhere")


def test_what_is_refused_names_its_place_and_leaves_the_rest(session: Sources) -> None:
    report = session.file_in(
        "Class { #name : #Good, #superclass : #Object }\n"
        "Good >> one [\n\t^ 1\n]\n"
        "Good >> two [\n\t^ 1 +\n]\n"
        "Good class >> three [\n\t^ 1.\n\t^ Nothing\n]\n"
        "Class { #name : #Lost, #superclass : #Nowhere }\n"
        "Nobody >> four [ ^ 4 ]\n"
        "Trait { #name : #TAny, #traits : 'TNowhere' }\n"
        "Class { #name : #Odd, #superclass : #Object, #instVars : [ 'a', 'a' ] }\n"
        "Class { #name : #Integer, #superclass : #Number, #instVars : [ 'a' ] }\n"
    )
    assert report.classes == ["Good"]
    assert report.methods == ["Good>>#one"]
    places = [(error.line, error.column, error.class_name, error.selector) for error in report.errors]
    assert places == [
        (6, 7, "Good", "two"),
        (10, 4, "Good class", "three"),
        (12, 1, "Lost", ""),
        (13, 1, "Nobody", "four"),
        (14, 1, "TAny", ""),
        (15, 1, "Odd", ""),
        (16, 1, "Integer", ""),
    ]
    assert session.run("Good new one") == "1"


@pytest.mark.parametrize("names", [["self"], ["a b"], ["x", "x"], [f"v{n}" for n in range(40)], [""]])
def test_class_side_variables_that_cannot_be_leave_no_class(session: Sources, names: list[str]) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    report = session.file_in(f"Class {{ #name : #Odd, #superclass : #Object, #classInstVars : [ {listed} ] }}")
    assert report.classes == []
    assert [error.class_name for error in report.errors] == ["Odd"]
    assert session.run("Smalltalk includesKey: #Odd") == "false"


def test_text_that_is_no_tonel_changes_nothing(session: Sources) -> None:
    failure = session.failed_file_in("Class { #name : #Good, #superclass : #Object }\nGood >> one [ ^ 1", "tonel")
    assert (failure.kind, failure.line) == ("syntax", 2)
    assert session.run("Smalltalk includesKey: #Good") == "false"


def test_a_chunk_file_defines_and_evaluates_in_its_order(session: Sources) -> None:
    report = session.file_in(
        "'From an older image'!\n\n"
        "Object subclass: #Cell\n\tinstanceVariableNames: 'v'\n\tclassVariableNames: ''\n\tpackage: 'Cells'!\n\n"
        "!Cell commentStamp: 'ab 1/2/2003' prior: 0!\nI hold it!!!\n\n"
        "!Cell methodsFor: 'accessing' stamp: 'ab'!\nv\n\t^ v! \n\nv: x\n\tv := x! !\n"
        "!Cell reorganize!\n('accessing' v v:)\n!\n"
        "!Cell class methodsFor: 'making'!\nlink\n\t^ Later new! !\n"
        "Object subclass: #Later instanceVariableNames: '' classVariableNames: '' package: 'Cells'!\n"
        "Transcript show: (Cell new v: 'done!!'; v)!\n"
        "1/0!\n"
        "3 + !\n",
        "chunk",
    )
    assert report.classes == ["Cell", "Later"]
    assert report.methods == ["Cell>>#v", "Cell>>#v:", "Cell class>>#link"]
    assert report.expressions == 4
    assert [error.line for error in report.errors] == [25, 26]
    assert report.errors[0].message.startswith("ZeroDivide")
    assert session.run("Cell comment") == "'I hold it!'"
    assert session.run("Cell link") == "a Later"
    assert session.run("(Cell >> #v:) protocol asString") == "'accessing'"


def test_a_file_in_is_stopped_by_its_budget_and_keeps_what_it_defined(session: Sources) -> None:
    text = "Object subclass: #Kept instanceVariableNames: '' classVariableNames: '' package: 'P'!\n[true] whileTrue!"
    evaluation = session.image.begin()
    evaluation.interrupt("timeout")
    failure = session.image.file_in(text, "chunk", evaluation=evaluation).failure
    assert failure is not None
    assert failure.kind == "timeout"
    session.commit()
    assert session.run("3 + 4") == "7"


def test_a_run_of_tests_that_is_stopped_names_no_line_of_a_do_it(session: Sources) -> None:
    session.run("TestCase subclass: #Slow instanceVariableNames: '' classVariableNames: '' package: 'P'")
    session.run("Slow compile: 'testLong [true] whileTrue'")
    evaluation = session.image.begin()
    evaluation.interrupt("timeout")
    set_poll(True)
    try:
        failure = session.image.run_tests(class_names=["Slow"], evaluation=evaluation).failure
    finally:
        set_poll(False)
    assert failure is not None
    assert failure.stack
    assert failure.line is None


def test_a_run_of_tests_tells_what_failed_and_where(session: Sources) -> None:
    session.file_in(TONEL)
    report = session.run_tests(class_names=["LeapYearTest"])
    assert not report.has_passed
    assert report.counts["passed"] == report.counts["failure"] == 1
    (problem,) = report.problems
    assert (problem.class_name, problem.selector, problem.kind) == ("LeapYearTest", "testCentury", "failure")
    assert (problem.error_class, problem.message) == ("TestFailure", "Got false instead of true.")
    assert problem.stack[-1] == "LeapYearTest>>testCentury line 2"


def test_tests_are_chosen_by_package_and_abstract_classes_only_once(session: Sources) -> None:
    session.file_in(TONEL)
    session.file_in(
        "Class { #name : #AnyTest, #superclass : #TestCase, #category : #Other }\n"
        "AnyTest class >> isAbstract [ ^ self == AnyTest ]\n"
        "AnyTest >> testAny [ self skip ]\n"
        "Class { #name : #OneTest, #superclass : #AnyTest, #category : #Other }\n"
    )
    assert session.run_tests(package="Other").counts["skip"] == 1
    assert session.run_tests(package="Calendar@Rules").counts["passed"] == 1
    assert sum(session.run_tests().counts.values()) == 3
    assert session.run_tests(class_names=["AnyTest"]).problems[0].class_name == "OneTest"


TEXTS = st.text(min_size=1)
SOURCES = st.text().map(str.strip).filter(bool)
METHODS = st.builds(FiledMethod, st.just("Foo"), st.booleans(), SOURCES, TEXTS, st.just(0), st.just(1), st.just((0, 0)))


@settings(max_examples=60, deadline=None)
@given(st.lists(METHODS, max_size=4))
def test_methods_in_chunks_read_back_as_they_were_written(methods: list[FiledMethod]) -> None:
    read = [each for each in read_chunks(write_chunks(methods)) if isinstance(each, FiledMethod)]
    assert [each._replace(line=0, column=1) for each in read] == methods


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="!' aF\n", max_size=40))
def test_any_text_is_a_chunk_file(text: str) -> None:
    lines = [each.line for each in read_chunks(text)]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@pytest.mark.parametrize("name", ["Nowhere", "Object"])
def test_only_classes_of_tests_are_run(session: Sources, name: str) -> None:
    with pytest.raises(UnknownClassError):
        session.run_tests(class_names=[name])
