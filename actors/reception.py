"""Reception: takes a frame from the gateway, understands it, and gives it to whom it concerns.

Every frame gets exactly one answer, garbage too. The order is the contract's: understand, recognise repeats, then
choose the session, then see whether it may be used.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Final

from protocol import Failure, Outcome, RequestError, decode, encode_failure, encode_outcome
from storage import StoreError

from .admission import ANONYMOUS, check_owner
from .bursts import Bursts
from .call import Call, RefusedError
from .clock import Timestamps
from .evaluator import INTERNAL_ERROR
from .exactly_once import Recognised
from .limits import SERVER_LIMITS
from .logs import new_logger
from .operations.table import QUEUED
from .supervisor_actor import SUPERVISED, SupervisorActor

if TYPE_CHECKING:
    from pykka import ActorRef

    from .connections import Connection
    from .dispatcher import Dispatcher
    from .door import Door, Incoming
    from .roster import Live
    from .supervisor import Supervisor

WAITING_BYTES_MAX: Final = SERVER_LIMITS["waiting_bytes_max"].value
_log = new_logger("reception")


class Reception:
    """Where requests enter."""

    def __init__(
        self,
        gateway: "Door",
        dispatcher: "Dispatcher",
        supervisor: "Supervisor",
        supervisor_ref: "ActorRef[SupervisorActor]",
    ) -> None:
        self._gateway = gateway
        self._dispatcher = dispatcher
        self._supervisor = supervisor
        self._supervisor_ref = supervisor_ref
        self._parts = supervisor.parts
        self._timestamps = Timestamps(supervisor.parts.clock)
        self._once = supervisor.once
        self._waiting_bytes = 0
        self._bursts = Bursts()
        supervisor.parts.gate.on_answered = self._answered

    def take(self, incoming: "Incoming") -> None:
        """Serve one frame."""
        self._parts.counters.requests += 1
        try:
            if incoming.refusal is not None:
                raise incoming.refusal
            request = decode(incoming.body)
        except RequestError as refusal:
            self._parts.counters.refused_frames += 1
            self._note_refused(refusal)
            body = encode_failure(refusal.form, refusal.failure, self._timestamps.now())
            self._gateway.send(incoming.envelope, body)
            return
        now_ns = self._parts.clock.monotonic_ns()
        call = Call(request, incoming.envelope, incoming.connection, len(incoming.body), now_ns)
        self._waiting_bytes += call.size_bytes
        try:
            self._admit(call)
        except RefusedError as refused:
            self._parts.gate.answer(call, refused.failure)
        except StoreError as error:
            self._parts.gate.answer(call, Failure("StorageError", str(error)))
        except Exception:  # noqa: BLE001 - every frame gets its answer
            _log.exception("a request could not be taken", **call.names())
            self._parts.gate.answer(call, INTERNAL_ERROR)

    def _answered(self, call: Call) -> None:
        """A call has its answer."""
        self._waiting_bytes -= call.size_bytes
        self._once.forget(call)
        self._parts.fairness.end(call)

    def _note_refused(self, refusal: RequestError) -> None:
        """Count a frame that is no request; log it, once a burst."""
        reason = self._parts.measures.failed(refusal.failure) or refusal.error_type
        times = self._bursts.note(reason, self._parts.clock.monotonic_ns())
        if times is not None:
            _log.warning("refused what is no request", reason=reason, times=times, request=refusal.form.reply_id)

    def _admit(self, call: Call) -> None:
        if self._waiting_bytes > WAITING_BYTES_MAX:
            raise RefusedError(
                "Overloaded",
                "Too much work is waiting in the server; try again.",
                {"limit": "waiting_bytes_max", "maximum": WAITING_BYTES_MAX},
            )
        connection = self._parts.connections.find(call.connection)
        recognised = self._once.admit(call, connection)
        if recognised is not None:
            self._repeat(call, recognised)
        elif call.request.operation in SUPERVISED:
            self._parts.fairness.begin(call, call.connection, call.began_ns)
            self._supervisor_ref.tell(call)
            # A request right behind it may rely on what it does: `create_session`, then `evaluate` without its id.
            self._dispatcher.run()
        else:
            live = self._session(call, connection)
            if live is None:
                self._answered(call)
                return
            call.sid, call.client_id = live.session.sid, live.session.client_id
            if call.request.operation == "restore_session" and call.client_id != ANONYMOUS:
                self._parts.connections.remember(call.connection).claim(call.client_id, live.session.token)
            self._check_share(call)
            live.ref.tell(call)

    def _check_share(self, call: Call) -> None:
        """Count a session's request for its client, or for its connection if nobody said who he is.

        Raises:
            RefusedError: LimitExceeded, Overloaded.
        """
        fairness, key = self._parts.fairness, call.client_id or call.connection
        fairness.begin(call, key, call.began_ns)
        if call.request.operation in QUEUED:
            fairness.check_line(*self._parts.scheduler.line(call.began_ns))
            fairness.check_processor(call.client_id, call.began_ns)

    def _session(self, call: Call, connection: "Connection | None") -> "Live | None":
        """Return the session a call is meant for; None if another process has it and answers the call.

        Raises:
            RefusedError: it does not exist, or may not be used.
        """
        parameters = call.request.parameters
        named = parameters.get("client_id")
        token = parameters.get("session_id")
        if token is None and connection is not None:
            token = connection.token(named)
        if token is None:
            is_elsewhere = self._gateway.hand_on(call.askers[0].envelope)
            return None if is_elsewhere else self._supervisor.wake_anonymous()
        check_owner(self._supervisor.owner_of_token(token), named, connection)
        is_safe = parameters.get("safe_mode") if call.request.operation == "restore_session" else None
        return self._supervisor.wake(token, is_safe=is_safe)

    def _repeat(self, call: Call, recognised: Recognised) -> None:
        """Answer a repeat with what the first was answered, in the form this one came in."""
        self._waiting_bytes -= call.size_bytes
        self._parts.counters.repeats += 1
        if call.request.operation == "create_session":
            self._claim(call, recognised)
        if recognised.outcome is None:
            return
        outcome = recognised.outcome
        timestamp = outcome.timestamp or self._timestamps.now()
        asker = call.askers[0]
        body = encode_outcome(asker.form, Outcome(outcome.operation, outcome.answer, timestamp))
        self._gateway.send(asker.envelope, body)

    def _claim(self, call: Call, recognised: Recognised) -> None:
        """A repeated creation makes its session the new connection's own, as the first did for the old one."""
        row = self._parts.keeper.store.session(recognised.sid)
        if row is not None:
            self._parts.connections.remember(call.connection).claim(row.client_id, row.token)
