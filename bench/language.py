"""The language beside plain Python: programs, kernel load, new worlds, compiling. `python -m bench.run language`."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.clock import SystemClock
from actors.running.host import LanguageHost
from bench import classics
from bench.figures import Row, Table, quantile
from smalltalk import Image, load_kernel
from smalltalk.compiler.unit import compile_method
from smalltalk.runtime.scopes import MethodScope

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk import Kernel

ROUNDS = 15
#: Goals: no program beyond the first, their geometric mean within the second.
RATIO_MAX = 4.0
MEAN_MAX = 2.0

#: The programs, each with the beginning of its benchmark class's name.
CLASSICS = {
    "richards": "Richards",
    "deltablue": "DeltaBlue",
    "json": "Json",
    "havlak": "Havlak",
    "cd": "CD",
    "bounce": "Bounce",
    "lists": "Lists",
    "permute": "Permute",
    "queens": "Queens",
    "sieve": "Sieve",
    "storage": "Storage",
    "towers": "Towers",
    "mandelbrot": "Mandelbrot",
    "nbody": "NBody",
    "fib": "Fib",
    "texts": "Texts",
    "dictionaries": "Dictionaries",
    "sorting": "Sorting",
}


def evaluate(image: Image, code: str) -> str:
    """The printString of a do-it's value; a failure ends the benchmark."""
    evaluation = image.begin(cpu_budget_ms=60_000)
    outcome = image.evaluate(code, tool_id=None, display=False, evaluation=evaluation)
    if outcome.failure is not None:
        raise RuntimeError(f"{code!r} failed: {outcome.failure.error_class}: {outcome.failure.message}")
    return outcome.result


def cpu_seconds(action: Callable[[], Any]) -> float:
    """CPU time of one call: others that use the machine count less in it than in wall time."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


def seconds(action: Callable[[], Any]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def measure_program(kernel: Kernel, name: str, table: Table) -> float:
    """One program, alternating with its Python twin; the ratio is the median of the pairs."""
    image = Image.create(kernel, LanguageHost(SystemClock()))
    source = (Path(classics.__file__).parent / f"{name}.st").read_text()
    outcome = image.file_in(source, "tonel", evaluation=image.begin())
    if outcome.failure is not None or outcome.value.errors:
        raise RuntimeError(f"{name}: {outcome.failure or outcome.value.errors}")
    python = import_module(f"{classics.__name__}.{name}").run
    expression = f"{CLASSICS[name]}Benchmark new run"
    wanted = str(python())
    for _ in range(3):
        got = evaluate(image, expression)
        if got != wanted:
            raise RuntimeError(f"{name}: {got} where Python answers {wanted}")
    pairs = [(cpu_seconds(lambda: evaluate(image, expression)), cpu_seconds(python)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    goal = f"<= {RATIO_MAX}"
    table.add(Row(name, f"{ours:.1f} ms", f"Python {theirs:.1f} ms", f"{ratio:.2f}", goal, ratio <= RATIO_MAX))
    return ratio


def measure_compiling(kernel: Kernel, table: Table) -> None:
    """Source to code, for every method of the classic programs, in their own classes."""
    image = Image.create(kernel, LanguageHost(SystemClock()))
    times: list[float] = []
    for name in CLASSICS:
        source = (Path(classics.__file__).parent / f"{name}.st").read_text()
        image.file_in(source, "tonel", evaluation=image.begin())
    for holder in image.world.classes.values():
        for method in list(holder.methods.values()):
            scope = MethodScope(image.world, holder)
            times.append(
                seconds(lambda m=method, s=scope: compile_method(m.source, s, image.world.attributes).code) * 1e3
            )
    p50, p90 = quantile(times, 0.5), quantile(times, 0.9)
    what = f"compiling a method ({len(times)} of them)"
    table.add(Row(what, f"p50 {p50:.2f} p90 {p90:.2f} ms", goal="p50 < 0.5 ms", met=p50 < 0.5))


def measure_start(table: Table) -> None:
    """Kernel from sources and from its cache; a new world with one evaluation, in time and memory."""
    cold = seconds(lambda: load_kernel(None)) * 1e3
    kernel, cache = load_kernel(None)
    warm = statistics.median(seconds(lambda: load_kernel(cache)) * 1e3 for _ in range(ROUNDS))
    table.add(Row("kernel from its cache", f"{warm:.1f} ms", f"from sources {cold:.0f} ms", "", "< 10 ms", warm < 10))
    host = LanguageHost(SystemClock())
    times = [seconds(lambda: Image.create(kernel, host)) * 1e3 for _ in range(200)]
    p50 = quantile(times, 0.5)
    table.add(Row("a new world", f"p50 {p50:.3f} p99 {quantile(times, 0.99):.3f} ms", goal="< 1 ms", met=p50 < 1))
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
    measure_compiling(kernel, table)
    ratios = [measure_program(kernel, name, table) for name in CLASSICS]
    mean = statistics.geometric_mean(ratios)
    table.add(Row("geometric mean", "", "", f"{mean:.2f}", f"<= {MEAN_MAX}", mean <= MEAN_MAX))
    return table
