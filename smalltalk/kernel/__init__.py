"""The class library: Smalltalk sources by topic, beside this file, and how they become a kernel."""

from __future__ import annotations

from functools import cache as remember
from importlib import resources
from typing import TYPE_CHECKING

from ..primitives import PRIMITIVES
from . import cache
from .definitions import build_kernel, plan_from_sources

if TYPE_CHECKING:
    from ..runtime.kernel import Kernel


@remember
def library_sources() -> dict[str, str]:
    """The library's files, by name. They do not change while the process runs."""
    return _texts(__package__, ".st")


@remember
def compiler_sources() -> dict[str, str]:
    """The files that decide what code a method becomes."""
    compiler, syntax = (__package__.replace(".kernel", f".{room}") for room in ("compiler", "syntax"))
    return {f"{room}/{name}": text for room in (compiler, syntax) for name, text in _texts(room, ".py").items()}


def _texts(package: str, suffix: str) -> dict[str, str]:
    """The text files of a package with that suffix."""
    files = resources.files(package).iterdir()
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(suffix)}


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
    sources = library_sources()
    key = cache.key_for(sources | compiler_sources())
    plan = cache.load(cached, key) if cached else None
    if plan is None or cached is None:
        plan = plan_from_sources(sources, PRIMITIVES)
        cached = cache.dump(plan, key)
    return build_kernel(plan, PRIMITIVES), cached
