"""Figures, tables and charts of a run: medians, tails and ratios, never a single time.

The machines these run on are shared and noisy: quote p50, p99 and the ratio to the reference measured in the same run.
A table is kept as `bench/results/NAME.md`, its charts as `bench/results/NAME-*.svg`.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.charts import Chart

RESULTS = Path(__file__).parent / "results"
#: Where Linux tells the processor's name.
PROCESSOR_FILE = Path("/proc/cpuinfo")


def quantile(samples: list[float], share: float) -> float:
    """The value below which `share` (0..1) of the samples lie; `samples` must not be empty."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def tail_text(samples: list[float]) -> str:
    """Median and tail of milliseconds, as rows show them."""
    return f"p50 {quantile(samples, 0.5):.2f} p99 {quantile(samples, 0.99):.2f} ms"


def machine() -> str:
    """The machine of a run in words: system, processor, cores this process may use, Python."""
    model = platform.machine()
    if PROCESSOR_FILE.exists():
        names = [line.split(":", 1)[1] for line in PROCESSOR_FILE.read_text().splitlines() if "model name" in line]
        model = " ".join(names[0].split()) if names else model
    return f"{platform.system()}, {model}, {available_cores()} cores, CPython {platform.python_version()}"


def available_cores() -> int:
    """Cores this process may use, of those there are where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Row:
    """One measured line: what, the figure as text, its reference, their ratio, the goal and whether it is met."""

    what: str
    figure: str
    reference: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass
class Table:
    """Rows of one benchmark with the command that makes them again, and its charts by name."""

    title: str
    command: str
    rows: list[Row] = field(default_factory=list)
    charts: dict[str, Chart] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Append and print a row."""
        self.rows.append(row)
        verdict = {None: "", True: "met", False: "NOT MET"}[row.met]
        print(f"  {row.what:58} {row.figure:26} {row.reference:26} {row.ratio:8} {row.goal:16} {verdict}", flush=True)

    def markdown(self) -> str:
        """The table as a page of `bench/results/`."""
        head = [
            f"# {self.title}",
            "",
            f"`{self.command}` on {machine()}.",
            "",
            "| what | figure | reference, same run | ratio | goal | |",
            "|---|---|---|---|---|---|",
        ]
        verdicts = {None: "", True: "met", False: "**not met**"}
        body = [
            f"| {r.what} | {r.figure} | {r.reference} | {r.ratio} | {r.goal} | {verdicts[r.met]} |" for r in self.rows
        ]
        return "\n".join([*head, *body, ""])

    def save(self, name: str) -> Path:
        """Write the page and its charts; answers the page's path."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.md"
        for chart_name, chart in self.charts.items():
            (RESULTS / f"{name}-{chart_name}.svg").write_text(chart.svg())
        path.write_text(self.markdown())
        return path
