"""The demo: ``python -m terminal.demo`` plays a client against a real server, and kills the server in the middle.

It connects, evaluates, inspects, defines a class, keeps a block and a variable, and runs code that fails; then SIGKILL,
a new start, and it goes on with the same objects, and with the computation that failed. Each line shows what came back
and how long it took. The exit code is 1 when anything is not as it must be.
"""

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import click

from .client import Client
from .errors import ClientError, CodeError, ServerError
from .results import History, InspectorState, ObjectView, RestoredSession
from .serverprocess import ServerDiedError, ServerProcess

_CLASS: Final = "Object subclass: #Account instanceVariableNames: 'balance' classVariableNames: '' package: 'Demo'"
_INITIALIZE: Final = "Account compile: 'initialize balance := 0'"
_DEPOSIT: Final = "Account compile: 'deposit: amount balance := balance + amount'"
_BALANCE: Final = "Account compile: 'balance ^ balance'"
#: Code and, as a regular expression, the printString it must answer.
_FIRST_STEPS: Final = (
    ("Date today asString", r"'\d{1,2} [A-Z][a-z]+ \d{4}'"),
    ("OrderedCollection new add: 1; add: 2; yourself", r"an OrderedCollection\(1 2\)"),
    ("(1 to: 10) collect: [:each | each squared]", r"#\(1 4 9 16 25 36 49 64 81 100\)"),
)
_KEPT_THINGS: Final = (
    (_CLASS, "Account"),
    (_INITIALIZE, "#initialize"),
    (_DEPOSIT, "#deposit:"),
    (_BALANCE, "#balance"),
    ("account := Account new deposit: 42; yourself", "an Account"),
    ("rate := 3", "3"),
    ("interest := [:amount | amount * rate]", r"\[.*amount \* rate.*\]"),
)
_AFTER_THE_CRASH: Final = (
    ("account balance", "42"),
    ("account deposit: 8; balance", "50"),
    ("interest value: account balance", "150"),
    ("Account new deposit: 1; balance", "1"),
)
#: Done twice it would answer 2.
_COUNT: Final = "counter := (counter ifNil: [0]) + 1"
_OP_ID: Final = "demo-count"
#: Fails at its second element.
_FAILING: Final = "(1 to: 3) collect: [:each | 6 / (each - 2)]"


class Stage:
    """Plays steps, shows them and remembers whether all went as they must.

    Attributes:
        failures: Steps that did not.
    """

    def __init__(self) -> None:
        self.failures = 0

    def step(self, title: str, work: Callable[[], str | None], expected: str = "") -> None:
        """Play one step.

        Args:
            title: What it does.
            work: Does it and answers what to show, if anything.
            expected: Regular expression that the whole of that must match.

        Raises:
            NoAnswerError: The server is gone; there is no use in going on.
        """
        began_s = perf_counter()
        try:
            shown = work() or ""
        except ServerError as error:
            shown = f"{type(error).__name__}: {error.message}"
        took_ms = (perf_counter() - began_s) * 1000
        is_good = re.fullmatch(expected, shown, re.DOTALL) is not None
        arrow = "  ->  " if shown else ""
        click.echo(f"{took_ms:9.2f} ms  {'' if is_good else 'WRONG  '}{title}{arrow}{shown}")
        if not is_good:
            click.echo(f"{'':14}expected  {expected}")
            self.failures += 1

    def evaluations(self, client: Client, steps: tuple[tuple[str, str], ...]) -> None:
        """Play code, each with the answer it must give."""
        for code, expected in steps:
            self.step(code, partial(_result, client, code), expected)


def _result(client: Client, code: str, op_id: str | None = None) -> str:
    return client.evaluate(code, op_id=op_id).result


def _children(view: ObjectView) -> str:
    parts = ", ".join(f"{child.name}: {child.text}" for child in view.children)
    return f"{view.text} ({parts})"


def _path(state: InspectorState) -> str:
    shown = f": {state.shown.text}" if state.shown is not None else ""
    return " > ".join(step.label for step in state.path) + shown


def _restored(restored: RestoredSession) -> str:
    return ", ".join(sorted(variable.name for variable in restored.variables))


def _summary(history: History) -> str:
    return f"{history.total} evaluations, the last: {history.entries[-1].code} -> {history.entries[-1].result}"


def _failed(client: Client) -> str:
    """Run code that fails; answer what is told of it."""
    try:
        return client.evaluate(_FAILING).result
    except CodeError as error:
        return f"{error.details.get('class')}, waits as {error.context_id}"


def _waiting(client: Client) -> str:
    """Answer which computation waits and where in it the error is."""
    frame = client.frame(number=1)
    values = ", ".join(f"{each.name} {each.text}" for each in frame.variables if each.kind == "argument")
    return f"{frame.frame.method}: {frame.source[frame.start : frame.stop]} with {values}"


def _proceeded(client: Client) -> str | None:
    """Go on with a value in the place of what failed."""
    evaluation = client.proceed("100").evaluation
    return None if evaluation is None else evaluation.result


def play(stage: Stage, server: ServerProcess) -> None:
    """Play the whole demo."""
    stage.step("start the server", server.start)
    with Client(server.url, "demo") as client:
        _before(stage, client)
        click.echo("\n              the server is killed, without a warning; the client stays\n")
        stage.step("SIGKILL", server.kill)
        stage.step("start it again", server.start)
        _after(stage, client)
    stage.step("stop the server", server.stop)


def _before(stage: Stage, client: Client) -> None:
    """Play what leads up to the crash."""
    stage.step("connect and ping", lambda: str(client.ping("hello").message), "hello")
    stage.step("create a session", lambda: client.create().session_id, ".+")
    stage.evaluations(client, _FIRST_STEPS)
    stage.evaluations(client, _KEPT_THINGS)
    stage.step("inspect account", lambda: _children(client.inspect("account")), r"an Account \(balance: 42\)")
    stage.step("navigate into balance", lambda: _path(client.navigate(into="balance")), "account > balance: 42")
    stage.step(f"{_COUNT} with an op_id", partial(_result, client, _COUNT, _OP_ID), "1")
    stage.step(_FAILING, partial(_failed, client), r"ZeroDivide, waits as c\d+")


def _after(stage: Stage, client: Client) -> None:
    """Play what must work as if nothing had happened."""
    stage.step("the same with the same op_id: done once", partial(_result, client, _COUNT, _OP_ID), "1")
    stage.step("restore, its variables", lambda: _restored(client.restore()), "account, counter, interest, rate")
    stage.evaluations(client, _AFTER_THE_CRASH)
    stage.step("the inspector stands where it stood", lambda: _path(client.inspector_state()), "account > balance")
    stage.step("the error still waits", partial(_waiting, client), r"\[ \] in doIt: 6 / \(each - 2\) with each 2")
    stage.step("proceed with 100 for what failed", partial(_proceeded, client), r"#\(-6 100 6\)")
    stage.step("history", lambda: _summary(client.history()), r"17 evaluations, .* -> #\(-6 100 6\)")
    stage.step("close the session", client.close_session, ".+")


@click.command()
def main() -> None:
    """Play the demo."""
    stage = Stage()
    with TemporaryDirectory(prefix="stui-demo-") as folder:
        server = ServerProcess(Path(folder))
        try:
            play(stage, server)
        except ServerDiedError as error:
            raise click.ClickException(f"the server did not start: {error}") from error
        except ClientError as error:
            raise click.ClickException(error.message) from error
        finally:
            server.stop()
    click.echo(f"\n{'everything is as it must be' if not stage.failures else f'{stage.failures} steps went wrong'}")
    sys.exit(1 if stage.failures else 0)


if __name__ == "__main__":
    main()
