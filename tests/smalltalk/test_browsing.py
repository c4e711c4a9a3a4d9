"""Classes and methods as browsers show them, and searches: the session's own and the kernel's, read without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk import ClassBrowser, ClassNotFoundError, CodeSearch, Method, MethodNotFoundError, code_row, method_row
from tests.smalltalk.lifetimes import Lifetimes

DEPOSIT = 'deposit: n\n\t"Add n."\n\tbalance := self balance + n'


@pytest.fixture
def session() -> Lifetimes:
    """A session with two classes, methods on both sides, and changes to a kernel class; it was restored."""
    session = Lifetimes()
    session.run(
        "Object subclass: #Account instanceVariableNames: 'balance' classVariableNames: 'Count' package: 'Bank'"
    )
    session.run("Account subclass: #Savings instanceVariableNames: 'rate' classVariableNames: '' package: 'Bank'")
    session.run("Account comment: 'Keeps money.'")
    session.run("Account compile: 'balance ^ balance ifNil: [0]' classified: 'accessing'")
    session.run(f"Account compile: '{DEPOSIT}' classified: 'accessing'")
    session.run("Account class compile: 'open ^ self new deposit: 5; yourself' classified: 'instance creation'")
    session.run("Savings compile: 'later ^ {#deposit:. Account. [:Savings | Savings]}'")
    session.run("Integer compile: 'euros ^ Account new deposit: self' classified: '*Bank'")
    session.run("Object comment: 'The session''s own words.'")
    session.restart()
    return session


@pytest.fixture
def browser(session: Lifetimes) -> ClassBrowser:
    return ClassBrowser(session.image.world)


@pytest.fixture
def search(session: Lifetimes) -> CodeSearch:
    return CodeSearch(session.image.world, lambda: None)


def labels(methods: list[Method]) -> list[str]:
    return [f"{method.owner.name}>>{method.selector}" for method in methods]


def test_a_class_row_tells_its_definition(browser: ClassBrowser) -> None:
    row = {
        "name": "Account",
        "superclass": "Object",
        "comment": "Keeps money.",
        "package": "Bank",
        "is_system": False,
    }
    assert browser.class_row(browser.subject("Account")) == row
    assert browser.class_row(browser.subject("Account class")) == row


def test_a_kernel_class_shows_the_sessions_comment_and_methods(browser: ClassBrowser) -> None:
    row = browser.class_row(browser.subject("Object"))
    assert (row["comment"], row["is_system"]) == ("The session's own words.", True)
    assert browser.class_row(browser.subject("ProtoObject"))["superclass"] is None
    assert {"name": "*Bank", "method_count": 1} in browser.categories("Integer", "Instance")
    assert browser.method("Integer", "euros", is_class_side=False).category == "*Bank"


def test_what_the_session_removed_is_not_shown(session: Lifetimes) -> None:
    assert browser_lists(session, "Object", "value")
    session.run("Object removeSelector: #value")
    assert not browser_lists(session, "Object", "value")


def browser_lists(session: Lifetimes, class_name: str, selector: str) -> bool:
    rows = ClassBrowser(session.image.world).listing(class_name, "Instance")
    return any(row["name"] == selector for row in rows)


def test_a_method_shows_whole_and_as_code(browser: ClassBrowser) -> None:
    method = browser.method("Account", "deposit:", is_class_side=False)
    assert method_row(method) == {
        "name": "deposit:",
        "source": DEPOSIT,
        "category": "accessing",
        "is_class_method": False,
        "arguments": ["n"],
        "comment": "Add n.",
    }
    assert code_row(method) == {
        "class_name": "Account",
        "name": "deposit:",
        "category": "accessing",
        "is_class_method": False,
        "source_code": DEPOSIT,
        "line_count": 3,
    }


def test_a_mode_says_which_side_is_meant(browser: ClassBrowser) -> None:
    def names(class_name: str, mode: Any, category: str | None = None) -> list[str]:
        return [row["name"] for row in browser.listing(class_name, mode, category)]

    assert names("Account", "Instance") == ["balance", "deposit:"]
    assert names("Account", "Class") == names("Account class", "Instance") == ["open"]
    assert names("Account", "All") == ["balance", "deposit:", "open"]
    assert names("Account", "All", "instance creation") == ["open"]
    assert browser.categories("Account", "All") == [
        {"name": "accessing", "method_count": 2},
        {"name": "instance creation", "method_count": 1},
    ]


def test_the_tree_nests_subclasses_on_either_side(browser: ClassBrowser) -> None:
    (row,) = browser.tree("Account")
    assert row == {
        "id": "Account",
        "name": "Account",
        "class_type": "Regular",
        "children": [
            {"id": "Savings", "name": "Savings", "class_type": "Regular", "children": [], "is_expanded": True}
        ],
        "is_expanded": True,
    }
    (side,) = browser.tree("Account class")
    assert (side["class_type"], side["children"][0]["name"]) == ("Metaclass", "Savings class")


def test_the_whole_tree_holds_every_class_once(browser: ClassBrowser) -> None:
    pending, names = browser.tree(None), []
    while pending:
        row = pending.pop()
        names.append(row["name"])
        pending += row["children"]
    assert sorted(names) == [each.name for each in browser.classes()]


def test_a_tree_too_deep_is_cut_and_says_so(session: Lifetimes) -> None:
    session.run("Object subclass: #L0")
    session.run(
        "(1 to: 30) inject: (Smalltalk at: #L0) into: [:above :n | above subclass: ('L', n printString) asSymbol]"
    )
    (row,) = ClassBrowser(session.image.world).tree("L0")
    levels = 1
    while row["children"]:
        (row,) = row["children"]
        levels += 1
    assert (levels, row["is_expanded"]) == (24, False)


def test_classes_are_listed_by_pattern(browser: ClassBrowser) -> None:
    assert [each.name for each in browser.classes("acc*")] == ["Account"]
    assert [each.name for each in browser.classes(include_system=False)] == ["Account", "Savings"]
    assert {"Array", "ArrayedCollection"} <= {each.name for each in browser.classes("Array*")}


def test_what_is_not_there_is_named_with_the_nearest(browser: ClassBrowser) -> None:
    with pytest.raises(ClassNotFoundError, match="Acount") as wrong_class:
        browser.behavior("Acount")
    assert wrong_class.value.suggestion == "Account"
    with pytest.raises(MethodNotFoundError, match="#deposti:") as wrong_method:
        browser.method("Account", "deposti:", is_class_side=False)
    assert wrong_method.value.suggestion == "deposit:"
    with pytest.raises(MethodNotFoundError, match="Account class"):
        browser.method("Account", "deposit:", is_class_side=True)


def test_senders_are_those_that_send_or_name_the_selector(search: CodeSearch) -> None:
    assert labels(search.senders("deposit:")) == ["Account class>>open", "Integer>>euros", "Savings>>later"]
    assert "Account>>deposit:" in labels(search.senders("+"))
    assert "Account>>deposit:" in labels(search.senders("balance"))
    assert search.senders("depo") == []


def test_implementors_are_found_everywhere(search: CodeSearch) -> None:
    assert labels(search.implementors("deposit:")) == ["Account>>deposit:"]
    assert {"Object>>printOn:", "Collection>>printOn:"} <= set(labels(search.implementors("printOn:")))


def test_references_mean_the_global_not_a_variable_of_that_name(search: CodeSearch) -> None:
    assert labels(search.references("Account")) == ["Integer>>euros", "Savings>>later"]
    assert search.references("Savings") == []
    assert search.references("Count") == []


def test_names_are_found_by_part_and_by_capitals_best_first(search: CodeSearch) -> None:
    assert "OrderedCollection" in [each.name for each in search.classes("OC")][:3]
    assert search.classes("dictionary")[0].name == "Dictionary"
    assert labels(search.methods("pos", "Account", "Instance")) == ["Account>>deposit:"]
    assert labels(search.methods("open", None, "Class"))[0] == "Account class>>open"
    assert "Account class>>open" not in labels(search.methods("open", None, "Instance"))


def test_a_search_is_stopped_where_it_pauses(session: Lifetimes) -> None:
    evaluation = session.image.begin()
    evaluation.interrupt()
    search = CodeSearch(session.image.world, evaluation.poll)
    failure = evaluation.run(lambda: search.senders("deposit:")).failure
    assert failure is not None
    assert failure.kind == "interrupted"


def test_reading_pauses_with_every_method(session: Lifetimes) -> None:
    pauses: list[None] = []
    browser = ClassBrowser(session.image.world, lambda: pauses.append(None))
    browser.method_rows(browser.subject("Account"))
    assert len(pauses) == 2


def test_reading_changes_nothing(session: Lifetimes, browser: ClassBrowser, search: CodeSearch) -> None:
    browser.tree(None)
    browser.method_rows(browser.subject("Account"))
    search.senders("at:put:")
    search.references("Transcript")
    assert session.commit() == []
