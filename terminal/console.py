"""The line console: `stui-console`.

Reads with `prompt`, or from a file with `piped`; acts with `shell`. While code runs, Ctrl-C interrupts it on the
server; a second one stops waiting for the server's answer. What comes meanwhile, such as another console's transcript,
is shown above the prompt.
"""

import asyncio
import getpass
import signal
import sys
from collections.abc import Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from .client import DEFAULT_URL
from .piped import PipedLines
from .prompt import Prompt
from .render import Screen
from .shell import Shell
from .state import State, default_folder


def _login_name() -> str:
    """Return the user's name; some containers know none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "console"


@click.command()
@click.option("--connect", "url", metavar="URL", default=DEFAULT_URL, show_default=True, help="Address of the server.")
@click.option("--client-id", metavar="NAME", default=_login_name, help="Whose sessions; your login name unless told.")
@click.option("--session", "session_id", metavar="ID", help="Session to restore; the last one unless told.")
@click.option(
    "--state",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_folder,
    help="Where the last session and the lines typed are kept.",
)
def main(url: str, client_id: str, session_id: str | None, folder: Path) -> None:
    """Talk Smalltalk to a server, line by line; what is piped in is sent and answered in order."""
    try:
        state = State(folder)
        screen = Screen(Console(highlight=False))
        person = Prompt(state.history_file) if sys.stdin.isatty() else PipedLines(sys.stdin)
        asyncio.run(converse(Shell(url, client_id, screen, state, person), person, session_id))
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be used ({error.strerror}); --state names another") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error


async def converse(shell: Shell, person: Prompt | PipedLines, session_id: str | None) -> None:
    """Serve one person until they leave.

    Args:
        shell: What acts; closed at the end.
        person: What asks them.
        session_id: The session to begin with; None is the last one.

    Raises:
        ValueError: The shell's URL is none.
    """
    with patch_stdout(raw=True) if isinstance(person, Prompt) else nullcontext():
        try:
            shell.screen.note(f"connecting to {shell.client.url}; :help shows keys and commands")
            await interruptible(shell, shell.begin(session_id))
            while shell.is_open:
                await _serve_line(shell, person)
        except EOFError:
            pass
        finally:
            await shell.close()


async def _serve_line(shell: Shell, person: Prompt | PipedLines) -> None:
    """Read one line and do it.

    Raises:
        EOFError: The person leaves.
    """
    try:
        text, mode = await person.ask(shell.line())
    except KeyboardInterrupt:
        return
    await interruptible(shell, shell.handle(text, mode))


async def interruptible(shell: Shell, work: Coroutine[Any, Any, None]) -> None:
    """Do something that Ctrl-C interrupts on the server, and a second Ctrl-C here."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    interrupts: list[asyncio.Task[None]] = []

    def stop() -> None:
        if interrupts or shell.client.session_id is None:
            task.cancel()
        else:
            shell.screen.note("interrupting; Ctrl-C again stops waiting for it")
            interrupts.append(asyncio.create_task(shell.handle(":interrupt")))

    before = signal.signal(signal.SIGINT, lambda _signal, _frame: loop.call_soon_threadsafe(stop))
    try:
        await asyncio.wait({task})
    finally:
        signal.signal(signal.SIGINT, before)
        for each in (task, *interrupts):
            each.cancel()
        await asyncio.gather(*interrupts, return_exceptions=True)
    if task.cancelled():
        shell.screen.warning("not waiting any longer; what was sent may still be done")
    else:
        task.result()


if __name__ == "__main__":
    main()
