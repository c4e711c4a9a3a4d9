"""Reloading: what may change at run time does, the rest waits, a wrong file changes nothing."""

from dataclasses import replace

import pytest

from actors.commands.config import load
from actors.commands.reload import reload
from actors.errors import ConfigError
from actors.settings import RELOADED, ROWS


def test_a_running_server_takes_new_limits(server, client):
    client.create("ann")
    changed = replace(server.settings, sessions_per_client=1, deny_clients=("eve",), slice_ms=9.0)
    assert server.system.reload(changed) == (["deny_clients", "sessions_per_client"], ["slice_ms"])
    assert client.error("create_session", client_id="ann") == "LimitExceeded"
    assert client.error("create_session", client_id="eve") == "PermissionDenied"
    assert server.system.supervisor.parts.settings.slice_ms == server.settings.slice_ms


def test_a_client_that_is_denied_is_not_served_any_more_by_its_sessions_in_memory(server, client):
    token = client.create("eve")
    server.system.reload(replace(server.settings, deny_clients=("eve",)))
    assert client.error("evaluate", code="1", session_id=token) == "PermissionDenied"
    server.system.reload(server.settings)
    assert client.evaluate("1", session_id=token) == "1"


def test_a_wrong_file_changes_nothing_and_is_told(server, caplog):
    before = server.system.supervisor.parts.settings

    def read():
        raise ConfigError("queue_max must be a whole number")

    reload(server.system, read)
    assert server.system.supervisor.parts.settings is before
    assert "queue_max must be" in caplog.text
    caplog.clear()


def test_flags_win_over_a_file_that_changed(tmp_path, server):
    file = tmp_path / "stui.toml"
    file.write_text("queue_max = 7\ncpu_budget_ms = 500\n")
    reload(server.system, lambda: load(file, {}, {"queue_max": "9"}))
    settings = server.system.supervisor.parts.settings
    assert (settings.queue_max, settings.cpu_budget_ms) == (9, 500)


def test_what_reloads_is_a_setting():
    assert {row.name for row in ROWS} > RELOADED
    assert not RELOADED & {"bind", "data", "workers", "http"}


@pytest.mark.parametrize("name", ["requests_per_s", "cpu_per_minute_ms", "overload_ms", "creations_per_minute"])
def test_limits_with_a_state_of_their_own_are_configured_anew(server, client, name):
    server.system.reload(replace(server.settings, **{name: 1 if name != "overload_ms" else 5}))
    client.create("ann")
    fairness, admission = server.system.supervisor.parts.fairness, server.system.supervisor.admission
    bounded = {
        "requests_per_s": fairness._rate.is_bounded,
        "cpu_per_minute_ms": fairness.is_processor_bounded,
        "overload_ms": fairness._line_ns_max == 5_000_000,
        "creations_per_minute": admission._per_minute == 1,
    }
    assert bounded[name]
