"""The kernel, compiled once for all tests of a process: that takes seconds, and kernels are immutable."""

from functools import cache
from pathlib import Path

from actors.durability.sharded_store import open_store
from actors.running.language import KERNEL_KEY
from smalltalk import Kernel, load_kernel


@cache
def compiled_kernel() -> tuple[Kernel, bytes]:
    """Return the kernel and what a store keeps of it."""
    return load_kernel()


def new_data(directory: Path) -> Path:
    """Make a data directory with the compiled kernel, as a server leaves it, so that a start compiles none."""
    store = open_store(directory, [0])
    store.put_code([(KERNEL_KEY, compiled_kernel()[1])])
    store.close()
    return directory
