"""Computations that wait: capturing, opening after a restart, going on. `python -m bench.run debugger`.

Records stand in memory: what storage adds is measured with the server. A first error of a kind compiles things; all
figures are those of later ones, but for the first stack that a new process opens.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import msgpack

from actors.clock import SystemClock
from actors.running.host import LanguageHost
from bench.figures import Row, Table, quantile
from bench.waiting import waiting_on_server
from smalltalk import Image, load_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk import Delta, Kernel, Outcome

#: Activations of the stack that is captured, and goals of the issue.
DEPTH = 100
CAPTURE_MS_MAX = 1.0
RECORDS_BYTES_MAX = 16 * 1024
OPEN_MS_MAX = 5.0
STEP_MS_MAX = 2.0
LOOP_RATIO_MAX = 1.1
ROUNDS = 60
LOOP_ROUNDS = 7
_NS_PER_MS = 1e6

DEEP = f"down := nil. down := [:n | n = 0 ifTrue: [1/0] ifFalse: [(down value: n - 1) + 1]]. down value: {DEPTH - 4}"
NESTED = "[#(1 2) do: [:e | #(3 4) collect: [:f | [f zork: e] on: ZeroDivide do: [:z | nil]]]] ensure: [3 + 4]"
LOOP = "| n | n := 0. {} 1 to: 3000000 do: [:i | n := n + (i bitAnd: 7)]. n"


class Subject:
    """A session on records in memory."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._host = LanguageHost(SystemClock())
        self.records: dict[int, Any] = {}
        self.next_oid = 2
        self.image = Image.create(kernel, self._host)
        self.commit()

    def record(self, oid: int) -> Any:
        """Read a record."""
        return self.records.get(oid)

    def commit(self) -> Delta | None:
        """Store what changed, and answer it."""
        delta = self.image.drain_delta()
        if delta is not None:
            self.records.update(delta.records)
            self.next_oid = delta.next_oid
        return delta

    def restart(self) -> None:
        """Restore the session from its records."""
        self.image = Image.restore(self._kernel, self._host, self)

    def evaluate(self, code: str) -> Outcome:
        """Run code."""
        return self.image.evaluate(code, tool_id=None, display=False, evaluation=self.image.begin())

    def fail(self, code: str) -> str:
        """Run code that stops; answer the name under which it waits."""
        context_id = self.evaluate(code).context_id
        assert context_id is not None
        return context_id

    def abandon(self, context_id: str) -> None:
        """Let a computation go."""
        self.image.debugger.abandon(context_id, evaluation=self.image.begin())

    def step(self, context_id: str) -> Outcome:
        """Let a computation do one step."""
        return self.image.debugger.step(context_id, "over", evaluation=self.image.begin())

    def proceed(self, context_id: str) -> Outcome:
        """Let a computation go on."""
        return self.image.debugger.proceed(context_id, evaluation=self.image.begin())


def timed(body: Callable[[], Any]) -> float:
    """Milliseconds of CPU time that it takes: the machine is shared."""
    began = time.thread_time_ns()
    body()
    return (time.thread_time_ns() - began) / _NS_PER_MS


def quantiles(samples: list[float]) -> str:
    """The figure of many samples."""
    return f"p50 {quantile(samples, 0.5):.2f} ms, p99 {quantile(samples, 0.99):.2f} ms"


def judged(what: str, figure: str, value: float, goal: float, unit: str, reference: str = "") -> Row:
    """A row that meets its goal when the value is at most that."""
    return Row(what, figure, reference, "", f"{goal:g} {unit}", value <= goal)


def capturing(subject: Subject, table: Table) -> None:
    """A do-it that fails at the bottom of a recursion and is kept, beside the same failure that nobody keeps."""
    kept, plain, drains, sizes = [], [], [], []
    for _ in range(ROUNDS):
        kept.append(timed(lambda: subject.fail(DEEP)))
        began = time.thread_time_ns()
        delta = subject.commit()
        drains.append((time.thread_time_ns() - began) / _NS_PER_MS)
        assert delta is not None
        sizes.append(float(sum(len(msgpack.packb(record)) for _, record in delta.records)))
        subject.abandon(subject.image.debugger.contexts()[-1].context_id)
        subject.commit()
        plain.append(timed(lambda: subject.image.inspect(target=DEEP, evaluation=subject.image.begin())))
        subject.commit()
    more = quantile(kept, 0.5) - quantile(plain, 0.5)
    reference = f"failing alone {quantile(plain, 0.5):.2f} ms"
    table.add(judged(f"keeping {DEPTH} activations", f"{more:.2f} ms", more, CAPTURE_MS_MAX, "ms", reference))
    size = quantile(sizes, 0.5)
    table.add(judged("their records", f"{size:.0f} bytes", size, RECORDS_BYTES_MAX, "bytes"))
    table.add(Row("encoding these", quantiles(drains)))


def opening(subject: Subject, table: Table) -> None:
    """Restoring a session and asking for the stack of what waits there."""
    context_id = subject.fail(DEEP)
    subject.commit()
    samples = []

    def opened() -> None:
        subject.restart()
        assert subject.image.debugger.stack(context_id).rows

    for _ in range(ROUNDS):
        samples.append(timed(opened))
        subject.image.close()
    subject.restart()
    middle = quantile(samples, 0.5)
    table.add(judged("restore and stack", quantiles(samples), middle, OPEN_MS_MAX, "ms"))
    subject.abandon(context_id)


def stepping(subject: Subject, table: Table) -> None:
    """The first step after a restart, of a computation that failed in nested blocks, and the next ones."""
    context_id = subject.fail(NESTED)
    subject.commit()
    first, later = [], []
    for _ in range(ROUNDS):
        subject.restart()
        subject.image.debugger.stack(context_id)
        first.append(timed(lambda: subject.step(context_id)))
        later.append(timed(lambda: subject.step(context_id)))
        subject.image.close()
    subject.restart()
    middle = quantile(first, 0.5)
    table.add(judged("first step", quantiles(first), middle, STEP_MS_MAX, "ms"))
    table.add(Row("next step", quantiles(later)))
    subject.abandon(context_id)


def looping(subject: Subject, table: Table) -> None:
    """A loop that goes on after a stop before it, beside the same loop that was never stopped."""
    ratios = []
    for _ in range(LOOP_ROUNDS):
        context_id = subject.fail(LOOP.format("1/0."))
        resumed = timed(lambda context_id=context_id: subject.proceed(context_id))
        ratios.append(resumed / timed(lambda: subject.evaluate(LOOP.format("1/1."))))
    ratio = quantile(ratios, 0.5)
    verdict = ratio <= LOOP_RATIO_MAX
    table.add(
        Row(
            "a loop that goes on", f"{ratio:.2f} times", "never stopped", f"{ratio:.2f}", f"{LOOP_RATIO_MAX:g}", verdict
        )
    )


def main() -> Table:
    """Measure and print."""
    table = Table("Computations that wait", "python -m bench.run debugger")
    subject = Subject(load_kernel()[0])
    gc.collect()
    for measure in (capturing, opening, stepping, looping):
        measure(subject, table)
    waiting_on_server(table)
    return table
