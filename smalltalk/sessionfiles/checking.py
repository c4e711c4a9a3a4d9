"""Whether the contents of a file make a session: it is opened, and each of its objects is read as if it were touched.

No code of the session runs. What does not fit (a reference to something of another kind, a class below itself, a method
that does not parse under a block) is refused now, and not when somebody meets it later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from ..image import Image
from ..memory.errors import MISFITS, MemoryRoomError
from ..runtime import current
from .errors import SessionFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..memory.heap import Heap
    from ..memory.records import Record
    from ..runtime.host import Host
    from ..runtime.kernel import Kernel
    from .contents import SessionContents

#: Objects read in one step: some milliseconds.
_OBJECTS_PER_STEP: Final = 512


class _Records:
    """The objects of a file as an image reads them."""

    def __init__(self, next_oid: int, records: Mapping[int, Record]) -> None:
        self.next_oid = next_oid
        self._records = records

    def record(self, oid: int) -> Record | None:
        """Return the record of an object, None if there is none."""
        return self._records.get(oid)


def check_contents(contents: SessionContents, kernel: Kernel, host: Host) -> Iterator[int]:
    """Open a session and each of its savepoints; yields how many objects were read so far.

    Raises:
        SessionFileError: they make no session; the message names the object.
    """
    count = 0
    if not contents.records:
        return
    for records in (contents.records, *[{**contents.records, **saved.records} for saved in contents.savepoints]):
        try:
            for done in _opened(_Records(contents.next_oid, records), records, kernel, host):
                yield count + done
        except (MemoryRoomError, RecursionError, *MISFITS) as error:
            raise SessionFileError(f"The objects of the file make no session: {error}.") from error
        count += len(records)


def _opened(source: _Records, records: Mapping[int, Record], kernel: Kernel, host: Host) -> Iterator[int]:
    """Open an image and read every object."""
    image = Image.restore(kernel, host, source)
    try:
        heap = cast("Heap", image.world.heap)
        for count, oid in enumerate(records, 1):
            current.world = image.world
            heap.load(heap.find(oid))
            if count % _OBJECTS_PER_STEP == 0:
                yield count
    finally:
        image.close()
