"""The output gate: no reply and no event leaves before what it may report is durable.

Everything said during a tick is held here; the worker commits the tick's changes and then opens the gate. So a reply
never overtakes the effect of anything that ran before it in the same tick, its own or another's. What only reads the
store is deferred to the moment after the commit (`after_commit`) and sees all of the tick.

Thread: the loop.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from protocol import OPERATIONS, Event, Failure, Outcome, ReplyForm, Scope, encode_event, encode_outcome, pack_outcome
from storage import ReplyStored

from ..clock import Clock, Timestamps
from ..limits import SERVER_LIMITS
from ..monitoring.counters import Counters
from ..monitoring.measures import Measures
from ..traffic.call import Answer, Call, Key
from ..traffic.refusals import Refusals
from .exactly_once import SID_BYTES
from .keeper import CommitFailure, Keeper
from .shards import SHARDS_MAX, shard_of_sid, shard_of_token

if TYPE_CHECKING:
    from .kept_events import KeptEvents

#: Half the time of calling a NamedTuple; one is made for each reply.
_new: Final = tuple.__new__
_DEFERRED_MAX: Final = SERVER_LIMITS["deferred_max"].value
_DEFERRED_NS_MAX: Final = SERVER_LIMITS["taking_ns_max"].value
#: Operations that report nothing a commit could take back.
_INDEPENDENT: Final = frozenset(
    name for name, operation in OPERATIONS.items() if operation.scope is Scope.SERVER and not operation.mutates
)


class Sender(Protocol):
    """What carries the bytes: the gateway."""

    def send(self, envelope: list[bytes], body: bytes) -> None:
        """Send one message without blocking."""


class OutputGate:
    """Replies and events of the running tick.

    Attributes:
        refusals: where answers that refuse are counted.
    """

    def __init__(self, keeper: Keeper, sender: Sender, clock: Clock, counters: Counters, measures: Measures) -> None:
        self._keeper = keeper
        self._sender = sender
        self._clock = clock
        self._timestamps = Timestamps(clock)
        self._counters = counters
        self._measures = measures
        self.refusals = Refusals(measures, clock)
        #: Calls, their answers, and the time told with those that are stored.
        self._held: list[tuple[Call, Answer, str | None]] = []
        self._events: list[tuple[list[bytes], ReplyForm, Event]] = []
        self._kept: list[tuple[KeptEvents, Event]] = []
        self._deferred: deque[Callable[[], None]] = deque()
        self.on_answered: Callable[[Call], None] = lambda _call: None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held."""
        return not (self._held or self._events or self._kept or self._deferred)

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for the commit that no more should be taken before some of it is done."""
        return len(self._deferred) >= _DEFERRED_MAX

    def answer(self, call: Call, answer: Answer) -> None:
        """Hold the answer of a call, and store it with the tick's changes if a repeat must get it."""
        timestamp = None
        if call.key is not None and (call.has_run or not isinstance(answer, Failure)):
            timestamp = self._timestamps.now()  # told now and to repeats alike
            self._keeper.stage(*self._stored(call, call.key, answer, timestamp))
        self._held.append((call, answer, timestamp))

    def _stored(self, call: Call, key: Key, answer: Answer, timestamp: str) -> list[ReplyStored]:
        """Return an answer as it is stored, and the pointer to it if there is to be one."""
        request, now_ms = call.request, self._clock.now_ms()
        sid = call.sid.to_bytes(SID_BYTES, "big")
        outcome = sid + pack_outcome(request.operation, answer, timestamp)
        stored = [ReplyStored(key.scope, key.op_id, request.digest, outcome, now_ms)]
        if call.pointer is not None:
            stored.append(ReplyStored(call.pointer.scope, call.pointer.op_id, request.digest, sid, now_ms))
        return stored

    def announce(self, envelope: list[bytes], form: ReplyForm, event: Event) -> None:
        """Hold an event for one subscriber."""
        self._events.append((envelope, form, event))

    def keep(self, kept: "KeptEvents", event: Event) -> None:
        """Add an event to those kept for later subscribers; a failed commit takes it away again."""
        kept.append(event)
        self._kept.append((kept, event))

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run something once the tick's changes are durable, before the gate opens; it may answer, not change."""
        self._deferred.append(action)

    def open(self, failure: CommitFailure | None) -> None:
        """Send everything held, and do what waited for the commit as long as a tick may last; the rest comes next time.

        Args:
            failure: why the tick's commit failed; None if it did not.
        """
        if failure is not None:
            self._retract(failure)
        ends_ns = self._clock.monotonic_ns() + _DEFERRED_NS_MAX
        while self._deferred:
            self._deferred.popleft()()
            if self._clock.monotonic_ns() > ends_ns:
                break
        held, self._held = self._held, []
        if held:
            timestamp, now_ns = self._timestamps.now(), self._clock.monotonic_ns()
            for call, answer, stored in held:
                self._send(call, _new(Outcome, (call.request.operation, answer, stored or timestamp)), now_ns)
        self._kept.clear()
        if self._events:
            events, self._events = self._events, []
            for envelope, form, event in events:
                self._sender.send(envelope, encode_event(form, event))

    def _send(self, call: Call, outcome: Outcome, now_ns: int) -> None:
        self._counters.replies += 1
        self.on_answered(call)
        if call.began_ns:
            self._measures.answered(outcome.operation, now_ns - call.began_ns)
        if isinstance(outcome.answer, Failure):
            self.refusals.note(outcome.answer, client=call.client_id, **call.names())
        for envelope, form in call.askers:
            self._sender.send(envelope, encode_outcome(form, outcome))

    def _retract(self, failure: CommitFailure) -> None:
        """Take back what the tick said of shards that the commit failed in: none of it is known to be so."""
        answer = Failure("StorageError", f"Nothing was changed, because it could not be stored: {failure.reason}")
        self._events = [each for each in self._events if not _is_of_lost(each[2], failure)]
        for kept, event in self._kept:
            # It is bounded: of a tick that told more than it holds nothing else is left in it.
            if kept and _is_of_lost(event, failure):
                kept.pop()
        self._kept.clear()
        self._held = [(call, said if _stands(call, failure) else answer, when) for call, said, when in self._held]


def _is_of_lost(event: Event, failure: CommitFailure) -> bool:
    """Tell whether an event is of a session whose shard could not commit."""
    return failure.has_lost(shard_of_token(event.session_id, SHARDS_MAX))


def _stands(call: Call, failure: CommitFailure) -> bool:
    """Tell whether an answer is true although a commit failed: it reports nothing stored, or what another shard did.

    What was given to no session may report of any; it has stored nothing itself.
    """
    return call.request.operation in _INDEPENDENT or (call.sid != 0 and not failure.has_lost(shard_of_sid(call.sid)))
