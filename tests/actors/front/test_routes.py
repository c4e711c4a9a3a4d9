"""A request goes to the worker that has what it concerns, a repeat to the one that has the answer of the first."""

import pytest

from actors.durability.shards import home
from actors.front.routes import Whereabouts, path
from actors.traffic.connections import Connection
from protocol import decode, encode_request

LONG = "8d8a6f1e-0000-4000-8000-000000000001"
AT_0, AT_1 = (next(name for name in map(str, range(99)) if home(name, 2) == shard) for shard in (0, 1))


def request(operation, **parameters):
    return decode(encode_request(operation, parameters, 1))


def connection(*claims):
    made = Connection(b"key")
    for client_id, token in claims:
        made.claim(client_id, token)
    return made


@pytest.fixture
def where():
    return Whereabouts(2, 2)


def test_a_session_that_is_named_decides(where):
    assert path(request("evaluate", code="1", session_id="session_1_x"), None, where) == (1,)
    assert path(request("evaluate", code="1", session_id="session_x", client_id=AT_1), None, where) == (0,)
    assert path(request("get_session_info", session_id="session_1_x"), None, where) == (1,)


def test_a_client_that_has_no_session_yet_goes_home(where):
    assert path(request("create_session", client_id=AT_1, op_id="a"), None, where) == (1,)
    assert path(request("list_client_sessions", client_id=AT_0), None, where) == (0,)


def test_a_client_with_sessions_stays_where_they_are(where):
    where.learn(0, [AT_1])
    assert path(request("create_session", client_id=AT_1), None, where) == (0,)


def test_a_connection_stands_for_the_session_it_got(where):
    spoken = connection((AT_0, "session_x"), (AT_1, "session_1_y"))
    assert path(request("evaluate", code="1"), spoken, where) == (1,)
    assert path(request("evaluate", code="1", client_id=AT_0), spoken, where) == (0,)


def test_the_anonymous_session_is_in_the_first_shard(where):
    assert path(request("inspect", target="1"), None, where) == (0,)
    assert path(request("evaluate", code="1"), None, where) == (0,)


def test_a_repeat_that_names_its_client_is_looked_for_at_the_client_first(where):
    assert path(request("evaluate", code="1", client_id=AT_1, op_id=LONG), None, where) == (1, 0)
    assert path(request("evaluate", code="1", client_id=AT_0, op_id=LONG), None, where) == (0,)


def test_a_repeat_that_names_nothing_is_looked_for_everywhere(where):
    assert path(request("evaluate", code="1", op_id=LONG), None, where) == (1, 0)


def test_several_shards_of_a_worker_are_one_place():
    where = Whereabouts(4, 2)
    assert path(request("evaluate", code="1", session_id="session_3_x"), None, where) == (1,)
    assert path(request("evaluate", code="1", session_id="session_2_x"), None, where) == (0,)
