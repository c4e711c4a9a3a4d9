"""Opening a store: refuse what is not ours, recover, bring to the present version, and look for losses first of all."""

from . import ring
from .acknowledged import Acknowledged
from .database import Database
from .errors import CommitFailed, DamagedStore, StoreError
from .files import DataDirectory
from .newest import Newest
from .schema import RING_VERSION, check_intact, check_origin, migrate
from .tally import read_tally
from .wal import is_cut_short, transaction_ends

_WAY_OUT = "restore a backup, or delete {path} to go on with what is there"


def open_database(data: DataDirectory, acknowledged: Acknowledged) -> Database:
    """Open the database of a data directory and check that it holds everything acknowledged.

    Raises:
        UnusableData: the file is of another program or a newer version.
        DamagedStore: it is damaged, now or as found at an earlier start.
        DiskFailed: the disk does not allow it.
    """
    _refuse_known_damage(data)
    ends = transaction_ends(data.log)
    db = Database(data.store)
    try:
        db.lock()
        check_origin(db)
        db.configure()
        # Before anything is written: a migration would overwrite the end of a log that was cut short.
        _refuse_loss(data, db, acknowledged, ends)
        _prepare(db)
        check_intact(db)
    except BaseException:
        db.close()
        raise
    return db


def _newest(db: Database) -> Newest:
    """Return what the ring holds; a file of an earlier format has none."""
    if db.pragma("user_version") < RING_VERSION:
        return Newest(db.number("SELECT commits FROM tally"))
    newest, _ = ring.read(db, read_tally(db).commits)
    return newest


def _prepare(db: Database) -> None:
    """Bring the file to the present version; what failed is not a commit here, so say what it was."""
    try:
        migrate(db)
    except CommitFailed as error:
        raise error.__cause__ if isinstance(error.__cause__, StoreError) else error from None


def _refuse_known_damage(data: DataDirectory) -> None:
    """Refuse to open as long as earlier damage is neither repaired nor accepted."""
    if data.damage.exists():
        report = data.damage.read_text(encoding="utf-8", errors="replace")
        raise DamagedStore(f"{report}; {_WAY_OUT.format(path=data.damage)}.")


def _refuse_loss(data: DataDirectory, db: Database, acknowledged: Acknowledged, ends: list[int]) -> None:
    """Compare what was acknowledged with what SQLite recovered; keep the evidence of a loss."""
    # The answer is (is_busy, frames in the log, frames checkpointed); only the second is wanted, the rest does no harm.
    checkpoint = db.one("PRAGMA wal_checkpoint(PASSIVE)")
    recovered_frames = max(0, checkpoint[1]) if checkpoint else 0
    is_made = db.one("SELECT 1 FROM sqlite_master WHERE name = 'tally'") is not None
    db.newest = _newest(db) if is_made else Newest()
    commits = db.newest.number
    promised = acknowledged.read()
    if promised > commits:
        report = f"{data.store} has lost {promised - commits} acknowledged commits"
    elif is_cut_short(ends, recovered_frames):
        report = f"The write-ahead log of {data.store} is damaged and acknowledged commits are lost"
    else:
        if ends and ends[-1] > recovered_frames:
            # What a power loss tore. SQLite would write over its beginning under the same salts, and if that was torn
            # as well, there would be two ends.
            db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    data.keep_damage(report)
    acknowledged.write(commits)
    raise DamagedStore(f"{report}; {_WAY_OUT.format(path=data.damage)}.")
