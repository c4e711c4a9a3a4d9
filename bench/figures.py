"""Figures and tables: medians, tails and ratios, never a single time.

The machines these run on are shared and noisy: quote p50, p99 and the ratio to the reference measured in the same run.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def quantile(samples: list[float], share: float) -> float:
    """The value below which `share` (0..1) of the samples lie; `samples` must not be empty."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


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
    """Rows of one benchmark with the command that makes them again."""

    title: str
    command: str
    rows: list[Row] = field(default_factory=list)

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
            f"`{self.command}` on {platform.machine()}, CPython {platform.python_version()}.",
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
        """Write the page; answers its path."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.md"
        path.write_text(self.markdown())
        return path
