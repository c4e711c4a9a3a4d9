"""The console's colon commands: one table that runs them, explains them and completes their names."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .debugcommands import (
    DEBUGGER_COMMANDS,
    DEBUGGER_HELP,
    list_breakpoints,
    list_suspensions,
    open_debugger,
    remove_breakpoint,
    set_breakpoint,
)
from .entry import Entry
from .input import Command, Mode
from .longtexts import read_on
from .sources import file_in, file_out, revert, run_tests, versions
from .undoing import diff, redo, undo

if TYPE_CHECKING:
    from .shell import Shell

#: Keys, as `:help` shows them.
KEYS: Final = (
    ("Enter", "send; goes on in the next line while a string, comment or bracket is open"),
    ("Alt-Enter", "send, whatever is open"),
    ("Alt-D  Alt-P  Alt-I", "send as do it, print it, inspect it; Enter is print it"),
    ("Tab", "complete the name of a command, variable, class or message"),
    ("Up  Ctrl-R", "earlier lines, also of earlier days; search in them, Enter takes what is found"),
    (
        "Ctrl-C",
        "interrupt what runs, which then waits for :debug; again: stop waiting for it; at the prompt: drop the line",
    ),
    ("Ctrl-D", "leave; the session stays"),
)


#: Number of a child, as it is typed; no object has a thousand million of them.
_CHILD_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
#: The view of those that are there from the start: none of a person's own.
_PLAIN_VIEW: Final = "default"
#: Levels of children that `:tree` shows: more do not fit a screen.
TREE_DEPTH: Final = 3


async def run_command(shell: "Shell", command: Command) -> None:
    """Run a command.

    Raises:
        ClientError: The server was asked and did not do it.
    """
    entries = commands_in_force(is_debugging=shell.debugger.context_id is not None)
    entry = entries.get(command.name)
    if entry is None:
        shell.screen.refusal(f"there is no command :{command.name}; {_hint(command.name, entries)}")
    elif entry.argument[:1].isupper() and not command.argument:
        shell.screen.refusal(f":{command.name} needs {entry.argument}: {entry.doc}")
    elif not entry.needs_session or shell.has_session():
        await entry.work(shell, command.argument)


def _hint(name: str, entries: Mapping[str, Entry]) -> str:
    """Return what a person may have meant by a name that is none."""
    if name in _DEBUGGING:
        return "it is one of the debugger, which :debug opens"
    near = get_close_matches(name, entries, n=1)
    return f"did you mean :{near[0]}?" if near else ":help lists them"


def commands_in_force(*, is_debugging: bool) -> Mapping[str, Entry]:
    """Return the commands that can be typed, short forms included: the open debugger's stand before the others."""
    return _DEBUGGING if is_debugging else COMMANDS


def _with_short_forms(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return commands by all their names."""
    return {name: entry for full, entry in entries.items() for name in (full, *entry.short)}


def _rows(entries: Mapping[str, Entry]) -> Iterable[tuple[str, str]]:
    """Return what `:help` says of commands."""
    return ((entry.title(name), entry.doc) for name, entry in entries.items())


# Code


async def _do(shell: "Shell", code: str) -> None:
    await shell.run(code, Mode.DO)


async def _print(shell: "Shell", code: str) -> None:
    await shell.run(code, Mode.PRINT)


async def _inspect(shell: "Shell", code: str) -> None:
    if code:
        await shell.run(code, Mode.INSPECT)
    else:
        shell.screen.inspector(await shell.client.inspector_state())


async def _interrupt(shell: "Shell", _argument: str) -> None:
    await shell.interrupt()


async def _tree(shell: "Shell", code: str) -> None:
    await shell.run(code, Mode.INSPECT, depth=TREE_DEPTH)


# The inspector


async def _into(shell: "Shell", child: str) -> None:
    shell.screen.inspector(await shell.client.navigate(into=child))


async def _back(shell: "Shell", _argument: str) -> None:
    shell.screen.inspector(await shell.client.navigate(back=True))


async def _forward(shell: "Shell", _argument: str) -> None:
    shell.screen.inspector(await shell.client.navigate(forward=True))


async def _select(shell: "Shell", child: str) -> None:
    shell.screen.inspector(await shell.client.select(child or None))


async def _children(shell: "Shell", number: str) -> None:
    """Show the inspected object's children from one on, counted from 1."""
    if number and not _CHILD_NUMBER.fullmatch(number):
        shell.screen.refusal(":children needs the number of a child, from 1 on, of at most 9 digits")
        return
    state = await shell.client.inspector_state()
    offset = int(number or 1) - 1
    if state.path:
        state = await shell.client.navigate(to=state.position, offset=offset)
    shell.screen.inspector(state, offset)


async def _view(shell: "Shell", name: str) -> None:
    state = await shell.client.view(name)
    shell.screen.inspector(state)
    shown = state.shown
    if shown is not None and shown.view_text is None and name != _PLAIN_VIEW:
        shell.screen.note(f"no view called {name} shows a {shown.class_name}: :define_view adds one")


async def _define_view(shell: "Shell", argument: str) -> None:
    class_name, name, code = (*argument.split(None, 2), "", "")[:3]
    if code:
        shell.screen.inspector(await shell.client.define_view(class_name, name, code))
    else:
        shell.screen.refusal(":define_view needs a class, a name and a block: Account short [:each | each balance]")


# The session


async def _variables(shell: "Shell", _argument: str) -> None:
    restored = await shell.client.restore()
    shell.screen.variables(restored.variables)


async def _history(shell: "Shell", _argument: str) -> None:
    shell.screen.history(await shell.client.history())


async def _save(shell: "Shell", name: str) -> None:
    savepoint = await shell.client.save_context(name)
    shell.screen.note(f"saved as {savepoint.name}, {savepoint.size_bytes} bytes")


async def _load(shell: "Shell", name: str) -> None:
    shell.screen.note(f"back at {await shell.client.load_context(name)}")


async def _clear(shell: "Shell", name: str) -> None:
    shell.screen.note(f"{await shell.client.clear_context(name)} is deleted")


async def _contexts(shell: "Shell", _argument: str) -> None:
    shell.screen.contexts(await shell.client.contexts())


# Sessions


async def _sessions(shell: "Shell", _argument: str) -> None:
    sessions, current = await shell.client.sessions(), shell.client.session_id
    shell.screen.sessions(sessions, current)
    if current in [each.session_id for each in sessions]:  # else it was closed elsewhere
        await shell.debugger.tell_what_waits()


async def _new(shell: "Shell", _argument: str) -> None:
    await shell.create()


async def _fork(shell: "Shell", _argument: str) -> None:
    await shell.create(shell.client.session_id)


async def _restore(shell: "Shell", wanted: str) -> None:
    if not (wanted.isascii() and wanted.isdigit()):
        await shell.restore(wanted)
        return
    known = [session.session_id for session in await shell.client.sessions()]
    if 1 <= int(wanted) <= len(known):
        await shell.restore(known[int(wanted) - 1])
    else:
        shell.screen.refusal(f"there is no session {wanted}: :sessions lists yours")


async def _close(shell: "Shell", _argument: str) -> None:
    session_id = await shell.client.close_session()
    shell.forget()
    shell.screen.note(f"session {session_id} is closed; :new makes another, :restore brings one back")


# The console


async def _help(shell: "Shell", _argument: str) -> None:
    if shell.debugger.context_id is not None:
        shell.screen.commands((*DEBUGGER_HELP, *_rows(DEBUGGER_COMMANDS)))
        others = {name: entry for name, entry in COMMANDS.items() if name not in DEBUGGER_COMMANDS}
        shell.screen.note("besides, as without the debugger:")
        shell.screen.commands((*KEYS, *_rows(others)))
    else:
        shell.screen.commands((*KEYS, *_rows(COMMANDS)))


async def _quit(shell: "Shell", _argument: str) -> None:
    shell.is_open = False


#: By name.
COMMANDS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "do": Entry("EXPRESSION", "do it: run, show nothing but the transcript", _do),
        "print": Entry("EXPRESSION", "print it: run and show the value, as without a command", _print),
        "more": Entry("[transcript]", "the next page of a long value, or of what code wrote", read_on),
        "inspect": Entry(
            "[expression]", "inspect it: show the value's parts; alone: where the inspector stands", _inspect
        ),
        "tree": Entry("EXPRESSION", f"inspect it, with its parts' parts: {TREE_DEPTH} levels", _tree),
        "into": Entry("CHILD", "go into a child of the inspected object, by its name", _into),
        "back": Entry("", "go back to the object inspected before", _back),
        "forward": Entry("", "undo a step back", _forward),
        "children": Entry("[number]", "the inspected object's children from one on; alone: from the first", _children),
        "select": Entry("[child]", "select a child of the inspected object; alone: nothing", _select),
        "view": Entry("NAME", "show inspected objects by a custom view from now on", _view),
        "define_view": Entry(
            "CLASS NAME BLOCK", "add a custom view: what the block answers for an instance", _define_view
        ),
        "file_in": Entry("FILE", "define what a file of this machine holds, in Tonel or chunk format", file_in),
        "file_out": Entry("FILE", "write all that the session defined to a new file, in Tonel", file_out),
        "test": Entry("[class ...]", "run the tests of classes; alone: all of the session", run_tests),
        "versions": Entry("METHOD", "what a method was before, Foo>>bar; of a class: what it has no more", versions),
        "revert": Entry("METHOD NUMBER", "bring a former version of a method back", revert),
        "debug": Entry(
            "[id]", "open a computation that failed or was stopped and waits; alone: the last", open_debugger
        ),
        "waiting": Entry("", "the computations that wait", list_suspensions),
        "break": Entry("METHOD [line]", "stop where a method begins, Foo>>bar, or at a line of it", set_breakpoint),
        "unbreak": Entry("METHOD [line]", "stop there no more", remove_breakpoint),
        "breaks": Entry("", "the breakpoints", list_breakpoints),
        "variables": Entry("", "the session's variables", _variables),
        "history": Entry("", "the session's last evaluations", _history),
        "interrupt": Entry("", "stop what runs in the session, for another console too", _interrupt),
        "save": Entry("NAME", "save the session's state under a name", _save),
        "load": Entry("NAME", "put the session back to a saved state", _load),
        "clear": Entry("NAME", "delete a saved state", _clear),
        "contexts": Entry("", "the saved states", _contexts),
        "undo": Entry("[number]", "go back to before the last evaluation, or the last so many", undo),
        "redo": Entry("", "take back the undo that was the last thing done, then the one before", redo),
        "diff": Entry("[name]", "what the last evaluation changed, or what differs from a saved state", diff),
        "sessions": Entry("", "your sessions, and what waits in the current one", _sessions, needs_session=False),
        "new": Entry("", "make a session and go on in it", _new, needs_session=False),
        "fork": Entry("", "make a copy of the session and go on in it; the first stays as it is", _fork),
        "restore": Entry(
            "SESSION", "go on in another session, by its number in :sessions or its id", _restore, needs_session=False
        ),
        "close": Entry("", "end the session for good", _close),
        "help": Entry("", "this list", _help, needs_session=False),
        "quit": Entry("", "leave; the session stays", _quit, needs_session=False),
    }
)
_DEBUGGING: Final[Mapping[str, Entry]] = MappingProxyType({**COMMANDS, **_with_short_forms(DEBUGGER_COMMANDS)})
