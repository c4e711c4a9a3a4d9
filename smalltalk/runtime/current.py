"""The world and the evaluation that run now.

One thread per process runs Smalltalk, so module variables are enough: primitives read `current.world` and
`current.evaluation` without being handed either. Whoever switches between evaluations calls `activate` on each switch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .world import World

#: The world whose code runs; only meaningful while an evaluation is active.
world: World
#: The evaluation that runs.
evaluation: Evaluation


def activate(new_evaluation: Evaluation) -> None:
    """Make that evaluation and its world the running ones."""
    state: dict[str, Any] = globals()
    state["evaluation"] = new_evaluation
    state["world"] = new_evaluation.world
