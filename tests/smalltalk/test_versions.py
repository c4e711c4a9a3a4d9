"""Definitions that were replaced or removed come back, after a restart too, and no others are kept than the last."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk import ClassNotFoundError, MethodHistory, VersionNotFoundError
from smalltalk.runtime.versions import (
    CHARACTERS_MAX,
    VERSIONS_MAX,
    VERSIONS_PER_CLASS_MAX,
    VERSIONS_PER_DEFINITION_MAX,
)
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A session with a method that was compiled three times."""
    session = Lifetimes()
    session.run("Object subclass: #Shape instanceVariableNames: 'x' classVariableNames: '' package: 'Shapes'")
    for number in (1, 2, 3):
        session.run(f"Shape compile: 'area ^ {number}' classified: 'size {number}'")
    return session


def rows(session: Lifetimes, selector: str = "area", **where: Any) -> list[dict[str, Any]]:
    return MethodHistory(session.image.world).versions("Shape", selector, **where)


def test_versions_are_listed_newest_first_with_the_present_one(session: Lifetimes) -> None:
    session.restart()
    found = rows(session)
    assert [row["source"] for row in found] == ["area ^ 3", "area ^ 2", "area ^ 1"]
    assert [row["category"] for row in found] == ["size 3", "size 2", "size 1"]
    assert [row["change"] for row in found] == [None, "replaced", "replaced"]
    assert found[0]["version_id"] == 0
    assert found[1]["version_id"] > found[2]["version_id"]


def test_a_version_is_restored_and_what_it_replaced_is_kept(session: Lifetimes) -> None:
    oldest = rows(session)[-1]["version_id"]
    MethodHistory(session.image.world).restore("Shape", "area", oldest)
    session.commit()
    session.restart()
    assert session.run("Shape new area") == "1"
    assert [row["source"] for row in rows(session)] == ["area ^ 1", "area ^ 3", "area ^ 2", "area ^ 1"]


def test_a_removed_method_comes_back_on_either_side(session: Lifetimes) -> None:
    session.run("Shape class compile: 'unit ^ 1'")
    session.run("Shape class removeSelector: #unit. Shape removeSelector: #area")
    session.restart()
    history = MethodHistory(session.image.world)
    assert history.removed("Shape") == ["area"]
    assert history.removed("Shape", is_class_side=True) == ["unit"]
    newest = rows(session, "unit", is_class_side=True)[0]
    assert newest["change"] == "removed"
    history.restore("Shape", "unit", newest["version_id"], is_class_side=True)
    assert session.run("Shape unit") == "1"


def test_the_language_restores_methods_and_comments(session: Lifetimes) -> None:
    assert session.run("(Shape >> #area) versions last restore. Shape new area") == "1"
    session.run("Shape comment: 'one'; comment: 'two'")
    session.restart()
    assert session.run("Shape commentVersions first restore. Shape comment") == "'one'"


def test_class_definitions_are_kept_as_what_defines_them_again(session: Lifetimes) -> None:
    session.run("Shape addInstVarNamed: 'y'")
    session.run("Shape removeFromSystem")
    session.restart()
    assert (
        session.run("(Smalltalk definitionVersionsOf: #Shape) collect: [:each | each change]")
        == "#(#removed #replaced)"
    )
    definition = session.evaluate("(Smalltalk definitionVersionsOf: #Shape) first sourceCode").value.text
    session.run(definition)
    assert session.run("Shape instVarNames") == "#(#x #y)"
    session.run("(Shape versionsOf: #area) first restore")
    assert session.run("Shape new area") == "3"


def test_an_overridden_kernel_method_is_a_version(session: Lifetimes) -> None:
    session.run("Integer compile: 'isPrime ^ nil'")
    (row,) = MethodHistory(session.image.world).versions("Integer", "isPrime")[1:]
    MethodHistory(session.image.world).restore("Integer", "isPrime", row["version_id"])
    assert session.run("7 isPrime") == "true"


def test_the_same_source_again_is_no_version(session: Lifetimes) -> None:
    session.run("Shape compile: 'area ^ 3' classified: 'other'")
    assert len(rows(session)) == 3
    assert rows(session)[0]["category"] == "other"


def test_a_method_keeps_what_it_was_when_it_is_replaced(session: Lifetimes) -> None:
    session.run("m := Shape >> #area")
    session.run("Shape compile: 'area ^ 4'")
    session.restart()
    assert session.run("{m sourceCode. m isInstalled. m valueWithReceiver: Shape new arguments: #()}") == (
        "#('area ^ 3' false 3)"
    )


def test_one_definition_does_not_push_out_the_others(session: Lifetimes) -> None:
    session.run("Shape compile: 'other ^ 1'. Shape compile: 'other ^ 2'")
    session.run("1 to: 200 do: [:n | Shape compile: 'area ^ 1 + ' , n printString]")
    assert len(rows(session)) == VERSIONS_PER_DEFINITION_MAX + 1
    assert len(rows(session, "other")) == 2


def test_a_session_keeps_a_bounded_number_of_versions(session: Lifetimes) -> None:
    session.run(
        "1 to: 600 do: [:n | Shape compile: 'm' , n printString , ' ^ 1'. Shape compile: 'm' , n printString , ' ^ 2']"
    )
    session.restart()
    entries = session.image.world.versions.entries()
    assert len(entries) == VERSIONS_MAX
    assert entries[-1].selector == "m600"
    session.run("Shape compile: 'newest ^ 1'. Shape compile: 'newest ^ 2'")
    session.restart()
    numbers = [each.number for each in session.image.world.versions.entries()]
    assert numbers == sorted(numbers)
    session.run("Shape removeFromSystem")
    assert (
        sum(each.change == "removed" for each in session.image.world.versions.entries()) == VERSIONS_PER_CLASS_MAX + 1
    )


def test_long_definitions_are_bounded_as_well(session: Lifetimes) -> None:
    session.run(
        "1 to: 60 do: [:n | {''. ' '} do: [:end | Shape compile: "
        "'l' , n printString , ' \"' , (String new: 60000 withAll: $x) , '\" ^ 1' , end]]"
    )
    session.run("Shape compile: 'huge \"' , (String new: 70000 withAll: $x) , '\" ^ 1'. Shape removeSelector: #huge")
    entries = session.image.world.versions.entries()
    assert 0 < sum(len(each.source) for each in entries) <= CHARACTERS_MAX
    assert entries[-1].selector == "l60"


def test_what_is_not_there_is_named(session: Lifetimes) -> None:
    history = MethodHistory(session.image.world)
    with pytest.raises(VersionNotFoundError):
        history.restore("Shape", "area", 9_999)
    with pytest.raises(ClassNotFoundError):
        history.versions("Nowhere", "area")
    assert history.versions("Shape", "nothing") == []
