"""Whether the contents of a file make a session: it is opened, and each of its objects is read as if it were touched.

No code of the session runs. What does not fit (a reference to something of another kind, a class below itself, a method
that does not parse under a block) is refused now, and not when somebody meets it later.
"""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, cast

from ..compiler.names import BINDING, box_names
from ..compiler.origins import owner
from ..image import Image
from ..memory.errors import MISFITS, BrokenImageError, MemoryRoomError
from ..memory.oids import ROOT_OID
from ..runtime import current
from ..runtime.contexts import Context
from ..runtime.framevariables import ContextVariable, FieldVariable
from ..runtime.objects import Binding, Box, Home
from .errors import SessionFileError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ..compiler.origins import Origin
    from ..memory.heap import Heap
    from ..memory.records import Record
    from ..runtime.host import Host
    from ..runtime.kernel import Kernel
    from .contents import SessionContents

#: Objects read in one step: some milliseconds.
_OBJECTS_PER_STEP: Final = 512
#: What generated code asks for a value by `v`.
_HOLDERS: Final = (Box, Binding, ContextVariable, FieldVariable)
#: Local name of the activation that a `^` leaves.
_HOME: Final = "home"
#: Functions whose boxes stay known: a file has some hundred blocks of some sources.
_ORIGINS_MAX: Final = 256


class _Records:
    """The objects of a file as an image reads them."""

    def __init__(self, next_oid: int, records: Mapping[int, Record]) -> None:
        self.next_oid = next_oid
        self._records = records

    def record(self, oid: int) -> Record | None:
        """Return the record of an object, None if there is none."""
        return self._records.get(oid)


def check_contents(contents: SessionContents, kernel: Kernel, host: Host) -> Iterator[int]:
    """Open a session and each of its savepoints; yields how many objects were looked at so far.

    Raises:
        SessionFileError: they make no session; the message names the object.
    """
    if not contents.records:
        return
    count = 0
    states = [contents.records, *[{**contents.records, **saved.records} for saved in contents.savepoints]]
    for number, records in enumerate(states):
        sure = contents.reading.sure[number] if contents.reading else frozenset()
        try:
            for done in _opened(_Records(contents.next_oid, records), records, sure, kernel, host):
                yield count + done
        except (MemoryRoomError, RecursionError, *MISFITS) as error:
            raise _refused(contents, number, error) from error
        count += len(records)


def _check_names(found: Any, oid: int) -> None:
    """Check that what a block or activation holds is a box, a binding or a home where its code takes it for one.

    Raises:
        BrokenImageError: it is not.
    """
    boxes: Collection[str] = ()
    values: Mapping[str, Any] = {}
    if type(found) is FunctionType:
        place = owner(found.__code__)
        assert place is not None, "it was opened as a block"
        origin, number = place
        boxes = _box_names(origin, number)
        cells = zip(found.__code__.co_freevars, found.__closure__ or (), strict=True)
        values = {name: cell.cell_contents for name, cell in cells}
    elif type(found) is Context:
        # Arguments that will be boxes need not be yet; variables of a workspace always are.
        boxes = [name for name in found.values if name.startswith(BINDING)]
        values = found.values
    for name, value in values.items():
        if (name in boxes and not isinstance(value, _HOLDERS)) or (name == _HOME and not isinstance(value, Home)):
            raise BrokenImageError(f"object {oid} holds a {type(value).__name__} as {name}", oid)


def _check_elements(found: Any, oid: int, kernel: Kernel) -> None:
    """Check that a set has elements, not the entries of a dictionary: a list with key and value is no object.

    Raises:
        BrokenImageError: it has entries.
    """
    subject = getattr(type(found), "behavior", None)
    if subject is None or subject.kind != "map" or not subject.inherits_from(kernel.classes["Set"]):
        return
    if any(type(element) is list for element in found.map.values()):
        raise BrokenImageError(f"object {oid} is a set, and has the entries of a dictionary", oid)


@lru_cache(maxsize=_ORIGINS_MAX)
def _box_names(origin: Origin, number: int) -> set[str]:
    """The names of what a function of a source takes for a box."""
    return box_names(origin.lowered().functions[number].code)


def _refused(contents: SessionContents, number: int, error: Exception) -> SessionFileError:
    """Make the error of a state that makes no session."""
    reason = f"the objects of the file make no session: {error}"
    if contents.reading is None:
        return SessionFileError(f"{reason[:1].upper()}{reason[1:]}.")
    return contents.reading.refused(number, getattr(error, "oid", None) or ROOT_OID, reason)


def _opened(
    source: _Records, records: Mapping[int, Record], sure: AbstractSet[int], kernel: Kernel, host: Host
) -> Iterator[int]:
    """Open an image and read every object that reading the file told not enough of."""
    image = Image.restore(kernel, host, source)
    try:
        heap = cast("Heap", image.world.heap)
        for count, oid in enumerate(records, 1):
            if oid not in sure:
                current.world = image.world
                found = heap.find(oid)
                heap.load(found)
                _check_names(found, oid)
                _check_elements(found, oid, kernel)
            if count % _OBJECTS_PER_STEP == 0:
                yield count
    finally:
        image.close()
