"""Amounts as an operator reads them: things counted, and sizes."""

from typing import Final

_KIB: Final = 1024
_MIB: Final = 1024 * 1024


def counted(number: int, thing: str) -> str:
    """Return how many there are of a thing, whose name is in the singular."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size(size_bytes: int) -> str:
    """Return a size in the unit in which it has a figure before the point."""
    return f"{size_bytes / _MIB:.2f} MiB" if size_bytes >= _MIB else f"{size_bytes / _KIB:.1f} KiB"
