"""Requests without a session: the connection's own, else the server's anonymous one."""


def test_the_anonymous_session_is_durable_and_shared(server, client):
    first = client.result("evaluate", code="x = 1")
    server.restart()
    second = server.client().result("evaluate", code="x + 1")
    assert (second["result"], second["session_id"]) == ("2", first["session_id"])


def test_it_can_be_switched_off(make_server):
    client = make_server(anonymous_session=False).client()
    reply = client.ask("evaluate", code="1")
    assert (reply["error_type"], reply["details"]) == ("InvalidRequest", {"field": "session_id"})


def test_a_routing_id_is_no_identity(server):
    first = server.client(identity=b"same")
    token = first.create("ann")
    assert first.result("evaluate", code="x = 1")["session_id"] == token
    first.close()
    while len(server.system.supervisor.parts.connections):
        server.tick()
    second = server.client(identity=b"same")
    assert second.result("evaluate", code="1")["session_id"] != token


def test_a_chosen_routing_id_keeps_its_session_while_connected(server):
    client = server.client(identity=b"dealer")
    token = client.create("ann")
    other = server.client(identity=b"other")
    other.result("ping")
    other.close()
    server.client().result("ping")
    assert client.result("evaluate", code="1")["session_id"] == token
