"""Regular expressions: pattern text -> tree -> program -> matches, in time proportional to text and program."""

from typing import TYPE_CHECKING, Final

from ...doors import door

if TYPE_CHECKING:
    from .machine import Machine, Search
    from .program import Program, compile_pattern
    from .syntax import PatternError

__all__ = ["Machine", "PatternError", "Program", "Search", "compile_pattern"]

_LATER: Final = {
    "machine": ("Machine", "Search"),
    "program": ("Program", "compile_pattern"),
    "syntax": ("PatternError",),
}

if not TYPE_CHECKING:
    __getattr__ = door(__name__, _LATER)
