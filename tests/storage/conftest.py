"""Stores under test, and sessions to put into them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import MemoryStore, ObjectsChanged, SessionCreated, Sid, SqliteStore, Store

DAY_MS = 86_400_000


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
