"""Sources that outlived a change of their class: what their names mean now.

Code knows instance variables by slot. A waiting activation or a block keeps its source while its class gets other
variables, so its slots have to follow the names: it goes on in the same source compiled for the present slots, with the
same operations. A variable that was renamed is found by the name it had; one that is gone has no slot any more, and an
activation whose source mentions it cannot go on. The code of an activation that runs stays what it is: as long as one
uses a variable that would move, the change is refused.
"""

from __future__ import annotations

import gc
import sys
from types import FunctionType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..compiler.origins import Origin, owner
from ..compiler.scopes import Resolutions
from ..compiler.unit import Unit
from ..syntax.nodes import Assignment, Variable
from ..syntax.parser import parse_method
from ..syntax.walk import nodes_of
from .classes import ClassObject
from .reshape import settle
from .scopes import MethodScope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from types import FrameType

    from ..compiler.scopes import Resolution
    from .classes import Behavior
    from .contexts import Context
    from .world import World

#: What takes the place of a variable that the class has got since: no source can name it.
_UNKNOWN = ""


class FormerNames:
    """The instance variables of a class by the names that a source knows.

    Attributes:
        names: those when it was compiled.
        renames_known: how many had been renamed by then.
        instance_variables: the source's names, by present slot.
        gone: those that have no slot any more.
        are_present: they are all that the class has, in its order.
    """

    def __init__(self, behavior: Behavior, names: Sequence[str], renames_known: int) -> None:
        self.names = tuple(names)
        self.renames_known = renames_known
        present = behavior.all_variables()
        renamed = self.names
        if isinstance(behavior, ClassObject):
            renamed = behavior.present_names(self.names, renames_known)
        former = dict(zip(renamed, self.names, strict=True))
        self.instance_variables = tuple(former.get(name, _UNKNOWN) for name in present)
        self.are_present = self.instance_variables == present
        self.gone = frozenset(former[name] for name in renamed if name not in present)


class FormerScope:
    """What surrounds the source of a former origin: its other names mean what they meant."""

    def __init__(self, former: Resolutions, names: FormerNames) -> None:
        self.class_key = former.class_key
        self.names, self.renames_known = names.names, names.renames_known
        self.instance_variables = names.instance_variables
        self._former = former
        self._gone = names.gone

    def resolve(self, name: str) -> Resolution:
        """What the name meant, unless it is gone."""
        return ("gone",) if name in self._gone else self._former.known(name) or ("global",)

    def known_names(self) -> Iterable[str]:
        """Nothing is misspelt in what compiled before."""
        return ()


class StoredScope(MethodScope):
    """What surrounds a stored source: names that were read and mean nothing any more read as nil."""

    __slots__ = ("_gone", "_text", "names")

    def __init__(self, world: World, behavior: Behavior, names: FormerNames, text: str) -> None:
        super().__init__(world, behavior)
        self.names, self.renames_known = names.names, names.renames_known
        self.instance_variables = names.instance_variables
        self._gone = names.gone
        self._text = text

    def resolve(self, name: str) -> Resolution:
        """What the name means now."""
        if name in self._gone:
            return ("gone",)
        found = super().resolve(name)
        if found in (None, ("global",)) and self._is_stored(name):
            return ("gone",)  # globals are not stored into, so it was a class variable
        return found or ("global",)

    def _is_stored(self, name: str) -> bool:
        """Whether the source stores into what has that name."""
        nodes = nodes_of(parse_method(self._text))
        return any(isinstance(each, Assignment) and each.target.name == name for each in nodes)


#: Former origin -> the present one, with the slots that it was made for.
_present: WeakKeyDictionary[Origin, tuple[tuple[str, ...], Origin]] = WeakKeyDictionary()


def present_origin(world: World, origin: Origin) -> Origin:
    """The origin of the same source for the present slots; the given one if those are its own."""
    resolutions = origin.resolutions
    if resolutions.is_doit or not resolutions.names:
        return origin
    try:
        behavior = world.behavior_named(resolutions.class_key)
    except KeyError:
        return origin
    if behavior.is_kernel:
        return origin
    names = FormerNames(behavior, resolutions.names, resolutions.renames_known)
    placed = {name: slot for slot, name in enumerate(names.instance_variables) if name != _UNKNOWN}
    if placed == {name: slot for name, slot in resolutions.instance_variables.items() if name != _UNKNOWN}:
        return origin
    known = _present.get(origin)
    if known is not None and known[0] == names.instance_variables:
        return known[1]
    moved = Origin(origin.source, Resolutions(FormerScope(resolutions, names), is_doit=False), is_parametrised=False)
    moved.lowered()  # every name is asked for now
    _present[origin] = names.instance_variables, moved
    return moved


def bring_up(world: World, context: Context) -> str | None:
    """Let a waiting activation stand in what its source means now; answer why it cannot, None if it can."""
    if context.origin is None:
        return None
    origin = present_origin(world, context.origin)
    gone = origin.resolutions.gone()
    if gone:
        return f"{origin.resolutions.class_key} has no variable '{gone[0]}' any more"
    context.origin = origin
    if "self" in context.values:
        context.values["self"] = settle(context.values["self"])
    return None


def running_user(world: World, behavior: Behavior, variables: Sequence[str]) -> str | None:
    """A method of a class that runs and uses a variable which would stand elsewhere; None if none does.

    Args:
        world: where it runs, in a frame around the caller's.
        behavior: the class.
        variables: all that it would have.
    """
    moved = {name for slot, name in enumerate(behavior.all_variables()) if [*variables[slot : slot + 1]] != [name]}
    for frame in _running_frames(world) if moved else ():
        place = owner(frame.f_code) if frame.f_globals is world.g else None
        if place is not None and place[0].resolutions.class_key == behavior.key and _uses(place[0], moved):
            return f"{behavior.name}>>{parse_method(place[0].source).selector}"
    return None


def _running_frames(world: World) -> Iterator[FrameType]:
    """Iterate over the Python frames of the activations that run, or stand still with no context that holds them."""
    innermost: list[FrameType] = [sys._getframe(1)]  # noqa: SLF001 - the activations that run are Python's frames
    processes = world.processes_if_any
    if processes is not None:
        innermost += processes.lives.uncaptured_frames(processes.ran)
    for each in innermost:
        frame: FrameType | None = each
        while frame is not None:
            yield frame
            frame = frame.f_back


def _uses(origin: Origin, names: Collection[str]) -> bool:
    """Whether the source of a method names one of those."""
    nodes = nodes_of(parse_method(origin.source))
    return any(isinstance(each, Variable) and each.name in names for each in nodes)


def bring_up_blocks(world: World) -> None:
    """Let all blocks of a world that exist as functions do what their sources mean now."""
    for each in gc.get_referrers(world.g):
        place = owner(each.__code__) if type(each) is FunctionType else None
        if place is not None and place[1]:
            _bring_up_block(world, each, *place)


def _bring_up_block(world: World, block: FunctionType, origin: Origin, number: int) -> None:
    present = present_origin(world, origin)
    if present is origin:
        return
    unit = _unit_of(present)
    code = unit.block(number)
    if code.co_freevars != block.__code__.co_freevars:
        return
    world.link(unit.names)
    block.__code__ = code
    for name, cell in zip(code.co_freevars, block.__closure__ or (), strict=True):
        if name == "self":
            settle(cell.cell_contents)


def _unit_of(origin: Origin) -> Unit:
    """The compiled form of an origin of a method."""
    if origin.unit is not None:
        return origin.unit
    tree = parse_method(origin.source)
    parameters = tuple(each.name for each in tree.parameters)
    return Unit(
        kind="method",
        selector=tree.selector,
        source=origin.source,
        parameters=parameters,
        scope=origin.resolutions,
        lowered=origin.lowered(),
    )
