"""What a session's processes do while none of its evaluations runs, and when they do it.

While an evaluation of the session is under way it gives its processes their turns itself, and what they did becomes
durable with it. Between evaluations the session stands in the background's line: after each slice its changes, stacks
included, are staged for the tick's commit together with the time at which it wants to go on. So a server that is
started again knows which sessions to wake, and when (`alarms.py`).

Thread: the loop; processes on fibers of their own.
"""

from typing import TYPE_CHECKING, Any, Final

from smalltalk import UnstorableValueError

from .background import Bucket
from .call import RefusedError
from .logs import new_logger

if TYPE_CHECKING:
    from .session import Session

#: Key in a session's stored meta: when its processes go on, milliseconds since 1970; 0 for as soon as possible.
WAKE_AT: Final = "wake_at_ms"
#: A slice lasts at least so many times what surrounds it: capturing and storing a deep stack takes longer than a slice.
_OVERHEADS_PER_SLICE: Final = 4
_NS_PER_MS: Final = 1_000_000
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
        self._session = session
        self._line = parts.background
        self._evaluator = parts.evaluator
        self._clock = parts.clock
        self._slice_ns = 0
        self._grown_bytes = 0

    def begin(self) -> None:
        """Go on as the store says: the session was woken, or set back."""
        self._put(wake_at_ns(self._session.row.meta))

    def look_again(self) -> None:
        """Look at the session's objects as soon as the tick's commit has replaced them by others."""
        self._session.change_meta({**self._session.row.meta, WAKE_AT: 0})
        self._put(0)

    def pause(self) -> None:
        """An evaluation begins, which gives the processes their turns itself; or the session ends."""
        self._line.remove(self)
        self._grown_bytes = 0

    def look(self) -> None:
        """Stand in the line as the image says, and stage that with its changes."""
        due_ns = self._session.state.image().background.due_ns()
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
            usage = self._evaluator.background_slice(background.run, self._slice_ns)
            self._bound_memory(usage.grown_bytes)
            self._settle()
        except RefusedError as refused:
            _log.error("the processes of a session cannot go on", sid=self._session.sid, reason=refused.failure.message)
            self.is_ready = False
            return
        except Exception as defect:  # noqa: BLE001 - a defect of one session must not end the server
            self._session.failed("processes failed unexpectedly", defect)
            return
        now_ns = self._clock.monotonic_ns()
        self.bucket.take(now_ns - began_ns, now_ns)
        self._slice_ns = _OVERHEADS_PER_SLICE * (now_ns - began_ns - usage.used_ns)

    def _bound_memory(self, grown_bytes: int) -> None:
        """Terminate what is ready when the process grew too much since the last evaluation: one of them makes it."""
        self._grown_bytes = max(0, self._grown_bytes + grown_bytes)
        if self._grown_bytes > self._evaluator.growth_bytes_max:
            self._grown_bytes = 0
            self._session.state.image().background.stop()

    def _settle(self) -> None:
        """Stage what processes changed, and tell subscribers what they wrote."""
        session = self._session
        if session.state.damage is not None:
            session.failed("a session is damaged", session.state.damage)
            return
        try:
            session.stage(*session.state.changes(None))
        except UnstorableValueError as error:
            _log.error("the processes of a session were set back", sid=session.sid, reason=str(error))
            session.state.forget()
            self.begin()
            return
        text = session.state.image().background.news()
        if text:
            session.parts.events.publish(session.token, "transcript", {"text": text})
        self.look()
