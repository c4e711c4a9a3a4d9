"""Fixtures of the debugger's tests: a session whose computations stop and wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk import Debugger, Outcome


class Debugged(Lifetimes):
    """A session with a debugger; every question and every change is followed by a commit, as on the server."""

    @property
    def debugger(self) -> Debugger:
        return self.image.debugger

    def wait(self, code: str, **options: Any) -> str:
        """Run code that stops; answer the name under which it waits."""
        outcome = self.evaluate(code, **options)
        assert outcome.context_id is not None, outcome
        self.commit()
        return str(outcome.context_id)

    def do(self, operation: str, *arguments: Any, **options: Any) -> Outcome:
        """Do something with a computation that waits."""
        outcome = getattr(self.debugger, operation)(*arguments, evaluation=self.image.begin(), **options)
        self.commit()
        return outcome

    def answer(self, operation: str, *arguments: Any, **options: Any) -> str:
        """Let a computation go on; answer what it prints, which must be something."""
        outcome = self.do(operation, *arguments, **options)
        assert outcome.failure is None, outcome.failure
        return str(outcome.result)

    def in_frame(self, context_id: str, frame: int, code: str) -> str:
        """Run code in a frame; answer the result, which must be one."""
        outcome = self.image.evaluate(
            code, tool_id=None, display=False, evaluation=self.image.begin(), context_id=context_id, frame=frame
        )
        assert outcome.failure is None, outcome.failure
        self.commit()
        return str(outcome.result)

    def variables(self, context_id: str, frame: int) -> dict[str, str]:
        """The texts of a frame's variables."""
        return {each.name: each.text for each in self.do("frame", context_id, frame).value.variables}

    def methods(self, context_id: str) -> list[str]:
        """What stands in a stack."""
        return [row.method for row in self.debugger.stack(context_id).rows]

    def waiting(self) -> list[str]:
        """Who waits."""
        return [each.context_id for each in self.debugger.contexts()]


@pytest.fixture
def session() -> Debugged:
    return Debugged()
