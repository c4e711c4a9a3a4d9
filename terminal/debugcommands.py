"""The commands of the debugger: those that open it, and those that stand in front of the others while it is open."""

from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .debugrender import show_breakpoints, show_source, show_suspensions, show_variables
from .entry import Entry
from .input import Mode
from .methodediting import create, edit
from .methodnames import read_method

if TYPE_CHECKING:
    from .shell import Shell

#: Keys of the open debugger, and the command each means.
DEBUGGER_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {"f5": ":step", "f6": ":over", "f7": ":out", "f8": ":proceed"}
)
#: Frames that `:stack` shows.
_STACK_ROWS: Final = 50
#: The same as `:help` shows it.
DEBUGGER_HELP: Final = (
    (
        "an expression",
        (
            "runs in the selected frame: its variables are seen and can be assigned, self is its receiver"
            " (a block that does not use it may not know it)"
        ),
    ),
    ("F5  F6  F7  F8", ":step, :over, :out, :proceed"),
    ("Enter alone", "the last step again"),
)


def _number(text: str, otherwise: int) -> int | None:
    """Return the number that a person typed, another one for nothing; None if it is no number."""
    if not text:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() else None


# Open, list


async def open_debugger(shell: "Shell", context_id: str) -> None:
    """Open a computation that waits."""
    await shell.debugger.open(context_id or None)


async def list_suspensions(shell: "Shell", _argument: str) -> None:
    """Show what waits."""
    suspensions = await shell.client.suspended()
    if suspensions:
        show_suspensions(shell.screen, suspensions, shell.debugger.context_id)
    else:
        shell.screen.note("nothing waits")


# Breakpoints


async def set_breakpoint(shell: "Shell", argument: str) -> None:
    """Set a breakpoint."""
    await _change_breakpoint(shell, argument, is_set=True)


async def remove_breakpoint(shell: "Shell", argument: str) -> None:
    """Remove a breakpoint."""
    await _change_breakpoint(shell, argument, is_set=False)


async def _change_breakpoint(shell: "Shell", argument: str, *, is_set: bool) -> None:
    named, _, last = argument.rpartition(" ")
    line = int(last) if named and last.isascii() and last.isdigit() else None
    method = read_method(argument if line is None else named.strip())
    if method is None or method.selector is None:
        shell.screen.refusal("a breakpoint needs a method, and may have a line: Foo>>bar 3 or Foo class>>bar")
        return
    ask = shell.client.set_breakpoint if is_set else shell.client.remove_breakpoint
    show_breakpoints(shell.screen, await ask(method.title, line))


async def list_breakpoints(shell: "Shell", _argument: str) -> None:
    """Show the breakpoints."""
    show_breakpoints(shell.screen, await shell.client.breakpoints())


# Look


async def _stack(shell: "Shell", _argument: str) -> None:
    await shell.debugger.show_stack(_STACK_ROWS)


async def _where(shell: "Shell", _argument: str) -> None:
    await shell.debugger.show()


async def _up(shell: "Shell", count: str) -> None:
    await _select(shell, count, 1)


async def _down(shell: "Shell", count: str) -> None:
    await _select(shell, count, -1)


async def _select(shell: "Shell", count: str, direction: int) -> None:
    number = _number(count, 1)
    if number is None:
        shell.screen.refusal(f"{count} is no number of frames")
    else:
        await shell.debugger.select(shell.debugger.frame + direction * number)


async def _frame(shell: "Shell", text: str) -> None:
    number = _number(text, shell.debugger.frame)
    if number is None:
        shell.screen.refusal(f"{text} is no number of a frame; :stack shows them")
    else:
        await shell.debugger.select(number)


async def _source(shell: "Shell", _argument: str) -> None:
    show_source(shell.screen, await shell.debugger.view(), is_whole=True)


async def _variables(shell: "Shell", _argument: str) -> None:
    show_variables(shell.screen, (await shell.debugger.view()).variables)


async def _set(shell: "Shell", argument: str) -> None:
    name, _, expression = argument.partition(" ")
    expression = expression.strip().removeprefix(":=").strip()
    if not expression:
        shell.screen.refusal(":set needs a variable and an expression: count 5")
        return
    debugger = shell.debugger
    view = await shell.client.set_variable(name, expression, debugger.context_id, debugger.frame)
    show_variables(shell.screen, (each for each in view.variables if each.name == name))


async def _inspect(shell: "Shell", code: str) -> None:
    if code:
        await shell.run(code, Mode.INSPECT)
    else:
        shell.screen.inspector(await shell.client.inspector_state())


# Step


async def _again(shell: "Shell", command: str, going: Awaitable[object]) -> None:
    """Take a step, which Enter alone repeats as long as there is a computation to step."""
    await going
    if shell.debugger.context_id is not None:
        shell.debugger.repeated = command


async def _step(shell: "Shell", _argument: str) -> None:
    await _again(shell, ":step", shell.debugger.advance(shell.client.step_into(shell.debugger.context_id)))


async def _into(shell: "Shell", child: str) -> None:
    if child:
        shell.screen.inspector(await shell.client.navigate(into=child))
    else:
        await _step(shell, child)


async def _over(shell: "Shell", _argument: str) -> None:
    await _again(shell, ":over", shell.debugger.over())


async def _through(shell: "Shell", _argument: str) -> None:
    await _again(shell, ":through", shell.debugger.through())


async def _out(shell: "Shell", _argument: str) -> None:
    await _again(shell, ":out", shell.debugger.out())


# Go on


async def _proceed(shell: "Shell", expression: str) -> None:
    going = shell.client.proceed(expression or None, shell.debugger.context_id)
    await shell.debugger.advance(going, expression)


async def _resume(shell: "Shell", expression: str) -> None:
    going = shell.client.resume(expression or None, shell.debugger.context_id)
    await shell.debugger.advance(going, expression)


async def _retry(shell: "Shell", _argument: str) -> None:
    await shell.debugger.advance(shell.client.retry(shell.debugger.context_id))


async def _pass(shell: "Shell", _argument: str) -> None:
    await shell.debugger.advance(shell.client.pass_exception(shell.debugger.context_id))


async def _restart(shell: "Shell", _argument: str) -> None:
    debugger = shell.debugger
    await debugger.advance(shell.client.restart_frame(debugger.frame, debugger.context_id))


async def _return(shell: "Shell", expression: str) -> None:
    debugger = shell.debugger
    await debugger.advance(shell.client.return_value(expression, debugger.frame, debugger.context_id), expression)


async def _abandon(shell: "Shell", _argument: str) -> None:
    await shell.debugger.abandon()


async def _leave(shell: "Shell", _argument: str) -> None:
    shell.screen.note(f"{shell.debugger.context_id} goes on waiting; :debug opens it again")
    shell.debugger.close()


#: What can be typed while the debugger is open, before the console's other commands.
DEBUGGER_COMMANDS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "where": Entry("", "the stack, the place and the variables of the selected frame", _where, short=("w",)),
        "stack": Entry("", f"{_STACK_ROWS} frames of the stack around the selected one", _stack, short=("bt",)),
        "up": Entry("[number]", "select the frame's sender", _up, short=("u",)),
        "down": Entry("[number]", "select the frame that it called", _down, short=("d",)),
        "frame": Entry("[number]", "select a frame by its number", _frame, short=("f",)),
        "source": Entry("", "the whole source of the frame's method", _source, short=("l",)),
        "variables": Entry("", "the frame's variables", _variables, short=("v",)),
        "set": Entry("NAME EXPRESSION", "give a variable of the frame a value", _set),
        "inspect": Entry("[expression]", "inspect what an expression answers in the frame", _inspect),
        "step": Entry("", "step into the call", _step, short=("s", "i")),
        "into": Entry("[child]", "the same; with a name: go into a child of the inspected object", _into),
        "over": Entry("", "step over the call in the selected frame, to its next place", _over, short=("o", "n")),
        "through": Entry("", "the same, but stop in a block of this method that the call runs", _through, short=("b",)),
        "out": Entry("", "run the selected frame to its end, stop in its sender", _out, short=("t",)),
        "proceed": Entry(
            "[expression]", "go on; with an expression: its value stands for what failed", _proceed, short=("p",)
        ),
        "continue": Entry("[expression]", "the same", _proceed, short=("c",)),
        "return": Entry("EXPRESSION", "leave the selected frame, it answers the value", _return, short=("r",)),
        "restart": Entry("", "begin the selected frame anew, by its method's present form", _restart),
        "resume": Entry("[expression]", "resume the exception with a value, or nil", _resume),
        "retry": Entry("", "run the block protected by the exception's handler again", _retry),
        "pass": Entry("", "pass the exception on to the next handler", _pass),
        "edit": Entry("", "edit the frame's method, compile it, and begin the frame anew", edit, short=("e",)),
        "create": Entry("", "write the method that was not understood, and send the message again", create),
        "abandon": Entry("", "give the computation up; its ensure: blocks run", _abandon),
        "leave": Entry("", "leave the debugger; the computation goes on waiting", _leave, short=("q",)),
    }
)
