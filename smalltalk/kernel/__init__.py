"""The class library: Smalltalk sources by topic, beside this file, and how they become a kernel."""

from __future__ import annotations

from functools import cache as remember
from pathlib import Path
from typing import TYPE_CHECKING

from ..primitives import PRIMITIVES
from . import cache
from .definitions import build_kernel, plan_from_sources

if TYPE_CHECKING:
    from ..runtime.kernel import Kernel


@remember
def library_sources() -> dict[str, str]:
    """The library's files, by name. They do not change while the process runs."""
    return {name: text.decode() for name, text in _contents("kernel", ".st").items()}


def _all_contents() -> dict[str, bytes]:
    """The files that decide what the kernel's code becomes: the library, and the compiler."""
    return {
        f"{room}/{name}": content
        for room, suffix in (("kernel", ".st"), ("compiler", ".py"), ("syntax", ".py"))
        for name, content in _contents(room, suffix).items()
    }


def _contents(room: str, suffix: str) -> dict[str, bytes]:
    """The files of a package beside this one with that suffix.

    They are looked for beside this file, not with `importlib.resources`: what that loads takes as long as all the rest
    of loading a kernel from its cache.
    """
    files = Path(__file__).parents[1].joinpath(room).iterdir()
    return {file.name: _content(file) for file in files if file.name.endswith(suffix)}


def _content(file: Path) -> bytes:
    """A file's content, read without a buffer: there are some two hundred, and buffers take half of the time."""
    with file.open("rb", buffering=0) as opened:
        return opened.read()


def is_current(cached: bytes) -> bool:
    """Whether `load_kernel` takes these bytes, and need not compile the library, which takes seconds."""
    return cache.is_of(cached, cache.key_for(_all_contents()))


def load_kernel(cached: bytes | None = None) -> tuple[Kernel, bytes]:
    """Make the kernel that all sessions share.

    Args:
        cached: What an earlier call answered, for a quick start; None and stale bytes are no obstacle;
            damaged ones are for the keeper to refuse.

    Returns:
        The kernel, and the bytes to keep for the next start.

    Raises:
        KernelSourceError: The library itself has a fault.
    """
    key = cache.key_for(_all_contents())
    plan = cache.load(cached, key) if cached else None
    if plan is None or cached is None:
        plan = plan_from_sources(library_sources(), PRIMITIVES)
        cached = cache.dump(plan, key)
    return build_kernel(plan, PRIMITIVES), cached
