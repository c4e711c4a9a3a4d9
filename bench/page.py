"""The page `docs/performance.md`: what a user gets, from the tables and charts that are kept in `bench/results/`.

`python -m bench.run` writes it anew with each table it keeps. The page says no figure of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.figures import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = RESULTS.parent.parent / "docs" / "performance.md"
#: Where the charts are, seen from the page.
FROM_PAGE = "../bench/results"

HEAD = """# What it costs, and what you get

Written by `make bench` from the tables in `bench/results/`; do not edit. Each figure stands beside its reference,
measured in the same run by the same clients, and beside its goal. The machine is named with each table: read figures
of a noisy one as ratios. *p50* is the median, *p99* the time within which 99 of 100 requests are answered. Every
evaluation is durable: its changes are synced to the disk before the reply is sent.
"""


class Section(NamedTuple):
    """A part of the page: its heading, what to read in it, and the names of tables and of charts it shows."""

    heading: str
    text: str
    tables: tuple[str, ...] = ()
    charts: tuple[tuple[str, str], ...] = ()


SECTIONS = (
    Section(
        "What one would take instead",
        "A Jupyter kernel is a process for each user, which keeps nothing by itself; `dill` saves what its"
        " session holds, when it is told to. A ratio of 10 means that a session of this server needs a tenth.",
        ("jupyter",),
    ),
    Section(
        "In pictures",
        "Dashed lines are the references: a bare ZeroMQ echo; the same objects read by MessagePack, all at once."
        " Latencies over load count from the moment at which a request was due.",
        (),
        (
            ("curves-latency", "Latency over load"),
            ("curves-throughput", "Throughput over clients"),
            ("tails-spinning", "Others' latency beside sessions that spin"),
            ("restore-size", "Time of a restore over the size of the session"),
        ),
    ),
    Section(
        "Requests",
        "*Same* repeats one text, *literals* has new numbers in each request, *shapes* is code never seen before.",
        ("requests", "workers"),
    ),
    Section(
        "When some do harm",
        "Sessions in endless loops; more requests than the machine can answer.",
        ("tails", "overload"),
    ),
    Section("When there are very many", "", ("crowd",)),
    Section("Coming back", "Sessions load lazily: a restore reads what is touched, not what is there.", ("restore",)),
    Section("The language", "The same programs, transliterated line by line, in plain Python.", ("language",)),
)
TAIL = """## More

Tables of [live objects' memory]({0}/memory.md), [computations that wait]({0}/debugger.md){1} and of all the above
are in `bench/results/`. `make bench` makes all of them again, which takes about a quarter of an hour;
`python -m bench.run NAME` makes one. `make soak` runs mixed load with kills for half an hour.
"""
#: Tables that the last part names when they are kept.
OTHERS = (("store", "the store"), ("sessionfiles", "session files"))


def page(results: Path) -> str:
    """The page of the results that are there."""
    parts = [HEAD]
    for section in SECTIONS:
        shown = [_table(results / f"{name}.md") for name in section.tables if (results / f"{name}.md").exists()]
        shown += [
            f"![{text}]({FROM_PAGE}/{name}.svg)\n"
            for name, text in section.charts
            if (results / f"{name}.svg").exists()
        ]
        if shown:
            parts += [f"## {section.heading}\n", *([section.text + "\n"] if section.text else []), *shown]
    others = "".join(f", [{text}]({FROM_PAGE}/{name}.md)" for name, text in OTHERS if (results / f"{name}.md").exists())
    return "\n".join([*parts, TAIL.format(FROM_PAGE, others)])


def _table(path: Path) -> str:
    """A kept table one level deeper: its title is a heading of the page's third level."""
    return "##" + path.read_text()


def write() -> None:
    """Write the page of what is kept."""
    PAGE.write_text(page(RESULTS))
