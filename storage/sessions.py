"""The table of sessions: one row each, with what is known without loading it."""

from collections.abc import Iterator, Sequence

from .changes import SessionCreated, SessionForked, Sid
from .checksums import Table, checked, row_crc
from .contract import Counts, SessionRow
from .database import Database, Row
from .errors import DamagedRecord
from .records import pack, plain_copy, unpack
from .schema import GARBAGE_DUE_RECORDS

SID_MAX = 2**31 - 1
"""Session numbers are the upper half of the 64-bit keys of history, so they stop here: two billion sessions."""

_SELECT = "SELECT sid, crc, b FROM session "


def text_key(text: str) -> bytes:
    """Return text as the bytes it is looked up by; any code point is allowed, lone surrogates too."""
    return text.encode("utf-8", "surrogatepass")


def new_row(change: SessionCreated | SessionForked) -> SessionRow:
    """Return the row of a session as it begins."""
    sid, token, client_id, created_at_ms, expires_at_ms, meta = change[:6]
    return SessionRow(
        Sid(sid), token, client_id, created_at_ms, created_at_ms, expires_at_ms, is_closed=False, meta=plain_copy(meta)
    )


def session_row(stored: Row) -> SessionRow:
    """Decode a stored row `(sid, crc, b)`; `DamagedRecord` if it is not what was written."""
    sid, crc, content = stored
    token, client_id, created, modified, expires, is_closed, meta = unpack(
        checked(Table.SESSION, sid, 0, crc, content, sid)
    )
    return SessionRow(Sid(sid), token, client_id, created, modified, expires, is_closed, meta)


def readable(stored_rows: Sequence[Row]) -> Iterator[SessionRow]:
    """Iterate over the rows that are whole: a damaged session must not hide its neighbours."""
    for stored in stored_rows:
        try:
            yield session_row(stored)
        except DamagedRecord:
            continue  # reported by load, session_by_token and verify


class Sessions:
    """Reads and writes session rows of one file."""

    def __init__(self, db: Database, first_sid: int = 1) -> None:
        self._db = db
        self._next_sid = max(first_sid, db.number("SELECT seq FROM sqlite_sequence WHERE name = 'session'") + 1)

    def next_sid(self) -> Sid:
        """Return a number above those of all sessions ever stored, and new with each call."""
        sid = self._next_sid
        self._next_sid += 1
        return Sid(sid)

    def by_sid(self, sid: Sid) -> SessionRow | None:
        """Return the row of a session, None if there is none."""
        stored = self._db.one(_SELECT + "WHERE sid = ?", (sid,))
        return session_row(stored) if stored else None

    def is_stored(self, sid: Sid) -> bool:
        """Tell whether there is a row of this number, readable or not."""
        return self._db.one("SELECT 1 FROM session WHERE sid = ?", (sid,)) is not None

    def garbage_due(self, limit: int, after: SessionRow | None) -> list[SessionRow]:
        """Return readable rows of sessions whose garbage should be collected, by number."""
        due = f"SELECT sid FROM root WHERE written >= {GARBAGE_DUE_RECORDS} AND sid > ?"  # noqa: S608 -- a constant
        where = f"WHERE sid IN ({due} ORDER BY sid LIMIT ?) ORDER BY sid"
        return list(readable(self._db.all(_SELECT + where, (after.sid if after else 0, limit))))

    def by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this token, None if there is none."""
        stored = self._db.one(_SELECT + "WHERE token = ?", (text_key(token),))
        return session_row(stored) if stored else None

    def of_client(self, client_id: str) -> list[SessionRow]:
        """Return the readable rows of a client, oldest first."""
        return list(readable(self._db.all(_SELECT + "WHERE client_id = ? ORDER BY sid", (text_key(client_id),))))

    def clients(self) -> set[str]:
        """Return the clients of all rows."""
        rows = self._db.all("SELECT DISTINCT client_id FROM session")
        return {client_id.decode("utf-8", "surrogatepass") for (client_id,) in rows}

    def all(self) -> Iterator[SessionRow]:
        """Iterate over all readable rows, a page at a time, so that a caller may commit in between."""
        page_rows = 500  # some 100 KB at a time
        last_sid = 0
        while stored := self._db.all(_SELECT + "WHERE sid > ? ORDER BY sid LIMIT ?", (last_sid, page_rows)):
            yield from readable(stored)
            last_sid = stored[-1][0]

    def expired(self, now_ms: int, limit: int, after: SessionRow | None) -> list[SessionRow]:
        """Return a page of the sessions past their retention, by time and number."""
        start = (after.expires_at_ms, after.sid) if after else (-(2**62), 0)
        where = "WHERE expires_at_ms <= ? AND (expires_at_ms, sid) > (?, ?) ORDER BY expires_at_ms, sid LIMIT ?"
        return list(readable(self._db.all(_SELECT + where, (now_ms, *start, limit))))

    def counts(self) -> Counts:
        """Count sessions and clients."""
        row = self._db.one(
            "SELECT count(*), total(is_closed = 0), count(DISTINCT CASE is_closed WHEN 0 THEN client_id END)"
            " FROM session"
        )
        assert row is not None  # an aggregate always answers
        return Counts(*map(int, row))

    def insert(self, row: SessionRow) -> None:
        """Store a new row; sid and token were checked to be new."""
        content = _content(row)
        self._db.run(
            "INSERT INTO session(sid, token, client_id, expires_at_ms, is_closed, crc, b) VALUES(?, ?, ?, ?, ?, ?, ?)",
            (*_lookup_columns(row), row_crc(Table.SESSION, row.sid, 0, content), content),
        )

    def update(self, row: SessionRow) -> None:
        """Store a changed row; token and client never change."""
        content = _content(row)
        self._db.run(
            "UPDATE session SET expires_at_ms = ?, is_closed = ?, crc = ?, b = ? WHERE sid = ?",
            (row.expires_at_ms, row.is_closed, row_crc(Table.SESSION, row.sid, 0, content), content, row.sid),
        )

    def verified(self, sid: int) -> SessionRow:
        """Return a row after comparing it with its columns for looking up; `DamagedRecord` if anything differs."""
        query = "SELECT sid, token, client_id, expires_at_ms, is_closed, crc, b FROM session WHERE sid = ?"
        *columns, crc, content = self._db.all(query, (sid,))[0]
        row = session_row((sid, crc, content))
        if tuple(columns) != _lookup_columns(row):
            raise DamagedRecord(sid, "session", str(sid), "its columns for looking up differ from its content")
        return row


def _content(row: SessionRow) -> bytes:
    """Encode everything of a row but its number."""
    return pack(row[1:])


def _lookup_columns(row: SessionRow) -> Row:
    """Return the columns a row is looked up by, in the table's order."""
    return (row.sid, text_key(row.token), text_key(row.client_id), row.expires_at_ms, int(row.is_closed))
