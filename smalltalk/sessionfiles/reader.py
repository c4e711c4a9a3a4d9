"""Reading a session file: checksum, format, version, then every object; what does not fit is refused with its place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ..memory.oids import ROOT_OID
from .contents import Reading, SavedState, SessionContents
from .errors import SessionFileError
from .kinds import FIXED
from .labels import SECTIONS
from .limits import ENTRIES_MAX, FILE_BYTES_MAX, OIDS_MAX
from .older import OlderReferences
from .recordreader import RecordReader, class_ref_of, oid_of
from .stonreader import ELEMENTS_PER_STEP, Name, StonText
from .tables import Tables
from .values import MisplacedError, plain_data_of
from .writer import CHECKSUM_LINE, FORMAT, VERSION

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ..memory.records import ClassRef, Record
    from ..runtime.kernel import Kernel
    from .recordreader import Tree

#: Objects by their ids.
_Trees: TypeAlias = "Mapping[int, Tree]"

#: The entries of a file; all must be there, and no others.
_KEYS: Final = frozenset(
    ("format", "version", "written_by", "session", "history", "savepoints", *SECTIONS, "sha256"),
)
_SAVEPOINT_KEYS: Final = frozenset(("name", "at_ms", "meta", "objects"))
#: Objects of which one thing is looked at in one step: a millisecond.
_OBJECTS_PER_STEP: Final = 1_024
_BEFORE_CHECKSUM: Final = b"\n" + CHECKSUM_LINE.encode()


def read_session_file(data: bytes, kernel: Kernel) -> Generator[None, None, SessionContents]:
    """Read what a session file says, in steps of some milliseconds; `checking.py` tells whether it makes a session.

    Raises:
        SessionFileError: it is no session file of a version known here, was changed, or says what cannot be.
    """
    if len(data) > FILE_BYTES_MAX:
        raise SessionFileError(f"The file has {len(data)} bytes; more than {FILE_BYTES_MAX} are not read.")
    _check_sum(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise SessionFileError(f"Byte {error.start}: this is no UTF-8.") from error
    source = StonText(text)
    tree = yield from source.steps()
    return (yield from _File(source, tree, kernel).contents())


def _check_sum(data: bytes) -> None:
    """Compare the checksum with the bytes before it."""
    if not data.startswith(b"{\n#format:'"):
        raise SessionFileError("Byte 0: this is no session file.")
    end = data.rfind(_BEFORE_CHECKSUM) + 1
    if not end:
        raise SessionFileError(f"Byte {len(data)}: the file ends before its checksum; it was cut short.")
    wanted = f"{CHECKSUM_LINE}{hashlib.sha256(data[:end]).hexdigest()}'\n}}\n".encode()
    if data[end:] != wanted:
        raise SessionFileError(f"Byte {end}: the checksum is not that of the file; it was changed, or is damaged.")


class _State(NamedTuple):
    """A state of the session of a file.

    Attributes:
        trees: its objects by id.
        refs: class reference of each.
        records: those that were read so far.
        sure: ids of those that need not be opened, see `recordreader.py`.
        has_older: whether references may name other classes than the objects have, see `older.py`.
    """

    trees: _Trees
    refs: Mapping[int, ClassRef]
    records: Mapping[int, Record]
    sure: AbstractSet[int]
    has_older: bool


class _File:
    """The tree of one file, as it is turned into a session's contents."""

    def __init__(self, source: StonText, tree: Any, kernel: Kernel) -> None:
        self._source = source
        self._tree = tree
        self._kernel = kernel

    def contents(self) -> Generator[None, None, SessionContents]:
        """Read all of it, in steps."""
        self._check_head()
        about = self._plain(self._map("session"), self._tree["session"])
        next_oid = about.pop("next_id", None)
        if type(next_oid) is not int or not 0 <= next_oid <= OIDS_MAX:
            raise self._source.refused(self._tree["session"], f"next_id is no number up to {OIDS_MAX}")
        listed = [each for section in SECTIONS for each in self._list(self._tree, section)]
        trees = yield from self._objects(listed, next_oid)
        refs = yield from self._class_refs(trees)
        if refs and (refs.get(ROOT_OID) != "%Root" or list(refs.values()).count("%Root") != 1):
            raise self._source.refused(self._tree, f"object {ROOT_OID}, and no other, must be the Root")
        state = yield from self._state(trees, _State(trees, refs, {}, frozenset(), has_older=False))
        history = [self._plain_map(entry) for entry in self._list(self._tree, "history")]
        states, savepoints = [state], []
        for tree in self._list(self._tree, "savepoints"):
            saved, former = yield from self._savepoint(tree, state, next_oid)
            savepoints.append(saved)
            states.append(former)
        places = [{oid: self._source.place_of(tree) for oid, tree in each.trees.items()} for each in states]

        def refused(number: int, oid: int, reason: str) -> SessionFileError:
            return self._source.refused_at(places[number].get(oid, 0), reason)

        reading = Reading([each.sure for each in states], refused)
        return SessionContents(about, next_oid, state.records, history, savepoints, reading)

    def _check_head(self) -> None:
        """Check that this is a file of ours, and of a version that is known."""
        tree = self._tree
        if type(tree) is not dict or tree.get("format") != FORMAT:
            raise SessionFileError("Line 1: this is no session file.")
        version = tree.get("version")
        if type(version) is not int or version < 1:
            raise SessionFileError("Line 3: the file says no version of its format.")
        if version > VERSION:
            raise SessionFileError(
                f"Line 3: the file was written by a newer server (format {version}; {VERSION} is known here)."
            )
        if set(tree) != _KEYS:
            names = ", ".join(sorted(map(str, set(tree) ^ _KEYS)))
            raise SessionFileError(f"Line 1: a part is missing, or is none of a session file: {names}.")

    def _map(self, key: str) -> Any:
        """A part of the file that is a map with names as keys, as plain data has it."""
        part = self._tree[key]
        if type(part) is not dict:
            raise self._source.refused(self._tree, f"#{key} must be a map")
        return {str(name) if isinstance(name, Name) else name: value for name, value in part.items()}

    def _list(self, tree: Any, key: str) -> list[Any]:
        """A part that is a list."""
        part = tree[key]
        if type(part) is not list or len(part) > ENTRIES_MAX * len(SECTIONS):
            raise self._source.refused(tree, f"#{key} must be a list")
        return part

    def _plain(self, tree: Any, place: Any) -> Any:
        """Plain data."""
        try:
            return plain_data_of(tree)
        except MisplacedError as error:
            raise self._source.refused(place, str(error)) from error

    def _plain_map(self, tree: Any) -> Any:
        """Plain data that is a map."""
        data = self._plain(tree, tree)
        if type(data) is not dict:
            raise self._source.refused(tree, "an entry must be a map")
        return data

    def _objects(self, trees: Sequence[Any], next_oid: int) -> Generator[None, None, _Trees]:
        """Objects by their ids."""
        found: dict[int, Tree] = {}
        for tree in trees:
            oid = oid_of(tree)
            if type(oid) is not int or not ROOT_OID <= oid < next_oid:
                raise self._source.refused(tree, f"an object has an id from {ROOT_OID} to below {next_oid}")
            if oid in found:
                raise self._source.refused(tree, f"object {oid} stands in the file twice")
            found[oid] = tree
            if len(found) % _OBJECTS_PER_STEP == 0:
                yield
        return found

    def _class_refs(self, trees: _Trees) -> Generator[None, None, dict[int, ClassRef]]:
        """The class reference of each object."""
        refs: dict[int, ClassRef] = {}
        for oid, tree in trees.items():
            try:
                refs[oid] = class_ref_of(tree)
            except MisplacedError as error:
                raise self._source.refused(tree, str(error)) from error
            if len(refs) % _OBJECTS_PER_STEP == 0:
                yield
        return refs

    def _state(self, wanted: _Trees, known: _State) -> Generator[None, None, _State]:
        """Read objects, and complete what is known of the state of the session that they belong to."""
        reader = RecordReader(known.trees, known.refs, self._kernel)
        records: dict[int, Record] = {}
        for oid, tree in wanted.items():
            try:
                records[oid] = reader.of(oid, tree, known.refs[oid])
            except MisplacedError as error:
                raise self._source.refused(tree, f"object {oid}: {error}") from error
            if len(records) % ELEMENTS_PER_STEP == 0:
                yield
        records = {**known.records, **records} if known.records else records
        tables, older = Tables(records, reader.kind_of), OlderReferences(records)
        has_older = known.has_older or reader.has_older
        try:
            tables.check()
        except MisplacedError as error:
            raise self._source.refused(known.trees[tables.at], f"object {tables.at}: {error}") from error
        try:
            for count in older.check() if has_older else ():
                if count % _OBJECTS_PER_STEP == 0:
                    yield
        except MisplacedError as error:
            raise self._source.refused(known.trees[older.at], f"object {older.at}: {error}") from error
        return _State(known.trees, known.refs, records, known.sure | reader.sure, has_older)

    def _savepoint(self, tree: Any, now: _State, next_oid: int) -> Generator[None, None, tuple[SavedState, _State]]:
        """One savepoint, and the whole state of the session then."""
        if type(tree) is not dict or set(tree) != _SAVEPOINT_KEYS:
            raise self._source.refused(tree, "a savepoint has name, at_ms, meta and objects")
        name, at_ms, meta = tree["name"], tree["at_ms"], self._plain_map(tree["meta"])
        if type(name) is not str or type(at_ms) is not int:
            raise self._source.refused(tree, "a savepoint's name is a string, its time a number")
        former = yield from self._objects(self._list(tree, "objects"), next_oid)
        refs = yield from self._class_refs(former)
        others = [oid for oid, ref in refs.items() if now.refs.get(oid, ref) != ref]
        for oid in others:
            if not {refs[oid], now.refs[oid]}.isdisjoint(FIXED):
                raise self._source.refused(former[oid], f"object {oid} became another kind of object")
        # What refers to an object that became another may be right now, and not have been right then.
        sure = frozenset() if others else now.sure - former.keys()
        known = _State({**now.trees, **former}, {**now.refs, **refs}, now.records, sure, now.has_older or bool(others))
        state = yield from self._state(former, known)
        return SavedState(name, at_ms, meta, {oid: state.records[oid] for oid in former}), state
