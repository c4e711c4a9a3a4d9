"""SIGHUP means new settings as long as the terminal is there, and the end when it has gone."""

import os
import signal

import pytest

from actors.commands import hangup


@pytest.fixture
def heard(monkeypatch):
    """What SIGHUP led to; the process's own terminal, if any, is out of sight."""
    before = signal.getsignal(signal.SIGHUP)
    monkeypatch.setattr(hangup, "_STANDARD_DESCRIPTORS", ())
    yield []
    signal.signal(signal.SIGHUP, before)


def listen(heard):
    hangup.listen_for_hangup(lambda: heard.append("stop"), lambda: heard.append("reload"))


def test_a_server_stops_when_its_terminal_is_closed(heard, monkeypatch):
    keyboard, terminal = os.openpty()
    monkeypatch.setattr(hangup, "_STANDARD_DESCRIPTORS", (terminal,))
    listen(heard)
    signal.raise_signal(signal.SIGHUP)
    os.close(keyboard)
    signal.raise_signal(signal.SIGHUP)
    os.close(terminal)
    assert heard == ["reload", "stop"]


def test_a_server_without_a_terminal_reads_its_settings_again(heard):
    listen(heard)
    signal.raise_signal(signal.SIGHUP)
    assert heard == ["reload"]


def test_who_says_nohup_means_the_server_to_outlive_the_terminal(heard, monkeypatch):
    keyboard, terminal = os.openpty()
    monkeypatch.setattr(hangup, "_STANDARD_DESCRIPTORS", (terminal,))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    listen(heard)
    os.close(keyboard)
    signal.raise_signal(signal.SIGHUP)
    os.close(terminal)
    assert heard == ["reload"]
