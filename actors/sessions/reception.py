"""Reception: takes a frame from the gateway, understands it, and gives it to whom it concerns.

Every frame gets exactly one answer, garbage too. The order is the contract's: understand, recognise repeats, then
choose the session, then see whether it may be used.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Final

from protocol import Failure, Outcome, Request, RequestError, decode, encode_failure, encode_outcome
from storage import StoreError

from ..traffic.admission import ANONYMOUS, check_owner
from ..traffic.call import Call, RefusedError, overloaded
from ..clock import Timestamps
from ..running.evaluator import INTERNAL_ERROR
from ..durability.exactly_once import Recognised
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..operations.table import QUEUED
from .supervisor_actor import SUPERVISED, SupervisorActor

if TYPE_CHECKING:
    from pykka import ActorRef

    from ..traffic.connections import Connection
    from ..loop.dispatcher import Dispatcher
    from ..traffic.door import Door, Incoming
    from .roster import Live
    from .supervisor import Supervisor

WAITING_BYTES_MAX: Final = SERVER_LIMITS["waiting_bytes_max"].value
_log = new_logger("reception")
_OWN_IS_GONE: Final = (
    "The session that this connection got last does not exist; make one with create_session, or name one with session_id."
)


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
        self._bytes_max = supervisor.parts.settings.message_bytes_max
        supervisor.parts.gate.on_answered = self._answered

    def take(self, incoming: "Incoming") -> None:
        """Serve one frame."""
        self._parts.counters.requests += 1
        try:
            if incoming.refusal is not None:
                raise incoming.refusal
            request = decode(incoming.body, self._bytes_max)
        except RequestError as refusal:
            self._parts.counters.refused_frames += 1
            self._parts.gate.refusals.note_garbage(refusal.failure, request=refusal.form.told_id)
            body = encode_failure(refusal.form, refusal.failure, self._timestamps.now())
            self._gateway.send(incoming.envelope, body)
            return
        if self._is_too_much(request):
            self._refuse(incoming, request)
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

    def _is_too_much(self, request: Request) -> bool:
        """Tell whether a request is refused whoever asks: it is work, and the line of new work is full.

        One with an `op_id` may have been done before: it is looked up first, and refused in the line's own check.
        """
        scheduler = self._parts.scheduler
        is_full = self._parts.fairness.is_full(scheduler.wait_ns, scheduler.fresh_count)
        return is_full and request.op_id is None and request.operation in QUEUED

    def _refuse(self, incoming: "Incoming", request: Request) -> None:
        """Refuse work at once.

        A server that is asked twice what it can do refuses half of it, so this costs a fifth of the usual way: no call,
        no session, no wait for the commit, of which the answer reports nothing.
        """
        failure = Failure(*self._parts.fairness.overloaded(self._parts.scheduler.wait_ns))
        self._parts.counters.replies += 1
        self._parts.gate.refusals.note(failure, operation=request.operation, request=request.form.told_id)
        body = encode_failure(request.form, failure, self._timestamps.now())
        self._gateway.send(incoming.envelope, body)

    def _answered(self, call: Call) -> None:
        """A call has its answer."""
        self._waiting_bytes -= call.size_bytes
        self._once.forget(call)
        self._parts.fairness.end(call)

    def _admit(self, call: Call) -> None:
        if self._waiting_bytes > WAITING_BYTES_MAX:
            text = "Too much work is waiting in the server; try again."
            raise RefusedError(*overloaded(text, "waiting_bytes_max", WAITING_BYTES_MAX)[:3])
        connection = self._parts.connections.find(call.connection)
        recognised = self._once.admit(call, connection)
        if recognised is not None:
            self._repeat(call, recognised)
        elif call.request.operation in SUPERVISED:
            self._parts.fairness.begin(call, call.connection, call.began_ns)
            self._supervisor_ref.tell(call)
        else:
            self._give(call, connection)
        # The next request may rely on what this one does, `evaluate` without an id on `create_session`; and of a flood
        # each must see what those before it have put in line.
        self._dispatcher.run()

    def _give(self, call: Call, connection: "Connection | None") -> None:
        """Give a call to its session, which is woken last: what is refused must not cost that.

        Raises:
            RefusedError: there is none, it may not be used, or its client asks too much.
        """
        token = self._token(call, connection)
        if token is None and self._gateway.hand_on(call.askers[0].envelope):
            self._answered(call)
            return
        client_id = ANONYMOUS if token is None else self._owner(token, call, connection)
        self._check_share(call, client_id, token)
        live = self._supervisor.wake_anonymous() if token is None else self._woken(token, call)
        call.sid, call.client_id = live.session.sid, live.session.client_id
        if call.request.operation == "restore_session" and call.client_id != ANONYMOUS:
            self._parts.connections.remember(call.connection).claim(call.client_id, live.session.token)
        live.ref.tell(call)

    def _check_share(self, call: Call, client_id: str, token: str | None) -> None:
        """Count a session's request for its client, or for its connection if nobody said who he is.

        Raises:
            RefusedError: LimitExceeded, Overloaded.
        """
        fairness, key = self._parts.fairness, client_id or call.connection
        fairness.begin(call, key, call.began_ns)
        if call.request.operation in QUEUED:
            self._check_lines(None if token is None else self._supervisor.roster.find(token), call.began_ns)
            fairness.check_processor(client_id, call.began_ns)

    def _check_lines(self, live: "Live | None", now_ns: int) -> None:
        """Refuse work that would wait too long: for its first turn, or for more if it is likely to need them.

        Short work passes long evaluations, however many are under way, and is not refused for them.

        Raises:
            RefusedError: Overloaded.
        """
        fairness, scheduler = self._parts.fairness, self._parts.scheduler
        before = 0 if live is None else live.session.waiting_count
        fairness.check_line(scheduler.wait_ns, scheduler.fresh_count, before)
        if live is not None and live.session.usage.is_long:
            # It is a guess: who is refused for it is let in when it comes back, and shows whether it was right.
            live.session.usage.is_long = False
            fairness.check_line(scheduler.rounds_ns(now_ns), scheduler.line_count, 0)

    def _token(self, call: Call, connection: "Connection | None") -> str | None:
        """Return the session that a call means, None for the anonymous one."""
        token: str | None = call.request.parameters.get("session_id")
        if token is None and connection is not None:
            token = connection.token(call.request.parameters.get("client_id"))
        return token

    def _owner(self, token: str, call: Call, connection: "Connection | None") -> str:
        """Return the client of a session that a call may use; a session nobody knows is its connection's own affair.

        Raises:
            RefusedError: PermissionDenied; SessionNotFound if the connection's own is gone.
        """
        live = self._supervisor.roster.find(token)
        owner = self._supervisor.owner_of_token(token) if live is None else live.session.client_id
        if owner is None and "session_id" not in call.request.parameters:
            raise RefusedError("SessionNotFound", _OWN_IS_GONE)
        check_owner(owner, call.request.parameters.get("client_id"), connection)
        if live is not None:
            call.sid, call.client_id = live.session.sid, live.session.client_id
        return ANONYMOUS if owner is None else owner

    def _woken(self, token: str, call: Call) -> "Live":
        """Return a session in memory, in the mode that the call wants it in.

        Raises:
            RefusedError: it does not exist, or cannot be used.
        """
        is_safe = call.request.parameters.get("safe_mode") if call.request.operation == "restore_session" else None
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
