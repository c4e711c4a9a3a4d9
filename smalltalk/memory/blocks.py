"""Records of blocks: Python functions whose code comes from a source and whose captured values lie in closure cells.

| record   | slots                                                            | payload                           |
|----------|------------------------------------------------------------------|-----------------------------------|
| `%Block` | %Unit, number of the block in it                                 | captured: Python name, value, ... |
| `%Unit`  | is do-it, has literals as parameters, source, class (or nil),    | names                             |
|          | renames of variables before it was compiled (left out if none)   |                                   |

The names are the instance variables of the class, of a do-it its workspace variables: what the source may mean by them
must not depend on what was defined since. Instance variables keep their names in the source, wherever they stand now
(`runtime/formersources.py`); where it uses one that is gone, the block fails.

A block is opened when it is first referred to, because generated code and primitives want a function. The source of its
unit is stored with it, so a block goes on as it was when its method is changed or removed, and with a newer kernel. As
long as the method still has that source, its own compiled form is used.
"""

from __future__ import annotations

from functools import lru_cache
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from ..compiler.errors import SemanticFailure
from ..compiler.origins import owner as origin_of
from ..compiler.unit import Unit, compile_doit, compile_method
from ..runtime.formersources import FormerNames, StoredScope
from ..runtime.methods import unit_of
from ..runtime.objects import Object
from ..syntax.parser import parse_method
from .errors import UnstorableValueError
from .records import live_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..compiler.origins import Origin
    from ..compiler.scopes import Resolution
    from ..runtime.classes import Behavior
    from ..runtime.world import World
    from .heap import Heap
    from .records import Encode, Record, Value

#: Restored do-its whose compiled form is shared by the sessions of a process; compiling one takes a third of a
#: millisecond, and sessions of one team tend to hold the same blocks.
DOIT_UNITS_MAX: Final = 256

#: Sources whose selectors are known: those of the library's methods that waiting computations stand in, mostly.
SELECTORS_MAX: Final = 1_024


class Source(Object):
    """The text a block was written in: a method's or a do-it's, with what its outer names meant."""

    __slots__ = ("is_doit", "is_parametrised", "names", "owner", "renames_known", "text", "unit")

    def __init__(self, origin: Origin, behavior: Behavior | None) -> None:
        self.oid = 0
        self.dirty = True
        self.text = origin.source
        self.is_doit = origin.resolutions.is_doit
        self.is_parametrised = origin.is_parametrised
        self.owner = behavior
        self.names = tuple(origin.lowered().bindings) if self.is_doit else origin.resolutions.names
        self.renames_known = origin.resolutions.renames_known
        #: Its compiled form, once a restored block needed it.
        self.unit: Unit | None = None


class StoredDoit:
    """What surrounds a do-it that is compiled again, in no world: what was a workspace variable stays one."""

    class_key: Final = "UndefinedObject"
    instance_variables: Final = ()

    def __init__(self, bindings: frozenset[str]) -> None:
        self._bindings = bindings

    def resolve(self, name: str) -> Resolution:
        """Everything else was a global then."""
        return None if name in self._bindings else ("global",)

    def known_names(self) -> Iterable[str]:
        """Nothing is misspelt in what compiled before."""
        return ()


@lru_cache(maxsize=DOIT_UNITS_MAX)
def _doit_unit(text: str, bindings: frozenset[str], *, is_parametrised: bool) -> Unit:
    """Compile a do-it that a block was written in."""
    return compile_doit(text, StoredDoit(bindings), parametrise=is_parametrised)


@lru_cache(maxsize=SELECTORS_MAX)
def _selector_of(text: str) -> str:
    """The selector of a method's source."""
    return parse_method(text).selector


def _method_unit(world: World, source: Source) -> Unit:
    """The compiled form of a method that a block was written in: the present one while that has the same source."""
    behavior = source.owner
    assert behavior is not None, "only do-its have no class"
    names = FormerNames(behavior, source.names, source.renames_known)
    method = world.lookup(behavior, _selector_of(source.text))
    is_same = method is not None and method.owner is behavior and method.source == source.text
    if method is not None and is_same and method.is_kernel and method.primitive is None:
        present = unit_of(world, method)
        if present.origin.resolutions.names == source.names:  # it cannot mean anything else
            return present
    former = compile_method(source.text, StoredScope(world, behavior, names, source.text))
    if method is None or not is_same or method.primitive is not None:
        return former
    if former.origin.resolutions.gone() or not names.are_present:
        return former
    try:
        return unit_of(world, method)
    except SemanticFailure:  # something that it only reads is gone
        return former


class BlockForm:
    """How blocks are written and opened."""

    ref: Final = "%Block"
    ghost = None

    def __init__(self, world: World, heap: Heap) -> None:
        self._world = world
        self._heap = heap
        self._sources: WeakKeyDictionary[Origin, Source] = WeakKeyDictionary()
        #: Opened blocks that wait for their captured values, with the plain ones: chains of blocks must not recurse.
        self._waiting: list[tuple[FunctionType, tuple[Value, ...]]] = []
        self._is_filling = False

    def encode(self, block: Any, encode: Encode) -> Record:
        """Make the record of a block.

        Raises:
            UnstorableValueError: the function was not made by generated code.
        """
        place = origin_of(block.__code__)
        if place is None:
            raise UnstorableValueError(f"the function {block.__qualname__} is no block")
        origin, number = place
        captured: list[Value] = []
        for name, cell in zip(block.__code__.co_freevars, block.__closure__ or (), strict=True):
            captured += (name, encode(cell.cell_contents))
        return self.ref, (encode(self.source_of(origin)), number), tuple(captured)

    def source_of(self, origin: Origin) -> Source:
        """The source object of an origin."""
        source = self._sources.get(origin)
        if source is None:
            resolutions = origin.resolutions
            behavior = None if resolutions.is_doit else self._world.behavior_named(resolutions.class_key)
            source = self._sources[origin] = Source(origin, behavior)
        return source

    def open(self, oid: int, record: Record) -> FunctionType:
        """Make the block of that record; its captured values follow before anybody can call it."""
        _, (source, number), captured = record
        unit = self.unit_of(self._heap.decode(source))
        code = unit.block(number)
        cells = tuple(CellType() for _ in code.co_freevars)
        self._world.link(unit.names)
        block = FunctionType(code, self._world.g, code.co_name, None, cells)
        self._heap.enter(oid, block)
        self._waiting.append((block, captured))
        if not self._is_filling:
            self._fill()
        return block

    def unit_of(self, source: Source) -> Unit:
        """The compiled form of a source."""
        unit = source.unit
        if unit is None:
            if source.is_doit:
                bindings = frozenset(source.names)
                unit = _doit_unit(source.text, bindings, is_parametrised=source.is_parametrised)
            else:
                unit = _method_unit(self._world, source)
            source.unit = unit
            self._sources[unit.origin] = source
        return unit

    def _fill(self) -> None:
        """Give all waiting blocks their captured values; those may refer to further blocks."""
        self._is_filling = True
        opened = []
        try:
            while self._waiting:
                block, captured = self._waiting.pop()
                opened.append(block)
                values = dict(zip(captured[::2], captured[1::2], strict=True))
                for name, cell in zip(block.__code__.co_freevars, block.__closure__ or (), strict=True):
                    cell.cell_contents = self._heap.decode(values[name])
        except BaseException:
            # Whoever asks again gets the same error, never a block without its values.
            self._heap.withdraw([*opened, *[block for block, _ in self._waiting]])
            self._waiting.clear()
            raise
        finally:
            self._is_filling = False


class SourceForm:
    """How sources are written and opened."""

    ref: Final = "%Unit"
    ghost = None

    def __init__(self, heap: Heap) -> None:
        self._heap = heap

    def encode(self, source: Any, encode: Encode) -> Record:
        """Make the record of a source."""
        slots = (source.is_doit, source.is_parametrised, plain_text(source.text), encode(source.owner))
        renames = (source.renames_known,) if source.renames_known else ()
        return self.ref, (*slots, *renames), source.names

    def open(self, oid: int, record: Record) -> Source:
        """Make the source of that record."""
        source = Source.__new__(Source)
        _, (source.is_doit, source.is_parametrised, text, behavior, *renames), names = record
        source.renames_known = renames[0] if renames else 0
        source.text = live_text(text)
        source.owner = self._heap.decode(behavior)
        source.names = tuple(names)
        source.unit = None
        self._heap.enter(oid, source)
        return source
