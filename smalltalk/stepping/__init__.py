"""Stepping: a suspended computation goes on for one step and stops again."""

from ..runtime.resumables import register_passing
from . import calls, stops
from .step import StepKind, step

__all__ = ["StepKind", "step"]

register_passing(calls.__name__, stops.__name__, step.__module__)
