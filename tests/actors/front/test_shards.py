"""Where sessions and clients are: numbers, public ids, directories."""

import pytest

from actors.durability.shards import (
    deal,
    first_sid,
    home,
    session_token,
    shard_directories,
    shard_directory,
    shard_of_sid,
)
from actors.durability.shards import shard_of_token as shard_of
from actors.traffic.admission import ANONYMOUS
from storage import SqliteStore


@pytest.mark.parametrize("shard", [0, 1, 7, 63])
def test_a_number_and_a_public_id_name_their_shard(shard):
    sid = first_sid(shard)
    assert shard_of_sid(sid) == shard
    assert shard_of(session_token(sid, "ab12"), 64) == shard


def test_a_session_of_one_process_alone_is_called_as_ever():
    assert session_token(first_sid(0), "ab12") == "session_ab12"


@pytest.mark.parametrize(
    "token", ["", "session_", "session_9_x", "session_-1_x", "session_٣_x", "session_1", "_1_", "x"]
)
def test_any_text_leads_to_a_shard_that_is_there(token):
    assert shard_of(token, 2) == 0


def test_every_client_has_a_home_and_the_anonymous_one_the_first_shard():
    homes = [home(f"client-{number}", 4) for number in range(100)]
    assert set(homes) == {0, 1, 2, 3}
    assert home("client-1", 4) == homes[1]
    assert home(ANONYMOUS, 4) == 0
    assert [home(name, 1) for name in ("ann", "bob")] == [0, 0]


def test_every_shard_is_dealt_once():
    dealt = deal(5, 2)
    assert dealt == [[0, 2, 4], [1, 3]]


def test_the_shards_of_a_directory_are_those_that_hold_a_store(tmp_path):
    assert shard_directories(tmp_path) == [tmp_path]
    for shard in (0, 1, 2):
        SqliteStore(shard_directory(tmp_path, shard), first_sid(shard)).close()
    (tmp_path / "shard-3").mkdir()
    assert shard_directories(tmp_path) == [tmp_path, tmp_path / "shard-1", tmp_path / "shard-2"]
    (tmp_path / "shard-1").rename(tmp_path / "away")
    assert shard_directories(tmp_path) == [tmp_path, tmp_path / "shard-1", tmp_path / "shard-2"]
