"""The stack of a waiting computation, its frames' sources and variables, and code that runs in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk import UnknownFrameError, UnknownVariableError
from tests.smalltalk.debugging.conftest import Debugged

if TYPE_CHECKING:
    from smalltalk import FrameRow

RUN = """run: all
	| sum |
	count := 0.
	Most := 9.
	sum := 0.
	all do: [:each | [:x | sum := sum + (self half: x)] value: each].
	^ sum"""
HALF = "half: x\n\t^ [x odd ifTrue: [self error: 'odd'] ifFalse: [x // 2]] ensure: [Transcript show: x printString]"


@pytest.fixture
def waiting(session: Debugged) -> tuple[Debugged, str]:
    """A computation that failed in nested blocks, in a session that was restarted since."""
    session.run("Object subclass: #Sums instanceVariableNames: 'count' classVariableNames: 'Most' package: 'Demo'")
    for source in (RUN, HALF):
        session.run(f"Sums compile: '{source.replace(chr(39), chr(39) * 2)}'")
    context_id = session.wait("| s | s := Sums new. s run: #(2 4 5 6)")
    session.restart()
    return session, context_id


def test_the_stack_names_methods_receivers_and_places(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    page = session.debugger.stack(context_id)

    def told(row: FrameRow) -> tuple[str, str, int, bool]:
        return row.method, row.receiver, row.line, row.is_block

    assert [told(row) for row in page.rows] == [
        ("Object>>error:", "a Sums", 3, False),
        ("[ ] in Sums>>half:", "a Sums", 2, True),
        ("Sums>>half:", "a Sums", 2, False),
        ("[ ] in Sums>>run:", "a Sums", 6, True),
        ("Sums>>run:", "a Sums", 6, False),
        ("doIt", "nil", 1, False),
    ]
    assert page.total == 6
    assert [row.frame for row in session.debugger.stack(context_id, 2, 2).rows] == [2, 3]


def test_a_frame_shows_its_source_with_the_place_and_its_variables(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    view = session.do("frame", context_id, 3).value
    assert view.source == RUN
    assert view.source[view.start : view.stop] == "self half: x"
    assert (view.line, view.row.method) == (6, "[ ] in Sums>>run:")
    shown = {each.name: (each.kind, each.class_name, each.text) for each in view.variables}
    assert shown == {
        "self": ("self", "Sums", "a Sums"),
        "x": ("argument", "SmallInteger", "5"),
        "sum": ("temporary", "SmallInteger", "3"),
        "each": ("argument", "SmallInteger", "5"),
        "all": ("argument", "Array", "#(2 4 5 6)"),
        "count": ("instance", "SmallInteger", "0"),
    }
    receiver = next(each for each in view.variables if each.name == "self")
    assert session.image.object_by_id(receiver.object_id) is not None


def test_code_in_a_frame_sees_and_assigns_its_variables(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    assert session.in_frame(context_id, 3, "{self class. x. sum. count. Most. each}") == "{Sums. 5. 3. 0. 9. 5}"
    session.in_frame(context_id, 3, "sum := sum + 100. count := count + 1. Most := Most + 1. kept := [sum]")
    session.restart()
    assert session.variables(context_id, 4)["sum"] == "103"
    assert session.in_frame(context_id, 4, "{count. Most. kept value}") == "#(1 10 103)"
    # `sum` had been read before the message was sent that failed.
    assert session.answer("return_value", context_id, 2, "1000") == "1006"


def test_a_temporary_that_no_block_captured_is_assigned_in_its_own_frame(session: Debugged) -> None:
    context_id = session.wait("| a b | a := 3. b := nil foo. a + b")
    session.in_frame(context_id, 1, "a := a * 7")
    session.restart()
    assert session.answer("proceed", context_id, code="1") == "22"


def test_a_block_made_in_a_frame_goes_on_writing_that_frame(session: Debugged) -> None:
    context_id = session.wait("| a | a := 3. nil foo. a")
    session.in_frame(context_id, 1, "keep := [:by | a := a + by]")
    session.restart()
    session.run("keep value: 4")
    session.restart()
    assert session.answer("proceed", context_id) == "7"


def test_variables_are_set_by_name(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    outcome = session.do("set_variable", context_id, 1, "x", "x * 2")
    assert {each.name: each.text for each in outcome.value.variables}["x"] == "10"
    session.do("set_variable", context_id, 1, "count", "#(1)")
    session.restart()
    assert session.variables(context_id, 4)["count"] == "#(1)"
    with pytest.raises(UnknownVariableError, match="'self'"):
        session.do("set_variable", context_id, 1, "self", "3")
    with pytest.raises(UnknownVariableError, match=r"'sums' .* those it has: "):
        session.do("set_variable", context_id, 1, "sums", "3")
    assert session.do("set_variable", context_id, 1, "x", "3 +").failure.kind == "syntax"
    assert session.variables(context_id, 1)["x"] == "10"


def test_frames_that_are_not_there_are_refused(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    for frame in (-1, 6, 10**9):
        with pytest.raises(UnknownFrameError, match="has no frame"):
            session.do("frame", context_id, frame)


def test_an_error_in_a_frame_waits_by_itself(session: Debugged) -> None:
    context_id = session.wait("| a | a := 3. nil foo. a")
    outcome = session.image.evaluate(
        "a := 9. nil bar. a",
        tool_id=None,
        display=False,
        evaluation=session.image.begin(),
        context_id=context_id,
        frame=1,
    )
    session.commit()
    assert outcome.context_id not in (None, context_id)
    session.restart()
    assert session.answer("proceed", outcome.context_id) == "9"
    assert session.answer("proceed", context_id) == "9"


def test_unknown_names_in_a_frame_are_variables_of_the_workspace(session: Debugged) -> None:
    context_id = session.wait("nil foo")
    session.in_frame(context_id, 1, "fresh := 4")
    assert session.run("fresh") == "4"
    outcome = session.image.evaluate(
        "Fresh + 1", tool_id=None, display=False, evaluation=session.image.begin(), context_id=context_id, frame=1
    )
    assert outcome.failure.kind == "syntax"


def test_a_do_it_is_shown_in_its_own_words(session: Debugged) -> None:
    """Do-its that differ in literals share one compiled form, whose text is that of whoever ran it first."""
    first = session.wait("| a | a := 'one, and this is long'. nil foo. a")
    other = Debugged()
    second = other.wait("| a | a := 'two'. nil foo. a")
    other.restart()
    view = other.do("frame", second, 1).value
    assert view.source == "| a | a := 'two'. nil foo. a"
    assert view.source[view.start : view.stop] == "nil foo"
    assert view.column == view.source.index("foo") + 1
    assert session.answer("proceed", first) == "'one, and this is long'"


def test_literals_of_another_shared_do_it_are_not_shown(session: Debugged) -> None:
    Debugged().run("act := [:x | nil foo: 'a secret of somebody else']")
    session.run("act := [:x | nil foo: 'mine']")
    context_id = session.wait("act value: 1")
    assert "secret" not in session.do("frame", context_id, 1).value.source


def test_a_text_that_the_code_evaluates_is_shown_as_it_is_written(session: Debugged) -> None:
    code = "3 + 4.\nSmalltalk evaluate: '#(17 18) collect: [:each | each / 0]'"
    outcome = session.evaluate(code)
    session.commit()
    session.restart()
    assert (outcome.failure.line, outcome.failure.column) == (2, 11)
    methods = session.methods(outcome.context_id)
    for number in (methods.index("[ ] in doIt"), methods.index("doIt")):
        view = session.do("frame", outcome.context_id, number).value
        assert view.source == "#(17 18) collect: [:each | each / 0]"
    assert session.do("frame", outcome.context_id, len(methods) - 1).value.source == code


@pytest.fixture
def walking(session: Debugged) -> Debugged:
    """A session with a recursive method, some of whose blocks know the activation that made them."""
    session.run("Object subclass: #Tree instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'")
    session.run("Tree compile: 'n: x n := x'")
    for name, block in (("plain", "nil foo. 1"), ("boxed", "loc := loc + 1. nil foo. 1"), ("own", "nil foo. n")):
        session.run(
            f"Tree compile: '{name}: k do: aBlock | loc | loc := k * 10. k = 0 ifTrue: [^aBlock value + loc]. "
            f"^(Tree new n: k - 1; yourself) {name}: k - 1 do: (k = 2 ifTrue: [[{block}]] ifFalse: [aBlock])'"
        )
    return session


def test_a_block_shows_the_variables_of_the_activation_that_made_it(walking: Debugged) -> None:
    context_id = walking.wait("(Tree new n: 3; yourself) boxed: 3 do: [0]")
    walking.restart()
    shown = walking.variables(context_id, 1)
    assert [shown[name] for name in ("k", "loc", "n")] == ["2", "21", "2"]


def test_a_block_that_does_not_know_who_made_it_shows_no_variables_of_another_activation(walking: Debugged) -> None:
    context_id = walking.wait("(Tree new n: 3; yourself) plain: 3 do: [0]")
    walking.restart()
    assert walking.variables(context_id, 1) == {}
    assert walking.debugger.stack(context_id).rows[1].receiver == "unknown"
    with pytest.raises(UnknownVariableError):
        walking.do("set_variable", context_id, 1, "k", "7")
    outcome = walking.image.evaluate(
        "self", tool_id=None, display=False, evaluation=walking.image.begin(), context_id=context_id, frame=1
    )
    assert "does not know its receiver" in outcome.failure.message
    assert walking.in_frame(context_id, 1, "3 + 4") == "7"


def test_blocks_show_the_variables_of_all_activations_around_them(walking: Debugged) -> None:
    """None of the blocks uses any of those variables."""
    walking.run(
        "Tree compile: 'sum: all | blk | blk := [:x | 1 / 0]. ^all collect: [:e |"
        " #(1) do: [:f | #(7) inject: e into: [:a :b | #(2 3) asArray sort: [:p :q | blk value: p]]]]'"
    )
    context_id = walking.wait("(Tree new n: 3; yourself) sum: #(4 5)")
    walking.restart()
    methods = walking.methods(context_id)
    blocks = [number for number, method in enumerate(methods) if method == "[ ] in Tree>>sum:"]
    shown = [walking.variables(context_id, number) for number in blocks]
    around = [{"x": "2"}, {"p": "2", "q": "3"}, {"a": "4", "b": "7"}, {"f": "1", "e": "4"}]
    own = [set(each) - {"self", "all", "blk", "n"} for each in shown]
    assert own == [{"x"}, {"p", "q", "a", "b", "f", "e"}, {"a", "b", "f", "e"}, {"f", "e"}]
    for each, variables in zip(around, shown, strict=True):
        assert variables.items() >= {**each, "self": "a Tree", "all": "#(4 5)", "n": "3"}.items()
    assert [walking.in_frame(context_id, number, "self sum: #()") for number in blocks] == ["#()"] * 4


@pytest.mark.parametrize(
    "code",
    [
        "[nil foo. 1] value",
        "[1 / 0] on: ZeroDivide do: [:e | nil foo. 1]",
        "[nil foo. 1] on: ZeroDivide do: [:e | 1]",
        "[nil foo. 1] ensure: [2]",
        "[1] ensure: [nil foo. 1]",
        "[nil foo. 1] ifCurtailed: [2]",
        "[:x | nil foo. 1] valueWithArguments: #(3)",
        "#(1) asOrderedCollection collect: [:x | nil foo. 1]",
        "#() detect: [:x | x] ifNone: [nil foo. 1]",
        "| b | b := [nil foo. 1]. b value",
    ],
)
def test_a_block_knows_the_receiver_of_the_activation_that_made_it(walking: Debugged, code: str) -> None:
    walking.run(f"Tree compile: 'made {code.replace(chr(39), chr(39) * 2)}'")
    context_id = walking.wait("(Tree new n: 3; yourself) made")
    walking.restart()
    number = walking.methods(context_id).index("[ ] in Tree>>made")
    assert walking.debugger.stack(context_id).rows[number].receiver == "a Tree"
    assert walking.in_frame(context_id, number, "self class -> n") == "Tree->3"


def test_a_block_that_knows_its_receiver_only_shows_that(walking: Debugged) -> None:
    context_id = walking.wait("(Tree new n: 3; yourself) own: 3 do: [0]")
    walking.restart()
    assert set(walking.variables(context_id, 1)) == {"self", "n"}
    assert walking.in_frame(context_id, 1, "n") == "2"


def test_nil_is_a_receiver_like_any_other(session: Debugged) -> None:
    session.run("Object compile: 'down: n ^self isNil ifTrue: [1 / n] ifFalse: [nil down: n]'")
    context_id = session.wait("3 down: 0")
    assert [row.receiver for row in session.debugger.stack(context_id).rows][1:3] == ["nil", "3"]


def test_super_in_a_frame_means_what_it_means_in_its_method(session: Debugged) -> None:
    session.run("Object subclass: #Base instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Base subclass: #Derived instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Base compile: 'name ^#base'")
    session.run("Derived compile: 'name ^nil foo'")
    context_id = session.wait("Derived new name")
    session.restart()
    assert session.in_frame(context_id, 1, "super name") == "#base"


def test_the_frames_of_a_summary_are_those_of_the_stack(waiting: tuple[Debugged, str]) -> None:
    session, context_id = waiting
    (summary,) = session.debugger.contexts()
    assert summary.frames == session.debugger.stack(context_id).total


def test_a_block_whose_maker_has_returned_shows_nothing_of_a_later_activation(walking: Debugged) -> None:
    walking.run("Tree compile: 'with: b b isNil ifTrue: [^[nil foo. 1]]. ^b value'")
    context_id = walking.wait("(Tree new n: 2; yourself) with: ((Tree new n: 1; yourself) with: nil)")
    assert walking.methods(context_id)[1:3] == ["[ ] in Tree>>with:", "Tree>>with:"]
    assert walking.variables(context_id, 1) == {}


@pytest.mark.parametrize("evaluating", ["ensure: [n := rest]", "ifCurtailed: [n := rest]", "value"])
def test_a_block_belongs_to_the_method_that_evaluates_it_where_it_makes_it(walking: Debugged, evaluating: str) -> None:
    walking.run(f"Tree compile: 'share: a of: b | rest | rest := 7. ^[a / b] {evaluating}'")
    context_id = walking.wait("(Tree new n: 2; yourself) share: 3 of: 0")
    walking.restart()
    assert walking.methods(context_id)[1] == "[ ] in Tree>>share:of:"
    shown = walking.variables(context_id, 1)
    assert [shown[name] for name in ("self", "a", "rest", "n")] == ["a Tree", "3", "7", "2"]


@pytest.mark.parametrize(("depth", "receiver"), [(9, "a Tree"), (600, "unknown")])
def test_the_maker_of_a_block_is_looked_for_nearby(walking: Debugged, depth: int, receiver: str) -> None:
    """A page of a deep stack whose blocks nobody made is there at once all the same."""
    walking.run("Tree compile: 'hand: i ^self down: i with: [:k | nil foo]'")
    walking.run("Tree compile: 'down: i with: b ^i = 0 ifTrue: [b value: i] ifFalse: [self down: i - 1 with: b]'")
    context_id = walking.wait(f"Tree new hand: {depth}")
    assert walking.debugger.stack(context_id).rows[1].receiver == receiver
