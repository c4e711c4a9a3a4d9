"""The language beside plain Python: programs, kernel load, new worlds, compiling. `python -m bench.run language`."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from actors.clock import SystemClock
from bench.figures import Row, Table, quantile
from bench.programs import PROGRAMS, Program
from smalltalk import Image, load_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
#: Goal for sends and loops of this release.
RATIO_MAX = 3.0


def evaluate(image: Image, code: str) -> str:
    """The printString of a do-it's value; a failure ends the benchmark."""
    evaluation = image.begin(cpu_budget_ms=60_000)
    outcome = image.evaluate(code, tool_id=None, display=False, evaluation=evaluation)
    if outcome.failure is not None:
        raise RuntimeError(f"{code!r} failed: {outcome.failure.error_class}: {outcome.failure.message}")
    return outcome.result


def seconds(action: Callable[[], Any]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def measure_program(image: Image, program: Program, table: Table) -> float:
    """One program, alternating with its Python twin; the ratio is the median of the pairs."""
    for source in program.methods:
        quoted = source.replace("'", "''")
        evaluate(image, f"Bench compile: '{quoted}'")
    wanted = str(program.python())
    for _ in range(3):
        got = evaluate(image, program.expression)
        if got != wanted:
            raise RuntimeError(f"{program.name}: {got} where Python answers {wanted}")
    pairs = [(seconds(lambda: evaluate(image, program.expression)), seconds(program.python)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    table.add(
        Row(
            program.name,
            f"{ours:.1f} ms",
            f"Python {theirs:.1f} ms",
            f"{ratio:.2f}",
            f"<= {RATIO_MAX}" if program.is_bound else "",
            ratio <= RATIO_MAX if program.is_bound else None,
        )
    )
    return ratio


def measure_start(table: Table) -> None:
    """Kernel from sources and from its cache; a new world with one evaluation, in time and memory."""
    cold = seconds(lambda: load_kernel(None)) * 1e3
    kernel, cache = load_kernel(None)
    warm = statistics.median(seconds(lambda: load_kernel(cache)) * 1e3 for _ in range(ROUNDS))
    table.add(Row("kernel from its cache", f"{warm:.1f} ms", f"from sources {cold:.0f} ms", "", "< 20 ms", warm < 20))
    host = SystemClock()
    times = [seconds(lambda: Image.create(kernel, host)) * 1e3 for _ in range(200)]
    p50 = quantile(times, 0.5)
    table.add(Row("a new world", f"p50 {p50:.3f} p99 {quantile(times, 0.99):.3f} ms", goal="< 2 ms", met=p50 < 2))
    evaluate(Image.create(kernel, host), "3 + 4")
    gc.collect()
    tracemalloc.start()
    images = [Image.create(kernel, host) for _ in range(100)]
    unused = tracemalloc.get_traced_memory()[0] / 100 / 1024
    for image in images:
        evaluate(image, "x := (3 + 4) printString")
    used = tracemalloc.get_traced_memory()[0] / 100 / 1024
    tracemalloc.stop()
    table.add(Row("memory of a world, unused / after one evaluation", f"{unused:.1f} / {used:.1f} KiB"))


def main() -> Table:
    """Measure all of it."""
    table = Table("The language beside plain Python", "python -m bench.run language")
    measure_start(table)
    kernel, _ = load_kernel(None)
    image = Image.create(kernel, SystemClock())
    evaluate(image, "Object subclass: #Bench instanceVariableNames: 'x' classVariableNames: '' package: 'Bench'")
    evaluate(image, "b := Bench new")
    ratios = [measure_program(image, program, table) for program in PROGRAMS]
    table.add(Row("geometric mean", "", "", f"{statistics.geometric_mean(ratios):.2f}"))
    return table
