"""The console's commands on sources: files in and out, tests, and former versions of methods."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import CodeError
from .methodnames import read_method

if TYPE_CHECKING:
    from .shell import Shell

#: What begins a section of a Tonel file, and nothing in a chunk file.
_TONEL: Final = re.compile(r"^(Class|Extension|Trait|Package)\s*\{", re.MULTILINE)


async def file_in(shell: "Shell", name: str) -> None:
    """Define what a file holds."""
    try:
        text = await asyncio.to_thread(_read, name)
    except OSError as error:
        shell.screen.refusal(f"{name} cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError:
        shell.screen.refusal(f"{name} cannot be read: it is no text in UTF-8")
        return
    shell.begin_code()
    try:
        report = await shell.client.file_in(text, "tonel" if _TONEL.search(text) else "chunk")
    except CodeError as error:
        shell.failed(error, text)
        return
    shell.conclude(report.transcript, report.whole)
    shell.screen.filed_in(report)


async def file_out(shell: "Shell", name: str) -> None:
    """Write everything the session defined to a new file, in Tonel."""
    text = await shell.client.file_out("tonel", everything=True)
    if not text:
        shell.screen.note("the session defined nothing: no file is written")
        return
    try:
        await asyncio.to_thread(_write, name, text)
    except FileExistsError:
        shell.screen.refusal(f"{name} is there already; name a new file")
        return
    except OSError as error:
        shell.screen.refusal(f"{name} cannot be written: {error.strerror}")
        return
    shell.screen.note(f"{len(text)} characters written to {name}")


async def run_tests(shell: "Shell", names: str) -> None:
    """Run the tests of classes, or all of the session."""
    shell.begin_code()
    try:
        report = await shell.client.run_tests(names.split() or None)
    except CodeError as error:
        shell.failed(error)
        return
    shell.conclude(report.transcript, report.whole)
    shell.screen.tested(report)


async def versions(shell: "Shell", argument: str) -> None:
    """Show what a method was before, or which methods a class has no more."""
    method = read_method(argument)
    if method is None:
        shell.screen.refusal(":versions needs a method, like Foo>>bar or Foo class>>bar, or a class")
        return
    side = method.is_class_side
    history = await shell.client.method_versions(method.class_name, method.selector, is_class_method=side)
    shell.screen.versions(history)


async def revert(shell: "Shell", argument: str) -> None:
    """Bring a former version of a method back."""
    named, _, number = argument.rpartition(" ")
    method = read_method(named.strip())
    if method is None or method.selector is None or not (number.isascii() and number.isdigit()):
        shell.screen.refusal(":revert needs a method and a number of :versions, like Foo>>bar 12")
        return
    side = method.is_class_side
    source = await shell.client.restore_method(method.class_name, method.selector, int(number), is_class_method=side)
    shell.screen.note(source)


def _read(name: str) -> str:
    """Return what a file holds. Thread: any."""
    return Path(name).expanduser().read_text("utf-8")


def _write(name: str, text: str) -> None:
    """Make a file; one that is there already is left alone. Thread: any."""
    with Path(name).expanduser().open("x", encoding="utf-8") as file:
        file.write(text)
