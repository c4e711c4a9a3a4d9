"""Progress of long work on the terminal; nothing is shown where stderr is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar while something is done; the caller tells how far it has come.

    Args:
        label: what is done.
        total: how much there is to do; None if nobody knows.
    """
    from rich.console import Console  # noqa: PLC0415 - a server that only serves must not pay for loading it
    from rich.progress import Progress  # noqa: PLC0415 - the same

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)
