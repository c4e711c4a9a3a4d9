"""Autosave: keeps the state of sessions now and then, under names of its own.

A savepoint folds its session's journal first, and what waits for a savepoint is a journal of some hundred evaluations.
No request waits for all of that: the journal is made short in steps, of one session at a time, and then the savepoint
is part of a commit. Sessions that work in step would otherwise be saved in one commit.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Final

from ..limits import SERVER_LIMITS
from .returning import keep

if TYPE_CHECKING:
    from ..sessions.roster import Roster
    from ..sessions.session import Session

AUTOMATIC_EVERY: Final = SERVER_LIMITS["automatic_savepoint_evaluations"].value


class Autosave:
    """The sessions whose state is to be kept."""

    def __init__(self) -> None:
        self._due: dict[str, None] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._due)

    def evaluated(self, session: "Session") -> None:
        """Note that a session's evaluation was staged; now and then it is time to keep what it left."""
        if session.state.entry_count() % AUTOMATIC_EVERY == 0:
            self._due[session.token] = None

    def step(self, roster: "Roster") -> None:
        """Make the journal of the session whose turn it is shorter, or stage its savepoint, if it is short.

        A session that left memory meanwhile needs none.

        Raises:
            StoreError: its state cannot be kept; nothing of others is lost by that.
        """
        token = next(iter(self._due))
        live = roster.find(token)
        del self._due[token]  # whatever fails here must not be tried for ever
        if live is None:
            return
        session = live.session
        if session.parts.keeper.store.shorten(session.sid):
            session.parts.keeper.store.fold(session.sid)  # what is damaged fails here, not in the commit of all
            session.stage(*keep(session, f"auto {session.state.entry_count()}"))
        else:
            self._due[token] = None
