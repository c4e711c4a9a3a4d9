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

The whole image is one object (oid 1) that holds the variables.
"""

from smalltalk import Delta, FailureReport, Outcome, UnstorableValueError


class Stopped(BaseException):
    """Unwinds a stopped evaluation."""


class FakeEvaluation:
    def __init__(self, cpu_budget_ms, yield_, clock):
        self.order = None
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


class FakeImage:
    background = FakeBackground()

    def __init__(self, clock, variables):
        self.values = variables
        self._clock = clock
        self._is_dirty = False

    def begin(self, *, cpu_budget_ms, wait_budget_ms, yield_, park):  # noqa: ARG002 - the engine's signature
        return FakeEvaluation(cpu_budget_ms, yield_, self._clock)

    def evaluate(self, code, *, tool_id, display, evaluation):  # noqa: ARG002 - the engine's signature
        outcome = Outcome()
        try:
            for statement in code.split(";"):
                outcome.value = self._run(statement.strip(), evaluation, outcome)
        except Stopped:
            outcome.failure = FailureReport(evaluation.order, evaluation.order.capitalize(), "stopped")
        except ZeroDivisionError:
            outcome.failure = FailureReport("error", "ZeroDivide", "division by zero", [("DoIt", 1)], line=1, column=1)
        outcome.result, outcome.class_name = str(outcome.value), type(outcome.value).__name__
        outcome.display = str(outcome.value) if display else None
        return outcome

    def _run(self, statement, evaluation, outcome):
        word, _, rest = statement.partition(" ")
        if word == "spin":
            while True:
                evaluation.use_up_slice()
        if word == "turns":
            for _ in range(int(rest)):
                evaluation.use_up_slice()
            return int(rest)
        if word == "defect":
            raise RuntimeError("a defect of the fake engine")
        if word == "error":
            raise ZeroDivisionError
        if word == "unstorable":
            self.values["y"], self._is_dirty = object(), True
            return None
        if word == "say":
            outcome.transcript += rest
            outcome.news += rest
            return rest
        name, is_assignment, expression = statement.partition("=")
        if not is_assignment:
            return eval(statement, {"__builtins__": {}}, self.values)
        value = self.values[name.strip()] = eval(expression, {"__builtins__": {}}, self.values)
        self._is_dirty = True
        return value

    def object_id(self, value):
        return f"i:{value}"

    def drain_delta(self):
        if not self._is_dirty:
            return None
        if any(type(value) is object for value in self.values.values()):
            raise UnstorableValueError("an object has no record")
        self._is_dirty = False
        pairs = tuple(("pair", name, value) for name, value in self.values.items())
        return Delta(2, [(1, ("Fake", (), pairs))])

    def close(self):
        """Whoever uses the image after this fails."""
        self.values = None

    def variables(self):
        return [{"name": name} for name in self.values]

    def inspector_state(self):
        return {"path": [], "selected_object": None}

    def object_registry(self):
        return {}


class FakeEngine:
    """Makes images of the tiny language."""

    def __init__(self, clock):
        self._clock = clock

    def create(self):
        return FakeImage(self._clock, {})

    def restore(self, source):
        record = source.record(1)
        return FakeImage(self._clock, {name: value for _, name, value in record[2]} if record else {})

    def set_poll(self, flag):
        """It polls always."""
