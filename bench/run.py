"""Run benchmarks by name and keep their tables: `python -m bench.run [NAME ...]`; those of `BENCHMARKS`, or all."""

from __future__ import annotations

import click

from bench import debugger, language, memory, requests, restore, sessionfiles, store, workers

BENCHMARKS = {
    "requests": requests.main,
    "language": language.main,
    "memory": memory.main,
    "debugger": debugger.main,
    "restore": restore.main,
    "sessionfiles": sessionfiles.main,
    "store": store.main,
    "workers": workers.main,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(BENCHMARKS)))
@click.option("--keep/--no-keep", default=True, help="Write the tables to bench/results/.")
def main(names: tuple[str, ...], *, keep: bool) -> None:
    """Run the named benchmarks, all by default."""
    for name in names or sorted(BENCHMARKS):
        print(f"== {name}")
        table = BENCHMARKS[name]()
        if keep:
            print(f"  -> {table.save(name)}")


if __name__ == "__main__":
    main()
