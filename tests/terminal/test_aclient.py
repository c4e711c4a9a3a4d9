"""The asyncio client: many requests in flight, events, and coming back by itself."""

import asyncio
from dataclasses import replace

import pytest

from protocol import Failure
from terminal import AsyncClient, BadReplyError, NoAnswerError, SessionNotFoundError
from tests.terminal.fake_server import GARBAGE, LOST, METADATA, SILENT, STRAY


class Listener:
    """What a client was told."""

    def __init__(self):
        self.events = []
        self.connection = []
        self.changed = asyncio.Event()

    def hear(self, event):
        self.events.append(event.seq)
        self.changed.set()

    def notice(self, is_there):
        self.connection.append(is_there)
        self.changed.set()

    async def until(self, condition):
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def play(server, patience, scene):
    """Run a scene with a client and its listener."""

    async def run():
        listener = Listener()
        async with AsyncClient(
            server.url, "ann", patience=patience, on_event=listener.hear, on_connection=listener.notice
        ) as client:
            await client.create()
            await scene(client, listener)

    asyncio.run(run())


def test_an_interrupt_overtakes_a_running_evaluation(server, patience):
    async def scene(client, _listener):
        server.script["evaluate"].append(SILENT)
        running = asyncio.create_task(client.evaluate("[true] whileTrue"))
        await asyncio.to_thread(server.wait_for, "evaluate")
        assert await client.interrupt() is True
        assert not running.done()
        running.cancel()
        await asyncio.wait({running})

    play(server, replace(patience, queued_answer_s=None), scene)


@pytest.mark.parametrize("trouble", [SILENT, LOST])
def test_what_was_not_answered_is_sent_again_and_done_once(server, little_patience, trouble):
    async def scene(client, listener):
        server.script["evaluate"].append(trouble)
        assert (await client.evaluate("x := x + 1")).result == "7"
        sent = [request for request in server.requests if request.operation == "evaluate"]
        assert {server.effects[request.op_id] for request in sent} == {1}
        assert len(sent) >= 2
        assert listener.connection[:2] == [False, True]

    play(server, replace(little_patience, attempts=None), scene)


def test_all_requests_in_flight_survive_a_lost_connection(server, patience):
    async def scene(client, _listener):
        server.script["evaluate"].extend([SILENT, SILENT, LOST])
        results = await asyncio.gather(*(client.evaluate(str(number)) for number in range(3)))
        assert [evaluation.result for evaluation in results] == ["7"] * 3

    play(server, patience, scene)


def test_a_peer_that_speaks_something_else_is_told_apart(server, patience):
    async def scene(client, _listener):
        server.script["ping"].append(GARBAGE)
        with pytest.raises(BadReplyError):
            await client.ping()
        assert await client.ping()

    play(server, patience, scene)


def test_a_reply_to_another_request_is_not_taken(server, patience):
    async def scene(client, _listener):
        server.script["ping"].append(STRAY)
        assert (await client.ping()).message == "pong"

    play(server, patience, scene)


def test_silence_through_all_attempts_is_an_error(server, little_patience):
    async def scene(client, _listener):
        server.script["ping"].extend([SILENT] * 3)
        with pytest.raises(NoAnswerError, match=r"silent for 0\.3 s"):
            await client.ping()

    play(server, little_patience, scene)


def test_events_are_heard_once_in_order_and_only_of_the_session_listened_to(server, patience):
    async def scene(client, listener):
        await client.listen(("transcript",))
        for seq in (100, 101, 101, 102):
            server.tell(seq)
        server.tell(999, session_id="session_2")
        server.tell(103)
        await listener.until(lambda: listener.events and listener.events[-1] == 103)
        assert listener.events == [101, 102, 103]

    play(server, patience, scene)


def test_after_a_lost_connection_it_listens_on_without_being_asked(server, patience):
    async def scene(client, listener):
        await client.listen(("transcript",))
        server.tell(101)
        await listener.until(lambda: listener.events == [101])
        server.stop()
        await listener.until(lambda: listener.connection == [False])
        server.start()
        await asyncio.to_thread(server.wait_for, "subscribe", 2)
        asked = server.requests[-1].parameters
        assert (asked["session_id"], asked["client_id"], asked["from_seq"]) == ("session_1", "ann", 102)
        server.tell(102)
        await listener.until(lambda: listener.events == [101, 102] and listener.connection == [False, True])

    play(server, patience, scene)


def test_a_session_that_is_gone_after_a_lost_connection_is_told_of_with_the_next_question(server, patience):
    async def scene(client, listener):
        await client.listen(("transcript",))
        server.script["subscribe"].append(Failure("SessionNotFound", "past its retention"))
        server.stop()
        await listener.until(lambda: listener.connection == [False])
        server.start()
        await listener.until(lambda: listener.connection == [False, True])
        server.script["evaluate"].append(Failure("SessionNotFound", "past its retention"))
        with pytest.raises(SessionNotFoundError):
            await client.evaluate("3 + 4")

    play(server, patience, scene)


def test_a_server_that_is_not_there_is_an_error(server, little_patience):
    async def scene(client, listener):
        server.stop()
        with pytest.raises(NoAnswerError, match="could not be reached"):
            await client.ping()
        assert listener.connection == [False]

    play(server, little_patience, scene)


def test_another_session_is_listened_to_instead(server, patience):
    async def scene(client, _listener):
        await client.listen(("transcript",))
        server.script["create_session"].append({**METADATA, "session_id": "session_2"})
        await client.create()
        await client.listen(("transcript",))
        asked = [(request.parameters["session_id"], request.parameters["events"]) for request in server.requests[-2:]]
        assert asked == [("session_1", []), ("session_2", ["transcript"])]

    play(server, patience, scene)


def test_after_a_closed_session_another_one_is_listened_to(server, patience):
    async def scene(client, listener):
        await client.listen(("transcript",))
        await client.close_session()
        server.script["create_session"].append({**METADATA, "session_id": "session_2"})
        await client.create()
        server.script["subscribe"].append(Failure("SessionNotFound", "it was closed"))
        await client.listen(("transcript",))
        server.tell(101, session_id="session_2")
        await listener.until(lambda: listener.events == [101])

    play(server, patience, scene)
