"""What a server held is free when it is closed, in whatever state it was."""

import gc
from weakref import ref


def test_a_server_that_was_closed_in_the_midst_of_its_work_is_let_go_of(server):
    client = server.client()
    for code in ("x = 1", "turns 3", "error"):
        client.ask("evaluate", code=code, session_id=client.create())
    client.send("evaluate", code="spin", session_id=client.create())
    client.send("evaluate", code="1", session_id=client.create())
    client.result("ping")
    parts = [ref(server.system.supervisor), *(ref(live.session) for live in server.system.supervisor.roster)]
    assert len(parts) == 6
    server.restart()
    client.close()
    # It knows the gateway that it was connected to.
    server._clients.clear()
    del client
    gc.collect()
    assert [part() for part in parts] == [None] * 6
