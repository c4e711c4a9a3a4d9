"""An image evaluates, and everything it acknowledged is there after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import greenlet
import pytest

from smalltalk import BrokenImageError, Image, set_poll
from smalltalk.runtime.suggestions import NIL_RECEIVER
from tests.smalltalk.harness import FakeHost, kernel, read_snippets, snippet_files
from tests.smalltalk.lifetimes import Lifetimes, Records

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def session() -> Lifetimes:
    """A new session."""
    return Lifetimes()


def test_a_trivial_evaluation_writes_nothing(session: Lifetimes) -> None:
    assert session.evaluate("3 + 4").result == "7"
    assert session.image.drain_delta() is None


def test_storing_into_a_variable_writes_its_record_only(session: Lifetimes) -> None:
    session.run("x := 3")
    session.evaluate("x := 4")
    (written,) = session.commit()
    assert session.kind_of(written) == "%Binding"
    session.restart()
    assert session.run("x") == "4"


@pytest.mark.parametrize(
    ("code", "suggestion"),
    [
        ("'abc' reversd", "did you mean reversed or reverse or reverseDo:?"),
        ("'abc' length", "did you mean size?"),
        ("3 frobnicate", None),
        ("3 += 1", "write 'x := x + y': assignment is no message"),
        ("nil foo", "the receiver is nil: a variable without a value, or something that was not found?"),
        ("x := Set new\nx add: 1", "put a '.' before it if line 2 is a statement of its own"),
        ("MessageNotUnderstood new signal", None),
        ("3 + nil", "the argument is nil: a variable without a value, or something that was not found?"),
        ("(Dictionary new at: 'apple' put: 1; yourself) at: 'aple'", "did you mean apple?"),
        ("(Dictionary new at: #apple put: 1; yourself) at: #aple", "did you mean apple?"),
        ("(Dictionary new at: 'apple' put: 1; yourself) at: #aple", None),
        ("(Dictionary new at: 3 put: 1; yourself) at: 4", None),
        ("KeyNotFound new signal", None),
        ("x := 3. x ifTrue: [4]", "a condition is true or false; this one is of class SmallInteger"),
        ("x ifTrue: [4]", "a condition is true or false; this one is nil: a variable without a value?"),
        ("#(1) do: [ x | x ]", "parameters of a block are written with colons before a bar: [ :each | ... ]"),
        ("#(1) do: [:x :y | x ]", None),
        ("Object compile: 'foo: x return x'", "write '^ value' to answer a value"),
        ("Object compile: 'foo ^ Objct new'", "did you mean Object or ProtoObject?"),
        ("None", "nothing is written nil"),
        (
            "Object compile: 'foo function := 3'",
            "declare it at the beginning, | function |, or as a variable of the class",
        ),
        ("Object subclass: Zork", "a class that is to be new is named by a symbol: Object subclass: #Zork"),
        ("let := 3. let + 4. let foo", "did you mean floor?"),
        ("let := nil. let foo", NIL_RECEIVER),
        ("3 + 4.\nreturn x", "write '^ value' to answer a value"),
        ("x := [:y | new Object]. x value: 3", "an object is made by a message to its class: Foo new"),
    ],
)
def test_an_error_comes_with_a_suggestion(session: Lifetimes, code: str, suggestion: str | None) -> None:
    assert session.fail(code).suggestion == suggestion


def test_variables_of_tools_are_apart(session: Lifetimes) -> None:
    session.run("x := 1", "left")
    session.run("x := 2", "right")
    session.restart()
    assert [session.run("x", tool) for tool in ("left", "right", None)] == ["1", "2", "nil"]
    assert [(each["tool_id"], each["text"]) for each in session.image.variables()] == [
        ("left", "1"),
        ("right", "2"),
        ("", "nil"),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "'don''t'",
        "#at:put:",
        "$a",
        "2 raisedTo: 200",
        "-0.0",
        "Float nan",
        "3/4",
        "3.14s2",
        "true",
        "nil",
        "#(1 $a foo #(2))",
        "#[1 2 255]",
        "OrderedCollection new add: 1; add: 'two'; yourself",
        "Set new add: 3; add: 'x'; yourself",
        "Dictionary new at: #a put: 1; at: 'b' put: 2; at: 3/4 put: 3; yourself",
        "Bag new add: 3; add: 3; yourself",
        "3 -> 4",
        "1 to: 10 by: 3",
        "3 @ 4",
        "Array",
        "Array class",
        "Date today",
    ],
)
def test_values_of_every_kind_survive(session: Lifetimes, expression: str) -> None:
    printed = session.run(f"x := {expression}")
    session.restart()
    assert session.run("x") == printed


def test_identity_and_sharing_survive(session: Lifetimes) -> None:
    session.run("a := OrderedCollection new. b := Array with: a with: a. a add: b")
    session.run("h := a identityHash")
    session.restart()
    assert session.run("(b at: 1) == (b at: 2) and: [(b at: 1) == a and: [(a at: 1) == b]]") == "true"
    assert session.run("a identityHash = h") == "true"


def test_keys_with_hashes_of_their_own_are_found_again(session: Lifetimes) -> None:
    session.run(
        "d := Dictionary new. d at: 1/2 put: #half; at: 3@4 put: #point; at: 'text' put: #text; at: 5 put: #five"
    )
    session.run("d at: #(1 2) put: #array")
    session.restart()
    assert (
        session.run("{d at: 2/4. d at: 3@4. d at: 'text'. d at: 5. d at: #(1 2)}")
        == "#(#half #point #text #five #array)"
    )


def test_streams_go_on_where_they_stood(session: Lifetimes) -> None:
    session.run("s := ReadStream on: #(1 2 3). s next. w := WriteStream on: String new. w nextPutAll: 'ab'")
    session.restart()
    assert session.run("w nextPutAll: 'c'. {s next. w contents}") == "#(2 'abc')"


def test_a_random_generator_goes_on_where_it_stood(session: Lifetimes) -> None:
    session.run("a := Random seed: 42. b := Random seed: 42. 10 timesRepeat: [a next. b next]")
    session.restart()
    assert session.run("b next = (a next)") == "true"
    assert session.run("a nextInteger: 100") == session.run("b nextInteger: 100")


def test_a_generator_of_a_session_s_own_class_goes_on_that_was_stored_before_there_was_a_state(
    session: Lifetimes,
) -> None:
    session.run("Random subclass: #Dice instanceVariableNames: 'sides' classVariableNames: '' package: 'Demo'")
    session.run("Dice compile: 'sides: anInteger sides := anInteger'; compile: 'sides ^ sides'")
    session.run("d := Dice seed: 42. d sides: 6; yourself")
    records = session.records.records
    oid = next(oid for oid, record in records.items() if record[0] == "%Shape" and "sides" in record[2])
    (dice,) = (each for each, record in records.items() if record[0] == oid)
    records[oid] = (*records[oid][:2], ("seed", "sides"))
    state, _, sides = records[dice][1]
    records[dice] = (oid, (state, sides), None)
    session.restart()
    assert session.run("{d next = (Random seed: 42) next. d sides}") == "#(true 6)"


def test_a_caught_exception_survives(session: Lifetimes) -> None:
    session.run("e := [1/0] on: ZeroDivide do: [:ex | ex]")
    session.restart()
    assert session.run("e class") == "ZeroDivide"


def test_globals_survive_and_can_be_removed(session: Lifetimes) -> None:
    session.image.world.set_global("Answer", 42)
    session.commit()
    session.restart()
    assert session.run("Answer") == "42"
    session.image.world.set_global("Answer", 43)
    session.image.world.set_global("Other", 1)
    session.commit()
    session.image.world.remove_global("Other")
    session.commit()
    session.restart()
    assert session.run("Answer") == "43"
    assert session.fail("Other").kind == "syntax"


def test_objects_that_became_others_are_found_by_their_older_references(session: Lifetimes) -> None:
    session.run("a := OrderedCollection with: 1. b := Association key: 2 value: 3. h := Array with: a with: b")
    outcome = session.evaluate("a become: b. h")
    for each in outcome.value.items:
        session.image.world.heap.note("moved", each)
    session.commit()
    session.restart()
    assert session.run("h first key + h last first") == "3"
    assert session.run("h first == a and: [h last == b]") == "true"


def test_names_the_kernel_gives_are_the_same_object_after_a_restart(session: Lifetimes) -> None:
    session.run("t := Transcript")
    session.restart()
    assert session.run("t == Transcript") == "true"


def test_a_failed_evaluation_keeps_what_it_did_before(session: Lifetimes) -> None:
    report = session.fail("x := 5. nil foo")
    assert (report.kind, report.error_class) == ("error", "MessageNotUnderstood")
    session.restart()
    assert session.run("x") == "5"


@pytest.mark.parametrize("times", [1, 2])
def test_a_failure_names_the_line_of_the_do_it(session: Lifetimes, times: int) -> None:
    for _ in range(times):
        report = session.fail("| unlike |\nunlike := 3.\nunlike quux")
    assert report.stack[-1] == ("doIt", 3)
    assert report.line == 3


@pytest.mark.parametrize("code", ["1 + 2.\n 3 + (4 quux)", "'a' size.\n\n'b' foo", "#(1) do: [:e |\n  e zork]"])
def test_a_failure_names_line_and_column_of_the_message(session: Lifetimes, code: str) -> None:
    """Interpreted and compiled alike, and also where another text with longer literals compiled the shape."""
    longer = code.replace("'a'", "'a\n\n\nb'").replace("1 +", "12345 +")
    for text in (code, longer, code):
        report = session.fail(text)
        lines = text.split("\n")
        assert report.line == len(lines)
        assert report.column is not None
        assert lines[-1][report.column - 1 :].split(")")[0].rstrip("]") in {"quux", "foo", "zork"}


def test_a_result_prints_as_the_session_says(session: Lifetimes) -> None:
    plain = {"7": "7", "nil": "nil", "3 > 2": "true", "'it''s'": "'it''s'", "1 bitShift: 70": str(2**70)}
    assert {code: session.run(code) for code in plain} == plain
    session.run("Integer compile: 'printString ^ ''a number'''")
    assert session.run("7") == "a number"
    session.restart()
    assert session.run("7") == "a number"


def test_a_syntax_error_names_its_place_and_declares_nothing(session: Lifetimes) -> None:
    report = session.fail("novel := (3 + ")
    assert (report.kind, report.line) == ("syntax", 1)
    assert report.column
    assert report.suggestion
    assert session.image.variables() == []


def test_a_capitalised_name_must_be_known_or_assigned_first(session: Lifetimes) -> None:
    report = session.fail("3 + OrderedColection")
    assert (report.kind, report.line, report.column) == ("syntax", 1, 5)
    assert "OrderedCollection" in (report.suggestion or "")
    assert session.run("Total := 3. Total + 1") == "4"
    assert session.run("Total") == "3"
    assert session.fail("Total2 + (Total2 := 1)").kind == "syntax"


def test_one_shape_runs_in_sessions_where_its_names_differ() -> None:
    first, second = Lifetimes(), Lifetimes()
    first.run("Object subclass: #Thing")
    for _ in range(3):
        assert first.run("Thing printString") == "'Thing'"
        assert second.fail("Thing printString").kind == "syntax"
    second.image.world.set_global("Thing", 3)
    assert second.run("Thing printString") == "'3'"
    assert first.run("Thing printString") == "'Thing'"


def test_results_and_transcript(session: Lifetimes) -> None:
    outcome = session.evaluate("Transcript show: 'hello'; cr. 'text'", display=True)
    assert (outcome.result, outcome.display, outcome.class_name) == ("'text'", "text", "ByteString")
    assert outcome.transcript == "hello\n"
    assert session.evaluate("1").transcript == ""


def test_a_long_result_is_cut_with_a_note(session: Lifetimes) -> None:
    result = session.evaluate("(String new: 1000000) copyReplaceAll: '' with: ''").result
    assert len(result) < 300_000
    assert result.endswith("more characters)")


def test_a_value_whose_print_on_fails_is_still_a_result(session: Lifetimes) -> None:
    session.run("Object subclass: #Mute")
    session.run("Mute compile: 'printOn: aStream ^ self error: ''no'''")
    assert session.run("m := Mute new") == "<error printing a Mute>"
    assert session.run("m class") == "Mute"


def test_records_without_a_root_are_refused() -> None:
    with pytest.raises(BrokenImageError, match="root"):
        Image.restore(kernel(), FakeHost(), Records())


def test_damage_met_by_running_code_is_told_to_the_owner(session: Lifetimes) -> None:
    session.run("x := OrderedCollection new add: (Array with: 1); yourself")
    session.restart()
    lost = next(oid for oid, record in session.records.records.items() if record[0] == "Array")
    del session.records.records[lost]
    assert session.run("x size") == "1"
    assert session.image.damage is None
    assert session.fail("x first first").kind == "error"
    assert isinstance(session.image.damage, BrokenImageError)


def _printed(session: Lifetimes, object_id: str) -> str:
    """The printString of the object with that id."""
    shown = session.image.inspect(evaluation=session.image.begin(), object_id=object_id)
    assert shown.failure is None, shown.failure
    text: str = shown.value.text
    return text


@pytest.mark.parametrize("path", snippet_files(), ids=lambda path: path.stem)
def test_the_value_of_every_snippet_has_records_and_comes_back(path: Path, session: Lifetimes) -> None:
    """Each snippet's value is written without an error, and prints the same after a restart."""
    values = {}
    for snippet in read_snippets(path):
        outcome = session.evaluate(snippet.source)
        if outcome.failure is None:
            values[session.image.object_id(outcome.value)] = snippet
        session.commit()
    printed = {object_id: _printed(session, object_id) for object_id in values}  # later snippets changed some
    session.restart()
    for object_id, snippet in values.items():
        assert _printed(session, object_id) == printed[object_id], snippet


def test_an_older_state_can_be_restored_at_any_time(session: Lifetimes) -> None:
    session.run("x := OrderedCollection new add: 1; yourself")
    saved = dict(session.records.records)
    session.run("x add: 2")
    session.records.records = saved
    session.restart()
    assert session.run("x size") == "1"
    session.run("x add: 3")
    session.restart()
    assert session.run("x last") == "3"


def test_two_sessions_take_turns_and_load_their_own_objects() -> None:
    left, right = Lifetimes(), Lifetimes()
    left.run("c := (1 to: 50) asOrderedCollection collect: [:each | Array with: each]")
    right.run("c := (1 to: 50) asOrderedCollection collect: [:each | Array with: each * 1000]")
    hub, turns, sums = greenlet.getcurrent(), [], {}

    def start(name: str, session: Lifetimes) -> greenlet.greenlet:
        def yield_() -> None:
            turns.append(name)
            hub.switch()

        def body() -> None:
            evaluation = session.image.begin(yield_=yield_)
            code = "c inject: 0 into: [:sum :each | sum + each first]"
            sums[name] = session.image.evaluate(code, tool_id=None, display=False, evaluation=evaluation).result

        session.restart()
        return greenlet.greenlet(body)

    running = [start("left", left), start("right", right)]
    while running:
        for each in list(running):
            set_poll(True)
            each.switch()
            left.image.variables()
            if each.dead:
                running.remove(each)
    assert sums == {"left": "1275", "right": "1275000"}
    assert turns.count("left") > 10
    assert turns[:4] == ["left", "right", "left", "right"]


def test_a_block_of_a_do_it_keeps_the_string_literals_it_uses(session: Lifetimes) -> None:
    session.run("greeting := [:name | 'hello ', name, ' \N{SNOWMAN}']")
    session.restart()
    assert session.run("greeting value: 'world'") == "'hello world \N{SNOWMAN}'"
