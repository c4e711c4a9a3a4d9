"""The parts that sessions and the supervisor work with, handed to them as one by the composition root."""

from dataclasses import dataclass

from .autosave import Autosave
from .background import BackgroundLine
from .clock import Clock
from .connections import Connections
from .counters import Counters
from .door import Door
from .engine import Engine
from .evaluator import Evaluator
from .events import Events
from .fairness import Fairness
from .gate import OutputGate
from .keeper import Keeper
from .lending.loans import Loans
from .measures import Measures
from .quotas import Quotas
from .scheduler import Scheduler
from .settings import Settings
from .weights import Weights


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
