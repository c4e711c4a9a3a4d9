"""The language as the server's engine: what it keeps compiled, and what it says of that."""

import logging

from actors.clock import SystemClock
from actors.running import language
from actors.running.language import SmalltalkEngine


class Kept(dict):
    """Compiled code by its keys."""

    def code(self, key):
        return self.get(key)

    def put_code(self, entries):
        self.update(entries)


def test_the_first_start_says_why_it_takes_some_seconds_and_later_ones_need_not(monkeypatch, caplog):
    monkeypatch.setattr(language, "load_kernel", lambda cached: (None, cached or b"compiled"))
    kept = Kept()
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            SmalltalkEngine(SystemClock(), kept)
    assert kept == {language.KERNEL_KEY: b"compiled"}
    assert caplog.text.count("compiling the class library") == 1
