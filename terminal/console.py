"""The line console: `stui-console`.

Reads with `prompt`, or from a file with `piped`; acts with `shell`. While code runs, Ctrl-C interrupts it on the
server; a second one stops waiting for the server's answer. What comes meanwhile, such as another console's transcript,
is shown above the prompt.
"""

import asyncio
import getpass
import io
import signal
import sys
from collections.abc import Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from .client import DEFAULT_URL
from .piped import PIPED_PATIENCE, PipedLines
from .render import Screen
from .shell import Shell
from .state import State, default_folder

if TYPE_CHECKING:
    from .prompt import Prompt


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
    """Talk Smalltalk to a server, line by line.

    What is piped in is sent and answered in order; the exit code then is 1 if anything of it failed.
    """
    if sys.stdin is None:  # Python's word for a closed descriptor
        raise click.ClickException("there is nothing to read: standard input is closed")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a session's texts have characters that not every terminal has
    screen = Screen(Console(highlight=False))
    try:
        state = State(folder)
        if sys.stdin.isatty():
            person: Prompt | PipedLines = _prompt(state)
            shell = Shell(url, client_id, screen, state, person)
        else:
            person = PipedLines(sys.stdin)
            shell = Shell(url, client_id, screen, state, person, PIPED_PATIENCE)
        asyncio.run(converse(shell, person, session_id))
    except OSError as error:
        raise click.ClickException(_trouble(error)) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if screen.has_failed and isinstance(person, PipedLines):
        sys.exit(1)


def _prompt(state: State) -> "Prompt":
    """Return the keyboard; what it is made of is an extra, which lines of a file do without."""
    try:
        from .prompt import Prompt  # noqa: PLC0415 - may not be there
    except ModuleNotFoundError as missing:
        text = f"the console needs {missing.name}: install stui-server[console]"
        raise click.ClickException(text) from missing
    return Prompt(state.history_file)


def _trouble(error: OSError) -> str:
    """Return which of what the console writes cannot be written: only its own files have a name."""
    if error.filename is None:
        return f"what is to be shown cannot be written: {error.strerror}"
    return f"{error.filename} cannot be used ({error.strerror}); --state names another folder"


async def converse(shell: Shell, person: "Prompt | PipedLines", session_id: str | None) -> None:
    """Serve one person until they leave.

    Args:
        shell: What acts; closed at the end.
        person: What asks them.
        session_id: The session to begin with; None is the last one.

    Raises:
        ValueError: The shell's URL is none.
    """
    with nullcontext() if isinstance(person, PipedLines) else person.above():
        try:
            shell.screen.note(f"connecting to {shell.client.url}; :help shows keys and commands")
            await interruptible(shell, shell.begin(session_id))
            while shell.is_open:
                await _serve_line(shell, person)
        except EOFError:
            pass
        finally:
            await shell.close()


async def _serve_line(shell: Shell, person: "Prompt | PipedLines") -> None:
    """Read one line and do it.

    Raises:
        EOFError: The person leaves; Ctrl-C also means the lines of a file that come next.
    """
    try:
        text, mode = await person.ask(shell.line())
    except KeyboardInterrupt:
        return
    was_interrupted = await interruptible(shell, shell.handle(text, mode))
    if was_interrupted and isinstance(person, PipedLines):
        shell.screen.has_failed = True  # what was to come next is not sent
        raise EOFError


async def interruptible(shell: Shell, work: Coroutine[Any, Any, None]) -> bool:
    """Do something that Ctrl-C interrupts on the server, and a second Ctrl-C here; tell whether it was pressed."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    interrupts: list[asyncio.Task[None]] = []

    was_pressed = False

    def stop() -> None:
        nonlocal was_pressed
        was_pressed = True
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
        shell.screen.refusal("not waiting any longer; what was sent may still be done")
    else:
        task.result()
    return was_pressed


if __name__ == "__main__":
    main()
