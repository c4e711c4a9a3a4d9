"""Quotas: how much of the disk one client's open sessions, and all sessions together, may take.

What a session takes is measured from the store, not guessed: after it changed, in steps between requests, and so rarely
that measuring takes a hundredth of the time. So a figure is about a second old, older when very many sessions change,
and what is written meanwhile may exceed the quota. From four fifths of a quota on, replies and the log warn. Beyond it,
what would make sessions larger is refused with LimitExceeded: creations, savepoints, and whatever runs user code, which
is set back when it ends if its changes take more room than what they replace: printing an object for the inspector can
make objects as well. Everything else goes on, so that room can be made: reading, closing, clearing savepoints, undoing,
and evaluations that only let go of objects.

A closed session counts no more for its client; it counts for all until its retention ends.

Thread: the loop.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias

from storage import (
    Change,
    DamagedRecord,
    HistoryAppended,
    ObjectsChanged,
    Sid,
    Store,
    StoreError,
    encoded_records,
    pack_record,
)

from ..clock import Clock
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..settings import Settings
from ..traffic.call import RefusedError
from .keeper import Keeper

_MIB: Final = 1024 * 1024
#: Part of a quota from which on its use is warned of.
_WARNING_PART: Final = 0.8
#: Sessions measured in one step: some ten microseconds each, milliseconds for those of many megabytes.
_SESSIONS_PER_STEP: Final = 16
#: A step is followed by so many times its length without one.
_REST_PER_STEP: Final = 100
#: The shortest time between two rounds, each of which measures every session that changed before it.
_ROUND_NS_MIN: Final = 500_000_000
_CLIENTS_MAX: Final = SERVER_LIMITS["clients_metered_max"].value
_SMALL_BYTES: Final = SERVER_LIMITS["quota_small_bytes"].value
_RECORDS_MAX: Final = SERVER_LIMITS["quota_records_max"].value
CLIENT_LIMIT: Final = "client_disk_mb"
SERVER_LIMIT: Final = "disk_mb"
#: A quota: its name, bytes used, bytes allowed or 0 for any.
_Figure: TypeAlias = tuple[str, int, int]
_log = new_logger("quotas")


@dataclass(slots=True, eq=False, repr=False)
class _Account:
    """What one client's open sessions take, as far as they were measured."""

    sizes: dict[Sid, int] = field(default_factory=dict)
    used_bytes: int = 0
    is_warned: bool = False

    def put(self, sid: Sid, size_bytes: int) -> None:
        """Note what a session takes now, 0 for one that does not count."""
        self.used_bytes += size_bytes - self.sizes.pop(sid, 0)
        if size_bytes:
            self.sizes[sid] = size_bytes


class Quotas:
    """What is measured, and what follows from it.

    Attributes:
        used_bytes: what the store takes in all, measured a moment ago.
    """

    def __init__(self, keeper: Keeper, clock: Clock, settings: Settings) -> None:
        self._keeper = keeper
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        #: Sessions that changed since they were measured, and whose they are;
        self._changed: dict[Sid, str] = {}
        #: those of them that the round under way still measures.
        self._round: dict[Sid, str] = {}
        self._next_ns = clock.monotonic_ns()
        self._is_warned = False
        self.used_bytes = 0
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Hold other bounds from now on."""
        self._client_bytes_max = settings.client_disk_mb * _MIB
        self._whole_mb, self._workers = settings.disk_mb, settings.workers
        # Each worker watches its own part of the disk's.
        self._bytes_max = -(-settings.disk_mb * _MIB // settings.workers)
        for account in self._accounts.values():
            self._warn_of(account)
        self._warn_of_all()

    # --- measuring

    def changed(self, client_id: str, sid: Sid) -> None:
        """A session of a client changes with the next commit."""
        self._changed[sid] = client_id

    def closed(self, client_id: str, sid: Sid) -> None:
        """A session is closed and counts no more.

        It is not measured for that: where many are made and closed, they would wait for it in an ever longer line.
        """
        self._changed.pop(sid, None)
        self._round.pop(sid, None)
        account = self._accounts.get(client_id)
        if account is not None:
            account.put(sid, 0)
            self._warn_of(account)
            if not account.sizes:
                del self._accounts[client_id]

    def step(self) -> None:
        """Measure some of the sessions that changed, if it is time."""
        began_ns = self._clock.monotonic_ns()
        if began_ns < self._next_ns or self._keeper.is_lost:
            return
        try:
            self._measure()
        except StoreError as error:
            _log.error("the use of the disk cannot be measured", reason=str(error))
        ended_ns = self._clock.monotonic_ns()
        rest_ns = _REST_PER_STEP * (ended_ns - began_ns)
        self._next_ns = ended_ns + (rest_ns if self._round else max(_ROUND_NS_MIN, rest_ns))

    def _measure(self) -> None:
        store = self._keeper.store
        self.used_bytes = store.used_bytes()
        self._warn_of_all()
        if not self._round:
            self._round, self._changed = self._changed, {}
        for sid, client_id in list(islice(self._round.items(), _SESSIONS_PER_STEP)):
            del self._round[sid]
            if self._keeper.staged(sid):
                self._changed[sid] = client_id  # the commit that is to be measured comes yet
                continue
            account = self._account(client_id)
            account.put(sid, _size_of(store, sid))
            self._warn_of(account)
            if not account.sizes and not self._open_sids(client_id):
                del self._accounts[client_id]

    def _warn_of(self, account: _Account) -> None:
        figure = (CLIENT_LIMIT, account.used_bytes, self._client_bytes_max)
        account.is_warned = _warned(figure, was_warned=account.is_warned)

    def _warn_of_all(self) -> None:
        self._is_warned = _warned((SERVER_LIMIT, self.used_bytes, self._bytes_max), was_warned=self._is_warned)

    def _account(self, client_id: str) -> _Account:
        """Return a client's account; of one that is new here, all open sessions are measured in turn."""
        account = self._accounts.pop(client_id, None)
        if account is None:
            account = _Account()
            self._changed.update(dict.fromkeys(self._open_sids(client_id), client_id))
        self._accounts[client_id] = account
        if len(self._accounts) > _CLIENTS_MAX:
            self._accounts.popitem(last=False)
        return account

    def _open_sids(self, client_id: str) -> list[Sid]:
        """Return a client's sessions that are not closed."""
        return [row.sid for row in self._keeper.store.sessions_of_client(client_id) if not row.is_closed]

    # --- what follows

    @property
    def clients_near(self) -> int:
        """How many clients were measured to be near their quota, or beyond it."""
        return sum(account.is_warned for account in self._accounts.values())

    def of_all(self) -> dict[str, Any]:
        """Return what the store takes and may take, 0 for any; and a warning."""
        all_of_it = (SERVER_LIMIT, self.used_bytes, self._bytes_max)
        return {"disk_used_bytes": self.used_bytes, "disk_max_bytes": self._bytes_max, **_warning([all_of_it])}

    def warning(self, client_id: str) -> dict[str, str]:
        """Return what a reply says of the quota that is used up most, nothing as long as there is room."""
        return {} if self._has_room(client_id) else _warning(self._figures(client_id))

    def _has_room(self, client_id: str) -> bool:
        """Tell whether no quota of a client was near its end when it was measured; asked twice by every evaluation."""
        account = self._accounts.get(client_id)
        return not self._is_warned and (account is None or not account.is_warned)

    def is_full(self, client_id: str) -> bool:
        """Tell whether a client's sessions may not become larger."""
        return not self._has_room(client_id) and any(
            most and used >= most for _, used, most in self._figures(client_id)
        )

    def _figures(self, client_id: str) -> Iterator[_Figure]:
        """Yield the quotas that concern a client."""
        account = self._accounts.get(client_id)
        yield CLIENT_LIMIT, 0 if account is None else account.used_bytes, self._client_bytes_max
        yield SERVER_LIMIT, self.used_bytes, self._bytes_max

    def check_room(self, client_id: str) -> None:
        """Refuse something more of a client: LimitExceeded, if there is no room.

        Raises:
            RefusedError: see above.
        """
        for limit, used_bytes, maximum_bytes in self._figures(client_id):
            if maximum_bytes and used_bytes >= maximum_bytes:
                raise self._refusal(limit, used_bytes, maximum_bytes)

    def _refusal(self, limit: str, used_bytes: int, maximum_bytes: int) -> RefusedError:
        """Return the refusal that names a quota as it is set, and a worker's part of it where it is divided."""
        whose, part, maximum = "this client's sessions", "", maximum_bytes // _MIB
        if limit == SERVER_LIMIT:
            whose, maximum = "all sessions", self._whole_mb
            if self._workers > 1:
                whose = "the sessions of this worker"
                part = f" to each of the {self._workers} workers, of {self._whole_mb} MB in all"
        return RefusedError(
            "LimitExceeded",
            f"On disk {whose} take {used_bytes} bytes, and {limit} allows {maximum_bytes}{part}: nothing of this was"
            " kept. Let go of objects, clear savepoints, undo, or close sessions.",
            {"limit": limit, "maximum": maximum, "used_bytes": used_bytes, "maximum_bytes": maximum_bytes},
        )

    def check_growth(self, client_id: str, sid: Sid, changes: Sequence[Change]) -> None:
        """Refuse changes that make a session larger: LimitExceeded, if there is no room.

        Raises:
            RefusedError: see above.
        """
        if self.is_full(client_id) and _grows(self._keeper.store, sid, changes):
            self.check_room(client_id)


def _warned(figure: _Figure, *, was_warned: bool) -> bool:
    """Log once that a quota is nearly used up; tell whether it is."""
    limit, used_bytes, maximum_bytes = figure
    is_near = bool(maximum_bytes) and used_bytes >= _WARNING_PART * maximum_bytes
    if is_near and not was_warned:
        _log.warning("a disk quota is nearly used up", limit=limit, used_bytes=used_bytes, maximum=maximum_bytes)
    return is_near


def _warning(figures: Iterable[_Figure]) -> dict[str, str]:
    """Return what a reply says of the quota that is used up most, nothing as long as there is room."""
    shares = [(used / most, (limit, used, most)) for limit, used, most in figures if most]
    share, (limit, used_bytes, maximum_bytes) = max(shares, default=(0.0, ("", 0, 0)))
    if share < _WARNING_PART:
        return {}
    return {"warning": f"{used_bytes} of the {maximum_bytes} bytes that {limit} allows on disk are used."}


def _size_of(store: Store, sid: Sid) -> int:
    """Return what a session takes; nothing if it is closed, gone, or damaged, which others tell."""
    try:
        row = store.session(sid)
        return 0 if row is None or row.is_closed else store.size_of(sid)
    except DamagedRecord:
        return 0


def _grows(store: Store, sid: Sid, changes: Sequence[Change]) -> bool:
    """Tell whether changes take more room than what they replace, and more than an evaluation that only lets go.

    What cannot be weighed, because it is too much or what it replaces cannot be read, counts as growth.
    """
    grown_bytes = 0
    for change in changes:
        if isinstance(change, HistoryAppended):
            grown_bytes += sum(len(str(value)) for value in change.entry.values())
        elif isinstance(change, ObjectsChanged):
            if len(change.records) > _RECORDS_MAX:
                return True
            try:
                grown_bytes += _growth_bytes(store, sid, change)
            except StoreError:
                return True
    return grown_bytes > _SMALL_BYTES


def _growth_bytes(store: Store, sid: Sid, change: ObjectsChanged) -> int:
    """Return by how much records are longer than those they replace."""
    state = store.load(sid)
    records = encoded_records(change.records)
    former = map(state.record, records.oids())
    before_bytes = sum(len(pack_record(record)) for record in former if record is not None)
    return sum(map(len, records.contents())) - before_bytes
