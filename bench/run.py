"""Run benchmarks by name and keep their tables, charts and page: `python -m bench.run [NAME ...]`, by default all."""

from __future__ import annotations

import click

from bench import (
    crowd,
    curves,
    debugger,
    jupyter,
    language,
    memory,
    overload,
    page,
    requests,
    restore,
    sessionfiles,
    store,
    tails,
    workers,
)

BENCHMARKS = {
    "requests": requests.main,
    "language": language.main,
    "memory": memory.main,
    "debugger": debugger.main,
    "restore": restore.main,
    "sessionfiles": sessionfiles.main,
    "store": store.main,
    "workers": workers.main,
    "tails": tails.main,
    "crowd": crowd.main,
    "overload": overload.main,
    "curves": curves.main,
    "jupyter": jupyter.main,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(BENCHMARKS)))
@click.option(
    "--keep/--no-keep", default=True, help="Write tables and charts to bench/results/, and docs/performance.md."
)
def main(names: tuple[str, ...], *, keep: bool) -> None:
    """Run the named benchmarks, all by default."""
    for name in names or sorted(BENCHMARKS):
        print(f"== {name}")
        table = BENCHMARKS[name]()
        if keep:
            print(f"  -> {table.save(name)}")
            page.write()


if __name__ == "__main__":
    main()
