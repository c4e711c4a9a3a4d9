"""The console's commands that go back: undo, redo, and what differs between two states."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shell import Shell


class Undos:
    """The undos in a row that can be taken back, the last one first."""

    def __init__(self) -> None:
        self._entries: list[int] = []
        self._latest = 0

    def forget(self) -> None:
        """Another session is there."""
        self._entries.clear()

    def note(self, entry: int) -> None:
        """An undo was done; `entry` is its number in the history."""
        if entry != self._latest + 1:
            self._entries.clear()
        self._entries.append(entry)
        self._latest = entry

    def last(self, latest: int) -> int | None:
        """Return the undo to take back, None if there is none or something else was done since.

        Args:
            latest: Number of the last entry of the history.
        """
        return self._entries[-1] if self._entries and latest == self._latest else None

    def took_back(self, entry: int) -> None:
        """The last undo was taken back; `entry` is the number in the history of that."""
        self._entries.pop()
        self._latest = entry


async def undo(shell: "Shell", argument: str) -> None:
    """Go back to before the last evaluation, or the last so many."""
    if argument and not (argument.isascii() and argument.isdigit() and int(argument)):
        shell.screen.refusal(":undo needs a number of evaluations, or nothing for the last one")
        return
    undone = await shell.client.undo(steps=int(argument) if argument else None)
    shell.undos.note(undone.seq)
    shell.screen.note(f"back before {undone.before}: {undone.code}")


async def redo(shell: "Shell", _argument: str) -> None:
    """Take back the undo that was the last thing done, then the one before it."""
    latest = (await shell.client.history(count=1)).entries
    last = shell.undos.last(latest[-1].seq) if latest else None
    if last is None:
        shell.screen.refusal("nothing to redo: the last thing done here was no :undo")
        return
    shell.undos.took_back((await shell.client.undo(before=last)).seq)
    shell.screen.note("what was undone is there again")


async def diff(shell: "Shell", argument: str) -> None:
    """Show what the last evaluation changed, or what differs from a saved state."""
    shell.screen.differences(await shell.client.diff(argument or None))
