"""Stores under test, and sessions to put into them."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import MemoryStore, ObjectsChanged, SessionCreated, Sid, SqliteStore, Store

from .steps import Steps

DAY_MS = 86_400_000

_KILLING = """
import os, signal, sys
from pathlib import Path
from storage.acknowledged import Acknowledged
from storage.database import Database

point, countdown = sys.argv[2], int(sys.argv[3])

def count(name):
    global countdown
    if name == point:
        countdown -= 1
        if countdown == 0:
            os.kill(os.getpid(), signal.SIGKILL)

def around(owner, name, points):
    plain = getattr(owner, name)
    def wrapped(self, *values, **named):
        before, after = points(*values)
        count(before)
        answer = plain(self, *values, **named)
        count(after)
        return answer
    setattr(owner, name, wrapped)

def count_calls(*owners_and_names):
    # Each call of these functions comes to the point that was given, whatever that is called.
    for owner, name in owners_and_names:
        around(owner, name, lambda *_: (point, ""))

def database_points(statement, *_):
    words = statement.split("(")[0].split()
    name = " ".join(words[:3]) if words[0] in ("INSERT", "DELETE", "PRAGMA", "CREATE", "ALTER", "UPDATE") else words[0]
    return "before " + name, "after " + name

for method in ("run", "run_many", "all"):
    around(Database, method, database_points)
around(Acknowledged, "write", lambda number: ("before acknowledging", "after acknowledging"))
"""
"""What makes a child kill itself at the n-th time it comes to a named point."""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty durable store in `tmp_path / "data"`."""
    made = SqliteStore(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def add_session() -> Callable[..., Sid]:
    """Create a session with some objects: object `i` holds its number and a reference to object 0."""

    def add(store: Store, client_id: str = "ann", objects: int = 3) -> Sid:
        sid = store.next_sid()
        records = [(oid, ("Point", (oid, (0, "Array")), None)) for oid in range(objects)]
        store.commit(
            [
                SessionCreated(sid, f"token-{sid}", client_id, 1_000, 1_000 + DAY_MS, {"pane": 1}),
                ObjectsChanged(sid, 1, objects, records),
            ]
        )
        return sid

    return add


@pytest.fixture
def run_killed() -> Callable[[str, Path, str, int], int]:
    """Run a program on a data directory until it kills itself; return the last number it acknowledged, -1 for none."""

    def run(program: str, data: Path, point: str, count: int) -> int:
        child = subprocess.run(
            [sys.executable, "-c", _KILLING + program, str(data), point, str(count)],
            capture_output=True,
            cwd=Path(__file__).parents[2],
            check=False,
            timeout=60,
        )
        assert child.returncode == -signal.SIGKILL, child.stderr.decode()
        return int((child.stdout.split() or [b"-1"])[-1])

    return run


@pytest.fixture
def steps(store, add_session):
    """A session in a store of each kind."""
    return Steps(store, add_session(store))


@pytest.fixture
def durable(sqlite_store, add_session):
    """A session in a durable store."""
    return Steps(sqlite_store, add_session(sqlite_store))
