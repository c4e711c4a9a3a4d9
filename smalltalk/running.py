"""Running code in an image: do-its with their workspace's variables, and what they wrote on the Transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .memory.workspaces import SESSION_TOOL
from .runtime import current
from .runtime.limits import ALLOCATION_ELEMENTS_MAX, KEPT_CHARACTERS_MAX
from .runtime.transcript import ending
from .tools.doits import DoitCache
from .tools.printing import PLAIN_CHARACTERS_MAX, bounded, displayed, is_its_own_text, plain_text, printed

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
    """A value with its texts: only what ran to its end has them.

    Attributes:
        value: The value.
        result: Its printString, cut where it is too long for an answer.
        display: Its displayString, cut in the same way; None if nobody asked for it.
        long_texts: Strings with the whole of those that are cut, by these names.
    """

    value: Any
    result: str
    display: str | None
    long_texts: dict[str, Any]


#: Half the time of calling a NamedTuple; one is made for each evaluation.
_new: Final = tuple.__new__

#: Of what is not cut.
_NO_TEXTS: Final[dict[str, Any]] = {}


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
        transcript = self._world.transcript
        if transcript.has_text:
            news, written = transcript.news(), transcript.drain()
            characters_max = self._world.host.bounds.transcript_chars
            outcome.news, outcome.transcript = ending(news, characters_max), ending(written, characters_max)
            if len(written) > characters_max:
                outcome.long_texts = {"transcript": self._world.new_text(written)}
        return outcome

    def shown(self, value: Any, *, has_display: bool) -> Shown:
        """Print a value, in an evaluation that runs."""
        world = self._world
        plain = None if has_display else plain_text(world, value)
        if plain is not None and len(plain) <= PLAIN_CHARACTERS_MAX:  # nearly all results, and no limit is below that
            return _new(Shown, (value, plain, None, _NO_TEXTS))
        characters_max = world.host.bounds.result_chars
        is_own = is_its_own_text(world, value, characters_max)
        # A long String is the whole of its text itself; of others that is made first, as long as a String may be.
        most = characters_max if is_own else ALLOCATION_ELEMENTS_MAX
        result = printed(world, value, characters_max=most)
        display = displayed(world, value, result, most) if has_display else None
        if len(result) <= characters_max and (display is None or len(display) <= characters_max):
            return Shown(value, result, display, _NO_TEXTS)
        texts = {"result": result} if display is None else {"result": result, "display": display}
        long = {name: text for name, text in texts.items() if len(text) > characters_max}
        if is_own:
            return Shown(value, result, display, dict.fromkeys(long, value))
        kept = {name: world.new_text(text[:KEPT_CHARACTERS_MAX]) for name, text in long.items()}
        cut = {name: bounded(text, characters_max) for name, text in texts.items()}
        return Shown(value, cut["result"], cut.get("display"), kept)

    def present(self, outcome: Outcome) -> None:
        """Spread the `Shown` that is an outcome's value."""
        outcome.value, outcome.result, outcome.display, long_texts = outcome.value
        if long_texts:
            outcome.long_texts = {**(outcome.long_texts or {}), **long_texts}
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
