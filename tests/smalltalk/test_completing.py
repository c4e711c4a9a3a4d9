"""Completion: what is proposed at the end of a piece of code, mostly unfinished or wrong, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk import Completer, WorkspaceVariable
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk.tools.complete import Completion


@pytest.fixture(scope="module")
def session() -> Lifetimes:
    """A session with variables of known classes and a class of its own."""
    session = Lifetimes()
    session.run("Object subclass: #Account instanceVariableNames: '' classVariableNames: '' package: 'Bank'")
    session.run("Account comment: 'Keeps money.'")
    session.run("Account compile: 'deposit: n in: place \"Add n.\" ^ n' classified: 'accessing'")
    session.run("Account class compile: 'openWith: n ^ self new' classified: 'accessing'")
    session.run("account := Account new. items := OrderedCollection new. dict := Dictionary new. Answer := 42")
    return session


def complete(session: Lifetimes, code: str, position: int | None = None, count: int = 50) -> Completion:
    """Complete code at a position, by default its end."""
    variables = [
        WorkspaceVariable(each["name"], each["class_name"], each["text"]) for each in session.image.variables("")
    ]
    completer = Completer(session.image.world, variables, lambda: None)
    return completer.complete(code, len(code) if position is None else position, count)


def texts(session: Lifetimes, code: str) -> list[str]:
    return [suggestion.text for suggestion in complete(session, code).suggestions]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("acc", "account"),
        ("x := ite", "items"),
        ("items add: (acc", "account"),
        ("Acc", "Account"),
        ("DLL", "DoubleLinkedList"),
        ("Transc", "Transcript"),
        ("sel", "self"),
        ("| local | loc", "local"),
        ("[:each | eac", "each"),
        ("[:a :bee | | cee | a + be", "bee"),
        ("[:a :bee | | cee | a + ce", "cee"),
        ("zip := 3. zi", "zip"),
        ("account dep", "deposit:in:"),
        ("account deposit: 3 i", "in:"),
        ("account deposit: 3 in: 4; dep", "deposit:in:"),
        ("Account ope", "openWith:"),
        ("Account new dep", "deposit:in:"),
        ("(Account new) dep", "deposit:in:"),
        ("Answer asStrin", "asString"),
        ("items addF", "addFirst:"),
        ("OrderedCollection new add: 1; addF", "addFirst:"),
        ("items isEmpty; addF", "addFirst:"),
        ("dict at: 1 pu", "put:"),
        ("dict at: (items at: 1) ifAbsentP", "ifAbsentPut:"),
        ("3 even", "even"),
        ("'abc' asUpp", "asUppercase"),
        ("#foo numA", "numArgs"),
        ("$a isVow", "isVowel"),
        ("3.5 trunc", "truncated"),
        ("[:x | x] numA", "numArgs"),
        ("{1. 2} isEmp", "isEmpty"),
        ("#(1 $a (2)) isEmp", "isEmpty"),
        ("#[1 2] isEmp", "isEmpty"),
        ("true ifT", "ifTrue:"),
        ("unknown addFirs", "addFirst:"),
        ("#addFirs", "addFirst:"),
        ("items inject: 0 in", "into:"),
    ],
)
def test_the_likeliest_comes_first(session: Lifetimes, code: str, first: str) -> None:
    assert texts(session, code)[0] == first


@pytest.mark.parametrize(
    ("code", "first"),
    [
        (")] items addF", "addFirst:"),
        ("foo := [ ( items addF", "addFirst:"),
        ("'don''t' , 3r9 foo. acc", "account"),
        ("x := := . . ^ acc", "account"),
        ("| a b | a ; ; items addF", "addFirst:"),
        ("\x00 § acc", "account"),
    ],
)
def test_broken_code_is_completed_all_the_same(session: Lifetimes, code: str, first: str) -> None:
    assert texts(session, code)[0] == first


@pytest.mark.parametrize("code", ["'acc", '"acc', "[:acc", "| acc", "#(acc", "#[1 ", "$", "3 + 'x' , 'acc"])
def test_nothing_is_proposed_in_texts_comments_literals_and_where_a_name_is_given(
    session: Lifetimes, code: str
) -> None:
    assert texts(session, code) == []


@pytest.mark.parametrize(
    ("code", "kind", "first"),
    [
        ("Object subclass: #Acc", "class", "Account"),
        ("Object subclass: #", "class", "Account"),
        ("Object subclass: #DLL", "class", "DoubleLinkedList"),
        ("Object subclass: #Foo instanceVariableNames: '' package: 'Ba", "package", "Bank"),
        ("Object subclass: #Foo instanceVariableNames: '' package: '", "package", "Bank"),
        ("Account class compile: 'x' category: 'Collections-Seq", "package", "Collections-Sequenceable"),
    ],
)
def test_classes_and_packages_are_proposed_where_they_are_named(
    session: Lifetimes, code: str, kind: str, first: str
) -> None:
    completion = complete(session, code)
    assert (completion.suggestions[0].text, completion.suggestions[0].kind) == (first, kind)
    assert code[completion.start - 1] in "#'"
    assert {suggestion.kind for suggestion in completion.suggestions} == {kind}


def test_a_package_says_how_many_classes_it_has(session: Lifetimes) -> None:
    (bank,) = complete(session, "Object subclass: #X package: 'Bank").suggestions
    assert bank.signature == "1 class"


def test_an_unclear_receiver_gets_every_selector_of_that_beginning(session: Lifetimes) -> None:
    suggestions = complete(session, "items first addF").suggestions
    assert {suggestion.kind for suggestion in suggestions} == {"selector"}
    assert "addFirst:" in [suggestion.text for suggestion in suggestions]


def test_what_the_receiver_understands_comes_before_other_selectors(session: Lifetimes) -> None:
    kinds = [suggestion.kind for suggestion in complete(session, "items add").suggestions]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"method", "selector"}


def test_variables_come_before_classes_and_these_before_selectors(session: Lifetimes) -> None:
    suggestions = complete(session, "ac", count=500).suggestions
    kinds = [suggestion.kind for suggestion in suggestions]
    assert kinds == sorted(kinds, key=["variable", "class", "selector"].index)
    assert [suggestion.text for suggestion in suggestions][:2] == ["account", "Account"]
    assert texts(session, "Acc")[:2] == ["Account", "account"]


def test_a_suggestion_tells_its_form_and_its_comment(session: Lifetimes) -> None:
    method, *_ = complete(session, "account dep").suggestions
    assert method == ("deposit:in:", "method", "deposit: n in: place", "Add n.")
    subject, *_ = complete(session, "Acc").suggestions
    assert subject == ("Account", "class", "Object subclass: #Account", "Keeps money.")
    variable, *_ = complete(session, "items").suggestions
    assert variable == ("items", "variable", "OrderedCollection", "an OrderedCollection")


def test_the_text_to_replace_begins_at_start_and_ends_at_the_cursor(session: Lifetimes) -> None:
    code = "account depo foo. items"
    completion = complete(session, code, position=code.index("o foo"))
    assert (completion.start, completion.suggestions[0].text) == (8, "deposit:in:")
    assert complete(session, "x", position=1_000).start == 0


@pytest.mark.parametrize(
    "code",
    ["(" * 40_000 + "3" + ")" * 40_000 + " ev", " ".join(f"n{k} := {k}." for k in range(30_000)), "x " * 200_000],
    ids=["parentheses", "names", "tokens"],
)
def test_a_text_of_the_largest_size_is_taken(session: Lifetimes, code: str) -> None:
    assert len(complete(session, code, count=5).suggestions) <= 5


def test_no_more_than_asked_for_is_answered(session: Lifetimes) -> None:
    assert len(complete(session, "a", count=7).suggestions) == 7


def test_completing_changes_nothing(session: Lifetimes) -> None:
    complete(session, "items add: Transcript; dep")
    assert session.commit() == []


PIECES = [*"()[]{}.;^:|+#§\n'\"", "acc", "items", "3", "'a'", "#b", "$c", "#(", "#[", ":=", "at:", "put:", "16r"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_whatever_is_typed_gets_an_answer(session: Lifetimes, pieces: list[str]) -> None:
    code = " ".join(pieces)
    completion = complete(session, code, count=3)
    assert 0 <= completion.start <= len(code)
    assert len(completion.suggestions) <= 3
