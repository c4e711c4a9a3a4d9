"""Do-its by shape: the compiled form of what people type, shared by all images of the process.

Two do-its that differ in number and string literals only have one shape and run one unit with other arguments, unless
they make blocks, which show the text they were written in: then both texts must be the same. What a name means is not
part of the shape, so each use checks that the names the unit takes for globals are globals in this world, and that
those it takes for variables are not.

A shape seen for the first time is interpreted when it runs straight through, because compiling would take longer than
running, and leaves nothing but a number by which its second sight is recognised: most of what is typed never comes
again. From then on it is shared and runs generated code.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import SemanticFailure, advice_on_unknown
from ..compiler.lower import lower
from ..compiler.origins import locate
from ..compiler.scopes import UNDECLARED
from ..compiler.unit import compile_doit
from ..runtime.scopes import DoitScope
from ..runtime.suspension import Moved, Suspended
from ..stepper import interpret
from ..syntax.errors import line_and_column
from ..syntax.nodes import Assignment, Node, Variable
from ..syntax.parser import parse_doit
from ..syntax.shape import masked, shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from types import TracebackType

    from ..compiler.scopes import Resolution
    from ..compiler.unit import Unit
    from ..runtime.outcome import FailureReport
    from ..runtime.world import World

#: Shapes kept: a unit with its code is about 5 KB, so some 20 MB for everything a busy server's people type.
SHAPES_MAX: Final = 4_096

#: Shapes remembered as seen once, each a number in a dictionary: two megabytes.
_SIGHTS_MAX: Final = 4 * SHAPES_MAX

#: Before the text of a do-it that is its own key; it begins no key of a shape.
_OWN: Final = "\x02"

#: What every block begins with.
_BLOCK: Final = "["

_CAPITALISED_SYMBOL: Final = re.compile(r"#([A-Z]\w*)(?![\w:])")


class ShapeScope(DoitScope):
    """What a do-it's names mean in the world that compiles it first; lets go of that world afterwards.

    A capitalised name that means nothing yet is a global all the same when the text holds its symbol: what defines a
    class (`Object subclass: #Foo ...`) may use it in the same do-it. Until then it is nil.

    Attributes:
        globals: names that were found to be globals.
    """

    __slots__ = ("_symbols", "globals")

    def __init__(self, world: World, code: str) -> None:
        super().__init__(world)
        self.globals: list[str] = []
        self._symbols = frozenset(_CAPITALISED_SYMBOL.findall(code) if "#" in code else ())

    def resolve(self, name: str) -> Resolution:
        """A global, or nothing: then it is a variable of the workspace."""
        resolution: Resolution = ("global",) if name in self._symbols else super().resolve(name)
        if resolution is not None:
            self.globals.append(name)
        return resolution

    def release(self) -> None:
        """Forget the world: the unit is shared by all sessions, and what it asked it remembers."""
        del self._world


class Doit:
    """One shape's compiled form.

    Attributes:
        unit: the compiled form.
        is_seen: it ran before, so it is worth generating code.
        capitalised: the workspace variables it takes for such although they are written like globals.
        has_blocks: it makes blocks.
        is_straight: it has neither blocks nor loops, so its first run is interpreted.
    """

    __slots__ = ("_failed_index", "_globals", "capitalised", "has_blocks", "is_seen", "is_straight", "unit")

    def __init__(self, unit: Unit, globals_: tuple[str, ...]) -> None:
        self.unit = unit
        self.is_seen = False
        #: The operation at which it was left when it failed.
        self._failed_index: int | None = None
        self.capitalised = tuple([name for name in unit.bindings if name[0].isupper()]) if unit.bindings else ()
        self._globals = globals_
        lowered = unit.lowered()
        self.is_straight = lowered.is_straight
        self.has_blocks = len(lowered.functions) > 1

    def fits(self, world: World) -> bool:
        """Whether its names mean in that world what they meant when it was compiled."""
        for name in self._globals:
            if not world.has_global(name):
                return False
        for name in self.unit.bindings:  # noqa: SIM110 - twice as fast as any() over mostly empty tuples
            if world.has_global(name):
                return False
        return True

    def run(self, world: World, arguments: Sequence[Any], receiver: Any = None) -> Any:
        """Run it in a world.

        Args:
            world: where.
            arguments: the bindings of the unit's variables in their order, then the literals.
            receiver: self; nil but in a frame that is debugged.
        """
        self._failed_index = None
        try:
            if self.is_straight and not self.is_seen:
                self.is_seen = True
                return interpret(self.unit, world, receiver, arguments)
            return world.function(self.unit)(receiver, *arguments)
        except Moved as move:
            rest = partial(move.stack.go_on, move.start)
        except Suspended:  # who kept it says where it stands
            raise
        except BaseException as stop:
            self._failed_index = _index_left(self.unit, stop)
            raise
        return rest()

    def complete(self, failure: FailureReport, code: str) -> None:
        """Say where in its text a failure of the do-it left it, and show the do-it in the stack if it was interpreted.

        Args:
            failure: of the run that just ended.
            code: the text that ran; its literals, and so its places, may differ from those of the unit's own.
        """
        if self._failed_index is None:
            return
        origin = self.unit.origin
        if code == origin.source:
            lowered = origin.lowered()
        else:
            lowered = lower(parse_doit(code, parametrise=origin.is_parametrised), origin.resolutions)
        failure.line, failure.column = line_and_column(code, lowered.offsets[self._failed_index])
        if not any(name.endswith(self.unit.selector) for name, _ in failure.stack[-1:]):
            failure.stack.append((self.unit.selector, failure.line))
        self._failed_index = None


def _index_left(unit: Unit, stop: BaseException) -> int | None:
    """Index of the innermost operation of a do-it or of its blocks that an exception left."""
    passed = []
    traceback = stop.__traceback__
    while traceback is not None:
        passed.append(traceback)
        traceback = traceback.tb_next
    others: set[int] = set()
    for each in reversed(passed):
        if id(each.tb_frame.f_code) not in others:
            index = _index_in(unit, each, others)
            if index is not None:
                return index
    return None


def _index_in(unit: Unit, traceback: TracebackType, others: set[int]) -> int | None:
    """Index of the operation that an exception left in a frame, None if that runs nothing of the do-it.

    Args:
        unit: the do-it.
        traceback: the frame.
        others: gets the id of its code if that is other sources': a recursion has very many frames of little code.
    """
    code = traceback.tb_frame.f_code
    if code is interpret.__code__:
        activation = traceback.tb_frame.f_locals["activation"]
        return activation.index if activation.origin is unit.origin else None
    position = locate(code, traceback.tb_lineno)
    if position is None:
        return None
    if position.origin is not unit.origin:
        others.add(id(code))
        return None
    return position.index if position.index >= 0 else None


#: The code of the function that runs do-its: below it there is no part of one.
DOIT_BOTTOM: Final = Doit.run.__code__


class DoitCache:
    """Do-its by shape; bounded, the one unused for longest goes first."""

    def __init__(self, shapes_max: int = SHAPES_MAX) -> None:
        self._shapes_max = shapes_max
        # Ordered dictionaries: a plain one finds its oldest entry by walking over the places of all that were dropped
        # since it last grew, which took 20 us for each shape never seen before.
        self._doits: OrderedDict[str, Doit] = OrderedDict()
        #: Hashes of the shapes seen once, oldest first. Of two with the same hash one is compiled too early.
        self._sights: OrderedDict[int, None] = OrderedDict()

    def find(self, code: str, world: World, declared: Collection[str]) -> tuple[Doit, tuple[Any, ...]]:
        """Return the do-it for a text and the values of its literals.

        Args:
            code: the text.
            world: where it will run.
            declared: the workspace's variables.

        Raises:
            SyntaxFailure: it does not parse.
            SemanticFailure: it uses names that mean nothing, or is too large.
        """
        doit: Doit | None
        literals: tuple[Any, ...]
        found = shape(code)
        if found is None:
            doit, literals = _compile(code, world, parametrise=False), ()
            _refuse_undeclared(code, doit, world, declared)
            return doit, literals
        key, literals = found
        may_have_blocks = _BLOCK in code
        own_key = _OWN + code
        if may_have_blocks and own_key in self._doits:
            key, literals = own_key, ()
        doit = self._doits.get(key)
        if doit is None or not doit.fits(world):
            is_unknown = doit is None
            is_new = is_unknown and self._is_first_sight(key)
            # A block prints as it was written, and outlives the do-it: that must be the text of who wrote it.
            doit = _compile(code, world, parametrise=False) if is_new or may_have_blocks else None
            if doit is not None and doit.has_blocks:
                key, literals = own_key, ()
            elif doit is not None and is_new and doit.is_straight:
                if doit.capitalised:
                    _refuse_undeclared(code, doit, world, declared)
                return doit, ()
            else:
                doit = _compile(code, world, parametrise=True)
                doit.is_seen = is_unknown and not is_new
        if doit.capitalised:
            _refuse_undeclared(code, doit, world, declared)
        self._doits[key] = doit
        self._doits.move_to_end(key)
        if len(self._doits) > self._shapes_max:
            self._doits.popitem(last=False)
        return doit, literals

    def _is_first_sight(self, key: str) -> bool:
        """Tell whether a shape was not seen lately, and remember it; one that was is forgotten: it is compiled now."""
        sight = hash(key)
        if sight in self._sights:
            del self._sights[sight]
            return False
        self._sights[sight] = None
        if len(self._sights) > _SIGHTS_MAX:
            self._sights.popitem(last=False)
        return True


def compile_in_scope(code: str, scope: DoitScope, world: World, declared: Collection[str]) -> Doit:
    """Compile a do-it of its own, whose names mean what that scope says.

    Args:
        code: the text.
        scope: names that it does not resolve become variables that the do-it takes.
        world: where it will run.
        declared: those that there are.

    Raises:
        SyntaxFailure: it does not parse.
        SemanticFailure: it uses names that mean nothing, or is too large.
    """
    doit = Doit(compile_doit(code, scope, parametrise=False), ())
    _refuse_undeclared(code, doit, world, declared)
    return doit


def _compile(code: str, world: World, *, parametrise: bool) -> Doit:
    """Compile a do-it in a world; one whose literals are parameters will be run by others, who must not see these."""
    scope = ShapeScope(world, code)
    try:
        unit = compile_doit(code, scope, parametrise=parametrise)
    finally:
        scope.release()
    if parametrise:
        unit.show(masked(code))
    return Doit(unit, tuple(scope.globals))


def _refuse_undeclared(code: str, doit: Doit, world: World, declared: Collection[str]) -> None:
    """Refuse a capitalised name that nothing knows, unless the do-it begins with giving it a value.

    Raises:
        SemanticFailure: names the place and the nearest known names.
    """
    unknown = {name for name in doit.capitalised if name not in declared}
    if not unknown:
        return
    for variable, is_store in _mentions(parse_doit(code)):
        if variable.name in unknown:
            if not is_store:
                advice = advice_on_unknown(variable.name, [*declared, *world.global_names()])
                raise SemanticFailure(f"{UNDECLARED}: {variable.name}", code, variable.start, variable.stop, advice)
            unknown.discard(variable.name)


def _mentions(tree: Node) -> Iterator[tuple[Variable, bool]]:
    """Iterate over the variables of a tree in the order of evaluation, each with whether it is stored into."""
    pending: list[tuple[Any, bool]] = [(tree, False)]
    while pending:
        part, is_store = pending.pop()
        if isinstance(part, Variable):
            yield part, is_store
        elif isinstance(part, Assignment):
            pending += ((part.target, True), (part.value, False))
        elif isinstance(part, list):
            pending += [(each, False) for each in reversed(part)]
        elif isinstance(part, Node):
            pending += [(getattr(part, field.name), False) for field in reversed(fields(part))]
