"""Running code in an image: do-its with their workspace's variables, and what they wrote on the Transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .memory.workspaces import SESSION_TOOL
from .runtime import current
from .tools.doits import DoitCache
from .tools.printing import displayed, printed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .memory.workspaces import Workspaces
    from .runtime.evaluation import Evaluation
    from .runtime.outcome import Outcome
    from .runtime.world import World
    from .tools.doits import Doit

#: Shared by all images of the process.
_DOITS: Final = DoitCache()


class Shown(NamedTuple):
    """A value with its texts: only what ran to its end has them."""

    value: Any
    result: str
    display: str | None


class Runs:
    """The running of code in one image.

    Attributes:
        under_way: evaluations that have not ended: their temporaries refer to objects that nothing else may refer to.
    """

    def __init__(self, world: World, workspaces: Workspaces) -> None:
        self._world = world
        self._workspaces = workspaces
        self.under_way = 0

    def doit(
        self, code: str, tool_id: str | None, evaluation: Evaluation, body: Callable[[Doit, list[Any]], Any]
    ) -> Outcome:
        """Compile a do-it and run `body` with it and its arguments."""
        current.world = self._world
        tool = tool_id or SESSION_TOOL
        ran: list[Doit] = []

        def compiled() -> Any:
            doit, arguments = self._compiled(code, tool)
            ran.append(doit)
            return body(doit, arguments)

        outcome = self.body(evaluation, compiled)
        if outcome.failure is not None and ran:
            ran[0].complete(outcome.failure, code)
        return outcome

    def body(self, evaluation: Evaluation, body: Callable[[], Any]) -> Outcome:
        """Run something in an evaluation and collect what it wrote on the Transcript."""
        self.under_way += 1
        try:
            outcome = evaluation.run(body)
        finally:
            self.under_way -= 1
        outcome.news = self._world.transcript.news()
        outcome.transcript = self._world.transcript.drain()
        return outcome

    def shown(self, value: Any, *, has_display: bool) -> Shown:
        """Print a value, in an evaluation that runs."""
        result = printed(self._world, value)
        return Shown(value, result, displayed(self._world, value, result) if has_display else None)

    def present(self, outcome: Outcome) -> None:
        """Spread the `Shown` that is an outcome's value."""
        outcome.value, outcome.result, outcome.display = outcome.value
        outcome.class_name = self._world.class_of(outcome.value).name

    def value_of(self, code: str) -> Any:
        """Run a do-it of the session's workspace, in an evaluation that runs."""
        return self.runner_of(code)()

    def runner_of(self, code: str) -> Callable[[], Any]:
        """Compile a do-it of the session's workspace; return what runs it, in an evaluation that runs.

        Raises:
            SyntaxFailure: it does not parse.
            SemanticFailure: it uses names that mean nothing, or is too large.
        """
        doit, arguments = self._compiled(code, SESSION_TOOL)
        return lambda: doit.run(self._world, arguments)

    def check(self, code: str) -> None:
        """Compile a do-it that may use no variables of a workspace.

        Raises:
            SyntaxFailure: it does not parse.
            SemanticFailure: it uses names that mean nothing.
        """
        _DOITS.find(code, self._world, ())

    def _compiled(self, code: str, tool: str) -> tuple[Doit, list[Any]]:
        """The compiled form of a do-it and its arguments: the workspace's variables that it uses, then its literals."""
        doit, literals = _DOITS.find(code, self._world, self._workspaces.variables(tool))
        names = doit.unit.bindings
        return doit, [*[self._workspaces.declare(tool, name) for name in names], *literals] if names else [*literals]
