"""The parts that sessions and the supervisor work with, handed to them as one by the composition root."""

from dataclasses import dataclass

from .clock import Clock
from .durability.events import Events
from .durability.gate import OutputGate
from .durability.keeper import Keeper
from .durability.quotas import Quotas
from .lending.loans import Loans
from .monitoring.counters import Counters
from .monitoring.measures import Measures
from .resources.weights import Weights
from .running.background import BackgroundLine
from .running.engine import Engine
from .running.evaluator import Evaluator
from .running.scheduler import Scheduler
from .settings import Settings
from .state.autosave import Autosave
from .traffic.connections import Connections
from .traffic.door import Door
from .traffic.fairness import Fairness


@dataclass(slots=True, eq=False, repr=False)
class Parts:
    """One server's parts, each made once; only the settings are replaced, when the operator changes some."""

    settings: Settings
    clock: Clock
    keeper: Keeper
    gate: OutputGate
    events: Events
    engine: Engine
    evaluator: Evaluator
    scheduler: Scheduler
    background: BackgroundLine
    connections: Connections
    counters: Counters
    measures: Measures
    fairness: Fairness
    quotas: Quotas
    weights: Weights
    autosave: Autosave
    door: Door
    loans: Loans
