"""The durable store: sessions, their objects, history and replies, kept across any crash.

Plain values go in, plain values come out; the contract and its laws stand in `contract.py`, the format of the file at
the top of `schema.py` and in `docs/store-format.md`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from .backup import backup_places
from .changes import (
    Change,
    HistoryAppended,
    Meta,
    ObjectsChanged,
    Oid,
    PastForgotten,
    Record,
    ReplyStored,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionClosed,
    SessionCreated,
    SessionForked,
    SessionMetaChanged,
    SessionPurged,
    SessionTouched,
    Sid,
    StateUndone,
)
from .contract import (
    REPLIES_PER_SCOPE_MIN,
    UNDO_POINTS_MIN,
    Counts,
    Damage,
    Differences,
    FormerState,
    HistoryPage,
    LoadedState,
    Report,
    Savepoint,
    SessionRow,
    Store,
    StoredReply,
)
from .errors import (
    ChangeRefused,
    CommitFailed,
    DamagedRecord,
    DamagedStore,
    DataInUse,
    DiskFailed,
    DiskFull,
    RecordRefused,
    StoreError,
    StoreRefuses,
    UnknownSession,
    UnusableData,
)
from .files import holds_store
from .preparing import is_large
from .records import EncodedRecords, encoded_records, pack_record, references, unpack_record
from .sqlite import SqliteStore
from .wholefiles import alone_in, read_whole, remove_durably, write_whole

if TYPE_CHECKING:
    from .memory import MemoryStore
    from .parcels import NewSession, Parcel, ParcelledSavepoint, gather, pack_parcel, taking_in, unpack_parcel
    from .repairing import Loss, repair
    from .restoring import restore

__all__ = [
    "REPLIES_PER_SCOPE_MIN",
    "UNDO_POINTS_MIN",
    "Change",
    "ChangeRefused",
    "CommitFailed",
    "Counts",
    "Damage",
    "DamagedRecord",
    "DamagedStore",
    "DataInUse",
    "Differences",
    "DiskFailed",
    "DiskFull",
    "EncodedRecords",
    "FormerState",
    "HistoryAppended",
    "HistoryPage",
    "LoadedState",
    "Loss",
    "MemoryStore",
    "Meta",
    "NewSession",
    "ObjectsChanged",
    "Oid",
    "Parcel",
    "ParcelledSavepoint",
    "PastForgotten",
    "Record",
    "RecordRefused",
    "ReplyStored",
    "Report",
    "Savepoint",
    "SavepointDropped",
    "SavepointLoaded",
    "SavepointSaved",
    "SessionClosed",
    "SessionCreated",
    "SessionForked",
    "SessionMetaChanged",
    "SessionPurged",
    "SessionRow",
    "SessionTouched",
    "Sid",
    "SqliteStore",
    "StateUndone",
    "Store",
    "StoreError",
    "StoreRefuses",
    "StoredReply",
    "UnknownSession",
    "UnusableData",
    "alone_in",
    "backup_places",
    "encoded_records",
    "gather",
    "holds_store",
    "is_large",
    "pack_parcel",
    "pack_record",
    "read_whole",
    "references",
    "remove_durably",
    "repair",
    "restore",
    "taking_in",
    "unpack_parcel",
    "unpack_record",
    "write_whole",
]

#: What a start does without, by module: loaded when it is first asked for, since a start after a crash is waited for.
_LATER: Final = {
    "memory": ("MemoryStore",),
    "parcels": ("NewSession", "Parcel", "ParcelledSavepoint", "gather", "pack_parcel", "taking_in", "unpack_parcel"),
    "repairing": ("Loss", "repair"),
    "restoring": ("restore",),
}
_MODULES: Final = {name: module for module, names in _LATER.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load the module that has a name, and keep what the name stands for."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        return value
