"""The debugger's commands that write methods: the one a frame runs, and the one that was not understood."""

import re
from typing import TYPE_CHECKING, Final

from .debugresults import Frame
from .errors import CodeError, NotFoundError, Place
from .suspensions import Suspension

if TYPE_CHECKING:
    from .shell import Shell

#: The first line of a chunk file with one method; the method begins in the second.
_HEAD: Final = "!{} methodsFor: '{}'!\n"
_SELECTOR: Final = re.compile(r"#([A-Za-z_][\w:]*|[-+*/\\~<>=@%|&?,!]+)")
#: What servers call the selector of a do-it.
_DO_IT: Final = "doIt"
#: Where a template asks for the method's body.
_BODY: Final = "\n\t^ self shouldBeImplemented\n"


def chunk(class_name: str, category: str, source: str) -> str:
    """Return a chunk file that defines one method; exclamation marks in it are doubled."""
    head, body = (_HEAD.format(class_name, category.replace("'", "''")), source.replace("!", "!!"))
    return f"{head}{body}\n! !\n"


def template(selector: str) -> str:
    """Return the beginning of a method for a selector."""
    keywords = re.findall(r"[^:]+:", selector)
    if keywords:
        names = ("anObject", *(f"anObject{number}" for number in range(2, len(keywords) + 1)))
        pattern = " ".join(f"{keyword} {name}" for keyword, name in zip(keywords, names, strict=True))
    else:
        pattern = selector if selector[0].isalpha() or selector[0] == "_" else f"{selector} anObject"
    return pattern + _BODY


def missing_selector(suspension: Suspension) -> str | None:
    """Return the selector that was not understood; None if a computation waits for another reason."""
    if suspension.class_name != "MessageNotUnderstood":
        return None
    match = _SELECTOR.search(suspension.message)
    return None if match is None else match[1]


async def edit(shell: "Shell", _argument: str) -> None:
    """Edit the selected frame's method, compile it, and begin the frame anew if the person wants it."""
    debugger = shell.debugger
    view = await debugger.view()
    frame = view.frame
    if frame.selector == _DO_IT:
        shell.screen.refusal("a do-it has no method to edit; :up selects what called it, :proceed goes on")
        return
    try:
        present = await shell.client.method(frame.class_name, frame.selector)
        source, category = present.source, present.category
    except NotFoundError:  # it was removed while the frame waits
        source, category = view.source, ""
    edited = await shell.keyboard.edit(source)
    while edited is not None and not await _compiled(shell, frame, category, edited):
        again = await shell.keyboard.confirm("edit it again?")
        edited = await shell.keyboard.edit(edited) if again else None
    if edited is None:
        shell.screen.note("the method is as it was")
    elif frame.may_restart and await shell.keyboard.confirm(f"begin frame {frame.number} anew with it?"):
        await debugger.advance(shell.client.restart_frame(frame.number, debugger.context_id))


async def _compiled(shell: "Shell", frame: Frame, category: str, source: str) -> bool:
    """Compile a method; show what is wrong with it if it does not compile."""
    try:
        report = await shell.client.file_in(chunk(frame.class_name, category, source), "chunk")
    except CodeError as error:
        shell.failed(error)
        return False
    for each in report.errors:
        shell.screen.marked_error(source, Place(each.line - 1, each.column), each.message, each.suggestion)
    if not report.errors:
        shell.screen.note(f"compiled: {', '.join(report.methods)}")
    return not report.errors


async def create(shell: "Shell", _argument: str) -> None:
    """Write the method that was not understood; its class gets it and the message is sent again."""
    debugger = shell.debugger
    waiting = [each for each in await shell.client.suspended() if each.context_id == debugger.context_id]
    selector = missing_selector(waiting[0]) if waiting else None
    if selector is None:
        shell.screen.refusal("it does not wait for a message that was not understood; :edit changes a method")
        return
    source = await shell.keyboard.edit(template(selector))
    while source is not None:
        if await debugger.advance(shell.client.create_method(source, debugger.context_id), source):
            return
        again = await shell.keyboard.confirm("edit it again?")
        source = await shell.keyboard.edit(source) if again else None
    shell.screen.note("no method is created")
