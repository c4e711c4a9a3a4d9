"""The format of the store's file: tables, versions, migrations. `docs/store-format.md` gives the reasons at length.

The file is an SQLite database (`application_id` 0x53545549, "STUI"; `user_version` = format version), write-ahead log,
page size 4,096, one writer. All times are milliseconds since 1970, UTC. Every `crc` is a crc32 seeded with table
number and key (`checksums.py`); every `b` is MessagePack (`records.py`).

| table | column | meaning |
|---|---|---|
| tally | id | always 1 |
| | commits | number of the last commit that is in the tables; those after it are in the ring |
| | reply_id | all replies up to this one stand in `reply_key` |
| | mirror | the complement of commits + reply_id |
| ring | id | a slot, from 1 |
| | b | part of one of the newest commits, or of an older one (`ring.py`) |
| session | sid | session number, never reused |
| | token, client_id, expires_at_ms, is_closed | copies of what `b` says, for looking up |
| | crc, b | key sid; token, client_id, created_at_ms, last_modified_ms, expires_at_ms, is_closed, meta |
| root | sid | the session |
| | crc, b | key sid; n, seq, next_oid, entry_seq, record_count, segments: the base state up to journal row n |
| | | segments: [first id of each run, or 0, [index, length, ...] of those longer than one] (`segment_list.py`) |
| | written | records folded since the session's garbage was last collected; a hint only |
| seg | k | segment id, given once |
| | crc, b | key (k, segment number); [{oid modulo 128: record} of 16 consecutive oids, encoded; or nothing] * 8; |
| | | compressed if it was filled at once (`merge.py`) |
| shared | k | a segment that sessions beyond the first list, because they are forks |
| | crc, n | key (k, n); how many sessions beyond the first |
| loose | k | the first of consecutive segment ids that no session lists (`loose.py`) |
| | crc, n | key (k, n); how many ids |
| journal | id | append order |
| | sid, n | the session and the row's number within it, counted on by one from the root's n, without gaps |
| | crc, b | key (sid, n); seq, next_oid, entry_seq after this row, [oid, record, ...], [history entry, ...], [start] |
| history | k | sid * 2^32 + number of the first entry |
| | crc, b | key k; [history entry, ...], compressed if it is short (`compression.py`) |
| reply | id | append order |
| | scope_hash, op_hash | where `reply_key` will put it |
| | crc, b | key id; scope, op_id, digest, outcome, at_ms |
| reply_key | scope_hash, op_hash, id | finds replies up to tally.reply_id and some later ones; others are in memory |
| savepoint | id, sid, name | name in UTF-8, unique within the session |
| | crc, b | key (sid, crc32 of name); at_ms, seq, size_bytes, record_count, segments, meta, past step, next_oid |
| past | k | sid * 2^32 + number of the last step of the row |
| | entry | the first history entry whose evaluation may be in it; copy of what `b` says |
| | crc, b | key (k, entry); compressed [step, ...]: what undoing needs (`past.py`) |
| code | id, hash | cached compiled code, oldest evicted first |
| | crc, b | key crc32 of hash; the code |
"""

from pathlib import Path

from .database import Database
from .errors import DamagedStore, UnusableData

APPLICATION_ID = 0x53545549
"""The letters STUI: tells our files from other SQLite databases."""

_VERSION_1 = (
    "CREATE TABLE tally(id INTEGER PRIMARY KEY CHECK(id = 1), commits INTEGER NOT NULL, reply_id INTEGER NOT NULL)",
    "INSERT INTO tally VALUES(1, 0, 0)",
    (
        "CREATE TABLE session(sid INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL UNIQUE,"
        " client_id BLOB NOT NULL, expires_at_ms INTEGER NOT NULL, is_closed INTEGER NOT NULL, crc INTEGER NOT NULL,"
        " b BLOB NOT NULL)"
    ),
    "CREATE INDEX session_client ON session(client_id)",
    "CREATE INDEX session_expiry ON session(expires_at_ms)",
    "CREATE TABLE root(sid INTEGER PRIMARY KEY, crc INTEGER NOT NULL, b BLOB NOT NULL)",
    "CREATE TABLE seg(k INTEGER PRIMARY KEY, crc INTEGER NOT NULL, b BLOB NOT NULL)",
    (
        "CREATE TABLE journal(id INTEGER PRIMARY KEY, sid INTEGER NOT NULL, n INTEGER NOT NULL, crc INTEGER NOT NULL,"
        " b BLOB NOT NULL)"
    ),
    "CREATE INDEX journal_session ON journal(sid)",
    "CREATE TABLE history(k INTEGER PRIMARY KEY, crc INTEGER NOT NULL, b BLOB NOT NULL)",
    (
        "CREATE TABLE reply(id INTEGER PRIMARY KEY, scope_hash INTEGER NOT NULL, op_hash INTEGER NOT NULL,"
        " crc INTEGER NOT NULL, b BLOB NOT NULL)"
    ),
    (
        "CREATE TABLE reply_key(scope_hash INTEGER NOT NULL, op_hash INTEGER NOT NULL, id INTEGER NOT NULL,"
        " PRIMARY KEY(scope_hash, op_hash, id)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE savepoint(id INTEGER PRIMARY KEY, sid INTEGER NOT NULL, name BLOB NOT NULL, crc INTEGER NOT NULL,"
        " b BLOB NOT NULL, UNIQUE(sid, name))"
    ),
    "CREATE TABLE code(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, crc INTEGER NOT NULL, b BLOB NOT NULL)",
)

GARBAGE_DUE_RECORDS = 1_000
"""A session that wrote this many records since is looked through for garbage; stored, as the condition of an index."""

_VERSION_2 = (
    "ALTER TABLE root ADD COLUMN written INTEGER NOT NULL DEFAULT 0",
    f"CREATE INDEX root_garbage ON root(sid) WHERE written >= {GARBAGE_DUE_RECORDS}",
    "CREATE TABLE shared(k INTEGER PRIMARY KEY, crc INTEGER NOT NULL, n INTEGER NOT NULL)",
)

_VERSION_3 = (
    "CREATE TABLE past(k INTEGER PRIMARY KEY, entry INTEGER NOT NULL, crc INTEGER NOT NULL, b BLOB NOT NULL)",
)

_VERSION_4 = (
    "CREATE TABLE ring(id INTEGER PRIMARY KEY, b BLOB NOT NULL)",
    "ALTER TABLE tally ADD COLUMN mirror INTEGER NOT NULL DEFAULT 0",
    "UPDATE tally SET mirror = ~(commits + reply_id)",
)

_VERSION_5: tuple[str, ...] = ()
"""Records may hold runs of references, which former programs would take for damage; rows stay as they are."""

_VERSION_6 = ("CREATE TABLE loose(k INTEGER PRIMARY KEY, crc INTEGER NOT NULL, n INTEGER NOT NULL)",)
"""Segments may be compressed, which former programs would take for damage, and loose; rows stay as they are."""

_VERSION_7: tuple[str, ...] = ()
"""Roots and savepoints may say runs of segments, which former programs would take for damage; rows stay as they are."""

RING_VERSION = 4
"""The first format with a ring."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
    _VERSION_6,
    _VERSION_7,
)
"""Entry `i` brings a file of version `i` to version `i + 1`; an empty file has version 0."""

VERSION = len(MIGRATIONS)
"""The format version this program writes."""


def check_origin(db: Database) -> None:
    """Refuse a file that is not ours or newer than this program, before anything is written.

    Raises:
        UnusableData: with the reason and the way out.
    """
    application_id = db.pragma("application_id")
    version = db.pragma("user_version")
    has_tables = db.one("SELECT 1 FROM sqlite_master LIMIT 1") is not None
    if application_id != APPLICATION_ID and (has_tables or application_id or version):
        raise UnusableData(f"{db.path} is a database of another program; choose another data directory.")
    if version > VERSION:
        raise UnusableData(
            f"{db.path} was written by a newer version (format {version}, this program knows {VERSION}); "
            "use that version or newer."
        )


def migrate(db: Database) -> None:
    """Bring the file to `VERSION`, each step in one transaction, so that a crash leaves a whole version behind."""
    for version in range(db.pragma("user_version"), VERSION):
        with db.transaction():
            for statement in MIGRATIONS[version]:
                db.run(statement)
            db.run(f"PRAGMA application_id = {APPLICATION_ID}")
            db.run(f"PRAGMA user_version = {version + 1}")


def check_intact(db: Database) -> None:
    """Compare the file's table definitions with ours: a flipped bit there makes SQLite misread good rows.

    Raises:
        DamagedStore: they differ.
    """
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    pattern = Database(Path(":memory:"))
    try:
        migrate(pattern)
        expected = pattern.all(query)
    finally:
        pattern.close()
    if db.all(query) != expected:
        raise DamagedStore(f"The table definitions of {db.path} are damaged; restore it from a backup.")
