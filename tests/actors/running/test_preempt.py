"""The preemption timer, by both means."""

import signal
import threading

import pytest

from actors.running.preempt import AlarmTimer, ThreadTimer, new_timer


@pytest.mark.parametrize("kind", [AlarmTimer, ThreadTimer])
def test_it_flags_again_and_again_while_armed_and_can_be_armed_again(kind):
    flags = []
    timer = kind(0.001, lambda: flags.append(1))
    try:
        for is_short in (False, True, False):
            flags.clear()
            timer.arm(is_short=is_short)
            while len(flags) < 3:
                pass
            timer.disarm()
    finally:
        timer.close()


def test_the_alarm_gives_its_handler_back():
    before = signal.getsignal(signal.SIGALRM)
    AlarmTimer(1.0, lambda: None).close()
    assert signal.getsignal(signal.SIGALRM) is before


def test_the_main_thread_gets_alarms_and_any_other_a_thread():
    made = []
    thread = threading.Thread(target=lambda: made.append(new_timer(1.0, lambda: None)))
    thread.start()
    thread.join()
    made.append(new_timer(1.0, lambda: None))
    kinds = [type(timer) for timer in made]
    for timer in made:
        timer.close()
    assert kinds == [ThreadTimer, AlarmTimer]
