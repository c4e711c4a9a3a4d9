"""Goal: a session goes back before any of its last evaluations, with all it held then, across SIGKILL.

Method: a real server, Smalltalk programs, kills at any moment. `STUI_CRASH_SEED` and `STUI_CRASH_ROUNDS` as in
`test_crash.py`.
"""

import os
import random

import pytest

pytestmark = pytest.mark.system

ROUNDS = int(os.environ.get("STUI_CRASH_ROUNDS", "2"))
SEED = int(os.environ.get("STUI_CRASH_SEED", random.SystemRandom().randrange(2**32)))
REQUESTS_PER_ROUND = 12

#: An undo reaches back over the last 100 evaluations, undos included; what is older stays.
REACH = 90

DEFINITION = "Object subclass: #Counter instanceVariableNames: 'count' classVariableNames: '' package: 'Demo'"


def test_classes_methods_and_objects_go_back_and_come_again(server, connect):
    client = connect(server)
    token = client.create("ann")
    for code in (
        "list := OrderedCollection new. alias := list",
        DEFINITION,
        "Counter compile: 'bump ^ count := (count ifNil: [0]) + 1'",
        "list add: Counter new; yourself. list first bump",
        "Counter compile: 'bump ^ count := count + 10'",
        "Object subclass: #Counter instanceVariableNames: 'other count' classVariableNames: '' package: 'Demo'",
        "list first bump",
    ):
        client.evaluate(code, session_id=token)
    server.kill()
    server.start()
    client = connect(server)
    assert client.result("undo", session_id=token, before=5)["code"].startswith("Counter compile: 'bump ^ count")
    server.kill()
    server.start()
    client = connect(server)
    assert client.evaluate("list first bump", session_id=token) == "2"
    assert client.evaluate("alias == list and: [alias first == list first]", session_id=token) == "true"
    assert client.result("undo", session_id=token, steps=3)["before"] == 4
    assert client.evaluate("list isEmpty and: [Counter new bump = 1]", session_id=token) == "true"
    assert client.result("undo", session_id=token, before=8)["code"] == '"undo to before 5"'
    assert client.evaluate("list first bump", session_id=token) == "21"


def test_undo_before_the_first_evaluation_leaves_a_session_as_new_that_goes_on(server, connect):
    client = connect(server)
    token = client.create("ann")
    client.evaluate("x := 3", session_id=token)
    assert client.result("undo", session_id=token)["before"] == 1
    assert client.evaluate("x", session_id=token) == "nil"
    assert client.evaluate("y := OrderedCollection with: 4", session_id=token) == "an OrderedCollection(4)"
    server.kill()
    server.start()
    client = connect(server)
    assert client.evaluate("y first", session_id=token) == "4"
    assert client.result("undo", session_id=token, before=2)["before"] == 2
    assert client.evaluate("x", session_id=token) == "3"


def test_a_computation_that_waited_then_waits_again_and_goes_on(server, connect):
    client = connect(server)
    token = client.create("ann")
    context_id = client.failure("evaluate", code="6 / (d := 0)", session_id=token).details["context_id"]
    client.result("debug", operation="Abandon", context=context_id, session_id=token)
    assert client.result("debug", operation="ListContexts", session_id=token)["contexts"] == []
    client.evaluate("d := 3", session_id=token)
    client.result("undo", session_id=token, steps=2)
    server.kill()
    server.start()
    client = connect(server)
    waiting = client.result("debug", operation="ListContexts", session_id=token)["contexts"]
    assert [each["context_id"] for each in waiting] == [context_id]
    done = client.result("debug", operation="Continue", context=context_id, proceed_with="7", session_id=token)
    assert done["result"] == "7"


@pytest.mark.campaign
def test_evaluations_and_undos_that_a_kill_meets_are_done_once(server, connect):
    """Who repeats what was not answered, and what was, finds each done once, in the order in which it was asked."""
    chance = random.Random(SEED)
    client = connect(server)
    token = client.create("ann")
    client.evaluate("list := OrderedCollection new. 0", session_id=token)
    expected: list[int] = []
    asked = 0
    for _ in range(ROUNDS):
        requests = []
        for _ in range(REQUESTS_PER_ROUND):
            asked += 1
            if expected and asked - expected[-1] < REACH and chance.random() < 0.5:
                expected.pop()
                requests.append(("undo", {"op_id": f"op-{asked}"}))
            else:
                expected.append(asked)
                requests.append(("evaluate", {"op_id": f"op-{asked}", "code": f"list add: {asked}. 0"}))
        answers = ask_all(client, token, requests, chance.randrange(REQUESTS_PER_ROUND))
        server.kill()
        server.start()
        client = connect(server)
        again = ask_all(client, token, requests, REQUESTS_PER_ROUND)
        assert again[: len(answers)] == answers, SEED
    assert client.evaluate("list asArray", session_id=token) == f"#({' '.join(map(str, expected))})", SEED


def ask_all(client, token, requests, count):
    """Send all requests at once; return the first answers, which are no failures."""
    for command, parameters in requests:
        client.send(command, session_id=token, **parameters)
    answers = [client.receive().answer for _ in range(count)]
    assert all(isinstance(answer, dict) for answer in answers), (SEED, answers)
    return answers
