"""Programs that would break the scheduling of processes: whatever they write, the session stays usable."""

import pytest

from smalltalk import set_poll

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
