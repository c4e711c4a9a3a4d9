"""Encoding: what a run changed, on its way into the bytes that are stored.

An evaluation may change a million objects in a second, and encoding them takes longer than that. So it is done in
slices, like the evaluation itself, after its answer is there and before anything of it is staged: what is staged is
whole. If it is much, the store prepares its commit in the same slices (`Store.prepare`). Meanwhile the run has not
ended for its session: what waits goes on waiting, and what takes the run away (a failed commit, the session's end)
gives the encoding up and drops the objects, which nobody knows to be stored or not.

Thread: the loop.
"""

from collections.abc import Generator, Sequence

from storage import Change


class Encoding:
    """The encoding of what one run changed."""

    __slots__ = ("_changes", "_error", "_steps")

    def __init__(self, steps: Generator[None, None, Sequence[Change]]) -> None:
        """Begin.

        Args:
            steps: encodes, and returns the changes.
        """
        self._steps = steps
        self._changes: Sequence[Change] = ()
        self._error: Exception | None = None

    def step(self) -> bool:
        """Encode a little; True if there is nothing left to encode."""
        try:
            next(self._steps)
        except StopIteration as end:
            self._changes = end.value
        except Exception as error:  # noqa: BLE001 - `changes` raises it
            self._error = error
        else:
            return False
        return True

    def finish(self) -> Sequence[Change]:
        """Encode all that is left at once, and return the changes or raise why they could not be encoded."""
        while not self.step():
            pass
        return self.changes()

    def refuse(self, error: Exception) -> None:
        """Give it up for a reason, which `changes` raises."""
        self._steps.close()
        self._error = error

    def close(self) -> None:
        """Give it up; nobody asks for the changes."""
        self._steps.close()

    def changes(self) -> Sequence[Change]:
        """Return the changes, all of them encoded, or raise why they could not be."""
        if self._error is not None:
            raise self._error
        return self._changes
