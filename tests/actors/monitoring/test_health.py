"""The health of a server: what it counted is what happened, over the wire, as metrics and as a table."""

import re
import signal

import pytest
import ujson
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from actors.commands.top_command import top
from actors.commands.topview import Look, operation_lines, view, worker_lines
from actors.monitoring import health
from actors.monitoring.exposition import exposed
from actors.monitoring.health import guest_figures, health_row
from storage import StoreError

SECOND = 1_000_000_000


def row(server):
    return health_row(server.system.supervisor)


def test_the_operation_tells_what_happened(server, client):
    token = client.create()
    for _ in range(3):
        client.evaluate("1", session_id=token)
    client.error("evaluate", code="1", session_id="session_of_nobody")
    client.send_raw([b"{"])
    client.receive()
    told = client.result("health")
    (worker,) = told["workers"]
    assert (told["status"], worker["is_ready"]) == ("ready", True)
    assert (worker["state"]["sessions_live"], worker["state"]["requests_under_way"]) == (1, 1)
    assert (worker["totals"]["evaluations"], worker["totals"]["refused_frames"]) == (3, 1)
    assert sum(worker["latency_ns"]["evaluate"]["counts"]) == 4
    assert worker["batches"]["total"] >= worker["totals"]["commits"] > 0
    assert worker["refused"] == {"PermissionDenied": 1}
    assert worker["failures"]["InvalidRequest"] == 1
    assert len(told["latency_bounds_ns"]) + 1 == len(worker["latency_ns"]["evaluate"]["counts"])


def test_a_latency_is_the_time_from_arrival_to_answer(server, client):
    token = client.create()
    client.result("evaluate", code="turns 3", session_id=token)
    assert row(server)["latency_ns"]["evaluate"]["total"] >= 30_000_000


def test_sleeping_sessions_are_counted(server, client):
    client.create("ann"), client.create("ben")
    server.clock.advance(ms=10_000_000)
    for _ in range(5):
        server.tick()
    state = row(server)["state"]
    assert (state["sessions_live"], state["sessions_hibernated"]) == (0, 2)


def test_a_store_that_is_lost_makes_it_not_ready(server, client, caplog):
    token = client.create()
    server.store.is_lost = True
    server.fail_next_commit(StoreError("broken"))
    client.ask("evaluate", code="1", session_id=token)
    if not server.system.supervisor.parts.keeper.is_lost:
        client.ask("evaluate", code="1", session_id=token)
    caplog.clear()
    assert isinstance(row(server)["is_ready"], bool)


def test_a_refusal_is_logged_once_a_burst_with_the_ids_of_request_and_session(make_server, caplog):
    server = make_server(requests_per_s=1)
    client = server.client()
    token = client.create()
    for _ in range(20):
        client.ask("evaluate", code="1", session_id=token)
    lines = [record for record in caplog.records if "requests_per_s" in record.getMessage()]
    assert len(lines) == 1
    for part in ("'operation': 'evaluate'", "'client': 'ann'", "'request': ", "'sid': "):
        assert part in lines[0].getMessage()


def test_a_refusal_of_what_came_without_an_id_names_none(server, client, caplog):
    client.send_raw([b"{"])
    client.receive()
    assert "'request': None" in next(each.getMessage() for each in caplog.records if "no request" in each.getMessage())


def test_replies_that_nobody_reads_are_counted_by_their_bound_and_logged_once_a_burst(make_server, monkeypatch, caplog):
    server = make_server(unread_mb=1)
    client = server.client()
    with monkeypatch.context() as full:
        full.setattr(server.system.worker._gateway, "_send_now", lambda _frames: False)
        sent = [client.send("ping", message="x" * 600_000) for _ in range(12)]
        while row(server)["totals"]["requests"] < 12:
            server.tick()
        health = row(server)
    assert health["totals"]["replies_dropped"] == 11
    assert health["refused"] == {"unread_mb": 11}
    lines = [record for record in caplog.records if "does not read" in record.getMessage()]
    assert len(lines) == 1
    assert client.receive()["id"] == sent[0]


def test_the_metrics_are_what_a_monitor_reads(server, client):
    token = client.create()
    client.evaluate("1", session_id=token)
    client.error("evaluate", code="1", session_id="session_of_nobody")
    families = {each.name: each for each in text_string_to_metric_families(exposed([row(server), row(server)]))}
    buckets = [each for each in families["stui_latency_seconds"].samples if each.name.endswith("_bucket")]
    evaluate = [
        each.value for each in buckets if each.labels["operation"] == "evaluate" and each.labels["worker"] == "1"
    ]
    assert evaluate == sorted(evaluate)
    assert evaluate[-1] == 2
    assert {each.labels["worker"] for each in families["stui_sessions_live"].samples} == {"0", "1"}
    assert families["stui_refused"].samples[0].labels["reason"] == "PermissionDenied"
    assert {"stui_line_wait_seconds", "stui_processor_seconds"} <= families.keys()
    assert not [name for name in families if name.endswith(("_ms", "_ns"))]


def test_no_label_comes_from_a_client(server, client):
    """A client must not be able to make as many series as it likes."""
    for number in range(5):
        client.ask(f"no_operation_{number}")
        client.error("evaluate", code="1", session_id=f"none_{number}", client_id=f"someone_{number}")
    text = exposed([row(server)])
    assert not re.search(r"no_operation|none_|someone_", text)


def test_top_shows_rates_and_tails_between_two_looks(server, client):
    token = client.create()
    before = Look(client.result("health"), 0)
    for _ in range(10):
        client.evaluate("1", session_id=token)
    now = Look(client.result("health"), 2 * SECOND)
    (cells,) = worker_lines(before, now)
    assert cells["req/s"] == "6"  # 11 requests in two seconds, rounded to the even
    assert {line[0]: line[1] for line in operation_lines(now)}["evaluate"] == "10"
    console = Console(width=80, record=True)
    console.print(view(before, now))
    text = console.export_text()
    assert "evaluate" in text
    assert "…" not in text


def test_top_tells_restarts_of_workers_apart_from_defects_of_sessions(client):
    told = client.result("health")
    told["workers"][0]["totals"] |= {"sessions_restarted": 2, "worker_restarts": 3}
    (cells,) = worker_lines(None, Look(told, 0))
    assert (cells["defects"], cells["restarts"]) == ("2", "3")


@pytest.fixture
def quarantine_row(server):
    """The row of a quarantine worker that has one guest and had two more."""
    figures = guest_figures(server.system.supervisor.parts, [3 * 1024 * 1024], 3, 60)
    return health.quarantine_row(figures, 2)


def test_the_quarantine_worker_has_metrics_of_its_own(server, quarantine_row):
    families = {each.name: each for each in text_string_to_metric_families(exposed([row(server)], quarantine_row))}

    def told(name):
        return {each.labels["worker"]: each.value for each in families[name].samples}

    assert told("stui_guests") == {"quarantine": 1}
    assert told("stui_guests_taken") == {"quarantine": 3}
    assert told("stui_worker_restarts") == {"quarantine": 2}
    assert told("stui_ready") == {"0": 1, "quarantine": 1}
    assert told("stui_resident_bytes").keys() == told("stui_processor_seconds").keys() == {"0", "quarantine"}
    assert told("stui_sessions_live").keys() == told("stui_commits").keys() == {"0"}


def test_a_quarantine_worker_that_is_not_there_is_told_as_such(server):
    gone = health.quarantine_row(None, 7)
    assert (gone["is_ready"], gone["totals"]) == (False, {"worker_restarts": 7})
    assert gone.keys() == row(server).keys()
    assert 'stui_ready{worker="quarantine"} 0.0' in exposed([row(server)], gone)


def test_top_has_a_line_for_the_quarantine_worker(client, quarantine_row):
    told = client.result("health")
    gone = health.quarantine_row(None, 3)
    looks = [Look({**told, "quarantine": each}, at_s * SECOND) for at_s, each in ((0, quarantine_row), (2, gone))]
    lines = list(worker_lines(None, looks[0]))
    assert [cells["worker"] for cells in lines] == ["0", "Q"]
    shown = lines[1]
    assert (shown["lent"], shown["largest"], shown["restarts"], shown["up"]) == ("1", "3.0", "2", "60 s")
    lines = list(worker_lines(*looks))
    assert (lines[1]["pid"], lines[1]["MiB"], lines[1]["restarts"]) == ("0", "0", "3")
    console = Console(width=80, record=True)
    console.print(view(None, looks[0]))
    assert "…" not in console.export_text()


def test_ctrl_c_ends_top_in_good_order(server, monkeypatch):
    """The entry's own handler would end it where it stands, with the terminal on the other screen."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr("actors.commands.top_command._health", lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        assert CliRunner().invoke(top, ["--connect", server.system.address]).exit_code == 0
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("form", ["A", "B"])
def test_both_dialects_tell_it(client, form):
    if form == "B":
        assert client.result("health")["workers"]
        return
    client.send_raw([ujson.dumps({"request_type": "Health", "params": {}}).encode()])
    assert b"workers" in client.receive_raw()
