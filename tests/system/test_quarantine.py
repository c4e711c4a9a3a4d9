"""Goal: a session that its server dies of, over and over, is left alone, and its owner gets at it all the same.

Method: SIGKILL in the midst of an evaluation that never ends, as a primitive that brings the process down would do.
"""

import pytest

from actors.quarantine import DEATHS_MAX
from actors.running_mark import MARK_FILE

pytestmark = pytest.mark.system

#: Now and then the process is killed between two slices, which is nobody's fault.
ROUNDS_MAX = 3 * DEATHS_MAX


def test_a_session_that_servers_die_of_is_opened_in_safe_mode(server, connect):
    client = connect(server)
    token, other = client.create("ann"), client.create("bob")
    client.evaluate("x := 0. [[x := x + 1. Processor yield] repeat] fork. x", session_id=token)
    rounds = 0
    while "quarantine" not in client.result("get_session_info", session_id=token):
        client.send("evaluate", code="[true] whileTrue", session_id=token)
        other_client = connect(server)
        while not any((server.data / MARK_FILE).read_bytes()):
            other_client.result("ping")
        server.kill()
        server.start()
        client = connect(server)
        rounds += 1
        assert rounds <= ROUNDS_MAX
    assert rounds >= DEATHS_MAX
    failure = client.failure("evaluate", code="x", session_id=token, client_id="ann")
    assert (failure.error_type, failure.details["savepoints"]) == ("SessionError", [])
    assert client.evaluate("3 + 4", session_id=other, client_id="bob") == "7"
    restored = client.result("restore_session", session_id=token, client_id="ann", safe_mode=True)
    assert restored["safe_mode"] is True
    before = client.evaluate("x", session_id=token)
    assert client.evaluate("x", session_id=token) == before
    assert "safe_mode" not in client.result("restore_session", session_id=token, client_id="ann", safe_mode=False)
    assert int(client.evaluate("(Delay forMilliseconds: 20) wait. x", session_id=token)) > int(before)
