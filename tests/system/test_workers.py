"""Goal: several workers are one server to its clients, whatever dies.

Method: the real server with two workers or more; workers are killed by SIGKILL, halted by SIGSTOP and renewed by SIGHUP
while clients count in their sessions with an `op_id` in each request. Each request answers the count it made, so a lost
effect shows as a count too low and a doubled one as a count too high. `STUI_CRASH_SEED` and `STUI_CRASH_ROUNDS` as in
`test_crash.py`.
"""

import os
import random
import signal
import uuid

import pytest
import zmq

from actors.durability.events import SUBSCRIBERS_MAX
from protocol import Failure

pytestmark = pytest.mark.system

ROUNDS = int(os.environ.get("STUI_CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("STUI_CRASH_SEED", random.SystemRandom().randrange(2**32)))
#: Renewals take longer than kills, each worker ending in good order, and chance has less to choose in them.
RENEWALS = max(1, ROUNDS // 20)
REPLIES_PER_ROUND_MAX = 60
NAMES = ["ann", "bob", "cid", "dan", "eve", "fay"]


@pytest.fixture
def server(start):
    return start("--workers", "2")


def start_again(server, *flags):
    """Start an ended server with other flags on the same data."""
    server._flags = ("--log-format", "json", *flags)
    return server.start()


class Counter:
    """A client that counts in its session, several requests ahead, and accepts no failure."""

    def __init__(self, client, name):
        self.client = client
        self.token = client.create(name)
        self.asked = self.answered = 0

    def fill(self):
        while self.asked < self.answered + 4:
            self.asked += 1
            code = "count := (count ifNil: [0]) + 1"
            self.client.send("evaluate", code=code, session_id=self.token, op_id=f"count-{self.asked}")

    def receive(self):
        """Take the replies that are there; answer how many."""
        taken = 0
        while self.client.socket.poll(0):
            reply = self.client.receive()
            assert not isinstance(reply.answer, Failure), reply
            self.answered += 1
            assert int(reply.answer["result"]) == self.answered
            taken += 1
        return taken

    def finish(self):
        while self.answered < self.asked:
            assert self.client.socket.poll(30_000), "no reply"
            self.receive()


def work(counters, replies):
    """Let the counters count until so many replies came, and one at least to each."""
    poller = zmq.Poller()
    for counter in counters:
        poller.register(counter.client.socket, zmq.POLLIN)
    answered = [counter.answered for counter in counters]
    while replies > 0 or any(counter.answered == before for counter, before in zip(counters, answered, strict=True)):
        for counter in counters:
            counter.fill()
        assert poller.poll(30_000), "no replies"
        replies -= sum(counter.receive() for counter in counters)


def pids(client):
    """The processes of the workers."""
    return [row["pid"] for row in client.result("health")["workers"]]


def pids_of_all(client):
    """The same, as soon as all serve: of places that saw many deaths lately one may be empty for a moment."""
    while isinstance(answer := client.ask("health"), Failure):
        assert "cannot be kept alive" in answer.message
    return [row["pid"] for row in answer["workers"]]


def in_each_worker(connect, server):
    """A session in each of two workers, by what the second's are called; a worker may be replaced meanwhile."""
    tokens = {name: connect(server).create(name, op_id=f"create-{name}") for name in NAMES}
    second = next(name for name in NAMES if tokens[name].startswith("session_1_"))
    first = next(name for name in NAMES if not tokens[name].startswith("session_1_"))
    return tokens[first], tokens[second]


@pytest.mark.campaign
def test_no_effect_is_lost_or_doubled_when_workers_are_killed(server, connect):
    print(f"STUI_CRASH_SEED={SEED} STUI_CRASH_ROUNDS={ROUNDS}")  # noqa: T201 - so that a failure can be replayed
    chance, operator = random.Random(SEED), connect(server)
    counters = [Counter(connect(server), name) for name in NAMES]
    for _ in range(ROUNDS):
        work(counters, chance.randrange(REPLIES_PER_ROUND_MAX))
        os.kill(chance.choice(pids_of_all(operator)), signal.SIGKILL)
    work(counters, REPLIES_PER_ROUND_MAX)
    for counter in counters:
        counter.finish()


def test_a_request_that_may_have_been_done_is_answered_when_its_worker_dies(server, client, connect):
    _, token = in_each_worker(connect, server)
    spinner = connect(server)
    sent = spinner.send("evaluate", code="[true] whileTrue", session_id=token)
    while spinner.socket.poll(0) or not client.result("system_info")["info"]["evaluations_under_way"].startswith("1"):
        pass
    os.kill(pids(client)[1], signal.SIGKILL)
    reply = spinner.receive()
    assert reply.reply_id == sent
    assert reply.answer.error_type == "InternalError"
    assert spinner.evaluate("3 + 4", session_id=token) == "7"
    assert [row["totals"]["worker_restarts"] for row in client.result("health")["workers"]] == [0, 1]


@pytest.mark.campaign
def test_workers_are_renewed_one_by_one_without_a_failure(server, client, connect):
    counters = [Counter(connect(server), name) for name in NAMES]
    for _ in range(RENEWALS):
        before = pids(client)
        work(counters, 20)
        server.process.send_signal(signal.SIGHUP)
        while set(pids(client)) & set(before):
            work(counters, 10)
    for counter in counters:
        counter.finish()


COUNT = "n := (n ifNil: [0]) + 1"


def line(server):
    """Requests by their keys; one has none.

    The first takes longer than a renewal, or than the end, so that these meet it in its middle and the others before
    they begin: of a start it takes four times the time.
    """
    wait_ms = max(2_000, int(4_000 * server.started_in_s))
    return {"a": f"(Delay forMilliseconds: {wait_ms}) wait. {COUNT}", None: COUNT, "b": COUNT, "c": COUNT}


def stand_in_line(connect, server, tokens):
    """In each session, requests that it must do one after the other. Answer who waits for them, and these."""
    requests, waiting = line(server), {token: connect(server) for token in tokens}
    for token, client in waiting.items():
        for op_id, code in requests.items():
            client.send("evaluate", code=code, session_id=token, **({"op_id": op_id} if op_id else {}))
    operator, idle = connect(server), len(pids(connect(server)))
    while under_way(operator) < len(tokens) * len(requests) + idle:
        assert not any(client.socket.poll(0) for client in waiting.values()), (
            "the first of the line took too little time"
        )
    return waiting, requests


def under_way(operator):
    """The requests that the workers have, with each one's part of this question."""
    return sum(row["state"]["requests_under_way"] for row in operator.result("health")["workers"])


def test_requests_with_a_key_that_a_renewed_worker_leaves_are_done_once_by_the_next(start, connect):
    server = start("--workers", "2", "--shutdown-grace-s", "0")
    waiting, _ = stand_in_line(connect, server, in_each_worker(connect, server))
    server.process.send_signal(signal.SIGHUP)
    for client in waiting.values():
        assert client.receive().answer.error_type == "Interrupted"
        assert [client.receive().answer["result"] for _ in range(3)] == ["1", "2", "3"]


def test_requests_with_a_key_that_meet_the_end_are_told_nothing_and_done_once_when_repeated(start, connect):
    server = start("--workers", "2", "--shutdown-grace-s", "0")
    waiting, requests = stand_in_line(connect, server, in_each_worker(connect, server))
    assert server.stop() == 0
    server.start()
    for token, client in waiting.items():
        assert client.receive().answer.error_type == "Interrupted"
        assert not client.socket.poll(0)
        repeats = {op_id: code for op_id, code in requests.items() if op_id}
        again = [connect(server).evaluate(code, session_id=token, op_id=op_id) for op_id, code in repeats.items()]
        assert again == ["1", "2", "3"]


def test_a_worker_that_stands_still_is_replaced(start, connect):
    server = start("--workers", "2", "--watchdog-s", "0.5")
    client = connect(server)
    token = in_each_worker(connect, server)[1]
    before = pids_of_all(client)
    os.kill(before[1], signal.SIGSTOP)
    assert client.evaluate("3 + 4", session_id=token, op_id="once") == "7"
    assert pids_of_all(client)[1] != before[1]
    assert "stands still" in server.log()


def idle_workers_stay(server, client, watchdog_s):
    """Whether the workers of a server are the same after they slept for four times as long as its watchdog waits."""
    before = pids_of_all(client)
    # The front answers this by itself: the workers sleep.
    until_s = client.result("ping")["uptime"] + 4 * watchdog_s
    while client.result("ping")["uptime"] < until_s:
        pass
    return pids_of_all(client) == before


def test_an_idle_worker_is_not_taken_for_one_that_stands_still(start, connect):
    """A machine may stand still for as long as a short-tempered watchdog waits, but not for ever longer ones."""
    for watchdog_s in (0.5, 2, 8):
        server = start("--workers", "2", "--watchdog-s", str(watchdog_s))
        if idle_workers_stay(server, connect(server), watchdog_s):
            return
    raise AssertionError("idle workers were replaced")


def test_a_worker_that_cannot_start_is_told_of_and_the_others_serve_on(server, client, connect):
    first, second = in_each_worker(connect, server)
    pid = pids(client)[1]
    (server.data / "shard-1" / "store.damage").write_text("found damaged before")
    os.kill(pid, signal.SIGKILL)
    assert connect(server).failure("health").message.startswith("Worker 1 cannot be kept alive")
    assert client.evaluate("3 + 4", session_id=first, op_id="once") == "7"
    waiting = connect(server)
    waiting.send("evaluate", code="3 + 4", session_id=second)
    assert connect(server).failure("system_info").error_type == "InternalError"
    server.stop()
    assert waiting.receive().answer.error_type == "Interrupted"


def test_sessions_that_spin_do_not_keep_others_waiting(server, connect):
    spinners = [connect(server) for _ in range(4)]
    tokens = [client.create(f"spinner-{number}") for number, client in enumerate(spinners)]
    for client, token in zip(spinners, tokens, strict=True):
        client.send("evaluate", code="[true] whileTrue", session_id=token)
    for name in NAMES:
        other = connect(server)
        assert other.evaluate("3 + 4", session_id=other.create(name)) == "7"
    for client, token in zip(spinners, tokens, strict=True):
        connect(server).result("interrupt", session_id=token)
        assert client.receive().answer.error_type == "Interrupted"


def test_the_number_of_workers_may_change_between_starts(start, connect):
    tokens, server = {}, start()
    for count in (1, 3, 2, 1, 2):
        server.stop()
        start_again(server, "--workers", str(count), "--sessions-per-client", "10")
        for name in NAMES:
            client = connect(server)
            known = tokens.setdefault(name, [])
            # The answer of an operation of an earlier server is found, and everything it made.
            for token in known:
                assert client.evaluate("x := x + 1", session_id=token, op_id=f"grow-{token}") == "2"
            listed = client.result("list_client_sessions", client_id=name)["sessions"]
            assert {each["session_id"] for each in listed} == set(known)
            token = client.create(name, op_id=f"create-{count}-{len(known)}")
            assert client.evaluate("x := 1", session_id=token) == "1"
            assert client.evaluate("x := x + 1", session_id=token, op_id=f"grow-{token}") == "2"
            known.append(token)


def test_a_killed_front_leaves_no_worker_behind(server, client, connect):
    token = client.create("ann")
    client.evaluate("x := 1", session_id=token)
    server.kill()
    server.start()
    assert connect(server).evaluate("x", session_id=token) == "1"


def test_a_renewal_logs_what_changed_and_what_waits_for_the_next_start(start, tmp_path):
    path = tmp_path / "stui.toml"
    path.write_text("sessions_per_client = 1\n")
    server = start("--workers", "2", "--config", str(path))
    path.write_text("sessions_per_client = 2\ninsecure_bind = true\n")
    server.process.send_signal(signal.SIGHUP)
    while '"changed": ["sessions_per_client"]' not in server.log():
        pass
    assert '"waiting_for_a_start": ["insecure_bind"]' in server.log()


def test_a_flood_of_pings_is_bounded_as_its_connection_is_with_one_process_until_a_renewal_says_otherwise(
    start, connect, tmp_path
):
    path = tmp_path / "stui.toml"
    path.write_text("requests_per_s = 1\n")
    server = start("--workers", "2", "--config", str(path))
    client = connect(server)
    answers = [client.ask("ping") for _ in range(20)]
    refused = [answer for answer in answers if isinstance(answer, Failure)]
    assert {(answer.error_type, answer.details["limit"]) for answer in refused} == {("LimitExceeded", "requests_per_s")}
    path.write_text("requests_per_s = 0\n")
    server.process.send_signal(signal.SIGHUP)
    while '"changed": ["requests_per_s"]' not in server.log():
        pass
    while isinstance(client.ask("ping"), Failure):
        pass
    assert not any(isinstance(client.ask("ping"), Failure) for _ in range(20))


def test_a_request_may_rely_on_the_creation_sent_right_before_it(server, connect):
    for name in NAMES:
        client = connect(server)
        client.send("create_session", client_id=name)
        client.send("evaluate", code="3 + 4")
        token = client.receive().answer["session_id"]
        assert client.receive().answer["session_id"] == token


def test_a_repeat_that_names_nothing_is_recognised_over_another_connection(server, connect):
    for name in NAMES:
        client, op_id = connect(server), str(uuid.uuid4())
        client.create(name)
        first = client.result("evaluate", code="n := (n ifNil: [0]) + 1", op_id=op_id)
        assert connect(server).result("evaluate", code="n := (n ifNil: [0]) + 1", op_id=op_id) == first


def test_the_anonymous_session_is_one(server, connect):
    first = connect(server).result("evaluate", code="shared := 7")
    for name in NAMES:
        other = connect(server).result("evaluate", code="shared", client_id=name, op_id=str(uuid.uuid4()))
        assert (other["result"], other["session_id"]) == ("7", first["session_id"])


def test_events_go_on_after_a_worker_was_replaced(server, client, connect):
    for token in in_each_worker(connect, server):
        listener = connect(server)
        listener.result("subscribe", session_id=token, events=["transcript"])
        client.evaluate("Transcript show: 'one'", session_id=token)
        assert listener.next_event().data["text"] == "one"
        for pid in pids(client):
            os.kill(pid, signal.SIGKILL)
        client.evaluate("Transcript show: 'two'", session_id=token, op_id="two")
        assert listener.next_event().data["text"] == "two"


def test_who_comes_back_to_a_silent_session_again_and_again_gets_a_place_among_its_subscribers(server, connect):
    for token in in_each_worker(connect, server):
        for _ in range(SUBSCRIBERS_MAX + 1):
            listener = connect(server)
            listener.result("subscribe", session_id=token, events=["session"])
            listener.close()


def test_what_concerns_the_whole_server_is_gathered(server, client, connect):
    for name in NAMES:
        connect(server).create(name)
    assert client.result("get_session_statistics")["total_sessions"] == len(NAMES)
    assert client.result("system_info", info_type="All")["info"]["workers"] == "2"
    assert len(client.result("health")["workers"]) == 2
    client.send_raw(b"garbage")
    assert client.receive().answer.error_type == "InvalidRequest"
    assert client.result("system_info")["info"]["refused_frames"] == "1"
    assert client.result("ping", message="there?")["message"] == "there?"
    assert "evaluate" in client.result("describe")["operations"]


def test_running_evaluations_outlive_the_end(start, connect):
    server = start("--workers", "2", "--shutdown-grace-s", "0")
    client = connect(server)
    tokens = {name: client.create(name) for name in NAMES}
    code = "go := false. [go] whileFalse. 42"
    for token in tokens.values():
        client.send("evaluate", code=code, session_id=token, op_id="long")
    while client.result("system_info")["info"]["evaluations_under_way"] != str(len(NAMES)):
        pass
    assert server.stop() == 0
    server.start()
    for token in tokens.values():
        waiting = connect(server)
        waiting.send("evaluate", code=code, session_id=token, op_id="long")
        connect(server).result("interrupt", session_id=token)
        assert waiting.receive().answer.error_type == "Interrupted"
