"""Shards: the stores that the sessions are dealt among, each a whole data directory that one process owns.

| shard | its directory | the numbers of its sessions | their public ids |
|---|---|---|---|
| 0 | the data directory itself | from 1 | `session_` and a random part |
| k from 1 on | `shard-k` in it | from k * 2^25 + 1 | `session_k_` and a random part |

There are as many shards as there ever were workers at once, and they never become fewer; data that one process served
alone is shard 0. All sessions of a client live in one shard, so that its limits and the answers its repeats are given
need no second process. A client that has no session yet is hashed to a shard; one that has stays where it is when
shards are added. Pure functions, but for `shard_directories`, which looks.
"""

from pathlib import Path
from typing import Final
from zlib import crc32

from storage import Sid, holds_store

from ..limits import SERVER_LIMITS
from ..traffic.admission import ANONYMOUS

#: Bits of a session's number that count within its shard: 33 million sessions; the bits above allow 64 shards.
_SID_BITS: Final = 25
SHARDS_MAX: Final = SERVER_LIMITS["shards_max"].value
_PREFIX: Final = "session_"
#: The one that has the anonymous session, and all that was stored before there were more.
FIRST_SHARD: Final = 0


def first_sid(shard: int) -> int:
    """Return the smallest session number of a shard."""
    return (shard << _SID_BITS) + 1


def shard_of_sid(sid: Sid) -> int:
    """Return the shard of a session by its number."""
    return sid >> _SID_BITS


def session_token(sid: Sid, random_part: str) -> str:
    """Return the public id of a new session."""
    shard = shard_of_sid(sid)
    return f"{_PREFIX}{shard}_{random_part}" if shard else f"{_PREFIX}{random_part}"


def shard_of_token(token: str, count: int) -> int:
    """Return the shard that knows whether there is such a session, whatever the text.

    Args:
        token: what a client sent.
        count: how many shards there are.
    """
    shard, separator, _ = token.removeprefix(_PREFIX).partition("_")
    if not separator or not shard.isascii() or not shard.isdigit() or len(shard) > len(str(SHARDS_MAX)):
        return FIRST_SHARD
    return int(shard) if int(shard) < count else FIRST_SHARD


def home(client_id: str, count: int) -> int:
    """Return the shard of a client that has no session yet."""
    if client_id == ANONYMOUS:
        return FIRST_SHARD
    return crc32(client_id.encode("utf-8", "surrogatepass")) % count


def deal(shards: int, workers: int) -> list[list[int]]:
    """Return the shards of each worker."""
    return [list(range(worker, shards, workers)) for worker in range(workers)]


def shard_directory(data: Path, shard: int) -> Path:
    """Return a shard's directory."""
    return data / f"shard-{shard}" if shard else data


def shard_directories(data: Path) -> list[Path]:
    """Return the directories of the shards up to the last that is there, shard 0 always.

    One between that is missing, of a first start that was cut short or because it was moved away, hides none behind it.
    """
    others = ((shard, shard_directory(data, shard)) for shard in range(SHARDS_MAX - 1, 0, -1))
    last = next((shard for shard, directory in others if directory.is_dir() and holds_store(directory)), 0)
    return [shard_directory(data, shard) for shard in range(last + 1)]


def directory_of_token(data: Path, token: str) -> Path:
    """Return the directory of the shard that knows whether there is such a session."""
    directories = shard_directories(data)
    return directories[shard_of_token(token, len(directories))]
