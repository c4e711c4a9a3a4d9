"""The kernel, compiled once for all tests of a process: that takes seconds, and kernels are immutable."""

from functools import cache

from smalltalk import Kernel, load_kernel


@cache
def compiled_kernel() -> tuple[Kernel, bytes]:
    """Return the kernel and what a store keeps of it."""
    return load_kernel()
