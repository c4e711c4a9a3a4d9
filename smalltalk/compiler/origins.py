"""Where generated code comes from: (code object, line) -> a position in the IR of a method or do-it.

A code object is registered when its unit or continuation is made and forgotten when it dies. What is remembered about
it is its *edition*: the origin, and the guards it was generated with. An origin holds no code, so a block that outlives
the unit it was written in keeps its origin alive and nothing else. IR and line tables are made again on demand:
lowering and generating are deterministic.
"""

from __future__ import annotations

import weakref
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from ..syntax.parser import parse_doit, parse_method
from .breaks import place_at
from .fusion import Everything
from .generate import Generator
from .limits import DEOPTS_PER_SITE, LOWERED_CACHE_SIZE
from .lower import lower
from .outline import outline

if TYPE_CHECKING:
    from .functions import Lowered
    from .fusion import Guards
    from .positions import Places
    from .scopes import Resolutions
    from .unit import Unit


class Origin:
    """A source with its surroundings: all that is needed to lower it again.

    Attributes:
        source: the text.
        resolutions: what its outer names denote.
        is_parametrised: a do-it whose literals are parameters.
        guards: indices of the operations that guessed wrong too often; all code made from now on tests there first.
    """

    __slots__ = ("__weakref__", "_misses", "_outline", "_unit", "guards", "is_parametrised", "resolutions", "source")

    def __init__(self, source: str, resolutions: Resolutions, *, is_parametrised: bool) -> None:
        self.source = source
        self.resolutions = resolutions
        self.is_parametrised = is_parametrised
        self.guards: frozenset[int] = frozenset()
        self._misses: dict[int, int] = {}
        self._unit: weakref.ref[Unit] | None = None
        self._outline: int | None = None

    @property
    def unit(self) -> Unit | None:
        """The unit made from it, None when that is gone."""
        return self._unit() if self._unit else None

    @unit.setter
    def unit(self, unit: Unit) -> None:
        self._unit = weakref.ref(unit)

    def lowered(self) -> Lowered:
        """Its IR."""
        return _lowered(self)

    def outline(self) -> int:
        """What positions in it depend on, see `outline.py`."""
        if self._outline is None:
            self._outline = outline(self.lowered())
        return self._outline

    def count_miss(self, guess: int, *, is_habit: bool = False) -> None:
        """Note that a guess was wrong (`Position.guess`); a habit of it becomes a guard."""
        count = self._misses[guess] = self._misses.get(guess, 0) + 1
        if is_habit or count >= DEOPTS_PER_SITE:
            self.guards |= {guess}


@lru_cache(maxsize=LOWERED_CACHE_SIZE)
def _lowered(origin: Origin) -> Lowered:
    if origin.resolutions.is_doit:
        return lower(parse_doit(origin.source, parametrise=origin.is_parametrised), origin.resolutions)
    return lower(parse_method(origin.source), origin.resolutions)


class Edition:
    """One generation of code from an origin.

    Attributes:
        origin: where it comes from.
        guards: indices of the operations that do not guess.
    """

    __slots__ = ("_places", "guards", "origin")

    def __init__(self, origin: Origin, guards: Guards, places: Places | None = None) -> None:
        self.origin = origin
        self.guards = guards
        self._places = places

    def places(self) -> Places:
        """What its lines stand for."""
        if self._places is None:
            generator = Generator(self.guards)
            generator.function(self.origin.lowered().functions[0], 0)
            self._places = generator.places()
        return self._places


class Position:
    """A place in an activation's IR.

    Attributes:
        origin: the method or do-it.
        function: number of the function, 0 for the method or do-it itself, else the block's.
        index: index of the operation; negative as in `generate` where the line is no operation.
        guards: of the code that stands there; of the newest edition where no code does.
        begin: index of the operation from which it is done again when it guessed wrong.
        is_before: the operation has yet to be done.
    """

    __slots__ = ("begin", "function", "guards", "index", "is_before", "origin")

    def __init__(
        self, origin: Origin, function: int, index: int, guards: Guards | None = None, *, is_before: bool = False
    ) -> None:
        self.origin = origin
        self.function = function
        self.index = self.begin = index
        self.guards = origin.guards if guards is None else guards
        self.is_before = is_before

    @property
    def is_guarded(self) -> bool:
        """The code guesses nothing, so a TypeError in it is a defect and not a wrong guess."""
        return isinstance(self.guards, Everything)

    @property
    def offset(self) -> int:
        """0-based offset in the source."""
        return self.origin.lowered().offsets[max(self.index, 0)]

    @property
    def guess(self) -> int:
        """The guard against the guess that the code made there: some operations guess in two ways, one by one."""
        return ~self.index if self.index in self.guards else self.index

    @property
    def line(self) -> int:
        """1-based line of the source."""
        return self.origin.source.count("\n", 0, self.offset) + 1


#: id of a living code object -> (the object, its edition, number of its function).
_registry: Final[dict[int, tuple[weakref.ref[CodeType], Edition, int]]] = {}


def register(code: CodeType, edition: Edition, number: int) -> None:
    """Remember a function's code and that of all blocks in it."""
    key = id(code)

    def forget(_dead: object, registry: dict[int, Any] = _registry) -> None:
        registry.pop(key, None)  # bound early: at the interpreter's end the module's names are gone

    _registry[key] = weakref.ref(code, forget), edition, number
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _register_nested(constant, edition)


def _register_nested(code: CodeType, edition: Edition) -> None:
    """A block is named `b<number>`, the factory around a block in a loop `c<number>`."""
    if code.co_name.startswith("b"):
        register(code, edition, int(code.co_name[1:]))
        return
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _register_nested(constant, edition)


def locate(code: CodeType, line: int) -> Position | None:
    """The position of a frame that executes that line of that code; None when the code is not generated."""
    entry = _registry.get(id(code))
    if entry is None:
        return None
    _, edition, number = entry
    places = edition.places()
    index, is_before = place_at(places.positions[line])
    position = Position(edition.origin, number, index, edition.guards, is_before=is_before)
    position.begin = places.begins.get(index, index)
    return position


def owner(code: CodeType) -> tuple[Origin, int] | None:
    """Origin and function number of generated code, None for any other."""
    entry = _registry.get(id(code))
    return (entry[1].origin, entry[2]) if entry else None


def code_of_function(code: CodeType, number: int) -> CodeType:
    """The code object of a block inside a unit's code.

    Raises:
        KeyError: it has no such block.
    """
    if number == 0:
        return code
    pending = [code]
    while pending:
        for constant in pending.pop().co_consts:
            if isinstance(constant, CodeType):
                if constant.co_name == f"b{number}":
                    return constant
                pending.append(constant)
    raise KeyError(number)
