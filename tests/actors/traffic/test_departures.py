"""Peers that are gone are forgotten when nothing of theirs is left to read, whether anything is sent to them or not."""

import pytest

from actors.durability.events import SUBSCRIBERS_MAX
from actors.limits import SERVER_LIMITS
from actors.traffic.connections import key_of_nameless
from actors.traffic.peers import Peers

#: Whether the clients choose their routing ids, each one of its own.
IS_CHOOSING = pytest.mark.parametrize("is_choosing", [False, True])
FEW = 20


def identity(is_choosing, number):
    return b"screen %d" % number if is_choosing else None


def wait_until(server, is_so):
    """Let the server tick until something is so; whatever has to happen for that, ZeroMQ's own thread does it."""
    while not is_so():
        server.gateway.is_awaited = True
        server.tick()


def leave(server, client):
    """Close a client's connection, once all it sent is on its way."""
    server.forget(client)
    client.socket.close(linger=10_000)


@pytest.fixture
def server(make_server):
    made = make_server()
    made.gateway = made.system.worker._gateway
    made.subscriptions = lambda token: made.system.supervisor.parts.events._channels[token].subscriptions
    return made


@IS_CHOOSING
@pytest.mark.parametrize("is_patient", [True, False])
def test_those_who_are_gone_hold_no_place_among_the_subscribers_of_a_silent_session(server, is_choosing, is_patient):
    asker, peers = server.client(), server.gateway._peers
    token = asker.create()

    def has_gone(number):
        return peers._accepted == number and len(peers) == 1

    for number in range(SUBSCRIBERS_MAX + 1):
        listener = server.client(identity=identity(is_choosing, number))
        listener.send("subscribe", session_id=token, events=["session"])
        if is_patient:
            assert listener.receive()["status"] == "success"
        leave(server, listener)
        wait_until(server, lambda number=number: has_gone(number + 2))
    asker.result("subscribe", session_id=token, events=["session"])
    assert len(server.subscriptions(token)) == 1


@IS_CHOOSING
def test_nothing_is_kept_of_who_is_gone(server, is_choosing):
    asker = server.client()
    for number in range(3):
        client = server.client(identity=identity(is_choosing, number))
        token = client.create("ann")
        client.result("subscribe", session_id=token, events=["session"])
        client.result("close_session", session_id=token)
        leave(server, client)
    asker.result("ping")
    wait_until(server, lambda: len(server.gateway._peers) == 1)
    asker.result("ping")
    parts, peers = server.system.supervisor.parts, server.gateway._peers
    assert len(parts.connections) == 0
    assert not parts.events._tokens_by_connection
    assert len(peers.known) == 1
    assert not peers.has_leaving


@IS_CHOOSING
def test_what_was_asked_last_is_done_in_the_session_of_the_connection(server, is_choosing):
    """The end of the connection may be told before its last requests are read."""
    client, asker = server.client(identity=identity(is_choosing, 0)), server.client()
    token = client.create()
    client.evaluate("n = 0")
    for _ in range(FEW):
        client.send("evaluate", code="n = n + 1")
    leave(server, client)
    assert server.gateway._monitor.poll(10_000), "its end is told before the server reads anything"
    # Connections take turns, so what the asker asks comes between.
    seen = [asker.evaluate("n", session_id=token) for _ in range(FEW + 1)]
    assert seen[-1] == str(FEW)


def accepted(peers, *descriptors):
    for each in descriptors:
        peers.accepted(each)


def met(peers, routing_id, descriptor):
    key = peers.key_of(routing_id, descriptor)
    peers.meet(key, descriptor)
    return key


def test_a_key_is_gone_when_all_is_read_and_not_before():
    peers = Peers(10)
    accepted(peers, 7, 8)
    assert (met(peers, b"\0made", 7), met(peers, b"\0more", 8)) == (b"\0made", b"\0more")
    peers.closed(7)
    assert (peers.is_open(b"\0made"), peers.is_open(b"\0more")) == (False, True)
    assert peers.gone(is_all_read=False) == []
    assert peers.gone(is_all_read=True) == [b"\0made"]
    assert peers.known == {b"\0more"}


def test_under_a_flood_a_key_is_gone_when_nothing_of_it_can_be_left():
    peers = Peers(10)
    accepted(peers, 7, 8)
    met(peers, b"\0made", 7)
    peers.closed(7)
    peers.taken = 2 * SERVER_LIMITS["untaken_max"].value - 1
    assert peers.gone(is_all_read=False) == []
    peers.taken += 1
    assert peers.gone(is_all_read=False) == [b"\0made"]


def test_who_is_met_when_his_connection_is_closed_is_gone_next():
    peers = Peers(10)
    accepted(peers, 7)
    peers.closed(7)
    for routing_id in (b"\0made", b"ann"):
        key = met(peers, routing_id, 7)
        assert not peers.is_open(key)
        assert peers.gone(is_all_read=True) == [key]


def test_a_chosen_routing_id_has_another_key_in_each_connection():
    peers = Peers(10)
    keys = set()
    for _ in range(3):
        accepted(peers, 7)
        keys.add(met(peers, b"ann", 7))
        peers.closed(7)
    assert len(keys) == 3
    assert set(peers.gone(is_all_read=True)) == keys


def test_whose_connection_nobody_knows_is_gone_when_nothing_can_be_sent_to_him():
    peers = Peers(10)
    key = key_of_nameless(b"\0made")
    assert peers.is_open(key)
    peers.unreachable(b"\0made")
    assert peers.gone(is_all_read=True) == [key]


def test_of_a_message_read_under_the_next_connection_the_key_is_gone_when_nothing_can_be_sent_to_it():
    peers = Peers(10)
    accepted(peers, 7)
    peers.closed(7)
    accepted(peers, 7)
    met(peers, b"\0late", 7)
    peers.unreachable(b"\0late")
    assert peers.gone(is_all_read=True) == [b"\0late"]
    peers.closed(7)
    assert peers.gone(is_all_read=True) == []
