"""diff: what changed between two states of a session: variables, classes, methods, objects."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import smalltalk
from protocol import Failure
from smalltalk import ROOT_OID, BrokenImageError
from storage import ChangeRefused, Differences, StoreError, pack_record, references

from ..limits import SERVER_LIMITS
from ..traffic.call import Answer, Call, RefusedError
from .savepoints import check_savepoint
from .searches import searched
from .undoing import check_point, last_point

if TYPE_CHECKING:
    from smalltalk import RecordSource
    from storage import FormerState, Oid, Record

    from ..running.engine import Image
    from ..running.evaluator import Run
    from ..sessions.session import Session

ROWS_MAX: Final = SERVER_LIMITS["diff_rows_max"].value
OBJECTS_MAX: Final = SERVER_LIMITS["diff_objects_max"].value
ALL_OBJECTS_MAX: Final = SERVER_LIMITS["diff_all_objects_max"].value
#: Objects read between two pauses, some 50 us each with what is made of them.
_READ_PER_STEP: Final = 16
_Texts: TypeAlias = Mapping[str, str]
_Place: TypeAlias = str | int | None
_Pause: TypeAlias = Callable[[], None]
#: What a method's name has and a class's has not.
_METHOD: Final = ">>"


def diff(session: "Session", run: "Run") -> Answer:
    """Compare two states of a session: by default what the last evaluation still in effect changed.

    It is done as an evaluation: a slice at a time, within a budget, and `interrupt` stops it.

    Raises:
        RefusedError: ContextNotFound, there is no such state; InvalidRequest, a state is named in two ways.
    """
    before = _place(session, run.call, "savepoint", "before") or last_point(session, 1)
    after = _place(session, run.call, "to_savepoint", "to_before")
    assert run.evaluation is not None
    evaluation = run.evaluation

    def answer() -> Answer:
        try:
            with smalltalk.beside(evaluation) as pause:
                return _compared(session, before, after, pause)
        except ChangeRefused as error:
            return Failure("ContextNotFound", str(error))
        except BrokenImageError as error:
            return Failure("SessionError", f"A state cannot be read: {error}")
        except StoreError as error:
            return Failure("StorageError", str(error))

    return searched(run, answer)


def _compared(session: "Session", before: _Place, after: _Place, pause: _Pause) -> dict[str, Any]:
    """Compare two states of a session, pausing now and then.

    Raises:
        ChangeRefused: there is no such state.
        BrokenImageError, StoreError: one of them cannot be read.
    """
    steps = session.parts.keeper.store.differences(session.sid, before, after)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Differences = end.value
            break
        pause()
    states = _Paused(found.before, pause), _Paused(found.after, pause)
    with _image(session, states[0]) as old:
        old_variables, old_defined = _variables(old), smalltalk.definitions(old.world, pause)
    with _image(session, states[1]) as new:
        variables = old_variables, _variables(new)
        defined = old_defined, smalltalk.definitions(new.world, pause)
    known: dict[int, list[int]] = {}
    contents = {name for name, row in variables[1].items() if _leads_to(states[1], row, found.changed, known)}
    names = defined[0].keys() | defined[1].keys()
    pause()
    methods = _changes(*_parted(*defined, is_method=True))
    pause()
    return {
        "session_id": session.token,
        "variables": _changes(*variables, also=contents),
        "classes": _changes(*_parted(*defined, is_method=False)),
        "methods": methods,
        "objects": {"added": found.added, "removed": found.removed, "changed": len(found.changed)},
        "is_complete": max(len(names), *map(len, variables)) <= ROWS_MAX,
    }


class _Paused:
    """A record source that pauses now and then: whatever reads many objects goes in slices by that."""

    def __init__(self, state: "FormerState", pause: _Pause) -> None:
        self._state = state
        self._pause = pause
        self._read = 0
        self.next_oid = state.next_oid

    def record(self, oid: "Oid") -> "Record | None":
        """Return an object's record, None if there is none."""
        self._read += 1
        if self._read % _READ_PER_STEP == 0:
            self._pause()
        return self._state.record(oid)


def _place(session: "Session", call: Call, savepoint: str, before: str) -> _Place:
    """Return how a request names a state, None if it does not.

    Raises:
        RefusedError: ContextNotFound, there is no such state; InvalidRequest, it is named in two ways.
    """
    parameters = call.request.parameters
    if savepoint in parameters and before in parameters:
        raise RefusedError("InvalidRequest", f"Say either '{savepoint}' or '{before}'.", {"field": before})
    if savepoint in parameters:
        check_savepoint(session, parameters[savepoint])
    elif before in parameters:
        check_point(session, parameters[before])
    place: _Place = parameters.get(savepoint, parameters.get(before))
    return place


@contextmanager
def _image(session: "Session", state: "RecordSource") -> Iterator["Image"]:
    """Make an image of a state, in which nothing goes on by itself."""
    engine = session.parts.engine
    image = engine.create() if state.record(ROOT_OID) is None else engine.restore(state, is_safe=True)
    try:
        yield image
    finally:
        image.close()


def _variables(image: "Image") -> dict[str, dict[str, str]]:
    """Return the variables of all workspaces by tool and name."""
    return {f"{row['tool_id']}:{row['name']}" if row["tool_id"] else row["name"]: row for row in image.variables()}


def _parted(old: _Texts, new: _Texts, *, is_method: bool) -> tuple[_Texts, _Texts]:
    """Return the definitions of both states that are of methods, or that are not."""
    first, second = ({name: each[name] for name in each if (_METHOD in name) is is_method} for each in (old, new))
    return first, second


def _leads_to(
    state: "RecordSource", row: Mapping[str, str], changed: frozenset["Oid"], known: dict["Oid", list["Oid"]]
) -> bool:
    """Tell whether a variable's object, or one it leads to, has changed; a long way is not gone to its end.

    Args:
        state: where the objects are.
        row: the variable.
        changed: the ids of the objects that changed.
        known: what the objects looked at so far, for other variables too, refer to; none for classes.
    """
    if not row["object_id"].isdecimal():
        return False
    waiting, seen = deque([int(row["object_id"])]), set[int]()
    while waiting and len(seen) < OBJECTS_MAX:
        oid = waiting.popleft()
        if oid in seen:
            continue
        seen.add(oid)
        if oid not in known:
            if len(known) >= ALL_OBJECTS_MAX:
                continue
            record = state.record(oid)
            is_object = record is not None and record[0] not in smalltalk.DEFINITION_KINDS
            known[oid] = [oid, *references(pack_record(record))] if record is not None and is_object else []
        if known[oid] and oid in changed:
            return True
        waiting += known[oid][1:]
    return False


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], also: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    """Return the names that were added, removed and changed, in order; the first ones if there are very many."""
    changed = (name for name in sorted(old.keys() & new.keys()) if old[name] != new[name] or name in also)
    return {
        "added": sorted(new.keys() - old.keys())[:ROWS_MAX],
        "removed": sorted(old.keys() - new.keys())[:ROWS_MAX],
        "changed": list(islice(changed, ROWS_MAX)),
    }
