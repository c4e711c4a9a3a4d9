"""Inspecting shows objects as they are, survives what their methods do, and remembers where it stood."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk import (
    Child,
    InspectorError,
    ObjectView,
    SemanticFailure,
    SyntaxFailure,
    UnknownClassError,
    UnknownObjectIdError,
)
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A session with a node class."""
    session = Lifetimes()
    session.run("Object subclass: #Node instanceVariableNames: 'name next' classVariableNames: '' package: 'P'")
    session.run("Node compile: 'name: a name := a'")
    session.run("Node compile: 'next: a next := a'")
    return session


def inspect(session: Lifetimes, target: str | None = None, **arguments: Any) -> ObjectView:
    """Inspect an expression or id; answers what is shown."""
    outcome = session.image.inspect(evaluation=session.image.begin(), target=target, **arguments)
    assert outcome.failure is None, outcome.failure
    session.commit()
    assert isinstance(outcome.value, ObjectView)
    return outcome.value


def children(view: ObjectView) -> dict[str, str]:
    """Names and texts of the children."""
    return {child.name: child.text for child in view.children}


def test_variables_and_elements_are_children(session: Lifetimes) -> None:
    view = inspect(session, "Node new name: 'a'; next: 3; yourself")
    assert (view.class_name, view.text, view.size) == ("Node", "a Node", 0)
    assert children(view) == {"name": "'a'", "next": "3"}
    assert all(child.is_variable for child in view.children)
    view = inspect(session, "OrderedCollection new add: 1; add: #b; yourself")
    assert (view.size, children(view)) == (2, {"1": "1", "2": "#b"})


def test_entries_of_a_dictionary_are_named_by_their_keys(session: Lifetimes) -> None:
    view = inspect(session, "Dictionary new at: #a put: 1; at: 'b' put: 2; at: 3 put: 3; yourself")
    assert children(view) == {"#a": "1", "'b'": "2", "3": "3"}


def test_what_a_block_captured_is_shown_by_its_names_in_the_source(session: Lifetimes) -> None:
    view = inspect(session, "| a_b | a_b := 5. x := 6. [:y | a_b := a_b + y + x]")
    assert children(view) == {"a_b": "5", "x": "6"}


def test_immediates_have_no_children(session: Lifetimes) -> None:
    for expression, text in (("7", "7"), ("nil", "nil"), ("#foo", "#foo"), ("'abc'", "'abc'"), ("Array", "Array")):
        view = inspect(session, expression)
        assert (view.text, view.children, view.children_total) == (text, [], 0)


def test_children_are_paged_and_have_ids(session: Lifetimes) -> None:
    view = inspect(session, "(1 to: 1000) asArray collect: [:each | Array with: each]", offset=500, count=3)
    assert view.children_total == 1000
    assert children(view) == {"501": "#(501)", "502": "#(502)", "503": "#(503)"}
    session.restart()
    assert inspect(session, object_id=view.children[1].object_id).text == "#(502)"


def test_a_cycle_is_shown_as_a_reference(session: Lifetimes) -> None:
    view = inspect(session, "n := Node new. n name: 1; next: n")
    reference = view.children[1]
    assert reference.is_cycle
    assert reference.object_id == view.object_id
    inspect(session, "Node new next: (Node new next: n)")
    session.image.navigate(into="next")
    assert not session.image.navigate(into="next")["selected_object"]


def test_a_child_whose_printing_fails_does_not_spoil_the_others(session: Lifetimes) -> None:
    session.run("Node compile: 'printOn: aStream ^ self foo'")
    session.run("Node compile: 'hash ^ self foo'")
    view = inspect(session, "Array with: Node new with: 2")
    assert children(view) == {"1": "<error printing a Node>", "2": "2"}
    assert inspect(session, "Node new").hash == 0


def test_long_texts_of_children_are_cut(session: Lifetimes) -> None:
    (child,) = inspect(session, "Array with: (String new: 5000 withAll: $x)").children
    assert len(child.text) < 300
    assert child.text.endswith("more characters)")


def test_children_of_children_come_as_deep_as_asked(session: Lifetimes) -> None:
    code = "Node new name: 'a'; next: (Node new name: #b; next: (Array with: 1 with: 2); yourself); yourself"
    flat = inspect(session, code).children[1]
    assert (flat.children, flat.children_total) == ([], None)
    inner = inspect(session, code, depth=2).children[1]
    assert [child.text for child in inner.children] == ["#b", "#(1 2)"]
    assert inner.children[1].children_total is None
    elements = inspect(session, code, depth=3).children[1].children[1]
    assert [child.name for child in elements.children] == ["1", "2"]
    assert all(child.object_id for child in elements.children)
    assert [child.is_variable for child in (*inner.children, *elements.children)] == [True, True, False, False]


def test_a_deep_look_does_not_follow_a_cycle(session: Lifetimes) -> None:
    view = inspect(session, "a := Node new. b := Node new next: a; yourself. a name: 1; next: b", depth=20)
    b = view.children[1]
    assert b.children[1].is_cycle
    assert b.children[1].object_id == view.object_id
    assert b.children[1].children == []


def test_a_deep_look_is_bounded_from_above_downwards(session: Lifetimes) -> None:
    grow = "| rows | rows := 3. 3 timesRepeat: [| below | below := rows. rows := Array new: 60 withAll: below]. rows"
    view = inspect(session, grow, depth=20, count=100)

    def count(children: list[Child]) -> int:
        return sum(1 + count(child.children) for child in children)

    assert len(view.children) == 60
    assert count(view.children) == 1000
    first = view.children[0]
    assert (len(first.children), first.children_total) == (50, 60)
    assert not any(child.children for child in first.children)


def test_a_page_behind_the_end_is_empty(session: Lifetimes) -> None:
    assert inspect(session, "#(1 2)", offset=2**63 - 1).children == []


def test_printing_that_changes_what_is_shown_does_not_disturb(session: Lifetimes) -> None:
    session.run("Object subclass: #Eater instanceVariableNames: 'home' classVariableNames: '' package: 'P'")
    session.run("Eater compile: 'home: h home := h'")
    session.run("Eater compile: 'printOn: s home removeAll: home keys copy. s << ''eaten'''")
    session.run("d := Dictionary new. 1 to: 5 do: [:k | d at: k put: (Eater new home: d; yourself)]")
    session.run("Dictionary compile: 'printOn: s s << ''d'''")
    assert len(inspect(session, "d", depth=3).children) == 5


def test_a_custom_view_that_fails_shows_so_and_the_object_too(session: Lifetimes) -> None:
    session.image.define_view("Node", "broken", "[:each | each foo]")
    session.image.view("broken")
    view = inspect(session, "Node new")
    assert view.text == "a Node"
    assert view.view_text is not None
    assert "foo" in view.view_text


def test_where_it_stands_the_inspector_keeps_its_selection(session: Lifetimes) -> None:
    inspect(session, "Node new name: 1; yourself")
    session.image.select("name")
    assert session.image.navigate(to=0)["selected_object"] == "name"
    session.image.navigate(into="name")
    assert session.image.navigate(back=True)["selected_object"] is None


def test_an_expression_that_fails_is_a_failure_and_an_unknown_id_is_refused(session: Lifetimes) -> None:
    outcome = session.image.inspect(evaluation=session.image.begin(), target="nil foo")
    assert outcome.failure is not None
    with pytest.raises(UnknownObjectIdError):
        session.image.inspect(evaluation=session.image.begin(), object_id="424242")


def test_the_path_goes_in_back_forward_and_anywhere(session: Lifetimes) -> None:
    inspect(session, "Node new name: #outer; next: (Node new name: #inner; yourself); yourself")
    state = session.image.navigate(into="next")
    assert [step["label"] for step in state["path"]][1:] == ["next"]
    assert session.image.navigate(back=True)["index"] == 0
    assert session.image.navigate(forward=True)["index"] == 1
    assert session.image.navigate(into=0)["path"][2]["object_id"] == "s:#inner"
    assert session.image.navigate(to=0)["index"] == 0
    assert len(session.image.navigate(into="name")["path"]) == 2
    for step in ({"into": "nothing"}, {"into": 99}, {"forward": True}, {"to": 7}):
        with pytest.raises(InspectorError):
            session.image.navigate(**step)


def test_nothing_can_be_done_before_something_is_inspected(session: Lifetimes) -> None:
    with pytest.raises(InspectorError, match="nothing is being inspected"):
        session.image.navigate(into=0)
    with pytest.raises(InspectorError):
        session.image.navigate(back=True)
    assert session.image.inspector_state()["path"] == []


def test_path_selection_view_and_settings_survive(session: Lifetimes) -> None:
    inspect(session, "Node new name: #outer; next: (Node new name: #inner; yourself); yourself")
    session.image.navigate(into="next")
    session.image.select("name")
    session.image.view("table", {"columns": ["name"], "width": 3})
    session.image.define_view("Node", "table", "[:node | 'a row']")
    before = session.image.inspector_state()
    session.commit()
    session.restart()
    assert session.image.inspector_state() == before
    assert before["selected_object"] == "name"
    assert before["view"] == {"name": "table", "settings": {"columns": ["name"], "width": 3}}
    outcome = session.image.inspect_current(evaluation=session.image.begin())
    assert outcome.value.view_text == "a row"
    assert session.image.select(None)["selected_object"] is None


def test_a_view_is_replaced_under_its_name_and_must_compile(session: Lifetimes) -> None:
    session.image.define_view("Node", "short", "[:node | 1]")
    state = session.image.define_view("Node", "short", "[:node | 2]")
    assert [view["code"] for view in state["views"]] == ["[:node | 2]"]
    with pytest.raises(UnknownClassError):
        session.image.define_view("Nod", "short", "[:node | 1]")
    with pytest.raises(SyntaxFailure):
        session.image.define_view("Node", "short", "[:node | ")
    with pytest.raises(SemanticFailure):
        session.image.define_view("Node", "short", "[:node | Foo new]")


def test_settings_have_a_limit(session: Lifetimes) -> None:
    with pytest.raises(InspectorError, match="characters"):
        session.image.view("table", {"x": "y" * 20_000})
