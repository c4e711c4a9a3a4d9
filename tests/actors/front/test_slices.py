"""The front asks for short slices: the system takes it and changes nothing else, and elsewhere nothing happens."""

import os
import subprocess
import sys

import pytest

from actors.front import slices

ASKS = """
import os
from actors.front.slices import ask_for_short_slices, ask_for_usual_slices
os.nice(3)
for ask in (ask_for_short_slices, ask_for_usual_slices):
    print(ask(), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0) == os.SCHED_OTHER)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a call of Linux")
def test_the_system_takes_it_and_the_niceness_stays():
    """In a process of its own, whose niceness does not matter."""
    told = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["True", str(os.getpriority(os.PRIO_PROCESS, 0) + 3), "True"] * 2


def test_a_machine_whose_call_is_not_known_is_left_alone(monkeypatch):
    monkeypatch.setattr(slices.platform, "machine", lambda: "another")
    assert slices.ask_for_short_slices() is False


def test_who_was_given_another_policy_keeps_it(monkeypatch):
    monkeypatch.setattr(slices.os, "sched_getscheduler", lambda _pid: -1, raising=False)
    assert slices.ask_for_short_slices() is False
