"""Programs that would break the scheduling of processes: whatever they write, the session stays usable."""

import pytest

from smalltalk import set_poll
from smalltalk.runtime.processes import Processes

SPOILERS = {
    "priority": "#text",
    "state": "#ready",
    "suspendingList": "3",
    "wakeAt": "'soon'",
    "answer": "Object new",
    "order": "7",
    "entrance": "Semaphore",
    "context": "'none'",
    "variables": "5",
    "block": "4",
}


def run(session, code):
    """Run code and store what it did; answers the result, or the class of the error."""
    outcome = session.evaluate(code)
    session.commit()
    return outcome.result if outcome.failure is None else outcome.failure.error_class


def is_usable(session):
    """Whether processes work, now and after a restart."""
    check = "s := Semaphore new. [s signal] fork. s wait. (Delay forSeconds: 1) wait. 7"
    before = run(session, check)
    session.restart()
    session.image.world.processes().run_background(lambda: False)
    return (before, run(session, check)) == ("7", "7")


@pytest.mark.parametrize("name", SPOILERS)
@pytest.mark.parametrize(
    "doing", ["Processor sleep", "1 second wait", "Semaphore new wait", "lock critical: [lock wait]"]
)
def test_a_process_with_a_spoilt_variable_harms_nobody_else(session, name, doing):
    run(session, f"lock := Semaphore forMutualExclusion. p := [{doing}] fork. Processor yield")
    run(session, f"p instVarNamed: '{name}' put: {SPOILERS[name]}")
    run(session, "[p resume] on: Error do: [:e | nil]. p priority: 50. Processor yield. 2 seconds wait. p terminate")
    session.image.world.processes().run_background(lambda: False)
    assert is_usable(session)


@pytest.mark.parametrize("variables", ["excessSignals", "waiting"])
def test_a_semaphore_with_a_spoilt_variable_is_an_error_at_most(session, variables):
    run(session, f"s := Semaphore new. [s wait] fork. Processor yield. s instVarNamed: '{variables}' put: #(1 2)")
    run(session, "s signal; signal. s wait. s critical: [3]. s signal")
    assert is_usable(session)


def test_semaphores_and_processes_that_were_never_initialised(session):
    assert run(session, "Semaphore basicNew signal; wait. 7") == "7"
    assert run(session, "Process basicNew resume; terminate; suspend. Process new resume. 7") == "7"
    session.image.world.processes().run_background(lambda: False)
    assert is_usable(session)


@pytest.mark.parametrize("process", ["p", "Processor activeProcess"])
@pytest.mark.parametrize(
    "exchange", ["{0} become: Object new", "Object new become: {0}", "{0} becomeForward: Object new"]
)
def test_a_process_cannot_become_something_else(session, process, exchange):
    run(session, "p := [1 second wait] fork. Processor yield")
    assert run(session, exchange.format(process)) == "Error"
    session.restart()
    assert run(session, exchange.format(process)) == "Error"
    assert run(session, "p isWaiting") == "true"
    assert is_usable(session)


def test_two_processes_cannot_become_each_other(session):
    run(session, "p := [1 second wait] fork. q := [Semaphore new wait] fork. Processor yield")
    assert run(session, "p become: q") == run(session, "p becomeForward: q") == "Error"
    assert is_usable(session)


def test_a_stored_schedule_that_names_something_else_is_restored_without_that(session, monkeypatch):
    run(session, "p := [1 second wait] fork. o := Object new. Processor yield")
    stray, sleeping = session.evaluate("o").value, session.evaluate("p").value
    with monkeypatch.context() as patch:
        patch.setattr(Processes, "scheduled", lambda _processes: [stray, sleeping])
        session.commit()
    session.restart()
    (restored,) = session.image.world.processes().scheduled()
    assert session.evaluate("p").value is restored
    assert is_usable(session)


@pytest.mark.parametrize("other", ["Object new", "Semaphore new", "(Array new: 3)"])
@pytest.mark.parametrize("message", ["become:", "becomeForward:"])
@pytest.mark.parametrize("waiting", ["s wait", "s waitTimeoutSeconds: 1", "d wait", "s critical: [s wait]", "g next"])
def test_what_a_process_waits_for_may_become_something_else(session, other, message, waiting):
    run(session, "s := Semaphore new. d := Delay forSeconds: 1. g := Generator on: [:x | s wait. x yield: 1]")
    run(session, f"p := [{waiting}] fork. Processor yield")
    for each in "sdg":
        run(session, f"{each} {message} {other}")
    run(session, "[s signal] on: Error do: [:e | nil]. p suspend; resume. Processor yield. p terminate")
    assert is_usable(session)
    assert run(session, "p isTerminated") == "true"


@pytest.mark.parametrize("doing", ["s wait", "Processor sleep"])
@pytest.mark.parametrize("before_restart", [True, False])
def test_a_class_of_processes_may_be_defined_as_one_of_other_things(session, doing, before_restart):
    run(session, "Process subclass: #Job instanceVariableNames: '' classVariableNames: '' category: 'Jobs'")
    run(session, f"s := Semaphore new. p := Job forBlock: [[{doing}] repeat] priority: 30. p resume. 1 second wait")
    run(session, "Object subclass: #Job instanceVariableNames: '' classVariableNames: '' category: 'Jobs'")
    if before_restart:
        run(session, "p printString. s signal. [p terminate] on: Error do: [:e | nil]. 1 second wait")
    session.restart()
    assert run(session, "s signal. p") == "a Job"
    assert is_usable(session)


def test_an_object_whose_class_becomes_one_of_processes_can_run(session):
    run(
        session, "Object subclass: #Job instanceVariableNames: '' classVariableNames: '' category: 'Jobs'. o := Job new"
    )
    run(session, "Process subclass: #Job instanceVariableNames: '' classVariableNames: '' category: 'Jobs'")
    run(session, "o initialize; setBlock: [1 second wait. done := 5]; resume. Processor yield")
    session.restart()
    assert run(session, "2 seconds wait. done") == "5"
    assert is_usable(session)


def test_a_fork_bomb_fills_its_room_only(session):
    run(session, "bomb := nil. bomb := [bomb fork. bomb fork]. bomb fork. 3")
    rounds = iter(range(3_000))
    session.image.world.processes().run_background(lambda: next(rounds, None) is None)
    set_poll(False)
    assert session.image.world.processes().terminate_ready() <= 1_000
    session.image.world.processes().run_background(lambda: False)
    assert is_usable(session)


def test_an_unwinding_block_that_never_ends_is_ended_at_the_second_order(session):
    run(session, "p := [[[Processor yield] repeat] ensure: [[Processor yield] repeat]] fork. 3")
    looks_left = 0

    def is_over():
        nonlocal looks_left
        looks_left -= 1
        set_poll(True)
        return looks_left < 0

    processes = session.image.world.processes()
    for is_expected in ("false", "false", "true"):
        looks_left = 10
        set_poll(True)
        processes.run_background(is_over)
        set_poll(False)
        assert run(session, "p isTerminated") == is_expected
        processes.terminate_ready()
    assert is_usable(session)
