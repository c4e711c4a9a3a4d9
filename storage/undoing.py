"""Undoing: a session goes back to the state before one of its evaluations, along its past (`past.py`).

A state is found from a base, the present or what a savepoint keeps of a jump, by taking steps back from there, and by
passing over what lies between a jump and its target. Going back is a jump itself, so it can be undone as well.
"""

from collections.abc import Generator, Iterator
from typing import NamedTuple

from .changes import Oid, Record, StateUndone
from .contract import Differences
from .database import Database
from .errors import ChangeRefused
from .groups import SEGMENT_OIDS, Segment
from .journal import JUMP, Tail
from .past import Past, Step, is_too_old, note_jump, read_outline, read_past, reading_past
from .recent import RecentSegments
from .records import unpack_record
from .savepoints import existing_pin, keeper, pinned_segments, read_savepoints
from .segments import Root, Segments, write_root

COMPARED_SEGMENTS = 32
"""Segments of two states compared in one step, some 100 us each."""


class FormerRecords:
    """A former state: what differs from the segments of a base.

    Attributes:
        next_oid: objects with this id or above it are not part of it.
        size: number of segments it takes.
    """

    def __init__(
        self,
        segments: Segments,
        recent: RecentSegments,
        sid: int,
        base: Root,
        next_oid: int,
        changed: dict[Oid, bytes | None],
    ) -> None:
        """Describe a state.

        Args:
            segments: where segments are read whole.
            recent: where single records are read.
            sid: the session.
            base: the root it differs from.
            next_oid: see the class.
            changed: encoded records that differ from the base; None for no record.
        """
        self.next_oid = next_oid
        self._segments = segments
        self._recent = recent
        self._sid = sid
        self._base = base
        self._listed = tuple(base.segments)
        self._changed: dict[int, dict[int, bytes | None]] = {}
        for oid, content in changed.items():
            number, place = divmod(oid, SEGMENT_OIDS)
            self._changed.setdefault(number, {})[place] = content
        # An imported session may give its next objects ids far beyond those it has.
        self.size = min(-(-next_oid // SEGMENT_OIDS), max(len(base.segments), *(n + 1 for n in self._changed), 0))

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none; `DamagedRecord` if it is not what was stored."""
        number, place = divmod(oid, SEGMENT_OIDS)
        if not 0 <= oid < self.next_oid:
            return None
        changed = self._changed.get(number, {})
        content = changed[place] if place in changed else self._before_record(number, place)
        return None if content is None else unpack_record(content)

    def _before_record(self, number: int, place: int) -> bytes | None:
        listed = self._listed
        segment_id = listed[number] if number < len(listed) else 0
        return self._recent.group(self._sid, number, segment_id, place).get(place) if segment_id else None

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all objects, ascending; `DamagedRecord` if part of the state is damaged."""
        for number in range(self.size):
            yield from (number * SEGMENT_OIDS + place for place in sorted(self.segment(number)))

    def comparing(self, after: "FormerRecords") -> Generator[None, None, Differences]:
        """Compare this state with a later one of the same session, in steps; segments that both have are not read."""
        added = removed = read = 0
        changed: set[Oid] = set()
        for number in range(max(self.size, after.size)):
            name = self.segment_name(number)
            if name is not None and name == after.segment_name(number):
                continue
            read += 1
            if read % COMPARED_SEGMENTS == 0:
                yield
            old, new = self.segment(number), after.segment(number)
            added += len(new.keys() - old.keys())
            removed += len(old.keys() - new.keys())
            both = old.keys() & new.keys()
            changed.update(number * SEGMENT_OIDS + place for place in both if old[place] != new[place])
        return Differences(added, removed, frozenset(changed), self, after)

    def segment_name(self, number: int) -> tuple[int, int] | None:
        """Return what is the same in two states only if the segment is; None if nothing tells."""
        if number in self._changed:
            return None
        listed = self._listed
        segment_id = listed[number] if number < len(listed) else 0
        return (segment_id, min(self.next_oid, (number + 1) * SEGMENT_OIDS)) if segment_id else (0, 0)

    def store(self) -> Root:
        """Write the segments that differ from the base; return the base with them in place."""
        ids: dict[int, int] = {}
        count = self._base.record_count
        for number in sorted({*self._changed, *range(self.next_oid // SEGMENT_OIDS, len(self._listed))}):
            before = self._before(number)
            segment = self.segment(number)
            count += len(segment) - len(before)
            if segment != before:
                ids[number] = self._segments.write(number, segment) if segment else 0
        return self._base._replace(record_count=count, segments=self._base.segments.replacing(ids))

    def _before(self, number: int) -> Segment:
        listed = self._listed
        return self._segments.read(self._sid, number, listed[number]) if number < len(listed) else {}

    def segment(self, number: int) -> Segment:
        """Return the encoded records of a segment by their places in it."""
        limit = self.next_oid - number * SEGMENT_OIDS
        segment: dict[int, bytes | None] = {**self._before(number), **self._changed.get(number, {})}
        return {place: content for place, content in segment.items() if content is not None and place < limit}


def undo(db: Database, segments: Segments, root: Root, change: StateUndone) -> None:
    """Make a former state the base state of a just folded session; `ChangeRefused` if it is not known any more."""
    past = read_past(db, change.sid, change.entry_seq)
    target, origin = _origin(db, root, change.sid, change.entry_seq, past)
    former = FormerRecords(segments, RecentSegments(segments), change.sid, *origin)
    kept = keeper(db, change.sid, change.before)
    restored = former.store()._replace(seq=change.seq)
    write_root(db, change.sid, restored)
    note_jump(db, segments, change.sid, root, restored, target, kept)
    segments.drop_unlisted(root.segments, {*restored.segments, *pinned_segments(db, change.sid)})


def finding(
    db: Database, segments: Segments, recent: RecentSegments, root: Root, sid: int, place: str | int | None
) -> Generator[None, None, FormerRecords]:
    """Find a state of a just folded session, in steps; see `Store.former`."""
    if isinstance(place, int):
        past = yield from reading_past(db, sid, place)
        _, origin = _origin(db, root, sid, place, past)
        return FormerRecords(segments, recent, sid, *origin)
    base = root if place is None else _kept(db, sid, root, place)
    return FormerRecords(segments, recent, sid, base, root.next_oid, {})


def _kept(db: Database, sid: int, root: Root, savepoint: str) -> Root:
    """Return the root a savepoint keeps, with the counters of the present."""
    pin = existing_pin(db, sid, savepoint)
    return root._replace(record_count=pin.record_count, segments=pin.segments)


def undo_points(db: Database, sid: int, root: Root, tail: Tail, first: int) -> list[int]:
    """Return the numbers of the entries before which a session can be put back; see `Store.undo_points`."""
    past = read_outline(db, sid, first)
    sources = _sources(db, sid, past)
    points = {step.point: number for number, step in enumerate(past.steps, past.first) if step.point}
    known = [point for point, number in points.items() if number - 1 in sources]
    entry_seq = root.entry_seq
    for row in tail.rows:
        if not is_too_old(row, tail):  # else the next folding forgets it, and going back folds first
            named = enumerate(row.starts[: len(row.entries)], entry_seq + 1)
            known += [point for point, start in named if start != JUMP]
        entry_seq = row.entry_seq
    return sorted(point for point in known if point >= first)


class _Origin(NamedTuple):
    """What a former state follows from: see `FormerRecords`."""

    base: Root
    next_oid: int
    changed: dict[Oid, bytes | None]


def _origin(db: Database, root: Root, sid: int, entry_seq: int, past: Past) -> tuple[int, _Origin]:
    """Return the number of the step after which the state before an evaluation stood, and what that follows from."""
    numbers = [number for number, step in enumerate(past.steps, past.first) if step.point == entry_seq]
    sources = _sources(db, sid, past)
    if not entry_seq or not numbers or numbers[-1] - 1 not in sources:
        raise ChangeRefused(f"What evaluation {entry_seq} of session number {sid} changed cannot be undone any more.")
    way = _way(past, sources, numbers[-1] - 1)
    base = root if way.base is None else _kept(db, sid, root, way.base)
    changed: dict[Oid, bytes | None] = {}
    next_oid = root.next_oid
    for step in way.steps:
        changed.update(zip(step.former[::2], step.former[1::2], strict=True))  # type: ignore[arg-type]  # in turns
        next_oid = min(next_oid, step.limit)
    return numbers[-1] - 1, _Origin(base, next_oid, changed)


_Sources = dict[int, int | str | None]
"""For each known state, by the number of the step it stood after: the step by which it is found, always a later one;
or a base, the name of a savepoint or None for the present."""


def _sources(db: Database, sid: int, past: Past) -> _Sources:
    """Find out from where each state of a past is found."""
    pins = {savepoint.name: savepoint.seq for savepoint in read_savepoints(db, sid)}
    last = past.first + len(past.steps) - 1
    sources: _Sources = {last: None}
    for number in range(last, past.first - 1, -1):
        step = past.steps[number - past.first]
        if step.keeper is not None and pins.get(step.keeper.name) == step.keeper.seq:
            sources[number - 1] = step.keeper.name
        if number not in sources:
            continue
        if step.target is not None:
            sources.setdefault(step.target, number)  # the state is the same, so this way is the shorter one
        if step.can_be_taken_back:
            sources.setdefault(number - 1, number)
    return sources


class _Way(NamedTuple):
    """A way back: the savepoint to begin at, None for the present, and the steps to take back, newest first."""

    base: str | None
    steps: list[Step]


def _way(past: Past, sources: _Sources, state: int) -> _Way:
    """Return the way to a known state."""
    steps: list[Step] = []
    source = sources[state]
    while isinstance(source, int):
        step = past.steps[source - past.first]
        if step.target != state:
            steps.append(step)
        state, source = source, sources[source]
    return _Way(source, steps[::-1])
