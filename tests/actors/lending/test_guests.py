"""Smalltalk as a guest: objects with identity, blocks, processes and texts go to the quarantine worker and back."""

import pytest

#: Takes many slices, each of which takes much of the clock, which moves with each look at it.
BUSY = "1 to: 600000 do: [:each | each printString]."
TICKS_MAX = 20_000


@pytest.fixture
def make_engine(smalltalk):
    return smalltalk


@pytest.fixture
def settings():
    return {"cpu_budget_ms": 86_400_000, "wait_budget_ms": 86_400_000}


@pytest.fixture
def busy(server, client, quarantine, token):
    """Evaluate something around a busy piece of code, which must have been lent; answer the reply."""

    def busy(before, after):
        server.clock.step_ns = 100_000_000
        sent = client.send("evaluate", code=f"{before} {BUSY} {after}", session_id=token)
        for _ in range(TICKS_MAX):
            server.tick()
            if client.socket.poll(0):
                break
        server.clock.step_ns = 0
        assert quarantine.offers == 1, "it was not lent"
        reply = client.receive()
        assert reply["id"] == sent
        return reply

    return busy


@pytest.fixture
def token(client):
    return client.create()


def test_objects_keep_their_identity_and_new_ones_come_home(client, busy, token):
    client.evaluate("a := OrderedCollection with: 1. b := Array with: a with: a. d := Dictionary new", session_id=token)
    reply = busy("a add: 2. d at: #old put: a.", "a add: (c := Object new). d at: #new put: c. {a == b first. a size}")
    assert reply["result"]["result"] == "#(true 3)"
    told = client.evaluate(
        "{b first == a. b last == a. a last == c. (d at: #old) == a. (d at: #new) == c}", session_id=token
    )
    assert told == "#(true true true true true)"


def test_blocks_temporaries_and_the_stack_go_on(client, busy, token):
    client.evaluate("Object subclass: #Guest instanceVariableNames: 'n' package: 'Guests'", session_id=token)
    client.evaluate(
        "Guest compile: 'do: aBlock n := 0. [aBlock value: self] ensure: [n := n + 1]. ^ n'", session_id=token
    )
    reply = busy("| k | k := 5. g := Guest new. r := g do: [:each | k := k + 1.", "k := k * 2]. {r. k}")
    assert reply["result"]["result"] == "#(1 12)"
    assert client.evaluate("g do: [:each | each]", session_id=token) == "1"


def test_what_was_written_before_and_after_is_one_transcript(busy):
    assert busy("Transcript show: 'before '.", "Transcript show: 'after'. 3")["result"]["transcript"] == "before after"


def test_an_error_on_loan_waits_and_goes_on_at_home(client, busy, token):
    reply = busy("| k | k := 1.", "k := k / 0. k + 41")
    assert reply["error_type"] == "EvaluationError"
    assert reply["details"]["class"] == "ZeroDivide"
    done = client.result("debug", proceed_with="1", context=reply["details"]["context_id"], session_id=token)
    assert done["result"] == "42"


def test_a_process_that_it_forked_goes_on_at_home(server, client, busy, token):
    busy("s := Semaphore new. p := [s wait. z := 7] fork. Processor yield.", "s signal. 3")
    for _ in range(50):
        server.clock.advance(ms=1_000)
        server.tick()
    assert client.evaluate("z", session_id=token) == "7"


def test_one_that_sleeps_when_its_owner_ends_goes_on_after_the_start(server, client, quarantine, token):
    server.clock.step_ns = 100_000_000
    code = f"{BUSY} (Delay forSeconds: 1000) wait. 3 + 4"
    client.send("evaluate", code=code, session_id=token, op_id="long")
    while not quarantine.guests:
        server.tick()
    guest = next(iter(quarantine.worker._guests.values()))
    while guest.running is None or guest.running.wake_at_ns is None:
        server.tick()
    server.clock.step_ns = 0
    guest.running.weighing = guest.running.weighing or iter(())  # which goes on when it wakes
    quarantine.stop_server()
    assert quarantine.guests == 0
    server.restart()
    quarantine.meet()
    again = server.client()
    again.send("evaluate", code=code, session_id=token, op_id="long")
    server.tick()
    server.clock.advance(ms=1_000_000)
    assert again.receive()["result"]["result"] == "7"


def test_very_many_objects_come_home_in_steps(client, busy, token):
    assert busy("", "all := (1 to: 10000) collect: [:each | Array with: each]. all size")["result"]["result"] == "10000"
    assert client.evaluate("(all inject: 0 into: [:sum :each | sum + each first])", session_id=token) == "50005000"
