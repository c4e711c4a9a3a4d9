"""The recorded walk through the debugger: a person at the console of a real server that is killed twice meanwhile.

    python -m tests.terminal.walk > docs/debugger-walk.md

What is shown is what the console showed; only the session's id and the server's address are replaced, for they are
new each time. `test_walk` plays it again and compares.
"""

import asyncio
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from terminal.render import Screen
from terminal.serverprocess import ServerProcess
from terminal.shell import Shell
from terminal.state import State
from tests.compiled_kernel import new_data
from tests.terminal.table import Hand, Watched

WIDTH = 100
LEDGER = (
    "Object subclass: #Ledger instanceVariableNames: 'accounts closed' package: 'Walk'",
    "Ledger compile: 'accounts: aDictionary\n\taccounts := aDictionary.\n\tclosed := 0'",
    "Ledger compile: 'closed\n\t^ closed'",
    "Ledger compile: 'report\n\t^ accounts keys sorted collect: [:name | self lineFor: name]'",
    "Ledger compile: 'lineFor: name\n\t^ name -> (self average: (accounts at: name))'",
    (
        "Ledger compile: 'average: amounts\n"
        "\t| total |\n\ttotal := amounts inject: 0 into: [:sum :each | sum + each].\n"
        "\t^ [ self share: total of: amounts size ] ensure: [ closed := closed + 1 ]'"
    ),
    "Ledger compile: 'share: total of: count\n\t| unit |\n\tunit := 1.\n\t^ [ (total / count) roundTo: unit ] value'",
    "ledger := Ledger new accounts: { #ann -> #(10 30). #ben -> #(). #eve -> #(12 24 27) } asDictionary; yourself",
)
FIXED = "share: total of: count\n\t^ count = 0\n\t\tifTrue: [ 0 ]\n\t\tifFalse: [ total / count ]\n"


class WalkingHand(Hand):
    """A person whose answers are shown as the console's own editor shows them."""

    def __init__(self):
        super().__init__()
        self.output = None

    async def edit(self, text):
        edited = await super().edit(text)
        self.output.write("".join(f"  | {line}\n" for line in edited.expandtabs(4).splitlines()))
        return edited

    async def confirm(self, question):
        answer = await super().confirm(question)
        self.output.write(f"{question} [Y/n] {'y' if answer else 'n'}\n")
        return answer


class Walk:
    """The console, the server under it, and the page that is written."""

    def __init__(self, folder):
        self.folder = folder
        self.server = ServerProcess(folder)
        self.hand = WalkingHand()
        self.page = []

    def tell(self, text):
        """Write a paragraph."""
        self.page.append(f"{text}\n")

    async def sit_down(self):
        """Start a console."""
        self.output = self.hand.output = Watched()
        screen = Screen(Console(file=self.output, width=WIDTH))
        self.shell = Shell(self.server.url, "ann", screen, State(self.folder / "state"), self.hand)
        await self.shell.begin(None)

    async def leave(self):
        """End the console."""
        await self.shell.close()

    async def type(self, *lines):
        """Type lines, each before its answer, and write what the console shows."""
        begin = len(self.output.getvalue())
        for line in lines:
            prompt = self.shell.line().prompt
            continued = line.expandtabs(4).replace("\n", "\n" + "... ".rjust(len(prompt)))
            self.output.write(f"{prompt}{continued}\n")
            await self.shell.handle(line)
        self.show(begin)

    def show(self, begin=0):
        """Write what the console showed since then."""
        text = self.output.getvalue()[begin:].replace(self.server.url, "tcp://127.0.0.1:5555")
        text = re.sub(r"session_[0-9a-f]+", "session_1f0c…", text)
        lines = "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))
        self.page.append(f"```text\n{lines}\n```\n")

    async def kill(self):
        """Kill the server while the console is there, and start it again."""
        begin = len(self.output.getvalue())
        await asyncio.to_thread(self.server.kill)
        await self.output.until("no connection")
        await asyncio.to_thread(self.server.start)
        await self.output.until("connected to")
        self.show(begin)


async def walk(walk):
    """Walk through it."""
    walk.tell(
        "# A walk through the debugger\n\n"
        "Recorded at the console by `python -m tests.terminal.walk`, and played again by the tests; nothing of it is "
        "written by hand but these sentences."
    )
    await walk.sit_down()
    await _fail_and_be_killed(walk)
    await _open_and_proceed(walk)
    await _fix(walk)
    await _step(walk)
    await walk.leave()
    await asyncio.to_thread(walk.server.stop)


async def _fail_and_be_killed(walk):
    walk.tell("## An error, five calls deep\n\nA ledger reports the average of each account. One account is empty.")
    await walk.type(*LEDGER)
    await walk.type("ledger report")
    walk.tell("Nothing is unwound: the computation waits, with all its frames. Now `kill -9`, and a new start.")
    await walk.kill()


async def _open_and_proceed(walk):
    walk.tell(
        "## Open, inspect, change, proceed\n\n"
        "The debugger opens at the frame that caused the error. `:up` and `:down` walk the stack; code that is typed "
        "runs in the selected frame."
    )
    await walk.type(":debug", "total @ count", ":up 4", "name", ":inspect accounts")
    walk.tell("Averages may as well be rounded to tens: that is a variable of the method that waits.")
    await walk.type(":frame 1", ":set unit 10")
    walk.tell("The quotient that could not be computed is to be 42. The iteration goes on where it stood.")
    await walk.type(":proceed 42")
    walk.tell("Each `ensure:` block ran once, that of the interrupted frame too.")
    await walk.type("ledger closed")


async def _fix(walk):
    walk.tell(
        "## Fix the method\n\n"
        "Once more, and this time the console is left, the server killed, and both started again: the debugger is "
        "still open at the same frame."
    )
    await walk.type("ledger report", ":debug", ":up")
    await walk.leave()
    await asyncio.to_thread(walk.server.kill)
    await asyncio.to_thread(walk.server.start)
    await walk.sit_down()
    walk.show()
    walk.tell("`:edit` opens the method of the frame, in the program that `EDITOR` names or right here.")
    walk.hand.texts, walk.hand.answers = [FIXED], [True]
    await walk.type(":edit", ":waiting")
    walk.tell("The frame ran anew with the method's new form, and all that waited for it went on.")


async def _step(walk):
    walk.tell(
        "## Step\n\n"
        "A breakpoint stops where a method begins, or at a line of it. `:step` goes into a call, `:over` over it, "
        "`:through` into the block that it runs, `:out` to the sender; Enter alone takes the last step again."
    )
    await walk.type(
        ":break Ledger>>average: 3", "ledger report", ":debug", ":over", ":through", "", ":variables", ":out"
    )
    await walk.type(":unbreak Ledger>>average: 3", ":proceed")


def page():
    """Play the walk and return its page."""
    with TemporaryDirectory(prefix="stui-walk-") as folder:
        walker = Walk(Path(folder))
        new_data(Path(folder) / "data")
        walker.server.start()
        try:
            asyncio.run(walk(walker))
        finally:
            walker.server.stop()
        return "\n".join(walker.page)


if __name__ == "__main__":
    sys.stdout.write(page())
