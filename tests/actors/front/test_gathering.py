"""One answer of all workers': sums, rows, and the first failure."""

from actors.front.gathering import FrontFacts, Gathering, add_front, combined
from protocol import Failure, Outcome, ReplyForm, encode_outcome


def reply(operation, answer):
    return encode_outcome(ReplyForm(reply_id=0), Outcome(operation, answer, "2026-01-01T00:00:00.000Z"))


def test_it_waits_for_all_and_keeps_their_order():
    said = []
    gathering = Gathering("health", 2, said.append)
    gathering.take(1, reply("health", {"status": "ready", "workers": [{"pid": 2}]}))
    assert said == []
    gathering.take(0, reply("health", {"status": "ready", "workers": [{"pid": 1}]}))
    assert said == [{"status": "ready", "workers": [{"pid": 1}, {"pid": 2}]}]


def test_a_worker_that_is_not_ready_says_how_the_server_is():
    rows = [{"status": status, "workers": []} for status in ("ready", "store lost", "ready")]
    assert combined("health", rows)["status"] == "store lost"


def test_statistics_are_added_up():
    own = {"active_clients": 1, "memory_bytes": 3, "disk_used_bytes": 7, "disk_max_bytes": 0}
    rows = [{"total_sessions": n, "max_sessions_per_client": 5, **own} for n in (2, 3)]
    assert combined("get_session_statistics", rows) == {
        "total_sessions": 5,
        "active_clients": 2,
        "max_sessions_per_client": 5,
        "memory_bytes": 6,
        "disk_used_bytes": 14,
        "disk_max_bytes": 0,
    }


def test_the_warning_of_any_worker_is_told():
    own = {"total_sessions": 0, "active_clients": 0, "memory_bytes": 3, "disk_used_bytes": 7, "disk_max_bytes": 8}
    assert combined("get_session_statistics", [own, {**own, "warning": "nearly"}])["warning"] == "nearly"


def test_facts_of_the_server_are_told_once_and_counts_added_up():
    infos = [{"info": {"version": "1", "uptime_s": "7", "requests": str(n)}} for n in (2, 3)]
    told = {"version": "1", "uptime_s": "7", "requests": "5", "workers": "2"}
    assert combined("system_info", infos) == {"info": told}


def test_a_failure_of_one_is_the_answer():
    failure = Failure("StorageError", "lost")
    assert combined("health", [{"workers": []}, failure]) is failure


def test_the_front_adds_deaths_and_what_it_refused_and_dropped():
    front = FrontFacts(90, [0, 2], 3, 7, 4, {"flights_max": 2, "new": 1}, {"Overloaded": 2})
    rows = [
        {
            "state": {"connections": count},
            "totals": {"refused_frames": count, "replies_dropped": 0},
            "refused": {"flights_max": count},
            "failures": {},
        }
        for count in (1, 5)
    ]
    health = {"uptime": 7, "workers": rows}
    add_front("health", health, front)
    assert health["uptime"] == 90
    assert [row["state"]["connections"] for row in rows] == [4, 0]
    assert [row["refused"] for row in rows] == [{"flights_max": 3, "new": 1}, {"flights_max": 5}]
    assert [row["failures"] for row in rows] == [{"Overloaded": 2}, {}]
    assert [row["totals"] for row in rows] == [
        {"refused_frames": 4, "replies_dropped": 7, "worker_restarts": 0},
        {"refused_frames": 5, "replies_dropped": 0, "worker_restarts": 2},
    ]
    assert "quarantine" not in health
    add_front("health", health, front._replace(quarantine={"pid": 7}))
    assert health["quarantine"] == {"pid": 7}
    info = {"info": {"refused_frames": "6", "uptime_s": "7"}}
    add_front("system_info", info, front)
    assert info == {"info": {"refused_frames": "9", "worker_restarts": "2", "uptime_s": "90"}}
    memory = {"info": {"resident_bytes": "1"}}
    add_front("system_info", memory, front)
    assert memory == {"info": {"resident_bytes": "1"}}
