"""The golden captures: `python -m tests.smalltalk.suspension.captures` makes those of the present version anew.

Each is a file of JSON: the records of a session in which a computation is stopped, and what it answers when it goes on.
The folder is the version. What is in a folder of an earlier version is never made again: every later version must be
able to resume it. A change that does away with that (other operations for the same source, another form of a record)
needs a new version here and a good reason.

Where a case is to be stopped is said in `cases.py`: the maker looks for the first such place. Those that wait for a
debugger stop by themselves.
"""

from __future__ import annotations

import base64
import json
import platform
import sys
from pathlib import Path
from typing import Any

from .cases import CASES, WAITING
from .stops import At
from .subject import Answer, Subject

FOLDER = Path(__file__).parent / "golden"

#: The version that the maker writes.
VERSION = 1

#: How the names of those begin that wait for a debugger.
_WAITING = "waiting-"

#: Places among which the maker looks.
PLACES_MAX = 2_000


def make(name: str) -> dict[str, Any]:
    """Make the capture of a case that is stopped; its content."""
    case = CASES[name]
    for place in range(PLACES_MAX):
        subject = Subject()
        for code in case.setup:
            subject.generated(code)
        stopped = subject.stop(case.source, At(place), is_interpreted=case.is_interpreted)
        if stopped is None:
            break
        if case.is_there(stopped):
            return _content(subject, {"source": case.source})
    raise LookupError(f"{name} is nowhere stopped where it should be")


def make_waiting(name: str) -> dict[str, Any]:
    """Make the capture of a case that waits for a debugger; its content."""
    source, code = WAITING[name]
    subject = Subject()
    outcome = subject.evaluate(source)
    assert outcome.context_id is not None
    return _content(subject, {"source": source, "waiting": outcome.context_id, "code": code})


def _content(subject: Subject, facts: dict[str, Any]) -> dict[str, Any]:
    records = base64.b64encode(subject.packed()).decode()
    capture = {"version": VERSION, "python": platform.python_version(), **facts, "records": records}
    return {**capture, "answer": resumed(capture)._asdict()}


def resumed(capture: dict[str, Any]) -> Answer:
    """Go on with a capture to its end."""
    subject = restored(capture)
    if "waiting" not in capture:
        return subject.finish()
    waiting, transcript = capture["waiting"], ""
    while waiting is not None:
        evaluation = subject.image.begin()
        outcome = subject.image.debugger.proceed(waiting, evaluation=evaluation, code=capture["code"])
        waiting, transcript = outcome.context_id, transcript + outcome.transcript
    assert outcome.failure is None, outcome.failure
    return subject.answer(outcome.result, transcript)


def captures() -> dict[str, dict[str, Any]]:
    """All golden captures, of every version."""
    paths = sorted(FOLDER.glob("*/*.json"))
    return {f"{path.parent.name}-{path.stem}": json.loads(path.read_text(encoding="utf-8")) for path in paths}


def restored(capture: dict[str, Any]) -> Subject:
    """The session of a capture."""
    return Subject.unpacked(base64.b64decode(capture["records"]))


def expected(capture: dict[str, Any]) -> Answer:
    """What it must answer."""
    return Answer(**capture["answer"])


def names_of_cases() -> list[str]:
    """Names of the captures of the present version."""
    return [*CASES, *(_WAITING + name for name in WAITING)]


def write(names: list[str]) -> None:
    """Write captures of the present version anew; all of them if none is named."""
    folder = FOLDER / f"version-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or names_of_cases():
        content = make_waiting(name.removeprefix(_WAITING)) if name.startswith(_WAITING) else make(name)
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
