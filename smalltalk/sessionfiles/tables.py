"""Whether the durable tables of a session hold what their owners rely on, and each belongs to one owner.

What a table may hold is said by its owner's field (`kinds.TABLE_KINDS`), and its name is that field's. Two owners of
one table, or of one page, would change each other's elements. Elements that are found by a name have one each; methods
are those of the class whose table they stand in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ..memory.oids import ROOT_OID
from ..memory.registry import PAGES_MAX
from ..memory.tables import PAGE_ELEMENTS_MAX
from ..memory.workspaces import VARIABLES_MAX
from .kinds import TABLE_KINDS
from .labels import LABELS
from .values import MisplacedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..memory.records import ClassRef, Record, Value
    from .kinds import Kinds


#: Field that is a table -> what the table is called, where that is something else.
_TABLE_NAMES: Final = {"class_side_methods": "class-side methods", "class_variables": "variables"}
#: Kind of element -> place of the slot with what it is found by.
_NAME_PLACES: Final = {"%Binding": 0, "%Method": 0, "%Class": 0, "%Table": 0, "%Patch": 1}
#: Place of the slot with the class of a method, and with that of a patch.
_METHOD_CLASS: Final = 3
_PATCH_CLASS: Final = 1
#: Fields whose tables hold any objects, not by a name.
_NAMELESS: Final = ("ring", "moved")
_VARIABLE_NAME: Final = re.compile(r"[^\W\d]\w*+")


class _Owner(NamedTuple):
    """Whose table it is.

    Attributes:
        oid: id of the object that has it.
        kind: of that object.
        field: what the object calls it.
        kinds: what its elements may be, and what those of tables in it may be.
    """

    oid: int
    kind: str
    field: str
    kinds: tuple[Kinds, ...]


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
        self._variables = 0
        self.at = ROOT_OID

    def check(self) -> None:
        """Look at all of them.

        Raises:
            MisplacedError: one holds what it cannot.
        """
        fields_of: dict[ClassRef, list[tuple[int, str, tuple[Kinds, ...]]]] = {}
        for (owner, name), kinds in TABLE_KINDS.items():
            labels = LABELS[owner]
            fields_of.setdefault(owner, []).append(((labels.plain + labels.values).index(name), name, kinds))
        for oid, (ref, slots, _) in self._records.items():
            for place, name, kinds in fields_of.get(ref, ()):
                if place < len(slots):
                    self.at = oid
                    table = slots[place][0]
                    self._check_name(table, _TABLE_NAMES.get(name, name))
                    self._check_table(table, _Owner(oid, str(ref), name, kinds))
        self._check_ring()

    def _check_name(self, table: int, wanted: str) -> None:
        """Check that a table is the one that its owner made."""
        found = self._records[table][1][0]
        if found != wanted:
            raise MisplacedError(f"its table of {wanted} is called '{found}'")

    def _check_table(self, table: int, owner: _Owner) -> None:
        """Look at one table, and at those in it."""
        self._own(table)
        names: set[Value] = set()
        for page, _ in self._records[table][2]:
            self._own(page)
            elements = self._records[page][2]
            if len(elements) > PAGE_ELEMENTS_MAX:
                self.at = page
                raise MisplacedError(f"a page has at most {PAGE_ELEMENTS_MAX} elements")
            for element in elements:
                self.at = page
                kind = self._kind_of(element)
                if kind not in owner.kinds[0]:
                    wanted = " or ".join(sorted(each.removeprefix("%") for each in owner.kinds[0]))
                    raise MisplacedError(f"an element is a {kind.removeprefix('%')}, and may be {wanted}")
                self._check_element(element, kind, owner, names)
                if len(owner.kinds) > 1:
                    self._check_table(element[0], owner._replace(kinds=owner.kinds[1:]))

    def _check_element(self, element: Value, kind: str, owner: _Owner, names: set[Value]) -> None:
        """Look at one element of a table whose elements before it have those names; its own becomes one of them."""
        place = _NAME_PLACES.get(kind)
        if owner.field in _NAMELESS or (place is None and kind != "symbol"):
            return
        slots = () if place is None else self._records[element[0]][1]
        name = element if place is None else slots[place]
        if name in names:
            raise MisplacedError(f"two elements of #{owner.field} are called {name}")
        names.add(name)
        self.at = element[0] if place is not None else self.at
        if kind == "%Binding":
            self._check_binding(name, owner)
        elif kind == "%Method" and slots[_METHOD_CLASS] != self._class_of(owner):
            raise MisplacedError(
                f"the method stands among the methods of another class than its own, object {owner.oid}"
            )
        elif kind == "%Class" and not name:
            raise MisplacedError("a class that is found by its name has none")
        elif kind == "%Patch" and len(name) > 1:
            raise MisplacedError("only classes of the kernel have a Patch")

    def _check_binding(self, name: Value, owner: _Owner) -> None:
        """Look at the name of a variable, and count those of workspaces."""
        if type(name) is not str or not (_VARIABLE_NAME.fullmatch(name) or name.isidentifier()):
            raise MisplacedError(f"'{name}' cannot name a variable")
        self._variables += owner.field == "workspaces"
        if self._variables > VARIABLES_MAX:
            raise MisplacedError(f"a session has at most {VARIABLES_MAX} variables in its workspaces")

    def _class_of(self, owner: _Owner) -> Value:
        """The class or metaclass whose methods a table holds, as they name it."""
        if owner.kind == "%Patch":
            return self._records[owner.oid][1][_PATCH_CLASS]
        reference = owner.oid, owner.kind
        return reference if owner.field == "methods" else ("class", reference)

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
