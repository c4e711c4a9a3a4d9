"""Goal: sources are filed in once, their tests run, and both outlive the server's death.

Method: a class and its test in Tonel, as people exchange exercises, sent to a real server that is killed in between.
"""

import pytest

pytestmark = pytest.mark.system

SOURCE = """\
Class { #name : #Greeter, #superclass : #Object, #category : #'Exercise@Greeter' }

{ #category : #greeting }
Greeter >> greet: aName [
	^ 'Hello, ' , (aName ifNil: [ 'you' ])
]

Class { #name : #GreeterTest, #superclass : #TestCase, #instVars : [ 'greeter' ], #category : #'Exercise@Greeter' }

{ #category : #running }
GreeterTest >> setUp [
	super setUp.
	Transcript show: '.'.
	greeter := Greeter new
]

{ #category : #tests }
GreeterTest >> testNobody [
	self assert: (greeter greet: nil) equals: 'Hello, you'
]

{ #category : #tests }
GreeterTest >> testSomebody [
	self assert: (greeter greet: 'Ann') equals: 'Hello, Bob'
]
"""


def test_sources_and_their_tests_outlive_a_kill(server, connect):
    client = connect(server)
    token = client.create()
    filed_in = client.result("file_in", session_id=token, text=SOURCE, format="tonel", op_id="once")
    assert filed_in["classes"] == ["Greeter", "GreeterTest"]
    assert len(filed_in["methods"]) == 4
    assert filed_in["errors"] == []
    server.kill()
    server.start()
    client = connect(server)
    ran = client.result("run_tests", session_id=token, client_id="ann")
    assert (ran["run_count"], ran["passed"], ran["failures"], ran["has_passed"]) == (2, 1, 1, False)
    assert ran["transcript"] == ".."
    (problem,) = ran["problems"]
    assert (problem["class"], problem["selector"]) == ("GreeterTest", "testSomebody")
    assert problem["message"] == "Got 'Hello, Ann' instead of 'Hello, Bob'."
    assert problem["stack"][-1] == "GreeterTest>>testSomebody line 2"
    filed_out = client.result("file_out", session_id=token, client_id="ann", format="tonel", package="Exercise@Greeter")
    again = client.result("file_in", session_id=client.create("bob"), text=filed_out["text"], format="tonel")
    assert again["methods"] == [
        "Greeter>>#greet:",
        "GreeterTest>>#setUp",
        "GreeterTest>>#testNobody",
        "GreeterTest>>#testSomebody",
    ]


def test_a_repeated_file_in_gets_the_first_reply_and_runs_nothing(client):
    token = client.create()
    client.evaluate("n := 0", session_id=token)
    asked = {"session_id": token, "text": "n := n + 1!", "format": "chunk", "op_id": "again"}
    assert client.result("file_in", **asked) == client.result("file_in", **asked)
    assert client.evaluate("n", session_id=token) == "1"


def test_tests_that_never_end_are_stopped_by_their_budget(client):
    token = client.create()
    source = "Class { #name : #Endless, #superclass : #TestCase }\nEndless >> testOn [ [ true ] whileTrue ]\n"
    client.result("file_in", session_id=token, text=source, format="tonel")
    assert client.failure("run_tests", session_id=token, timeout_ms=50).error_type == "Timeout"
    assert client.evaluate("3 + 4", session_id=token) == "7"


def test_what_cannot_be_found_or_read_is_refused(client):
    token = client.create()
    assert client.failure("file_out", session_id=token, format="chunk", **{"class": "Nowhere"}).error_type == (
        "ClassNotFound"
    )
    assert client.failure("run_tests", session_id=token, classes=["Object"]).error_type == "ClassNotFound"
    assert client.failure("file_out", session_id=token, format="chunk", all=False).error_type == "InvalidRequest"
    broken = client.failure("file_in", session_id=token, text="Class { #name", format="tonel")
    assert (broken.error_type, broken.details["line"]) == ("SyntaxError", 1)


def test_progress_is_heard_while_tests_run(server, connect):
    runner, listener = connect(server), connect(server)
    token = runner.create()
    source = SOURCE + "\n{ #category : #tests }\nGreeterTest >> testZzz [\n\t[ true ] whileTrue\n]\n"
    runner.result("file_in", session_id=token, text=source, format="tonel")
    listener.result("subscribe", session_id=token, events=["progress"], client_id="ann")
    running = runner.send("run_tests", session_id=token)
    event = listener.next_event()
    assert (event.name, event.data["done"], event.data["total"]) == ("progress", 0, 3)
    interrupt = runner.send("interrupt", session_id=token)
    answers = {reply.reply_id: reply.answer for reply in (runner.receive(), runner.receive())}
    assert answers[interrupt]["interrupted"] is True
    assert answers[running].error_type == "Interrupted"
