"""A person at a console, without keys: what they type, what they see, and what they answer when they are asked."""

import asyncio
import io

from rich.console import Console

from terminal.input import Mode
from terminal.render import Screen
from terminal.shell import Shell
from terminal.state import State


class Watched(io.StringIO):
    """A screen's text, and an event for each time that something is shown."""

    def __init__(self):
        super().__init__()
        self.changed = asyncio.Event()

    def write(self, text):
        self.changed.set()
        return super().write(text)

    async def until(self, words):
        while words not in self.getvalue():
            self.changed.clear()
            await self.changed.wait()


class Hand:
    """A person who edits: each next text is what they make of the one they are shown, and they say yes or no."""

    def __init__(self):
        self.texts = []
        self.answers = []
        self.shown = []

    async def edit(self, text):
        self.shown.append(text)
        return self.texts.pop(0)

    async def confirm(self, question):
        self.shown.append(question)
        return self.answers.pop(0)


class Table:
    """A person's terminal: what they type goes to a shell, what they see stays in `text`."""

    def __init__(self, url, folder, patience):
        self.url = url
        self.state = State(folder)
        self.patience = patience
        self.text = ""
        self.hand = Hand()

    def play(self, *lines, session_id=None, mode=Mode.PRINT, scene=None):
        """Begin, type lines, play a scene, leave; answer what was shown since the beginning."""

        async def run():
            screen = Screen(Console(file=Watched(), width=120))
            shell = Shell(self.url, "ann", screen, self.state, self.hand, self.patience)
            try:
                await shell.begin(session_id)
                start = len(screen._console.file.getvalue())
                for line in lines:
                    await shell.handle(line, mode)
                if scene is not None:
                    await scene(shell, screen._console.file)
            finally:
                await shell.close()
            self.text = screen._console.file.getvalue()
            return self.text[start:]

        return asyncio.run(run())
