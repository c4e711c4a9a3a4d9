"""Waking the loop, by both means."""

import select

import pytest

from actors.loop.wakeup import EventfdWakeup, SocketpairWakeup


@pytest.fixture(params=[EventfdWakeup, SocketpairWakeup])
def wakeup(request):
    made = request.param()
    yield made
    made.close()


def is_readable(wakeup):
    return bool(select.select([wakeup], [], [], 0)[0])


def test_it_is_readable_when_set_until_cleared(wakeup):
    assert not is_readable(wakeup)
    wakeup.set()
    wakeup.set()
    assert is_readable(wakeup)
    wakeup.clear()
    assert not is_readable(wakeup)


def test_clearing_what_is_clear_does_nothing(wakeup):
    wakeup.clear()
    assert not is_readable(wakeup)


@pytest.mark.parametrize("kind", [EventfdWakeup, SocketpairWakeup])
def test_setting_one_that_is_closed_does_nothing(kind):
    """A second SIGTERM comes while the server closes its parts."""
    made = kind()
    made.close()
    made.set()


def test_it_can_be_set_without_end(wakeup):
    """Far more often than any system keeps bytes for a pair of sockets."""
    for _ in range(30_000):
        wakeup.set()
    wakeup.clear()
    assert not is_readable(wakeup)
