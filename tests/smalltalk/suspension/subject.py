"""A session in which the same source is run in every way there is, and what is compared of each run.

| way         | the do-it begins in | stops                                                              |
|-------------|---------------------|--------------------------------------------------------------------|
| `generated` | generated code      | none                                                               |
| `stopped`   | either engine       | captured, left, resumed in the same image                          |
| `restored`  | either engine       | captured, left, stored; the image is restored from records, resumed |
| `elsewhere` | either engine       | the same, once, in a process that has nothing but the records      |

With no stop at all `stopped` is the interpreter's way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from smalltalk import Image
from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime import current
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.objects import Symbol
from smalltalk.runtime.scopes import DoitScope
from smalltalk.stepper import interpret
from storage.records import pack, unpack_tuples
from tests.smalltalk.harness import kernel
from tests.smalltalk.lifetimes import Lifetimes

from .stops import Stopped, Tracer, Whim

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

    from .elsewhere import Elsewhere

#: Workspace of what only the tests keep.
_TOOL = "stops"

#: The two computations of a run.
RUN = "run"
PRINT = "print"


class Answer(NamedTuple):
    """What can be seen of a run.

    Attributes:
        text: printString of the value, or `Class: message` of the error that ended it.
        transcript: what it wrote.
        variables: printStrings of the workspace's variables.
    """

    text: str
    transcript: str
    variables: dict[str, str]


class Left(Exception):  # noqa: N818 - no error: the way out of a run
    """A run is left where it stopped."""

    def __init__(self, stopped: Stopped) -> None:
        super().__init__()
        self.stopped = stopped


class Subject(Lifetimes):
    """A session.

    Attributes:
        refused: reasons for which stacks could not be captured.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    @property
    def world(self) -> World:
        """The world of the present image."""
        return self.image.world

    def restart(self) -> None:
        """Restore the session from its records; the clock goes on."""
        self.image = Image.restore(kernel(), self.world.host, self.records)

    # What is kept

    def hold(self, name: str, value: Any) -> None:
        """Keep a value where no code of the language looks."""
        binding = self.image._workspaces.declare(_TOOL, name)
        binding.v = value
        self.image._heap.mark(binding)

    def held(self, name: str) -> Any:
        """The value that is kept under that name."""
        return self.image._workspaces.declare(_TOOL, name).v

    def packed(self) -> bytes:
        """All records as bytes."""
        self.commit()
        return pack((self.records.next_oid, self.records.records))

    @classmethod
    def unpacked(cls, content: bytes) -> Subject:
        """A session of nothing but those records."""
        subject = cls()
        subject.records.next_oid, subject.records.records = unpack_tuples(content)
        subject.restart()
        return subject

    def hold_stopped(self, stopped: Stopped) -> None:
        """Keep a stopped computation."""
        self.hold("stack", stopped.stack)
        self.hold("name", Symbol.intern(stopped.name))
        self.hold("process", stopped.process)

    def held_stopped(self) -> Stopped:
        """The stopped computation that is kept."""
        return Stopped(self.held("stack"), self.held("name").name, self.held("process"))

    # The ways

    def generated(self, source: str) -> Answer:
        """Run it in generated code."""
        return self.stopped(source, Whim(0, stops_max=0), is_interpreted=False)

    def stopped(self, source: str, whim: Whim, *, is_interpreted: bool) -> Answer:
        """Run it, stopped where the whim says so."""
        return self._run(source, whim, lambda stopped: stopped, is_interpreted=is_interpreted)

    def restored(self, source: str, whim: Whim, *, is_interpreted: bool) -> Answer:
        """Run it with a restart at each stop."""

        def restart(stopped: Stopped) -> Stopped:
            self.hold_stopped(stopped)
            self.commit()
            self.restart()
            current.world = self.world
            return self.held_stopped()

        return self._run(source, whim, restart, is_interpreted=is_interpreted)

    def stop(self, source: str, whim: Whim, *, is_interpreted: bool = False) -> Stopped | None:
        """Run it to its first stop and keep it there; None if it ends before."""

        def leave(stopped: Stopped) -> Stopped:
            self.hold_stopped(stopped)
            raise Left(stopped)

        try:
            self._run(source, whim, leave, is_interpreted=is_interpreted)
        except Left as left:
            return left.stopped
        return None

    def elsewhere(self, source: str, whim: Whim, elsewhere: Elsewhere, *, is_interpreted: bool) -> Answer | None:
        """Run it to its first stop here and from there in another process; None if it ends before."""
        if self.stop(source, whim, is_interpreted=is_interpreted) is None:
            return None
        return Answer(*elsewhere.ask(self.packed()))

    def finish(self) -> Answer:
        """Go on with what was kept at a stop to its end."""
        current.world = self.world
        whim = Whim(0, stops_max=0)
        step, transcript = self.held("step").name, self.held("transcript").text
        outcome = self._tracer(whim).go_on(self.held_stopped())
        return self._complete(outcome, step, transcript, whim, lambda stopped: stopped)

    # Running

    def _run(self, source: str, whim: Whim, between: Callable[[Stopped], Stopped], *, is_interpreted: bool) -> Answer:
        """Run a do-it, then `printString` of its value."""
        world = self.world
        current.world = world

        def doit() -> Any:
            unit = compile_doit(source, DoitScope(world), parametrise=False)
            arguments = [self.image._workspaces.declare("", name) for name in unit.bindings]
            return interpret(unit, world, None, arguments) if is_interpreted else world.function(unit)(None, *arguments)

        return self._complete(self._tracer(whim).begin(doit), RUN, "", whim, between)

    def _complete(
        self, outcome: Outcome | Stopped, step: str, transcript: str, whim: Whim, between: Callable[[Stopped], Stopped]
    ) -> Answer:
        """Go on until there is an answer."""
        while True:
            transcript += self.world.transcript.drain()
            if isinstance(outcome, Stopped):
                self.hold("step", Symbol.intern(step))
                self.hold("transcript", self.world.new_text(transcript))
                stopped = between(outcome)
                outcome = self._tracer(whim).go_on(stopped)
            elif outcome.failure is not None:
                return self.answer(f"{outcome.failure.error_class}: {outcome.failure.message}", transcript)
            elif step == PRINT:
                return self.answer(outcome.value.text, transcript)
            else:
                step = PRINT
                self.hold("value", outcome.value)
                outcome = self._tracer(whim).begin(lambda: self.world.send(self.held("value"), "printString"))

    def _tracer(self, whim: Whim) -> Tracer:
        return Tracer(self.world, whim, self.refused)

    def answer(self, text: str, transcript: str) -> Answer:
        """What can be seen now of a run that answered and wrote that."""
        bindings = [(binding.name, binding.v) for tool, binding in self.image._workspaces if not tool]
        return Answer(text, transcript, {name: self._printed(value) for name, value in bindings})

    def _printed(self, value: Any) -> str:
        outcome = Evaluation(self.world).run(lambda: self.world.send(value, "printString"))
        return outcome.value.text if outcome.failure is None else outcome.failure.error_class
