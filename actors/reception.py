"""Reception: takes a frame from the gateway, understands it, and gives it to whom it concerns.

Every frame gets exactly one answer, garbage too. The order is the contract's: understand, recognise repeats, then
choose the session, then see whether it may be used.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Final

from protocol import Failure, Outcome, RequestError, decode, encode_failure, encode_outcome
from storage import StoreError

from .admission import ANONYMOUS, check_owner
from .call import Call, RefusedError
from .clock import Timestamps
from .evaluator import INTERNAL_ERROR
from .exactly_once import Recognised
from .limits import SERVER_LIMITS
from .logs import new_logger
from .supervisor_actor import SUPERVISED, SupervisorActor

if TYPE_CHECKING:
    from pykka import ActorRef

    from .connections import Connection
    from .dispatcher import Dispatcher
    from .gateway import Gateway, Incoming
    from .roster import Live
    from .supervisor import Supervisor

WAITING_BYTES_MAX: Final = SERVER_LIMITS["waiting_bytes_max"].value
_log = new_logger("reception")


class Reception:
    """Where requests enter."""

    def __init__(
        self,
        gateway: "Gateway",
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
            body = encode_failure(refusal.form, refusal.failure, self._timestamps.now())
            self._gateway.send(incoming.envelope, body)
            return
        call = Call(request, incoming.envelope, incoming.connection, len(incoming.body))
        self._waiting_bytes += call.size_bytes
        try:
            self._admit(call)
        except RefusedError as refused:
            self._parts.gate.answer(call, refused.failure)
        except StoreError as error:
            self._parts.gate.answer(call, Failure("StorageError", str(error)))
        except Exception:  # noqa: BLE001 - every frame gets its answer
            _log.exception("a request could not be taken", operation=request.operation)
            self._parts.gate.answer(call, INTERNAL_ERROR)

    def _answered(self, call: Call) -> None:
        """A call has its answer."""
        self._waiting_bytes -= call.size_bytes
        self._once.forget(call)

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
            self._supervisor_ref.tell(call)
            # A request right behind it may rely on what it does: `create_session`, then `evaluate` without its id.
            self._dispatcher.run()
        else:
            live = self._session(call, connection)
            call.sid, call.client_id = live.session.sid, live.session.client_id
            if call.request.operation == "restore_session" and call.client_id != ANONYMOUS:
                self._parts.connections.remember(call.connection).claim(call.client_id, live.session.token)
            live.ref.tell(call)

    def _session(self, call: Call, connection: "Connection | None") -> "Live":
        """Return the session a call is meant for.

        Raises:
            RefusedError: it does not exist, or may not be used.
        """
        parameters = call.request.parameters
        named = parameters.get("client_id")
        token = parameters.get("session_id")
        if token is None and connection is not None:
            token = connection.token(named)
        if token is None:
            return self._supervisor.wake_anonymous()
        check_owner(self._supervisor.owner_of_token(token), named, connection)
        return self._supervisor.wake(token)

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
