"""How answers look in a terminal: results, objects, tables, and errors with the place marked.

What comes from a session is any text, so control characters in it are shown and never sent to the terminal.
"""

import re
from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .errors import ClientError, CodeError, Place, ServerError
from .longtexts import PAGE_CHARS
from .pastresults import Difference
from .results import (
    Child,
    History,
    InspectorState,
    ObjectView,
    RestoredSession,
    Savepoint,
    Session,
    Variable,
)
from .sourceresults import FileInReport, MethodHistory, SuiteReport

_TAB_COLUMNS: Final = 4
#: Frames of a stack that are shown; the rest is said to be there.
_FRAMES_SHOWN: Final = 8
#: Characters of one cell of a table; longer ones are cut, `:inspect` shows them whole.
_CELL_CHARS_MAX: Final = 120
#: Of a time in ISO 8601, what tells the minute.
_MINUTE_CHARS: Final = len("2025-01-02T10:30")
#: Characters of what code wrote that are shown at once, the last ones: what a person can scroll back through.
_TRANSCRIPT_CHARS_MAX: Final = 100_000
#: All control characters but tab and line feed.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Before the name of a child, once for each level it is deeper than the first.
_LEVEL_INDENT: Final = "  "
_LINE_ENDS: Final = re.compile(r"\r\n?")


def visible(text: str) -> str:
    """Return a text with line ends of all systems as LF and control characters made visible."""
    return _CONTROL.sub(_shown, _LINE_ENDS.sub("\n", text)).expandtabs(_TAB_COLUMNS)


def _shown(match: re.Match[str]) -> str:
    """Return a picture of a control character."""
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004 - pictures of C0 only


def marked(code: str, place: Place) -> tuple[str, str] | None:
    """Return a line of code and below it a caret at the place, or the whole line marked where no column is known.

    Args:
        code: The source.
        place: Where in it; a column past the end marks the end.

    Returns:
        None when the code has no such line, or has one line only and no column is known: nothing to tell then.
    """
    lines = _LINE_ENDS.sub("\n", code).split("\n")
    if not 1 <= place.line <= len(lines):
        return None
    line = lines[place.line - 1]
    if place.column is None:
        indent = cell_len(visible(line)) - cell_len(visible(line).lstrip())
        marks = "^" * cell_len(line.strip())
        return (visible(line), " " * indent + marks) if len(lines) > 1 else None
    before = visible(line[: max(0, place.column - 1)])
    return visible(line), " " * cell_len(before) + "^"


def _cell(text: str) -> str:
    """Return a text for a table: one line, cut."""
    line = visible(text).replace("\n", "⏎")
    return line if len(line) <= _CELL_CHARS_MAX else line[: _CELL_CHARS_MAX - 1] + "…"


def _child_rows(children: Iterable[Child], level: int = 0) -> Iterable[tuple[str, str, str]]:
    """Yield the rows of a table of children, each followed by its own, further in."""
    indent = _LEVEL_INDENT * level
    for child in children:
        yield indent + child.name, child.class_name, child.text
        yield from _child_rows(child.children, level + 1)
        if child.children_total > len(child.children) > 0:
            yield f"{indent}{_LEVEL_INDENT}…", "", f"{child.children_total - len(child.children)} more"


def _method(class_name: str, selector: str) -> str:
    """Return `Foo>>#bar`, as much of it as there is."""
    return f"{class_name}>>#{selector}" if selector else class_name


class Screen:
    """Where everything is shown.

    Attributes:
        has_failed: Whether anything was shown that was asked for and did not come about.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self.has_failed = False

    def say(self, text: str, style: str = "") -> None:
        """Show a text as whole lines."""
        self._console.print(Text(text, style), soft_wrap=True)

    def table(self, titles: Iterable[str], rows: Iterable[tuple[str, ...]], nothing: str = "") -> None:
        """Show rows under titles; where there are none, what to say instead."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in titles:
            table.add_column(title, overflow="fold")
        for row in rows:
            table.add_row(*(Text(_cell(cell)) for cell in row))
        if table.row_count:
            self._console.print(table)
        elif nothing:
            self.note(nothing)

    # One line

    def note(self, text: str) -> None:
        """Show what the console itself has to say."""
        self.say(visible(text), "dim")

    def warning(self, text: str) -> None:
        """Show what a person should know, such as a lost connection."""
        self.say(visible(text), "yellow")

    def refusal(self, text: str) -> None:
        """Show why something that was asked for was not done."""
        self.has_failed = True
        self.warning(text)

    def transcript(self, text: str) -> None:
        """Show what code wrote; the line is ended if it is not, for a prompt or a result follows."""
        missing = len(text) - _TRANSCRIPT_CHARS_MAX
        if missing > 0:
            self.note("... the end only; :more transcript shows it from its beginning")
        self.say(visible(text[max(0, missing) :]).removesuffix("\n"), "cyan")

    def page(self, text: str, left: int, how: str) -> None:
        """Show a piece of a text.

        Args:
            text: The piece.
            left: How many characters come after it.
            how: The command that shows them.
        """
        self.say(visible(text), "green")
        if left > 0:
            self.note(f"... {left} more characters: {how}")

    def _value(self, text: str) -> None:
        """Show the text of an object, a very long one in part."""
        self.page(text[:PAGE_CHARS], len(text) - PAGE_CHARS, "print it to read on")

    # Errors

    def failure(self, error: ClientError, code: str = "") -> None:
        """Show an error; one of code with its line, a caret below the place, and what to do."""
        self.has_failed = True
        if code and isinstance(error, CodeError) and error.place is not None:
            self._mark(code, error.place)
        name = error.details.get("class", error.error_type)
        self.say(visible(name if error.message == name else f"{name}: {error.message}"), "bold red")
        if isinstance(error, CodeError) and error.suggestion:
            self.say(visible(error.suggestion), "yellow")
        if isinstance(error, ServerError):
            self._stack(error.stack)

    def marked_error(self, code: str, place: Place, message: str, suggestion: str) -> None:
        """Show what is wrong with a text, at its place."""
        self.has_failed = True
        self._mark(code, place)
        self.say(visible(message), "bold red")
        if suggestion:
            self.say(visible(suggestion), "yellow")

    def _mark(self, code: str, place: Place) -> None:
        lines = marked(code, place)
        if lines is not None:
            self.say(lines[0])
            self.say(lines[1], "bold red")

    def _stack(self, frames: tuple[str, ...]) -> None:
        for frame in frames[:_FRAMES_SHOWN]:
            self.say(visible(f"  {frame}"), "dim")
        if len(frames) > _FRAMES_SHOWN:
            self.say(f"  ... {len(frames) - _FRAMES_SHOWN} more", "dim")

    # Objects

    def inspected(self, view: ObjectView, offset: int = 0) -> None:
        """Show an object and its children, those after so many."""
        self._value(view.text)
        if view.view_text is not None:
            self._value(view.view_text)
        self.say(f"{view.class_name}, object {view.object_id}", "dim")
        self.table(("child", "class", "value"), _child_rows(view.children))
        last = offset + len(view.children)
        if view.children_total > len(view.children):
            self.note(f"children {offset + 1} to {last} of {view.children_total}" if view.children else "no such child")
        if view.children_total > last:
            self.note(f":children {last + 1} shows the next")

    def inspector(self, state: InspectorState, offset: int = 0) -> None:
        """Show where the inspector stands, and the object there if the answer brought it; children after so many."""
        if not state.path:
            self.note("nothing is being inspected; :inspect EXPRESSION begins")
            return
        labels = (
            f"[{step.label}]" if number == state.position else step.label for number, step in enumerate(state.path)
        )
        self.say(visible(" > ".join(labels)))
        if state.selected is not None:
            self.note(f"selected: {state.selected}")
        if state.shown is not None:
            self.inspected(state.shown, offset)

    def variables(self, variables: Iterable[Variable]) -> None:
        """Show a session's variables."""
        rows = ((each.name, each.class_name, each.text) for each in variables)
        self.table(("variable", "class", "value"), rows, "there are no variables")

    # Sources and tests

    def filed_in(self, report: FileInReport) -> None:
        """Show what a file defined, and what of it had no effect."""
        self.has_failed |= bool(report.errors)
        for error in report.errors:
            place = f"line {error.line}, column {error.column}"
            text = f"{place}  {_method(error.class_name, error.selector)}  {error.message}"
            self.say(visible(text), "red")
            if error.suggestion:
                self.say(visible(error.suggestion), "yellow")
        counts = f"classes: {len(report.classes)}, methods: {len(report.methods)}"
        self.note(f"{counts}, expressions: {report.expression_count}, errors: {len(report.errors)}")

    def tested(self, report: SuiteReport) -> None:
        """Show what came of tests."""
        self.has_failed |= not report.has_passed
        for problem in report.problems:
            text = f"{problem.kind}  {_method(problem.class_name, problem.selector)}  {problem.message}"
            self.say(visible(text), "bold red" if problem.kind in ("failure", "error") else "yellow")
            self._stack(problem.stack)
        self.say(visible(report.summary), "green" if report.has_passed else "bold red")

    def progress(self, done: int, total: int) -> None:
        """Show how far a run of tests has come."""
        self.note(f"{done} of {total} tests")

    def versions(self, history: MethodHistory) -> None:
        """Show what a method is and was, or what its class has no more."""
        rows = [(str(v.version_id), v.change or "in force", v.replaced_at or "", v.source) for v in history.versions]
        self.table(("no.", "", "until", "source"), rows)
        if history.removed:
            self.note(f"removed from the class: {', '.join(history.removed)}")
        elif not rows:
            self.note("nothing of it was ever replaced or removed")

    # Sessions

    def restored(self, restored: RestoredSession) -> None:
        """Say that a session is back."""
        count = len(restored.variables)
        plural = "" if count == 1 else "s"
        self.note(f"session {restored.session.session_id} is back, with {count} variable{plural}")

    def sessions(self, sessions: Iterable[Session], current: str | None) -> None:
        """Show a client's sessions, numbered from 1, the current one marked; 80 columns hold a row with its id."""
        rows = (
            (
                f"{number} *" if each.session_id == current else str(number),
                each.session_id,
                each.last_modified[:_MINUTE_CHARS].replace("T", " "),
            )
            for number, each in enumerate(sessions, 1)
        )
        self.table(("no.", "session", "last used (UTC)"), rows, "you have no session; :new makes one")

    def contexts(self, savepoints: Iterable[Savepoint]) -> None:
        """Show a session's savepoints."""
        rows = ((each.name, each.saved_at, str(each.size_bytes)) for each in savepoints)
        self.table(("name", "saved", "bytes"), rows, "there are no saved states; :save NAME makes one")

    def differences(self, found: Difference) -> None:
        """Show what differs between two states."""
        kinds = {"variable": found.variables, "class": found.classes, "method": found.methods}
        rows = ((what, how, name) for what, each in kinds.items() for how, name in each.told())
        self.table(("what", "is", "name"), rows, "nothing differs")
        if not found.is_complete:
            self.note("there is more than is shown")

    def history(self, history: History) -> None:
        """Show past evaluations, newest last."""
        rows = ((str(e.seq), "!" if e.has_error else "", e.code, e.result) for e in history.entries)
        self.table(("no.", "", "code", "result"), rows, "nothing was evaluated yet")
        if history.total > len(history.entries):
            self.note(f"the last {len(history.entries)} of {history.total}")

    def commands(self, rows: Iterable[tuple[str, str]]) -> None:
        """Show what can be typed."""
        self.table(("", ""), rows)
