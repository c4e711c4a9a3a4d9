"""Log lines: what makes them is loaded with the first one, and no line ends the server."""

import errno
import sys

from actors.logs import new_logger

LOADED_LATER = "actors.loglines"


class Exhausted:
    """What looks for modules when no descriptor is left to open their files with."""

    def find_spec(self, *_about):
        raise OSError(errno.EMFILE, "Too many open files")


def test_a_flood_that_left_no_descriptor_does_not_end_the_server_with_its_first_line(monkeypatch, capsys):
    log = new_logger("refusals")
    with monkeypatch.context() as patched:
        patched.delitem(sys.modules, LOADED_LATER, raising=False)
        patched.setattr(sys, "meta_path", [Exhausted()])
        log.warning("closed a connection", reason="connections_max", times=1)
    assert capsys.readouterr().err == "[refusals] closed a connection {'reason': 'connections_max', 'times': 1}\n"
    assert log._lines is log._lines, "it is loaded when there are descriptors again"
