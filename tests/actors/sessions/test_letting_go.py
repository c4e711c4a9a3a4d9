"""Sessions that leave memory go at once: nothing of them waits for Python's search for circles of objects."""

import gc
from contextlib import contextmanager

import pytest

CODES = {
    "plain objects": "x := (1 to: 20) collect: [:i | Array with: i with: i printString]. x size",
    "objects in circles": "d := Dictionary new. d at: 1 put: d. c := OrderedCollection new. c add: c; add: d. c size",
    "a block in itself": "| a | a := OrderedCollection new. b := [:x | a add: x]. a add: b. a size",
    "a waiting process": "s := Semaphore new. p := [s wait. x := 3] fork. Processor yield. x",
    "a waiting error": "a := Array new: 3. b := [:x | x foo: a]. b value: 3",
    "a handled error": "e := [1/0] on: ZeroDivide do: [:each | each]. e messageText size",
}


@contextmanager
def circles():
    """The objects of our own rooms that only a search for circles finds, once the block has ended."""
    found = []
    gc.freeze()  # so that the search is among what the block makes, and short
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += [each for each in gc.garbage if type(each).__module__.startswith(("actors", "smalltalk", "pykka"))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


def close(client, token):
    client.result("close_session", session_id=token)


def hibernate(server, client, token):
    supervisor = server.system.supervisor
    supervisor.hibernate(supervisor.roster.find(token))
    client.result("ping")


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_session_that_is_closed_leaves_no_circle(server, client, code):
    def cycle():
        token = client.create()
        client.ask("evaluate", code=code, session_id=token)
        close(client, token)
        client.result("ping")

    cycle()
    with circles() as found:
        cycle()
    assert found == []


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_session_that_hibernates_leaves_no_circle(server, client, code):
    def cycle():
        token = client.create()
        client.ask("evaluate", code=code, session_id=token)
        hibernate(server, client, token)
        client.ask("evaluate", code="x := 1. s size", session_id=token)
        hibernate(server, client, token)

    cycle()
    with circles() as found:
        cycle()
    assert found == []


def test_classes_leave_no_objects_but_their_types_and_what_stands_in_these(server, client):
    """A Python type refers to itself: it goes with the next search, and must hold nothing of the session."""
    define = "Object subclass: #Foo instanceVariableNames: 'a' classVariableNames: 'K' package: 'P'. "
    define += "Foo compile: 'a ^ a'. Foo compile: 'a: x a := x'. f := Foo new a: (Array new: 9). f a: f. f a size"

    def cycle():
        token = client.create()
        client.result("evaluate", code=define, session_id=token)
        close(client, token)
        client.result("ping")

    cycle()
    with circles() as found:
        cycle()
    names = {type(each).__name__ for each in found if not isinstance(each, type)}
    assert names <= {"Breakpoints", "Attributes", "Metaclass", "Foo class"}


def test_a_defect_of_a_session_that_has_left_lets_none_of_its_processes_go_on(server, client):
    supervisor = server.system.supervisor
    token = client.create()
    client.evaluate("p := [(Delay forSeconds: 1000) wait] fork. Processor yield. 1", session_id=token)
    session = supervisor.roster.find(token).session
    assert supervisor.parts.background.due_in_ns() is not None
    close(client, token)
    supervisor.session_failed(session)
    assert supervisor.parts.background.due_in_ns() is None
