"""Computations of the tiny language that wait, and a debugger for them.

A computation is a program and the place where it stands: the number of its statement, and how many turns that still has
to take. What waits is kept as text among the image's values, so that it is stored with them.
"""

import json
from types import SimpleNamespace

from smalltalk import (
    BreakpointRow,
    FrameRow,
    RefusedBreakpointError,
    StackPage,
    StopReport,
    SuspensionSummary,
    UnknownContextError,
    UnknownFrameError,
    UnresumableError,
)

#: The value that holds what waits; no program can name it.
WAITING = "$waiting"


class Computation:
    """A program under way."""

    def __init__(self, code, *, display=False, context_id=None, at=0, left=None, **why):
        self.code = code
        self.display = display
        self.context_id = context_id
        self.at = at
        self.left = left
        self.why = {"kind": "error", "class_name": "", "message": "", **why}

    def turn(self, count, evaluation):
        """Use up so many slices, less those that it used up before it was stopped."""
        self.left = count if self.left is None else self.left
        while self.left:
            self.left -= 1
            evaluation.use_up_slice()
        return count

    def stored(self):
        return {**{name: value for name, value in vars(self).items() if name != "why"}, **self.why}


class FakeDebugger:
    def __init__(self, image):
        self._image = image
        self.stops = []
        self._passed_over = 0

    def ids_given(self):
        return max(self._stored()["given"], self._passed_over)

    def pass_over_ids(self, given):
        self._passed_over = given

    def _stored(self):
        return json.loads(self._image.values.get(WAITING, '{"given": 0, "waiting": []}'))

    def _store(self, stored):
        self._image.set(WAITING, json.dumps(stored))

    def _waiting(self):
        return [Computation(**each) for each in self._stored()["waiting"]]

    def keep(self, computation, kind, class_name, message):
        """Let a computation wait; it keeps its name if it has one."""
        stored = self._stored()
        if computation.context_id is None:
            stored["given"] = self.ids_given() + 1
            computation.context_id = f"c{stored['given']}"
        computation.why = {"kind": kind, "class_name": class_name, "message": message}
        others = [each for each in stored["waiting"] if each["context_id"] != computation.context_id]
        self._store({**stored, "waiting": [*others, computation.stored()]})

    def forget(self, context_id):
        stored = self._stored()
        others = [each for each in stored["waiting"] if each["context_id"] != context_id]
        if others != stored["waiting"]:
            self._store({**stored, "waiting": others})

    def find(self, context_id):
        for each in self._waiting():
            if each.context_id == context_id:
                return each
        raise UnknownContextError(context_id, [each.context_id for each in self._waiting()])

    def latest(self):
        waiting = self.contexts()
        return waiting[-1].context_id if waiting else None

    def contexts(self, context_id=None):
        return [
            SuspensionSummary(
                each.context_id,
                each.why["kind"],
                each.why["class_name"],
                each.why["message"],
                each.code,
                1_700_000_000_000,
                1,
                is_resumable="damaged" not in each.code,
                reason="it is damaged" if "damaged" in each.code else None,
                recovery=["Continue", "Abandon"],
            )
            for each in self._waiting()
            if context_id in {None, each.context_id}
        ]

    def stack(self, context_id, offset, count):
        found = self.find(context_id)
        rows = [FrameRow(0, "doIt", "UndefinedObject", "doIt", "nil", 1, found.at + 1, False, True)]
        return StackPage(1, rows[offset : offset + count])

    def frame(self, context_id, frame, *, evaluation):  # noqa: ARG002 - the debugger's signature
        row = self.stack(context_id, 0, 1).rows[0]
        if frame:
            raise UnknownFrameError(f"computation '{context_id}' has no frame {frame}")
        variables = [
            Variable(name, "temporary", "int", str(value), f"i:{value}")
            for name, value in self._image.values.items()
            if name != WAITING
        ]
        view = SimpleNamespace(row=row, source=self.find(context_id).code, start=0, stop=1, variables=variables)
        return self._image.outcome(value=view)

    def set_variable(self, context_id, frame, name, code, *, evaluation):  # noqa: ARG002 - the debugger's signature
        self.find(context_id)
        return self._image.evaluate(f"{name} = {code}", tool_id=None, display=False, evaluation=evaluation)

    def proceed(self, context_id, *, evaluation, code):
        computation = self.find(context_id)
        if "damaged" in computation.code:
            raise UnresumableError("it is damaged")
        value = self._image.value(code) if code else None
        return self._image.go_on(computation, evaluation, value, is_answered=computation.why["kind"] == "error")

    def step(self, context_id, how, *, evaluation):  # noqa: ARG002 - the debugger's signature
        self.find(context_id)
        stop = StopReport("step", self.stack(context_id, 0, 1).rows, self.contexts(context_id)[0])
        return self._image.outcome(context_id=context_id, stop=stop)

    def abandon(self, context_id, *, evaluation):  # noqa: ARG002 - the debugger's signature
        self.find(context_id)
        self.forget(context_id)
        return self._image.outcome()

    def set_breakpoint(self, method, line):
        if ">>" not in method:
            raise RefusedBreakpointError("that is no method")
        self.stops.append(BreakpointRow(method, line, line, is_active=True))

    def remove_breakpoint(self, method, line):  # noqa: ARG002 - the debugger's signature
        self.stops = [each for each in self.stops if each.method != method]

    def breakpoints(self):
        return self.stops


class Variable(SimpleNamespace):
    """A variable of a frame."""

    def __init__(self, name, kind, class_name, text, object_id):
        super().__init__(name=name, kind=kind, class_name=class_name, text=text, object_id=object_id)

    def _asdict(self):
        return vars(self)
