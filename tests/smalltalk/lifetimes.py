"""A session across restarts, on records in a dictionary: what the image tests are written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smalltalk import Image
from tests.smalltalk.harness import FakeHost, kernel

if TYPE_CHECKING:
    from smalltalk import FailureReport


class Records:
    """What storage keeps of a session."""

    def __init__(self) -> None:
        self.records: dict[int, Any] = {}
        self.next_oid = 2

    def record(self, oid: int) -> Any:
        return self.records.get(oid)


class Lifetimes:
    """A session that can be killed and restored at any time."""

    def __init__(self) -> None:
        self.records = Records()
        self.image = Image.create(kernel(), FakeHost())
        self.commit()

    def commit(self) -> list[int]:
        """Store what changed; answers the ids written."""
        delta = self.image.drain_delta()
        if delta is None:
            return []
        self.records.records.update(delta.records)
        self.records.next_oid = delta.next_oid
        return [oid for oid, _ in delta.records]

    def evaluate(self, code: str, tool_id: str | None = None, *, display: bool = False) -> Any:
        """Run code; answers its outcome."""
        return self.image.evaluate(code, tool_id=tool_id, display=display, evaluation=self.image.begin())

    def run(self, code: str, tool_id: str | None = None) -> str:
        """Run code and commit, as the server does; answers the result, which must be one."""
        outcome = self.evaluate(code, tool_id)
        assert outcome.failure is None, outcome.failure
        self.image.object_id(outcome.value)
        self.commit()
        return str(outcome.result)

    def fail(self, code: str) -> FailureReport:
        """Run code that must fail; answers the report."""
        report = self.evaluate(code).failure
        assert report is not None
        self.commit()
        return report  # type: ignore[no-any-return]

    def kind_of(self, oid: int) -> str | int:
        """The class reference of a record."""
        return self.records.records[oid][0]  # type: ignore[no-any-return]

    def restart(self) -> None:
        """Kill the process and restore the session from its records."""
        self.image = Image.restore(kernel(), FakeHost(), self.records)
