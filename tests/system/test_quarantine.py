"""Goal: a session that its server dies of, over and over, is left alone, and its owner gets at it all the same.

Method: SIGKILL in the midst of an evaluation that never ends, as a primitive that brings the process down would do.
The server is halted while it is looked where it stands, so that it dies nowhere else.
"""

import os
import signal

import pytest

from actors.durability.running_mark import MARK_FILE
from actors.state.quarantine import DEATHS_MAX

pytestmark = pytest.mark.system


def kill_in_its_midst(server, client):
    """Kill the server while it runs some session's code."""
    process = server.process
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    while not any((server.data / MARK_FILE).read_bytes()):
        process.send_signal(signal.SIGCONT)
        client.result("ping")
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
    server.kill()


def test_a_session_that_servers_die_of_is_opened_in_safe_mode(server, connect):
    client = connect(server)
    token, other = client.create("ann"), client.create("bob")
    client.evaluate("x := 0. [[x := x + 1. Processor yield] repeat] fork. x", session_id=token)
    for _ in range(DEATHS_MAX):
        assert "quarantine" not in client.result("get_session_info", session_id=token)
        client.send("evaluate", code="[true] whileTrue", session_id=token)
        kill_in_its_midst(server, connect(server))
        server.start()
        client = connect(server)
    assert "quarantine" in client.result("get_session_info", session_id=token)
    failure = client.failure("evaluate", code="x", session_id=token, client_id="ann")
    assert (failure.error_type, failure.details["savepoints"]) == ("SessionError", [])
    assert client.evaluate("3 + 4", session_id=other, client_id="bob") == "7"
    restored = client.result("restore_session", session_id=token, client_id="ann", safe_mode=True)
    assert restored["safe_mode"] is True
    before = client.evaluate("x", session_id=token)
    assert client.evaluate("x", session_id=token) == before
    assert "safe_mode" not in client.result("restore_session", session_id=token, client_id="ann", safe_mode=False)
    assert int(client.evaluate("(Delay forMilliseconds: 20) wait. x", session_id=token)) > int(before)
