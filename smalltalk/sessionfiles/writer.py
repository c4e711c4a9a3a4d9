"""Writing a session file: the objects that the root leads to, line by line, with a checksum at the end.

| key | holds |
|---|---|
| `#format`, `#version` | `'stui-session'` and the version of the format |
| `#written_by` | the program |
| `#session` | what is known of the session; `#next_id`: the smallest object id not given yet |
| `#history` | its entries, oldest first |
| `#savepoints` | name, time and notes of each, and the objects that were others then |
| `#classes`, `#variables`, `#computations`, `#blocks`, `#image`, `#objects` | the objects, see `recordtext.py` |
| `#sha256` | SHA-256 of all bytes before this line, in base 16 |
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from ..memory.oids import ROOT_OID
from .errors import SessionFileError
from .labels import LABELS, SECTIONS
from .recordtext import RecordText, VariablesOf, variables_by_class
from .stontext import plain_data, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ..memory.records import Record
    from ..runtime.kernel import Kernel
    from .contents import SavedState, SessionContents

#: What the first field of a session file says.
FORMAT: Final = "stui-session"
#: Raised when a file of a later server cannot be read by an earlier one.
VERSION: Final = 1
#: How the last line begins; the checksum is of all bytes before it.
CHECKSUM_LINE: Final = "#sha256:'"
#: Lines written in one step: about a millisecond, so that a server can do it between requests.
LINES_PER_STEP: Final = 128
#: Ids that are sorted at one go.
_BLOCK_OIDS: Final = 1_024


def session_file(contents: SessionContents, kernel: Kernel, written_by: str) -> Iterator[bytes]:
    """Write a session as a file, in steps of about a millisecond; the bytes come in order.

    Raises:
        SessionFileError: the session is damaged.
    """
    checksum = hashlib.sha256()
    for text in _pieces(contents, kernel, written_by):
        piece = text.encode()
        checksum.update(piece)
        yield piece
    yield f"{CHECKSUM_LINE}{checksum.hexdigest()}'\n}}\n".encode()


def _pieces(contents: SessionContents, kernel: Kernel, written_by: str) -> Iterator[str]:
    """The text without its checksum."""
    about = {**contents.about, "next_id": contents.next_oid}
    yield (
        f"{{\n#format:'{FORMAT}',\n#version:{VERSION},\n#written_by:{plain_data(written_by)},\n"
        f"#session:{_named(about)},\n"
    )
    yield from _listed("history", map(plain_data, contents.history))
    variables_of = variables_by_class(kernel)
    writing = _Reachable(contents.records, variables_of)
    yield from writing.steps()
    yield from _savepoints(contents, variables_of, writing.reached)
    for section in SECTIONS:
        yield from _listed(section, writing.lines(section))


def _named(fields: Mapping[str, Any]) -> str:
    """A map of plain data whose keys are names."""
    return f"{{{','.join([f'{symbol(name)}:{plain_data(value)}' for name, value in fields.items()])}}}"


def _listed(name: str, lines: Iterable[str]) -> Iterator[str]:
    """A list with one element a line."""
    yield f"#{name}:["
    waiting: list[str] = []
    for number, line in enumerate(lines):
        waiting.append(f",\n{line}" if number else f"\n{line}")
        if len(waiting) == LINES_PER_STEP:
            yield "".join(waiting)
            waiting.clear()
    yield "".join([*waiting, "],\n"])


def _savepoints(contents: SessionContents, variables_of: VariablesOf, present: AbstractSet[int]) -> Iterator[str]:
    """The savepoints, each with what its objects were unless they are the same now."""
    yield "#savepoints:["
    for number, saved in enumerate(contents.savepoints):
        about = {"name": saved.name, "at_ms": saved.at_ms, "meta": saved.meta}
        yield f"{',' if number else ''}\n{_named(about)[:-1]},#objects:["
        yield from _former_objects(contents, saved, variables_of, present)
        yield "]}"
    yield "],\n"


def _former_objects(
    contents: SessionContents, saved: SavedState, variables_of: VariablesOf, present: AbstractSet[int]
) -> Iterator[str]:
    """The lines of what a savepoint's root led to and is now otherwise, or not led to."""
    writing = _Reachable({**contents.records, **saved.records}, variables_of)
    yield from writing.steps()
    unchanged = present - saved.records.keys()
    yield ",\n".join(line for section in SECTIONS for line in writing.lines(section, unchanged))


class _Reachable:
    """The lines of all objects that the root leads to; a session that nothing was done in has none.

    Args:
        records: all objects by id.
        variables_of: names of the variables of a kernel class.

    Attributes:
        reached: ids of those that the root leads to, once they were walked.
    """

    def __init__(self, records: Mapping[int, Record], variables_of: VariablesOf) -> None:
        self._records = records
        self._text = RecordText(records, variables_of)
        #: Section -> block of ids -> id -> line. Each block is sorted when it is written: no step sorts all.
        self._lines: dict[str, defaultdict[int, dict[int, str]]] = {section: defaultdict(dict) for section in SECTIONS}
        self.reached: set[int] = set()

    def steps(self) -> Iterator[str]:
        """Walk and write, yielding an empty text after each step.

        Raises:
            SessionFileError: an object is missing, or does not fit its class.
        """
        waiting = [ROOT_OID] if self._records else []
        reached, met = self.reached, self._text.values.met
        reached.update(waiting)
        count = 0
        while waiting:
            oid = waiting.pop()
            record = self._records.get(oid)
            if record is None:
                raise SessionFileError(f"The session is damaged: object {oid} is not there.")
            line = self._text.of(oid, record)
            labels = LABELS.get(record[0]) if isinstance(record[0], str) else None
            self._lines[labels.section if labels else SECTIONS[-1]][oid // _BLOCK_OIDS][oid] = line
            for other in met:
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
            met.clear()
            count += 1
            if count % LINES_PER_STEP == 0:
                yield ""

    def lines(self, section: str, without: AbstractSet[int] = frozenset()) -> Iterator[str]:
        """The lines of a section, by ascending id, without those of some objects."""
        for _, block in sorted(self._lines[section].items()):
            yield from (line for oid, line in sorted(block.items()) if oid not in without)
