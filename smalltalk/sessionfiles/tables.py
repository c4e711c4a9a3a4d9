"""Whether the durable tables of a session hold what their owners rely on, and each belongs to one owner.

A table does not say what it is a table of: its owner's field does (`kinds.TABLE_KINDS`). Two owners of one table, or of
one page, would change each other's elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..memory.oids import ROOT_OID
from ..memory.registry import PAGES_MAX
from .kinds import TABLE_KINDS
from .labels import LABELS
from .values import MisplacedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..memory.records import ClassRef, Record, Value
    from .kinds import Kinds


class Tables:
    """Looks at the tables of one state of a session.

    Args:
        records: its objects by id, each of the right kind by itself.
        kind_of: tells the kind of a value of them.

    Attributes:
        at: id of the object that is looked at, whose fault a refusal is.
    """

    def __init__(self, records: Mapping[int, Record], kind_of: Callable[[Value], str]) -> None:
        self._records = records
        self._kind_of = kind_of
        self._owned: set[int] = set()
        self.at = ROOT_OID

    def check(self) -> None:
        """Look at all of them.

        Raises:
            MisplacedError: one holds what it cannot.
        """
        fields_of: dict[ClassRef, list[tuple[int, tuple[Kinds, ...]]]] = {}
        for (owner, name), kinds in TABLE_KINDS.items():
            labels = LABELS[owner]
            fields_of.setdefault(owner, []).append(((labels.plain + labels.values).index(name), kinds))
        for oid, (ref, slots, _) in self._records.items():
            for place, kinds in fields_of.get(ref, ()):
                if place < len(slots):
                    self.at = oid
                    self._check_table(slots[place][0], kinds)
        self._check_ring()

    def _check_table(self, table: int, kinds: tuple[Kinds, ...]) -> None:
        """Look at one table, and at those in it."""
        self._own(table)
        for page, _ in self._records[table][2]:
            self._own(page)
            for element in self._records[page][2]:
                self.at = page
                kind = self._kind_of(element)
                if kind not in kinds[0]:
                    wanted = " or ".join(sorted(each.removeprefix("%") for each in kinds[0]))
                    raise MisplacedError(f"an element is a {kind.removeprefix('%')}, and may be {wanted}")
                if len(kinds) > 1:
                    self._check_table(element[0], kinds[1:])

    def _own(self, oid: int) -> None:
        """Give a table or page to its owner."""
        if oid in self._owned:
            raise MisplacedError(f"object {oid} belongs to two tables")
        self._owned.add(oid)

    def _check_ring(self) -> None:
        """Look at the pages of results that are kept, which are taken in turns."""
        self.at = ROOT_OID
        root = self._records.get(ROOT_OID)
        if root is None:
            return
        labels = LABELS["%Root"]
        ring, turns = (root[1][(labels.plain + labels.values).index(name)][0] for name in ("ring", "turns"))
        count = self._records[turns][1][0]
        pages = len(self._records[ring][2])
        if type(count) is not int or count < 0 or pages != min(count, PAGES_MAX):
            raise MisplacedError(f"the ring has {pages} pages, and had {count} turns")
