"""The supervisor: which sessions live, and everything that makes or ends them.

It creates sessions, wakes stored ones when they are asked for, lets idle ones leave memory, and brings a session back
that failed, unless it fails too often. Sessions are found by their public id in a roster of its own: pykka's registry
is a list.

`Supervisor` is a plain object; `supervisor_actor.py` is the actor around it. Thread: the loop.
"""

from typing import TYPE_CHECKING, Any, Final

from protocol import Failure
from storage import SessionCreated, SessionForked, SessionMetaChanged, SessionRow, Sid, StoreError

from ..traffic.admission import ANONYMOUS, Admission
from .alarms import SESSION_RETRY_NS, STORE_RETRY_NS, Alarms
from ..traffic.call import Call, RefusedError
from .census import Census
from ..running.evaluator import INTERNAL_ERROR
from ..durability.exactly_once import ExactlyOnce
from ..logs import new_logger
from ..loop.pooled import start_pooled
from ..state.quarantine import QUARANTINE, after_death
from .restart import may_restart, recent_failures
from ..state.retention import expiry_ms, is_open
from .roster import Live, Roster
from .session import Session
from .session_actor import SessionActor
from .session_stops import goes_on_at_ns
from ..durability.shards import session_token
from ..state.stopped import stopped_in

if TYPE_CHECKING:
    from ..loop.dispatcher import Dispatcher
    from ..durability.keeper import CommitFailure
    from ..parts import Parts

#: Random bytes of a session's public id: 192 bits, half as much again as the contract asks for.
_TOKEN_BYTES: Final = 24
_log = new_logger("supervisor")


class Supervisor:
    """All sessions of this process.

    Attributes:
        parts: what sessions work with.
        admission: the rules for clients.
        census: how many sessions and clients there are.
        roster: the sessions in memory.
        alarms: when sessions that are not must be woken.
        once: which operations run, and what became of those that ran.
    """

    def __init__(self, parts: "Parts", dispatcher: "Dispatcher") -> None:
        self.parts = parts
        self.admission = Admission(parts.settings)
        self.census = Census(parts.keeper, parts.clock)
        self.roster = Roster()
        self._dispatcher = dispatcher
        self._began_ns = parts.clock.monotonic_ns()
        self._anonymous_token: str | None = None
        self.alarms = Alarms(self)
        self.once = ExactlyOnce(parts.keeper, self.owner_of_token, self.owner_of_sid, self._let_go_on)
        self._failures_ms: dict[Sid, tuple[int, ...]] = {}

    def uptime_ns(self) -> int:
        """Return for how long the server runs."""
        return self.parts.clock.monotonic_ns() - self._began_ns

    # --- finding

    def owner_of_token(self, token: str) -> str | None:
        """Return the client of a session, None if there is no such session."""
        live = self.roster.find(token)
        if live is not None:
            return live.session.client_id
        row = self.parts.keeper.store.session_by_token(token)
        return None if row is None else row.client_id

    def owner_of_sid(self, sid: Sid) -> str | None:
        """Return the client of a session by its number, None if there is no such session."""
        row = self.parts.keeper.store.session(sid)
        return None if row is None else row.client_id

    def row(self, token: str) -> SessionRow:
        """Return what is known of a session, closed and expired ones included.

        Raises:
            RefusedError: SessionNotFound.
        """
        live = self.roster.find(token)
        row = live.session.row if live is not None else self.parts.keeper.store.session_by_token(token)
        if row is None:
            raise _not_found()
        return row

    def open_rows(self, client_id: str) -> list[SessionRow]:
        """Return a client's sessions that can be used, those of this tick included, oldest first."""
        rows = {row.token: row for row in self.parts.keeper.store.sessions_of_client(client_id)}
        rows.update((live.session.token, live.session.row) for live in self.roster.of_client(client_id))
        now_ms = self.parts.clock.now_ms()
        return [row for row in rows.values() if is_open(row, now_ms)]

    # --- starting

    def wake(self, token: str, *, is_safe: bool | None = None) -> Live:
        """Return a session that can be used, from memory or brought back from the store.

        Args:
            token: its public id.
            is_safe: whether it is to be in safe mode; None for as it is.

        Raises:
            RefusedError: SessionNotFound; PermissionDenied, its client is not served; SessionError, it failed too
            often, or runs something and is to be in another mode.
        """
        live = self.roster.find(token)
        if live is not None:
            # The operator may have denied it since.
            self.admission.check_client(live.session.client_id)
            if is_safe is not None:
                live.session.change_mode(is_safe=is_safe)
            return live
        row = self.row(token)
        now_ms = self.parts.clock.now_ms()
        if not is_open(row, now_ms):
            raise _not_found()
        self.admission.check_client(row.client_id)
        if not may_restart(self._failures_ms.get(row.sid, ()), now_ms):
            raise RefusedError("SessionError", "The session failed too often in the last minute; try again later.")
        return self._start(row, is_safe=is_safe)

    def wake_anonymous(self) -> Live:
        """Return the session of those who name none; made when first asked for.

        Raises:
            RefusedError: InvalidRequest, the operator switched it off.
        """
        if not self.parts.settings.anonymous_session:
            raise RefusedError(
                "InvalidRequest", "A session_id is needed; create a session first.", {"field": "session_id"}
            )
        if self._anonymous_token is not None:
            try:
                return self.wake(self._anonymous_token)
            except RefusedError:
                self._anonymous_token = None
        rows = [row for row in self.open_rows(ANONYMOUS) if QUARANTINE not in row.meta]
        live = self.wake(rows[0].token) if rows else self.create(ANONYMOUS)
        self._anonymous_token = live.session.token
        return live

    def create(self, client_id: str, source: SessionRow | None = None, about: dict[str, Any] | None = None) -> Live:
        """Make a session, durable with the tick's commit.

        Args:
            client_id: its owner.
            source: a session whose committed objects it begins with, None for an empty one.
            about: what the client said of itself, kept in the session's meta.

        Raises:
            StoreError: the source cannot be read.
        """
        parts = self.parts
        now_ms = parts.clock.now_ms()
        expires_at_ms = expiry_ms(now_ms, parts.settings.retention_days)
        sid = parts.keeper.store.next_sid(client_id)
        meta = about or {}
        token = session_token(sid, parts.clock.random_bytes(_TOKEN_BYTES).hex())
        about_it = (sid, token, client_id, now_ms, expires_at_ms, meta)
        has_objects = source is not None and parts.keeper.store.load(source.sid).seq > 0
        if source is not None and has_objects:
            parts.keeper.stage(SessionForked(*about_it, source.sid))
        else:
            parts.keeper.stage(SessionCreated(*about_it))
        parts.counters.sessions_created += 1
        self.census.created(is_first=not self.roster.of_client(client_id))
        row = SessionRow(sid, token, client_id, now_ms, now_ms, expires_at_ms, is_closed=False, meta=meta)
        live = self._start(row)
        live.session.note_staged()
        if has_objects:
            live.session.background.look_again()
        else:
            live.session.state.begin_empty()
        return live

    def _start(self, row: SessionRow, *, is_safe: bool | None = None) -> Live:
        session = Session(self.parts, row, self)
        ref = start_pooled(SessionActor, self._dispatcher, session=session, on_death=self.session_died)
        live = Live(session, ref)
        self.roster.add(live)
        if is_safe is not None:
            session.change_mode(is_safe=is_safe)
        session.background.begin()
        session.stops.begin()
        return live

    def _let_go_on(self, sid: Sid) -> None:
        """Let the stopped evaluation of a session go on.

        Raises:
            RefusedError: the session cannot be used.
            StoreError: it cannot be read.
        """
        row = self.parts.keeper.store.session(sid)
        if row is not None:
            self.wake(row.token).session.stops.begin()

    def call_goes_on(self, call: Call) -> None:
        """A call goes on that a former server began; repeats join it."""
        self.once.resume(call)

    # --- ending

    def hibernate(self, live: Live) -> None:
        """Let an idle session leave memory; any request wakes it again."""
        live.session.touch()
        self.parts.events.publish(live.session.token, "session", {"state": "hibernated"})
        self.parts.counters.hibernations += 1
        self._put_to_sleep(live)

    def _put_to_sleep(self, live: Live) -> None:
        """Take a session out of memory; if it can be used further, it is woken when something of it wants to go on."""
        self.drop(live)
        row = live.session.row
        at_ns = goes_on_at_ns(row.meta)
        if at_ns is not None and not row.is_closed:
            self.alarms.add(row.token, at_ns)

    def drop(self, live: Live) -> None:
        """Take a session out of memory and end its actor.

        Its image is closed: an image nobody closes holds its stacks and functions, and they hold it.
        """
        live.session.background.pause()
        live.session.state.forget()
        self.parts.weights.forget(live.session)
        self.roster.remove(live)
        live.ref.stop(block=False)

    def session_failed(self, session: Session) -> None:
        """A session met a defect: what it holds in memory cannot be trusted, so it starts again from the store."""
        live = self.roster.find(session.token)
        if live is None or live.session is not session:
            # It has left memory already: what it would begin again nobody would ever end.
            session.end(INTERNAL_ERROR)
            return
        now_ms = self.parts.clock.now_ms()
        failures_ms = (*recent_failures(self._failures_ms.get(session.sid, ()), now_ms), now_ms)
        self._failures_ms[session.sid] = failures_ms
        self.parts.counters.sessions_restarted += 1
        if may_restart(failures_ms, now_ms):
            session.reset(INTERNAL_ERROR)
            self._retry_stopped(session, SESSION_RETRY_NS)
        else:
            _log.error("a session fails too often and is left alone", sid=session.sid)
            self._remove(session, INTERNAL_ERROR)

    def _retry_stopped(self, session: Session, pause_ns: int) -> None:
        """Let what goes on with a stopped evaluation, and was ended with its session's state, try again later."""
        if stopped_in(session.row.meta) is not None:
            self.alarms.add(session.token, self.parts.clock.now_ns() + pause_ns)

    def count_death(self, sid: Sid) -> None:
        """The last server died in the midst of a session: count that, durably, before anybody uses it."""
        keeper, now_ms = self.parts.keeper, self.parts.clock.now_ms()
        try:
            row = keeper.store.session(sid)
        except StoreError as error:
            _log.error("a session cannot be read", sid=sid, reason=str(error))
            return
        if row is None or row.is_closed or QUARANTINE in row.meta:
            return
        meta = after_death(row.meta, now_ms)
        if QUARANTINE in meta:
            _log.warning("a session is in quarantine", session=row.token, reason=meta[QUARANTINE]["reason"])
        keeper.stage(SessionMetaChanged(sid, meta))
        keeper.commit()

    def session_closed(self, session: Session) -> None:
        """A session does nothing any more: it leaves memory."""
        live = self.roster.find(session.token)
        if live is not None:
            self._put_to_sleep(live)
            if session.row.is_closed:
                self.census.closed()
                self.parts.quotas.closed(session.client_id, session.sid)
                self.parts.events.forget_session(session.token)

    def session_died(self, session: Session) -> None:
        """A session's actor died: everything it had to answer is answered; the next request or alarm wakes it again."""
        self.session_failed(session)
        self._remove(session, INTERNAL_ERROR)

    def _remove(self, session: Session, failure: Failure) -> None:
        session.end(failure)
        self.session_closed(session)

    def suspend_all(self, ends_ns: int) -> bool:
        """The server stops: store what runs, to go on after the start, as far as that is done until a time.

        Args:
            ends_ns: that time, monotonic.

        Returns:
            Whether something is left that can be stored a little later perhaps.
        """
        is_left = False
        for live in self.roster:
            if self.parts.clock.monotonic_ns() >= ends_ns:
                return False
            is_left |= live.session.stops.suspend()
        return is_left

    def end_all(self) -> None:
        """The server stops: what still runs or waits is answered, every session's last use is written down."""
        answer = Failure("Interrupted", "The server stops; nothing of this was done.")
        for live in self.roster:
            live.session.end(answer, is_repeatable=True)
            live.session.touch()
            self.drop(live)

    def let_go_of_all(self) -> None:
        """The server is gone, in whatever way: what is still in memory ends where it stands, as in a crash."""
        for live in self.roster:
            live.session.end_run(None)
            self.drop(live)

    def commit_failed(self, failure: "CommitFailure") -> None:
        """A commit failed: every session that had a part in it goes back to what is stored, or ends if nothing is."""
        answer = Failure("StorageError", f"The session was set back to what is stored: {failure.reason}")
        for live in self.roster:
            if failure.sessions is None or live.session.sid in failure.sessions:
                self._set_back(live, answer)
        if failure.sessions is None:
            self.alarms.read_again()

    def _set_back(self, live: Live, answer: Failure) -> None:
        try:
            is_stored = self.parts.keeper.store.session(live.session.sid) is not None
            if is_stored:
                live.session.reset(answer)
                self._retry_stopped(live.session, STORE_RETRY_NS)
        except StoreError:
            # The store is gone for now; when it is back the session is woken from it.
            is_stored = False
        if not is_stored:
            self._remove(live.session, answer)


def _not_found() -> RefusedError:
    return RefusedError("SessionNotFound", "There is no such session, or it was closed or is past its retention.")
