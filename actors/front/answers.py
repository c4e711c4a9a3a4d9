"""Answers: what the front says itself, to whom needs no worker and to whom none can be given.

Thread: the front's.
"""

from typing import TYPE_CHECKING, Any, Final

from protocol import Failure, Outcome, ReplyForm, Request, RequestError, encode_failure, encode_outcome

from ..clock import Timestamps
from ..limits import SERVER_LIMITS
from ..monitoring.health import quarantine_row
from ..monitoring.measures import Measures
from ..operations.server import pong, table_of_operations
from ..traffic.call import RefusedError, overloaded
from ..traffic.fairness import Fairness
from ..traffic.refusals import Refusals
from .gathering import FrontFacts, add_front

if TYPE_CHECKING:
    from ..clock import Clock
    from ..settings import Settings
    from ..traffic.door import Incoming
    from ..traffic.gateway import Gateway
    from .workforce import Workforce

_NS_PER_S: Final = 1_000_000_000


class Answers:
    """Makes them, and counts those that refuse something."""

    def __init__(self, gateway: "Gateway", workforce: "Workforce", clock: "Clock") -> None:
        self._gateway = gateway
        self._workforce = workforce
        self._clock = clock
        self._timestamps = Timestamps(clock)
        self._began_ns = clock.monotonic_ns()
        self._garbage_frames = 0
        self._fairness = Fairness(workforce.settings)
        self._measures = Measures()
        self._refusals = Refusals(self._measures, clock)
        gateway.on_dropped = self._refusals.note_dropped

    def configure(self, settings: "Settings") -> None:
        """Hold other bounds from now on."""
        self._fairness.configure(settings)

    def garbage(self, envelope: list[bytes], refusal: RequestError) -> None:
        """Tell that a frame was no request."""
        self._garbage_frames += 1
        self._refusals.note_garbage(refusal.failure, request=refusal.form.told_id)
        self._gateway.send(envelope, self.encoded(refusal.form, refusal.failure))

    def serve(self, incoming: "Incoming", request: Request) -> None:
        """Answer what needs no worker, as often as one process would, which counts it for its connection, too."""
        answer: dict[str, Any] | Failure
        try:
            self._fairness.check_rate(incoming.connection, self._clock.monotonic_ns())
        except RefusedError as refused:
            answer = refused.failure
        else:
            is_ping = request.operation == "ping"
            settings = self._workforce.settings
            answer = pong(request.parameters, self._uptime_s()) if is_ping else table_of_operations(settings)
        self.answer(incoming.envelope, request, answer)

    def refuse(self, envelope: list[bytes], request: Request, limit: str) -> None:
        """Tell that too much waits for the worker that a request would be for."""
        text = "Too much work is waiting in the server; try again."
        self.answer(envelope, request, overloaded(text, limit, SERVER_LIMITS[limit].value))

    def tell(self, envelope: list[bytes], request: Request, answer: dict[str, Any] | Failure) -> None:
        """Answer what all workers said, and what only the front knows."""
        if not isinstance(answer, Failure):
            add_front(request.operation, answer, self._facts())
        self.answer(envelope, request, answer)

    def answer(self, envelope: list[bytes], request: Request, answer: dict[str, Any] | Failure) -> None:
        """Answer a request."""
        if isinstance(answer, Failure):
            self.note(request, answer)
        outcome = Outcome(request.operation, answer, self._timestamps.now())
        self._gateway.send(envelope, encode_outcome(request.form, outcome))

    def note(self, request: Request, failure: Failure) -> None:
        """Count a failure that a client is told."""
        self._refusals.note(failure, operation=request.operation, request=request.form.told_id)

    def encoded(self, form: ReplyForm, failure: Failure) -> bytes:
        """Return a failure as a reply."""
        return encode_failure(form, failure, self._timestamps.now())

    def _uptime_s(self) -> int:
        return (self._clock.monotonic_ns() - self._began_ns) // _NS_PER_S

    def _facts(self) -> FrontFacts:
        """Return what only the front knows."""
        quarantine = self._workforce.quarantine
        return FrontFacts(
            self._uptime_s(),
            [place.restarts for place in self._workforce.places],
            self._garbage_frames,
            self._gateway.dropped,
            len(self._gateway.connections),
            self._measures.refused,
            self._measures.failures,
            None if quarantine is None else quarantine_row(quarantine.figures, quarantine.restarts),
        )
