"""What the states of captured primitives must hold, so that something can go on from them.

A record may be damaged, or a store restored in parts. Found before anything is touched, that is one error in plain
words; found in the middle, it would be a defect of a primitive, and a chain of handlers that leads back to itself
would be searched for ever.

| primitive      | holds                                                                     |
|----------------|---------------------------------------------------------------------------|
| on:do:         | handler, signal outside, whether a defect was signalled                   |
| ensure:        | handler and signal outside, and one of: final, value, leaving             |
| ifCurtailed:   | the same, but for value                                                   |
| attend         | record, handlers for the default action                                   |
| signal, search | exception, handlers where it was signalled, or the one that is asked      |
| outer, pass    | record; the handlers further out                                          |
"""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .handlers import Handler, Signal
from .pending import Pending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .contexts import Context

_Kinds: TypeAlias = type | UnionType

_OUTSIDE: Final[dict[str, _Kinds]] = {"handler": Handler | None, "outside": Signal | None}

#: Primitive -> what its state holds; what is not listed has none that could be wrong.
_HELD: Final[dict[str, dict[str, _Kinds]]] = {
    "on:do:": {"handler": Handler, "outside": Signal | None, "broken": object},
    "ensure:": _OUTSIDE,
    "ifCurtailed:": _OUTSIDE,
    "attend": {"record": Signal, "fallback": Handler | None},
    "signal": {"exception": object, "origin": Handler | None},
    "outer": {"record": Signal, "further": Handler | None},
    "search": {"exception": object, "handler": Handler},
    "pass": {"record": Signal},
    "signalException:": {"answer": object},
}

#: Primitive -> what its state holds one of.
_ONE_OF: Final[dict[str, dict[str, _Kinds]]] = {
    "ensure:": {"final": object, "value": object, "leaving": Pending},
    "ifCurtailed:": {"final": object, "leaving": Pending},
}

_NONE: Final[dict[str, _Kinds]] = {}


class PrimitiveStates:
    """Looks at the primitives of one stack; what it has found sound is not looked at again."""

    __slots__ = ("_sound",)

    def __init__(self) -> None:
        #: Handlers and signals from which the way outwards ends, by id.
        self._sound: dict[int, Handler | Signal] = {}

    def gap(self, context: Context) -> str | None:
        """Why nothing can go on from a context's state; None if something can, and for an activation."""
        if context.primitive is None:
            return None
        values = context.values
        held, one_of = _HELD.get(context.primitive, _NONE), _ONE_OF.get(context.primitive, _NONE)
        present = {name: kinds for name, kinds in one_of.items() if name in values}
        if bool(one_of) is not (len(present) == 1) or not (_fit(values, held) and _fit(values, present)):
            return f"the state of {context.primitive} is damaged"
        if not all(self._ends(values[name]) for name in held):
            return "handlers or signals lead back to themselves"
        return None

    def _ends(self, link: Any) -> bool:
        """Whether the way outwards from a handler or signal has an end; anything else is none."""
        passed: dict[int, Handler | Signal] = {}
        while isinstance(link, (Handler, Signal)) and id(link) not in self._sound:
            if id(link) in passed:
                return False
            passed[id(link)] = link
            if isinstance(link, Signal) and not (self._ends(link.handler) and self._ends(link.origin)):
                return False
            link = link.outer
        self._sound.update(passed)
        return True


def _fit(values: Mapping[str, Any], held: Mapping[str, _Kinds]) -> bool:
    """Whether each of those values is there and of its kind."""
    return all(name in values and isinstance(values[name], kinds) for name, kinds in held.items())
