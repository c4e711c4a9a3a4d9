"""What a session's processes do while none of its evaluations runs, and when they do it.

While an evaluation of the session is under way it gives its processes their turns itself, and what they did becomes
durable with it. Between evaluations the session stands in the background's line: after each slice its changes, stacks
included, are staged for the tick's commit together with the time at which it wants to go on. So a server that is
started again knows which sessions to wake, and when (`alarms.py`).

Thread: the loop; processes on fibers of their own.
"""

from typing import TYPE_CHECKING, Any, Final
from weakref import proxy

from smalltalk import UnstorableValueError
from storage import RecordRefused

from ..running.background import Bucket
from ..traffic.call import RefusedError
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..resources.memory_use import resident_bytes
from ..state.quarantine import is_held

if TYPE_CHECKING:
    from ..running.engine import Background
    from .session import Session

#: Key in a session's stored meta: when its processes go on, milliseconds since 1970; 0 for as soon as possible.
WAKE_AT: Final = "wake_at_ms"
#: A slice lasts at least so many times what surrounds it: capturing and storing a deep stack takes longer than a slice.
_OVERHEADS_PER_SLICE: Final = 4
_SLICE_NS_MAX: Final = SERVER_LIMITS["background_slice_ns_max"].value
_NS_PER_MS: Final = 1_000_000
#: What the Transcript says of processes that the server ended.
_TOO_BIG: Final = "The processes that ran in the background took too much memory: those that were ready are terminated."
_SET_BACK: Final = (
    "What processes did in the background could not be stored and is undone; those that were ready are terminated."
)
_log = new_logger("background")


def wake_at_ns(meta: dict[str, Any]) -> int | None:
    """Return when a session's processes go on, by its stored meta: nanoseconds since 1970, None for never."""
    at_ms = meta.get(WAKE_AT)
    return None if at_ms is None else int(at_ms) * _NS_PER_MS


class SessionBackground:
    """The background work of one session.

    Attributes:
        bucket: how much it may run now.
        is_ready: whether processes can go on now.
    """

    def __init__(self, session: "Session") -> None:
        parts = session.parts
        self.bucket = Bucket(parts.settings.background_share, parts.clock.monotonic_ns())
        self.is_ready = False
        # The session refers to this: what it leaves when it is dropped must not wait for a search for circles.
        self._session: Session = proxy(session)
        self._line = parts.background
        self._evaluator = parts.evaluator
        self._clock = parts.clock
        self._slice_ns = 0
        self._grown_bytes = 0
        # The processes that go on were not storable when they did so before.
        self._is_unstorable = False

    def begin(self) -> None:
        """Go on as the store says: the session was woken, or set back."""
        self._grown_bytes = 0
        self._is_unstorable = False
        meta = self._session.row.meta
        self._put(None if is_held(meta) else wake_at_ns(meta))

    def look_again(self) -> None:
        """Look at the session's objects as soon as the tick's commit has replaced them by others."""
        self._session.change_meta({**self._session.row.meta, WAKE_AT: 0})
        self._put(0)

    def pause(self) -> None:
        """An evaluation begins, which gives the processes their turns itself; or the session ends."""
        self._line.remove(self)
        self._is_unstorable = False

    def look(self) -> None:
        """Stand in the line as the image says, and stage that with its changes."""
        self.note_due(self._session.state.image().background.due_ns())

    def note_due(self, due_ns: int | None) -> None:
        """Stand in the line for a time, and stage that.

        Args:
            due_ns: when processes want to go on, nanoseconds since 1970; None for never.
        """
        meta = self._session.row.meta
        at_ms = None if due_ns is None else -(-due_ns // _NS_PER_MS)
        if at_ms != meta.get(WAKE_AT):
            others = {name: value for name, value in meta.items() if name != WAKE_AT}
            self._session.change_meta(others if at_ms is None else {**others, WAKE_AT: at_ms})
        self._put(due_ns)

    def _put(self, due_ns: int | None) -> None:
        self.is_ready = due_ns == 0
        if due_ns is None:
            self._line.remove(self)
        else:
            self._line.put(self, due_ns)

    def stop(self) -> bool:
        """Terminate the processes that are ready; False if none is."""
        if not self.is_ready:
            return False
        count = self._session.state.image().background.stop()
        self._settle()
        return count > 0

    def run_slice(self) -> None:
        """Let processes run for a slice and stage what they did."""
        began_ns = self._clock.monotonic_ns()
        try:
            background = self._session.state.image().background
            if self._is_unstorable:
                background.stop()
            overhead_ns = self._run(background)
        except RefusedError as refused:
            _log.error("the processes of a session cannot go on", sid=self._session.sid, reason=refused.failure.message)
            self.is_ready = False
            return
        except Exception as defect:  # noqa: BLE001 - a defect of one session must not end the server
            self._session.failed("processes failed unexpectedly", defect)
            return
        now_ns = self._clock.monotonic_ns()
        self.bucket.take(now_ns - began_ns, now_ns)
        self._session.parts.fairness.use_processor(self._session.client_id, now_ns - began_ns, now_ns)
        self._slice_ns = min(_OVERHEADS_PER_SLICE * overhead_ns, _SLICE_NS_MAX)

    def _run(self, background: "Background") -> int:
        """Let processes run and settle it; return the time that took beyond the slice, in nanoseconds."""
        began_ns, before_bytes = self._clock.monotonic_ns(), resident_bytes()
        mark = self._evaluator.mark
        mark.enter(self._session.sid)
        try:
            used_ns = self._evaluator.background_slice(
                background.run, self._slice_ns, lambda: self._is_too_big(before_bytes, resident_bytes())
            )
            if self._settle():
                self._bound_memory(before_bytes, resident_bytes())
        finally:
            mark.leave()
        return self._clock.monotonic_ns() - began_ns - used_ns

    def _is_too_big(self, before_bytes: int, after_bytes: int) -> bool:
        grown_bytes = self._grown_bytes + after_bytes - before_bytes
        return self._evaluator.is_too_big(grown_bytes, before_bytes, after_bytes)

    def _bound_memory(self, before_bytes: int, after_bytes: int) -> None:
        """Terminate what is ready when the process grew too much by it: one of them makes it."""
        is_too_big = self._is_too_big(before_bytes, after_bytes)
        self._grown_bytes = max(0, self._grown_bytes + after_bytes - before_bytes)
        if is_too_big and self.is_ready:
            _log.error("the processes of a session took too much memory", sid=self._session.sid)
            self._session.state.image().background.tell(_TOO_BIG)
            self.stop()
            self._grown_bytes = 0

    def _settle(self) -> bool:
        """Stage what processes changed, and tell subscribers what they wrote; False if the session was set back."""
        session = self._session
        if session.state.damage is not None:
            session.failed("a session is damaged", session.state.damage)
            return False
        try:
            changes = session.state.changes(None)
            session.parts.quotas.check_growth(session.client_id, session.sid, changes)
            session.stage(*changes)
        except (UnstorableValueError, RecordRefused, RefusedError) as error:
            self._set_back(error)
            return False
        self._publish()
        self._is_unstorable = False  # those that were are terminated; those that only waited then may go on
        self.look()
        return True

    def _publish(self) -> None:
        """Tell subscribers what is new on the Transcript; the next evaluation's has it, too."""
        text = self._session.state.image().background.news()
        if text:
            self._session.parts.events.publish(self._session.token, "transcript", {"text": text})

    def _set_back(self, error: UnstorableValueError | RecordRefused | RefusedError) -> None:
        """Go back to what is stored; what was ready there is terminated, or the session failed if that did not help."""
        if self._is_unstorable:
            self._session.failed("the processes of a session cannot be stored", error)
            return
        _log.error("the processes of a session were set back", sid=self._session.sid, reason=str(error))
        self._session.state.forget()
        self._session.state.image().background.tell(f"{_SET_BACK} {error}")
        self._publish()
        self.begin()
        self._is_unstorable = True
