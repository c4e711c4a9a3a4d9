"""Whether the contents of a file make a session: it is opened, and each of its objects is read as if it were touched.

No code of the session runs. What does not fit (a reference to something of another kind, a class below itself, a method
that does not parse under a block) is refused now, and not when somebody meets it later.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, cast

from ..compiler.names import BINDING, box_names
from ..compiler.origins import owner
from ..image import Image
from ..memory.errors import MISFITS, BrokenImageError, MemoryRoomError
from ..memory.oids import ROOT_OID
from ..primitives.control import argument_count
from ..runtime import current
from ..runtime.classes import ClassObject, Method
from ..runtime.classnames import DefinitionError, check_class_name, check_levels, check_variables
from ..runtime.contexts import Context
from ..runtime.framevariables import ContextVariable, FieldVariable
from ..runtime.objects import Binding, Box, Home
from ..syntax.errors import SyntaxFailure
from ..syntax.parser import parse_method
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
#: What a dictionary holds values under without their keys.
_NUMBERS: Final = (int, float)
#: Local name of the activation that a `^` leaves.
_HOME: Final = "home"
#: What code calls a class by that has no name in the world, or one that was another's (`runtime/definitions.py`).
_HIDDEN_KEY: Final = re.compile(r"\w+~[0-9]+")
#: The same of one that never had a name; what it is called tells of its superclass.
_ANONYMOUS_KEY: Final = re.compile(r"anonymous~[0-9]+")
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
    """Check that a set has elements, and a dictionary entries (`runtime/entries.py`).

    Raises:
        BrokenImageError: it has what the other has.
    """
    subject = getattr(type(found), "behavior", None)
    if subject is None or subject.kind != "map":
        return
    is_set = subject.inherits_from(kernel.classes["Set"])
    if any((is_set or type(where) in _NUMBERS) is (type(held) is list) for where, held in found.map.items()):
        kind, others = ("set", "entries of a dictionary") if is_set else ("dictionary", "elements of a set")
        raise BrokenImageError(f"object {oid} is a {kind}, and has the {others}", oid)


def _check_class(found: Any, oid: int, kernel: Kernel) -> None:
    """Check that a class has a name that a definition may give it, and variables that can be told apart.

    Raises:
        BrokenImageError: it has not.
    """
    if not isinstance(found, ClassObject) or found.is_kernel:
        return
    name = found.class_name
    if name in kernel.classes or name in kernel.singletons:
        raise BrokenImageError(f"the class {name} has the name of a class or global of the kernel", oid)
    is_anonymous = _ANONYMOUS_KEY.fullmatch(found.class_key)
    try:
        check_class_name("" if is_anonymous else name)
        check_levels(name, sum(1 for _ in found.chain()))
        for behavior in (found, found.metaclass):
            check_variables(name, behavior.all_variables())
        check_variables(name, tuple(found.class_variables))
    except DefinitionError as error:
        raise BrokenImageError(str(error), oid) from error
    if found.class_key != name and not _HIDDEN_KEY.fullmatch(found.class_key):
        raise BrokenImageError(f"'{found.class_key}' is nothing that code can call the class {name} by", oid)


def _check_method(found: Any, oid: int) -> None:
    """Check that a method's source is that of a method with its selector; an alias of a trait's has as many arguments.

    Raises:
        BrokenImageError: it is not.
    """
    if type(found) is not Method:
        return
    try:
        tree = parse_method(found.source)
    except SyntaxFailure as failure:
        raise BrokenImageError(f"the source of the method {found.selector} is none: {failure}", oid) from failure
    count = argument_count(found.selector)
    if len(tree.parameters) != count or (found.origin is None and tree.selector != found.selector):
        raise BrokenImageError(f"the method {found.selector} has the source of {tree.selector}", oid)


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
                _check_class(found, oid, kernel)
                _check_method(found, oid)
            if count % _OBJECTS_PER_STEP == 0:
                yield count
    finally:
        image.close()
