"""Repairing a damaged store: what can be read is put together anew, and every loss is told.

A damaged session goes back to the last state that is whole: its journal up to the first damaged row, else its newest
whole savepoint, else its state in a backup. One that has none of these is left out. History keeps the entries that can
be read. The damaged files are moved aside with all their bytes (`restoring.py`), and sessions without damage stay as
they were.
"""

import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Self

from .changes import Sid
from .contract import Damage
from .database import Database
from .errors import CommitFailed, DamagedRecord, DamagedStore, DiskFailed, StoreError, UnusableData
from .files import STORE_FILES, DataDirectory, holds_store, remove_directory, sync_directory
from .fold import fold_session
from .groups import SEGMENT_OIDS
from .history import delete_history, fold_entries, readable_entries
from .journal import delete_journal, first_unreadable, read_tail
from .merge import Merge
from .past import cut
from .purging import purge
from .records import pack, pack_record
from .restoring import PARTIAL, bring_back, check_backup, checked_copy, put_in_place
from .salvage import Salvage
from .savepoints import Pin, numbered_pins, pinned_segments
from .schema import migrate
from .segment_list import SegmentList
from .segments import EMPTY_ROOT, Root, Segments, read_root, write_root
from .sessions import Sessions
from .shares import share
from .sqlite import SqliteStore

_COPY = "repair.damaged"
_FROM_BACKUP = "repair.backup"


_ALL = 2**31
"""More entries than a history holds."""


class Loss(NamedTuple):
    """What a repair could not bring back; `token` is empty when it belongs to no session in particular."""

    token: str
    what: str


def repair(directory: Path, backup: Path | None = None) -> list[Loss] | None:
    """Put the readable parts of a damaged store together and give them to the data directory; return what is lost.

    A store without any damage is left as it is: there is nothing to repair, and the answer is None.

    Args:
        directory: the data directory; no server may use it.
        backup: a backup, for the sessions that have no whole state of their own.

    Raises:
        UnusableData: the directory is in use or holds no store, or the backup is none; nothing was made.
        DamagedStore: nothing of it can be read, or the backup is damaged too; nothing was changed.
        DiskFailed: the new store could not be written; run it again.
    """
    if not holds_store(directory):
        raise UnusableData(f"{directory} holds no store.")
    if backup is not None:
        check_backup(backup, directory)
    data = DataDirectory(directory)
    try:
        bring_back(data, directory / PARTIAL)
        if not data.store.exists():
            raise UnusableData(f"{directory} holds no store.")
        if _is_sound(data):
            return None
        losses = _put_together(data, backup)
        put_in_place(data, directory / PARTIAL)
    except OSError as error:
        raise DiskFailed(f"{directory} cannot be repaired ({error.strerror}).") from error
    finally:
        for name in (_COPY, _FROM_BACKUP):
            remove_directory(directory / name)
        data.release()
    return losses


def _is_sound(data: DataDirectory) -> bool:
    """Tell whether a store has no damage at all; a copy is read, since opening a damaged one writes."""
    if data.damage.exists():
        return False
    try:
        checked_copy(data.path, data.path / _COPY)
    except StoreError:
        return False
    return True


def _put_together(data: DataDirectory, backup: Path | None) -> list[Loss]:
    """Make the repaired store beside the damaged one, of which a copy is read: SQLite writes where it recovers."""
    partial, copy, spare = (data.path / name for name in (PARTIAL, _COPY, _FROM_BACKUP))
    for path in (partial, copy):
        remove_directory(path)
        path.mkdir(mode=0o700)
    for name in STORE_FILES:
        if (data.path / name).exists():
            shutil.copyfile(data.path / name, copy / name)
    if backup is not None:
        checked_copy(backup, spare)
    with _Repair(copy / STORE_FILES[0], partial / STORE_FILES[0], spare if backup else None) as repairing:
        try:
            losses = repairing.run()
        except CommitFailed as error:  # it is no commit here, so say what it was
            raise error.__cause__ if isinstance(error.__cause__, StoreError) else error from None
    SqliteStore(partial).close()  # which checks it, and gives it the files that go with it
    sync_directory(partial)
    return losses


class _Repair:
    """One repair: the damaged database, the new one, and the backup."""

    def __init__(self, old: Path, new: Path, spare: Path | None) -> None:
        self._old = Database(old)
        self._new = Database(new)
        new.touch()
        self._new.configure()
        migrate(self._new)
        self._spare = SqliteStore(spare) if spare else None
        self._segments = Segments(self._new)
        self._losses: list[Loss] = []
        self._cut: set[Sid] = set()
        self._past_cut: set[Sid] = set()
        self._is_past_lost = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._old.close()
        self._new.close()
        if self._spare is not None:
            self._spare.close()

    def run(self) -> list[Loss]:
        """Do it; return what is lost."""
        with self._new.transaction():
            salvage = Salvage(self._old, self._new)
            salvage.run()
            self._note(salvage.damages)
            self._segments = Segments(self._new, self._listed_max())
            if any(damage.table == "session" for damage in salvage.damages):
                self._bring_back()
            rows = list(Sessions(self._new).all())
            if salvage.damages and not rows:
                raise DamagedStore("Nothing of the store can be read; restore a backup.")
            for row in rows:
                self._mend(row.sid, row.token)
            self._drop_orphans()
        return self._losses

    def _listed_max(self) -> int:
        """Return the highest segment id any root or savepoint lists, whether or not the segment is there."""
        highest = 0
        for (sid,) in self._new.all("SELECT sid FROM root UNION SELECT sid FROM savepoint"):
            pins = numbered_pins(self._new, sid)
            lists = [pin.segments for _, pin in pins] + [self._root(sid).segments]
            highest = max([highest, *[max(listed, default=0) for listed in lists]])
        return highest

    def _root(self, sid: int) -> Root:
        try:
            return read_root(self._new, sid)
        except StoreError:
            return EMPTY_ROOT

    def _note(self, damages: list[Damage]) -> None:
        """Note what was left behind that no session will tell of, and whose journals lost rows."""
        self._is_past_lost = any(damage.table == "past" and not damage.key for damage in damages)
        for damage in damages:
            if damage.table == "journal" and damage.sid is not None:
                self._cut.add(damage.sid)
            elif damage.table == "past" and damage.sid is not None:
                self._past_cut.add(damage.sid)
            elif damage.table in ("session", "reply") or not damage.key:
                owner = "" if damage.sid is None else f" of session number {damage.sid}"
                self._losses.append(Loss("", f"{damage.table} {damage.key}{owner}: {damage.what}"))

    def _mend(self, sid: Sid, token: str) -> None:
        """Bring one session to its last whole state."""
        root = self._whole_root(sid)
        if root is not None:
            bad_id = first_unreadable(self._new, sid, root)
            if bad_id is not None:
                delete_journal(self._new, sid, bad_id)
            if bad_id is not None or sid in self._cut:
                self._losses.append(Loss(token, "its last steps; it is as of the step before the damage"))
            try:
                root = fold_session(self._new, self._segments, sid)
            except DamagedRecord:
                root = None
        is_earlier = root is None
        if root is None:
            root = self._earlier_root(sid, token)
        if root is None:
            self._losses.append(Loss(token, "the whole session: nothing of it is whole; its bytes are kept aside"))
            purge(self._new, self._segments, sid)
            return
        self._mend_savepoints(sid, token)
        if is_earlier or self._is_past_lost or sid in self._past_cut:
            cut(self._new, sid, max((pin.past for _, pin in numbered_pins(self._new, sid)), default=0))
            if not is_earlier:  # else it is told already
                self._losses.append(Loss(token, "what undoing needs"))
        self._mend_history(sid, token, root)

    def _whole_root(self, sid: Sid) -> Root | None:
        try:
            root = read_root(self._new, sid)
        except DamagedRecord:
            return None
        return root if self._are_whole(sid, root.segments, root.record_count) else None

    def _are_whole(self, sid: Sid, listed: SegmentList, record_count: int) -> bool:
        """Tell whether all segments of a state can be read."""
        try:
            return record_count == sum(len(self._segments.read(sid, place, k)) for place, k in enumerate(listed))
        except DamagedRecord:
            return False

    def _bring_back(self) -> None:
        """Take sessions whose row is lost from the backup, as they were then."""
        sessions = Sessions(self._new)
        for row in self._spare.sessions() if self._spare else ():
            if sessions.by_token(row.token) or sessions.is_stored(row.sid) or self._spare is None:
                continue
            sessions.insert(row)
            delete_journal(self._new, row.sid, 0)
            delete_history(self._new, row.sid)
            cut(self._new, row.sid, 0)
            self._new.run("DELETE FROM savepoint WHERE sid = ?", (row.sid,))
            entries = [pack(entry) for _, entry in self._spare.history(row.sid, 0, _ALL).entries]
            fold_entries(self._new, row.sid, 1, entries)
            root = self._from_backup(row.token, 0, 0)
            assert root is not None  # the backup was checked
            write_root(self._new, row.sid, root._replace(entry_seq=len(entries)))
            self._losses.append(Loss(row.token, "everything since the backup"))

    def _earlier_root(self, sid: Sid, token: str) -> Root | None:
        """Make the newest whole savepoint the session's state, else its state in the backup."""
        pins = [pin for _, pin in numbered_pins(self._new, sid) if self._is_pin_whole(sid, pin)]
        n, next_oid = self._counters(sid)
        delete_journal(self._new, sid, 0)
        if pins:
            pin = pins[-1]
            next_oid = max(next_oid, pin.next_oid, len(pin.segments) * SEGMENT_OIDS)
            root = Root(n, pin.seq, next_oid, 0, pin.record_count, pin.segments)
            self._losses.append(Loss(token, "everything since its last savepoint"))
        elif (spare := self._from_backup(token, n, next_oid)) is not None:
            root = spare
            self._losses.append(Loss(token, "everything since the backup"))
        else:
            return None
        write_root(self._new, sid, root)
        return root

    def _counters(self, sid: Sid) -> tuple[int, int]:
        """Return the journal row number and the next object id as far as they are known; ids are not given again."""
        known = [(0, 0)]
        try:
            root = read_root(self._new, sid)
            known.append((root.n, root.next_oid))
            tail = read_tail(self._new, sid, root)
            known.append((tail.head.n, tail.head.next_oid))
        except DamagedRecord:
            pass
        return max(known)

    def _is_pin_whole(self, sid: Sid, pin: Pin) -> bool:
        return self._are_whole(sid, pin.segments, pin.record_count)

    def _from_backup(self, token: str, n: int, next_oid: int) -> Root | None:
        """Copy a session's objects from the backup into new segments."""
        row = self._spare.session_by_token(token) if self._spare else None
        if self._spare is None or row is None:
            return None
        state = self._spare.load(row.sid)
        records: list[int | bytes] = []
        for oid in state.oids():
            if (record := state.record(oid)) is not None:
                records += (oid, pack_record(record))
        merge = Merge(self._segments, row.sid, EMPTY_ROOT, [records])
        for _ in merge.prepare():
            pass
        return Root(n, state.seq, max(next_oid, state.next_oid), 0, merge.record_count, merge.store())

    def _mend_savepoints(self, sid: Sid, token: str) -> None:
        """Forget savepoints that are not whole."""
        for row_id, pin in numbered_pins(self._new, sid):
            if not self._is_pin_whole(sid, pin):
                self._new.run("DELETE FROM savepoint WHERE id = ?", (row_id,))
                self._losses.append(Loss(token, "a savepoint"))

    def _mend_history(self, sid: Sid, token: str, root: Root) -> None:
        """Number the entries that can be read from 1 on, if some are lost or their count is."""
        entries = readable_entries(self._new, sid)
        if len(entries) == root.entry_seq:
            return
        if root.entry_seq:
            self._losses.append(Loss(token, "part of its history"))
        delete_history(self._new, sid)
        fold_entries(self._new, sid, 1, entries)
        write_root(self._new, sid, root._replace(entry_seq=len(entries)))

    def _drop_orphans(self) -> None:
        """Delete what belongs to no session, and count anew who shares which segment."""
        for table in ("root", "journal", "savepoint"):
            self._new.run(f"DELETE FROM {table} WHERE sid NOT IN (SELECT sid FROM session)")  # noqa: S608 -- names of this line
        for table in ("history", "past"):
            self._new.run(f"DELETE FROM {table} WHERE k >> 32 NOT IN (SELECT sid FROM session)")  # noqa: S608 -- names of this line
        owners: Counter[int] = Counter()
        for (sid,) in self._new.all("SELECT sid FROM session"):
            owners.update({*read_root(self._new, sid).segments, *pinned_segments(self._new, sid)} - {0})
        unlisted = [(k,) for (k,) in self._new.all("SELECT k FROM seg") if k not in owners]
        self._new.run_many("DELETE FROM seg WHERE k = ?", unlisted)
        for segment_id, count in owners.items():
            for _ in range(count - 1):
                share(self._new, [segment_id])
