"""What the front answers itself, and counts."""

from types import SimpleNamespace

import ujson

from actors.front.dispatch import Dispatch
from actors.front.workforce import State
from actors.settings import Settings
from protocol import encode_request
from tests.actors.fakes.clock import FakeClock


def test_what_no_worker_can_answer_is_counted_once_however_many_there_are():
    """A question to all workers fails once for whoever asked, whether one of them cannot be kept alive or all."""
    sent = []
    places = [SimpleNamespace(index=number, state=State.STARTING, restarts=0, is_finished=False) for number in (0, 1)]
    failing = []
    gateway = SimpleNamespace(connections=(), dropped=0, send=lambda _envelope, body: sent.append(ujson.loads(body)))
    workforce = SimpleNamespace(settings=Settings(), places=places, is_failing=lambda place: place in failing)
    dispatch = Dispatch(gateway, None, workforce, SimpleNamespace(workers=2), None, FakeClock())
    dispatch.take(SimpleNamespace(refusal=None, connection=b"a", envelope=[b"a"], body=encode_request("health", {}, 1)))
    assert sent == []
    for place in places:
        failing.append(place)
        dispatch.worker_ended(place, is_stopping=False)
    assert [reply["status"] for reply in sent] == ["error"]
    assert dispatch._facts().failures == {"InternalError": 1}
