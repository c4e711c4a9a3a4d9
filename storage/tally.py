"""The tally: how many commits the tables hold, and how many replies their index.

Damage of either would hide commits or replies and let the store look shorter, but healthy; so their complement stands
beside them.
"""

from typing import NamedTuple

from .database import Database
from .errors import DamagedStore


class Tally(NamedTuple):
    """`commits`: the last one that is in the tables; `reply_id`: the last reply that is in the index."""

    commits: int
    reply_id: int


def read_tally(db: Database) -> Tally:
    """Return the tally; `DamagedStore` if it is damaged or missing."""
    row = db.one("SELECT commits, reply_id, mirror FROM tally")
    if row is None or any(type(value) is not int for value in row) or row[2] != ~(row[0] + row[1]):
        raise DamagedStore(f"The counters of {db.path} are damaged; restore it from a backup or repair it.")
    return Tally(*row[:2])


def write_tally(db: Database, tally: Tally) -> None:
    """Store the tally; inside a transaction of the caller."""
    db.run("UPDATE tally SET commits = ?, reply_id = ?, mirror = ?", (*tally, ~sum(tally)))
