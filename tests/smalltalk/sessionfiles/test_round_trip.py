"""What a session file says is the session: objects, blocks, classes, waiting computations, identity and hashes."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk import SavedState, SessionContents
from tests.smalltalk.harness import read_snippets, snippet_files
from tests.smalltalk.lifetimes import Lifetimes
from tests.smalltalk.memory.handmade import unrolled
from tests.smalltalk.sessionfiles.filed import contents_of, moved, opened, read, written

PROGRAM = (
    "Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: 'All' package: 'Demo'",
    "Counter class instanceVariableNames: 'made'",
    "Counter compile: 'bump ^n := (n ifNil: [0]) + 1'",
    "Counter class compile: 'new made := (made ifNil: [0]) + 1. ^All := super new'",
    "Counter class compile: 'made ^made'",
    "Trait named: #TLoud uses: {} package: 'Demo'",
    "TLoud compile: 'loud ^self printString asUppercase'",
    "Counter setTraitComposition: TLoud",
    "Integer compile: 'dbl ^self * 2'",
    "Smalltalk at: #Shared put: OrderedCollection new",
    "c := Counter new. c bump; bump. d := Counter new",
    "list := OrderedCollection new. list add: c; add: d; add: c; add: list",
    "b := [:by | | last | last := c bump + by. [last := last + 1]]. step := b value: 10",
    "Shared add: b; add: #[0 255]; add: $a; add: 1/3; add: 2.5; add: (2 raisedTo: 2000); add: #with:with:",
    "dict := Dictionary new. dict at: c put: 1; at: 'a text' put: dict; at: #key put: 2; at: 1 put: 3; at: 2.0 put: 4",
    "ids := IdentityDictionary new. ids at: c put: 'c'; at: d put: 'd'. hash := c identityHash",
    "set := Set withAll: {1. $a. #a. 'b'. c. 3/4}. weak := WeakSet new. weak add: c",
)


@pytest.fixture
def session() -> Lifetimes:
    """A session with a little of everything."""
    session = Lifetimes()
    for code in PROGRAM:
        session.run(code)
    return session


@pytest.fixture(autouse=True, scope="module")
def _raised_limit() -> None:
    """The first evaluation of a process raises Python's recursion limit, which hypothesis watches."""
    Lifetimes().run("1")


def same(one: Any, other: Any) -> bool:
    """Whether plain values are the same to the last bit: 1 is not true, -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return struct.pack(">d", one) == struct.pack(">d", other) if isinstance(one, float) else bool(one == other)


def in_full(record: Any) -> Any:
    """A record as a file says it: without runs of references."""
    return *record[:2], unrolled(record[2])


def test_references_to_neighbours_are_written_each_for_itself(session: Lifetimes) -> None:
    session.run("many := (1 to: 1500) collect: [:each | Array with: each]. few := many copyFrom: 7 to: 12")
    records = session.records.records
    assert any(in_full(record) != record for record in records.values())
    assert read(written(contents_of(session))).records == {oid: in_full(record) for oid, record in records.items()}
    assert moved(session).run("(many at: 1107) first -> ((many at: 7) == few first)") == "1107->true"


def test_every_record_comes_back_to_the_last_bit(session: Lifetimes) -> None:
    session.fail("(1 to: 3) collect: [:each | 6 / (each - 2)]")
    session.run("sleeper := [(Delay forSeconds: 1000) wait] fork. Processor yield")
    contents = contents_of(session, [{"seq": 1, "code": "3 + 4", "result": "7", "has_error": False}])
    back = read(written(contents))
    assert back.about == contents.about
    assert back.next_oid == contents.next_oid
    assert back.history == contents.history
    assert {oid for oid in back.records if not same(back.records[oid], contents.records[oid])} == set()


def test_a_file_written_of_a_file_is_the_same(session: Lifetimes) -> None:
    data = written(contents_of(session))
    assert written(read(data)) == data


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("c bump", "4"),
        ("list first == c and: [list last == list]", "true"),
        ("list third == list first", "true"),
        ("step value; value", "15"),
        ("(Shared first value: 100) value", "105"),
        ("Counter made", "2"),
        ("(Counter classVarNamed: #All) == d", "true"),
        ("c loud", "'A COUNTER'"),
        ("21 dbl", "42"),
        ("(dict at: 'a text') == dict", "true"),
        ("{dict at: c. dict at: #key. dict at: 1. dict at: 2}", "#(1 2 3 4)"),
        ("{ids at: c. ids at: d}", "#('c' 'd')"),
        ("c identityHash = hash", "true"),
        ("{set includes: c. set includes: 3/4. set includes: $a. set size}", "#(true true true 6)"),
        ("weak includes: c", "true"),
        ("Counter new. Counter made", "3"),
        ("(Counter >> #bump) sourceCode", "'bump ^n := (n ifNil: [0]) + 1'"),
    ],
)
def test_what_runs_in_the_session_runs_in_the_imported_one(session: Lifetimes, code: str, result: str) -> None:
    assert moved(session).run(code) == session.run(code) == result


def test_an_error_that_waits_goes_on(session: Lifetimes) -> None:
    session.fail("[(1 to: 3) collect: [:each | 6 / (each - 2)]] ensure: [c bump]")
    other = moved(session)
    for each in (session, other):
        outcome = each.image.debugger.proceed("c1", evaluation=each.image.begin(), code="100")
        assert outcome.result == "#(-6 100 6)"
        assert each.run("c bump") == "5"


def test_inspector_views_object_ids_and_breakpoints_move_along(session: Lifetimes) -> None:
    image = session.image
    image.inspect(evaluation=image.begin(), target="list")
    image.navigate(into=1)
    image.define_view("Counter", "double", "[:it | it bump * 2]")
    image.debugger.set_breakpoint("Counter>>bump", None)
    session.commit()
    other = moved(session).image
    assert other.inspector_state() == image.inspector_state()
    assert other.object_registry() == image.object_registry()
    assert other.variables() == image.variables()
    assert other.debugger.breakpoints() == image.debugger.breakpoints()


def test_a_class_that_was_reshaped_and_objects_that_became_others(session: Lifetimes) -> None:
    session.run("Object subclass: #Counter instanceVariableNames: 'm n' classVariableNames: 'All' package: 'Demo'")
    session.run("old := Array new: 3. new := OrderedCollection new. keep := old. old become: new")
    session.run("gone := Object new. held := {gone}. gone becomeForward: c")
    session.restart()
    other = moved(session)
    for code in ("c bump", "keep class", "old == keep", "new class", "held first == c", "d instVarAt: 1"):
        assert other.run(code) == session.run(code)


def test_savepoints_hold_what_was_otherwise_then(session: Lifetimes) -> None:
    session.run("x := 1. gone := 'only then'")
    before = dict(session.records.records)
    session.run("x := true. c bump. gone := nil")
    now = session.records.records
    former = {oid: record for oid, record in before.items() if not same(record, now[oid])}
    contents = contents_of(session, savepoints=[SavedState("then", 1_700_000_000_000, {"n": 1}, former)])
    back = read(written(contents))
    (saved,) = back.savepoints
    assert saved[:3] == ("then", 1_700_000_000_000, {"n": 1})
    assert len(saved.records) < len(back.records) / 4
    then = opened(back, saved)
    assert [then.run(code) for code in ("x", "c bump", "gone")] == ["1", "4", "'only then'"]
    assert [opened(back).run(code) for code in ("x", "c bump", "gone")] == ["true", "5", "nil"]


def test_classes_and_variables_with_any_name_that_code_can_give_them_move() -> None:
    session = Lifetimes()
    session.run("Trait named: #Polite uses: {} package: 'T'. Polite compile: 'greet ^1'. nil")
    session.run("Object subclass: #Host uses: Polite @ {#hello -> #greet} instanceVariableNames: '' package: 'T'. nil")
    session.run("gone := Host new. Host removeFromSystem. nil")
    session.run("Object subclass: #Former instanceVariableNames: 'n' package: 'T'. old := Former new. nil")
    session.run("(Smalltalk at: #Former) rename: #Later. nil")
    session.run(
        "nameless := Object newAnonymousSubclass. nameless compile: 'x ^3'. Integer addClassVarNamed: 'Own'. nil"
    )
    session.run("below := nameless newAnonymousSubclass. nil")
    session.run("Smalltalk at: #'a·b' put: 1; at: #lower put: 2. Ünlaut := 5. Object addClassVarNamed: 'small'. nil")
    code = (
        "{gone hello. old class. nameless new x. below new x. Smalltalk at: #'a·b'. Ünlaut. Integer classVarNames last}"
    )
    assert moved(session).run(code) == session.run(code)


@pytest.mark.parametrize("name", ["self", "a b", "", "1a", "a·b"])
def test_class_variables_have_names_that_code_can_use(name: str) -> None:
    assert "cannot name a variable of Integer" in Lifetimes().fail(f"Integer addClassVarNamed: '{name}'").message


def test_garbage_is_left_out(session: Lifetimes) -> None:
    session.run("big := (1 to: 300) collect: [:each | each printString]")
    many = len(read(written(contents_of(session))).records)
    session.run("big := nil")
    for number in range(300):
        session.run(f"'pushes it out of the registry {number}'")
    assert len(read(written(contents_of(session))).records) < many + 2 * 300 - 500


def test_halves_of_surrogate_pairs_that_stand_together_remain_two(session: Lifetimes) -> None:
    session.run("pair := String with: (Character value: 16rD83D) with: (Character value: 16rDE00)")
    history = [{"code": "\ud83d\ude00 \U0001f600 \ude00\ud83d"}]
    contents = read(written(contents_of(session, history)))
    assert contents.history == history
    assert opened(contents).run("pair size") == "2"


def test_a_session_in_which_nothing_was_done() -> None:
    contents = SessionContents({"client": "ann"}, 0, {}, [], [])
    assert read(written(contents))._replace(reading=None) == contents


@pytest.mark.parametrize("path", snippet_files(), ids=lambda path: path.stem)
def test_what_the_language_can_do_is_the_same_after_a_move(path: Any) -> None:
    """The first snippets of each feature, run half in the session and half in what its file makes."""
    session = Lifetimes()
    for number, snippet in enumerate(read_snippets(path)[:6]):
        session.evaluate(f"v{number} := [{snippet.source}\n] on: Error do: [:e | e messageText]")
        session.commit()
    other = moved(session)
    assert [each["text"] for each in other.image.variables()] == [each["text"] for each in session.image.variables()]


NAMES = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.tuples(
    st.sampled_from(
        [
            "{0} := {1}.",
            "{0} := OrderedCollection new. {0} add: {1}.",
            "({0} isKindOf: OrderedCollection) ifTrue: [{0} add: {1}].",
            "{0} := Dictionary new. {0} at: #k put: {1}; at: 1 put: {0}.",
            "{0} := {{ {1}. #[1 2]. 'x\\'. #a:b:. $\u00e9. nil. 1/3 }}.",
            "{0} := [:x | {1} := x].",
            "{0} := Association key: {1} value: 2 ** 90.",
            "{0} := IdentitySet with: {1}.",
        ]
    ),
    NAMES,
    NAMES,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=12), st.lists(STEPS, max_size=4))
def test_random_graphs_are_the_same_session_after_a_move(before: Any, after: Any) -> None:
    session = Lifetimes()
    session.run("a := 1. b := 'two'. c := #three. d := nil")
    for form, one, other in before:
        session.evaluate(form.format(one, other))
        session.commit()
    back = read(written(contents_of(session)))
    assert all(same(record, in_full(session.records.records[oid])) for oid, record in back.records.items())
    second = opened(back)
    for form, one, other in after:
        assert session.evaluate(form.format(one, other)).result == second.evaluate(form.format(one, other)).result
    identities = "{a == b. b == c. c == d. a == d. a class. b class. c class. d class}"
    assert session.evaluate(identities).result == second.evaluate(identities).result
