"""Giving free pages back to the system, a few at a time.

Pages that became free are used again by what is written next, so some are kept: giving them back and taking them anew
would cost two writes each. A file made by format 1 keeps all of its free pages; a backup of it does too.
"""

from .database import Database

FREE_PAGES_KEPT = 1_024
"""Free pages kept for new rows: 4 MB, some seconds of writing."""


def vacuum(db: Database, pages_max: int) -> int:
    """Cut up to `pages_max` free pages off the file; return how many more should be."""
    surplus = db.pragma("freelist_count") - FREE_PAGES_KEPT
    if surplus <= 0 or not db.pragma("auto_vacuum"):
        return 0
    count = min(surplus, pages_max)
    with db.transaction():
        for _ in range(count):
            db.run("PRAGMA incremental_vacuum(1)")  # Python's wrapper stops after the first page of several
    return surplus - count
