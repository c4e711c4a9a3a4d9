"""References that are older than the present class or shape of what they refer to: whether it can have been that.

Whoever reads such a reference first makes a ghost of the class that it names, which then loads itself. That works for
what became another object, because the session's table of those is read before all else, and for instances of a class
that was defined anew. A reference that names any other class would make a ghost that cannot load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.oids import ROOT_OID
from ..memory.reclaiming import references
from .labels import LABELS
from .values import MisplacedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..memory.records import ClassRef, Record

_MOVED: Final = (LABELS["%Root"].plain + LABELS["%Root"].values).index("moved")


class OlderReferences:
    """Looks at the references of one state of a session.

    Args:
        records: its objects by id, each of the right kind by itself.

    Attributes:
        at: id of the object that is looked at, whose fault a refusal is.
    """

    def __init__(self, records: Mapping[int, Record]) -> None:
        self._records = records
        self.at = ROOT_OID

    def check(self) -> Iterator[int]:
        """Look at all of them; yields how many objects were looked at so far.

        Raises:
            MisplacedError: one names a class that what it refers to never had.
        """
        moved = self._moved()
        for count, (at, record) in enumerate(self._records.items(), 1):
            self.at = at
            for oid, ref in references(record):
                present = self._records[oid][0]
                if ref != present and oid not in moved and not self._have_one_class(ref, present):
                    raise MisplacedError(f"object {oid} is referred to as what it never was")
            yield count

    def _moved(self) -> set[int]:
        """Ids of what became another object."""
        table = self._records[ROOT_OID][1][_MOVED][0] if ROOT_OID in self._records else None
        pages: Any = self._records[table][2] if table is not None else ()
        return {element[0] for page, _ in pages for element in self._records[page][2]}

    def _have_one_class(self, ref: ClassRef, present: ClassRef) -> bool:
        """Whether both are shapes of one class."""
        if type(ref) is not int or type(present) is not int:
            return False
        former, now = (self._records[shape][1][0] for shape in (ref, present))
        return bool(former == now)
