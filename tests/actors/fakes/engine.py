"""A tiny language in the place of Smalltalk, for tests of what is around it.

A program is statements separated by `;`. A statement is an expression of integers and variables (`x + 1`), an
assignment (`x = x + 1`), or one of these words:

| word | does |
|---|---|
| `spin` | loops until it is stopped, using up a slice in each round |
| `turns N` | uses up N slices |
| `error` | fails as an unhandled error of the language does |
| `defect` | raises a Python exception, which no language may |
| `unstorable` | leaves something behind that has no record |
| `say WORD` | writes on the transcript |
| `stubborn N` | uses up N slices, in which it cannot be stopped to go on later |
| `damaged` | a program with it cannot go on once it waits |

The whole image is one object (oid 1) that holds the variables.
"""

from math import inf
from types import SimpleNamespace

from smalltalk import Delta, FailureReport, Outcome, UnstorableValueError

from .debugger import WAITING, Computation, FakeDebugger


class Stopped(BaseException):
    """Unwinds a stopped evaluation."""


class FakeEvaluation:
    def __init__(self, cpu_budget_ms, yield_, clock):
        self.order = None
        self.computation = None
        self.suspension = None
        self._yield = yield_
        self._clock = clock
        self._budget_ms = cpu_budget_ms

    def interrupt(self, reason="interrupted"):
        self.order = reason

    def use_up_slice(self):
        self._clock.advance(ms=10)
        self._budget_ms -= 10
        if self._budget_ms < 0:
            self.order = "timeout"
        self._yield()
        if self.order is not None:
            raise Stopped


class FakeBackground:
    """The tiny language has no processes."""

    def due_ns(self):
        return None

    def run(self, *_, **__):
        """Return: a session that went back to a former state is looked at once."""

    def news(self):
        return ""

    def tell(self, _):
        """Return: nobody asks for news of the tiny language's processes."""


class FakeImage:
    background = FakeBackground()

    def __init__(self, clock, variables):
        self.values = variables
        self.world = self
        self.debugger = FakeDebugger(self)
        self._clock = clock
        self._is_dirty = False

    def begin(self, *, cpu_budget_ms, wait_budget_ms, yield_, park):  # noqa: ARG002 - the engine's signature
        return FakeEvaluation(cpu_budget_ms, yield_, self._clock)

    def outcome(self, **parts):
        return Outcome(**parts)

    def evaluate(self, code, *, tool_id, display, evaluation, context_id=None, frame=0):  # noqa: ARG002 - the same
        if context_id is not None:
            self.debugger.find(context_id)
        return self.go_on(Computation(code, display=display), evaluation)

    def suspend(self, evaluation, frame):
        computation = evaluation.computation
        if computation is None or "stubborn" in computation.code.split(";")[computation.at]:
            return False
        assert frame is not None
        self.debugger.keep(evaluation.computation, "stopped", "Stopped", "the server stopped")
        evaluation.suspension = SimpleNamespace(context_id=evaluation.computation.context_id)
        return True

    def resume_stopped(self, context_id, *, evaluation):
        return self.go_on(self.debugger.find(context_id), evaluation)

    def go_on(self, computation, evaluation, value=None, *, is_answered=False):
        """Run a computation from where it stands; with a value it stands behind that statement."""
        evaluation.computation = computation
        outcome = Outcome(value=value)
        computation.at += is_answered
        try:
            statements = computation.code.split(";")
            while computation.at < len(statements):
                outcome.value = self._run(statements[computation.at].strip(), computation, evaluation, outcome)
                computation.at, computation.left = computation.at + 1, None
        except Stopped:
            kind = "interrupted" if evaluation.order == "memory" else evaluation.order
            outcome.failure = FailureReport(kind, kind.capitalize(), "stopped")
            self._keep(computation, evaluation.order, outcome)
        except ZeroDivisionError:
            outcome.failure = FailureReport("error", "ZeroDivide", "division by zero", [("DoIt", 1)], line=1, column=1)
            self._keep(computation, "error", outcome)
        else:
            self.debugger.forget(computation.context_id)
        outcome.result, outcome.class_name = str(outcome.value), type(outcome.value).__name__
        outcome.display = str(outcome.value) if computation.display else None
        return outcome

    def _keep(self, computation, kind, outcome):
        self.debugger.keep(computation, kind, outcome.failure.error_class, outcome.failure.message)
        outcome.context_id = computation.context_id

    def _run(self, statement, computation, evaluation, outcome):
        word, _, rest = statement.partition(" ")
        if word in ("spin", "turns", "stubborn"):
            return computation.turn(inf if word == "spin" else int(rest), evaluation)
        if word == "defect":
            raise RuntimeError("a defect of the fake engine")
        if word == "error":
            raise ZeroDivisionError
        if word == "unstorable":
            self.set("y", object())
            return None
        if word == "damaged":
            return None
        if word == "say":
            outcome.transcript += rest
            outcome.news += rest
            return rest
        name, is_assignment, expression = statement.partition("=")
        if not is_assignment:
            return self.value(statement)
        value = self.value(expression)
        self.set(name.strip(), value)
        return value

    def value(self, expression):
        return eval(expression, {"__builtins__": {}}, self.values)

    def set(self, name, value):
        self.values[name], self._is_dirty = value, True

    def object_id(self, value):
        return f"i:{value}"

    def draining(self, packing):
        """One record, which takes as many slices as the variable `steps` says."""
        if not self._is_dirty:
            return None
        for _ in range(self.values.get("steps", 0)):
            yield
            self._clock.advance(ms=10)
        if any(type(value) is object for value in self.values.values()):
            raise UnstorableValueError("an object has no record")
        self._is_dirty = False
        pairs = tuple(("pair", name, value) for name, value in self.values.items())
        records = packing()
        records.add(1, ("Fake", (), pairs))
        return Delta(2, records)

    def close(self):
        """Whoever uses the image after this fails."""
        self.values = None

    def variables(self):
        return [{"name": name} for name in self.values if name != WAITING]

    def inspector_state(self):
        return {"path": [], "selected_object": None}

    def object_registry(self):
        return {}


class FakeEngine:
    """Makes images of the tiny language."""

    def __init__(self, clock):
        self._clock = clock

    def configure(self, settings):
        """The tiny language has no limits of its own."""

    def weigh(self, world, frame):  # noqa: ARG002 - the tiny language's frames hold nothing
        """Each variable weighs its value in MB."""
        yield from ()
        return sum(each for each in world.values.values() if type(each) is int) * 1024 * 1024

    def create(self):
        return FakeImage(self._clock, {})

    def restore(self, source, *, is_safe):  # noqa: ARG002 - nothing goes on by itself here
        record = source.record(1)
        return FakeImage(self._clock, {name: value for _, name, value in record[2]} if record else {})

    def set_poll(self, flag):
        """It polls always."""

    def write_session(self, contents):
        """A file of the tiny language is what Python says of the contents."""
        yield repr(contents).encode()

    def read_session(self, data):
        yield
        assert data.startswith(b"SessionContents(")
