# ruff: noqa: N818 -- these names state a fact in the words of the contract (`CommitFailed`), which other rooms catch
"""The errors of the store: each says in one plain sentence what happened and what to do about it.

```
StoreError
  CommitFailed            nothing of the commit is visible
    ChangeRefused         a change breaks the contract (the caller's mistake)
    DiskFull              no space left; the store goes on
    DiskFailed            input/output error; the store refuses everything until reopened
  StoreRefuses            closed, or an earlier DiskFailed
  UnknownSession
  DamagedRecord           one record; names session, table, key
  DamagedStore            the file or its write-ahead log as a whole
  UnusableData            the data directory: not writable, newer, not ours
    DataInUse             another program uses it
  RecordRefused           a value outside the record grammar
```
"""


class StoreError(Exception):
    """Whatever can go wrong in the store."""


class CommitFailed(StoreError):
    """A commit failed and nothing of it is visible."""


class ChangeRefused(CommitFailed):
    """A change breaks the contract: unknown session, wrong sequence, a key used twice."""


class DiskFull(CommitFailed):
    """The disk has no room for the commit; free some and go on."""


class DiskFailed(CommitFailed):
    """The disk answered with an error; what it kept is unknown until the store is opened anew."""


class StoreRefuses(StoreError):
    """The store is closed, or refuses to go on after a failure of the disk."""


class UnknownSession(StoreError):
    """There is no session with this number."""

    def __init__(self, sid: int) -> None:
        super().__init__(f"There is no session number {sid}.")
        self.sid = sid


class DamagedRecord(StoreError):
    """Stored bytes of one session are not what was written.

    Attributes:
        sid: the session, None when the damage hides whose it is.
        table: the table the bytes stand in.
        key: the damaged row's key, as text.
        what: what is wrong with it.
    """

    def __init__(self, sid: int | None, table: str, key: str, what: str) -> None:
        owner = "an unknown session" if sid is None else f"session number {sid}"
        super().__init__(
            f"A record of {owner} is damaged ({table} {key}: {what}); restore it from a backup or a savepoint."
        )
        self.sid = sid
        self.table = table
        self.key = key
        self.what = what


class DamagedStore(StoreError):
    """The store's file, or its write-ahead log, is damaged as a whole."""


class UnusableData(StoreError):
    """The data directory cannot be used: in use by another server, not writable, of a newer version, not ours."""


class DataInUse(UnusableData):
    """Another server uses the data directory."""


class RecordRefused(StoreError):
    """A value cannot be stored: it is outside the record grammar or nested too deeply."""
