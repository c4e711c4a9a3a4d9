"""Filing in and running tests, with Smalltalk itself: what the history and subscribers are told of it."""

import pytest

TESTS = """\
Class { #name : #PlainTest, #superclass : #TestCase, #category : #Plain }

PlainTest >> testOne [
	self assert: 3 + 4 equals: 7
]

PlainTest >> testTwo [
	Transcript show: 'two'.
	self assert: false
]

PlainTest >> testThree [
	self assert: true
]
"""


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


@pytest.fixture
def token(client):
    return client.create()


def entries(client, token):
    """Code, result and whether it failed, of all that is in the history."""
    found = client.result("history", session_id=token)["entries"]
    return [(entry["code"], entry["result"], entry["has_error"]) for entry in found]


def test_filing_in_and_running_tests_are_in_the_history(client, token):
    client.result("file_in", session_id=token, text=TESTS, format="tonel")
    summary = client.result("run_tests", session_id=token)["summary"]
    client.result("run_tests", session_id=token, classes=["PlainTest"])
    assert entries(client, token) == [
        (
            f'"file_in of {len(TESTS)} characters, tonel"',
            "classes: 1, methods: 3, expressions: 0, errors: 0",
            False,
        ),
        ('"run_tests of everything"', summary, True),
        ('"run_tests of PlainTest"', summary, True),
    ]
    assert client.evaluate(entries(client, token)[0][0], session_id=token) == "nil"


def test_a_file_that_is_no_file_is_in_the_history_too(client, token):
    assert client.error("file_in", session_id=token, text="Class {", format="tonel") == "SyntaxError"
    ((_, result, has_error),) = entries(client, token)
    assert has_error
    assert "SyntaxError" in result or "expected" in result


def test_definitions_that_are_refused_count_as_errors(client, token):
    text = "Object subclass: #Foo!\n!Foo methodsFor: 'x'!\nbar\n\t^ (! !"
    (error,) = client.result("file_in", session_id=token, text=text, format="chunk")["errors"]
    assert (error["line"], error["column"], error["class"], error["selector"]) == (4, 5, "Foo", "bar")
    assert entries(client, token)[0][2] is True


def test_subscribers_hear_of_filing_in_and_of_the_progress_of_tests(server, client, token):
    listener = server.client()
    listener.result("subscribe", session_id=token, events=["transcript", "evaluation", "progress"])
    client.result("file_in", session_id=token, text=TESTS, format="tonel")
    client.result("run_tests", session_id=token)
    listener.result("ping")
    heard = [(event["event"], event["data"]) for event in listener.events]
    assert [name for name, _ in heard] == ["evaluation", "progress", "progress", "transcript", "evaluation"]
    first = {"operation": "run_tests", "done": 0, "total": 3, "class": "PlainTest", "selector": "testOne"}
    assert [data for name, data in heard if name == "progress"] == [
        first,
        {"operation": "run_tests", "done": 3, "total": 3},
    ]
    assert heard[3][1] == {"text": "two"}


def test_progress_is_told_again_when_time_has_passed(server, client, token, monkeypatch):
    monkeypatch.setattr("actors.operations.progress.INTERVAL_NS", 0)
    client.result("file_in", session_id=token, text=TESTS, format="tonel")
    listener = server.client()
    listener.result("subscribe", session_id=token, events=["progress"])
    client.result("run_tests", session_id=token)
    listener.result("ping")
    assert [event["data"]["done"] for event in listener.events] == [0, 1, 2, 3]


def test_a_file_that_could_not_come_in_again_does_not_go_out_and_names_the_limit(client, token):
    client.result("file_in", session_id=token, text=TESTS, format="tonel")
    for number in range(2):
        code = f"PlainTest compile: 'long{number} \"{'x' * 600_000}\"'"
        client.result("evaluate", session_id=token, code=code)
    refused = client.ask("file_out", session_id=token, format="tonel", all=True)
    assert refused["error_type"] == "LimitExceeded"
    assert refused["details"] == {"limit": "code_chars_max", "maximum": 1_048_576}
