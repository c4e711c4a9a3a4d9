"""The console's commands that go back: undo, redo, and what differs between two states."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shell import Shell


async def undo(shell: "Shell", argument: str) -> None:
    """Go back to before the last evaluation, or the last so many."""
    if argument and not (argument.isascii() and argument.isdigit() and int(argument)):
        shell.screen.warning(":undo needs a number of evaluations, or nothing for the last one")
        return
    undone = await shell.client.undo(steps=int(argument) if argument else None)
    shell.last_undo = undone.seq
    shell.screen.note(f"back before {undone.before}: {undone.code}")


async def redo(shell: "Shell", _argument: str) -> None:
    """Take back the undo that was the last thing done."""
    latest = (await shell.client.history(count=1)).entries
    if shell.last_undo is None or not latest or latest[-1].seq != shell.last_undo:
        shell.screen.note("nothing to redo: the last thing done here was no :undo")
        return
    await shell.client.undo(before=shell.last_undo)
    shell.last_undo = None
    shell.screen.note("what was undone is there again")


async def diff(shell: "Shell", argument: str) -> None:
    """Show what the last evaluation changed, or what differs from a saved state."""
    shell.screen.differences(await shell.client.diff(argument or None))
