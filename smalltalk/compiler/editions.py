"""Editions of a method's code beside that of its unit: with breakpoints, or where the unit is gone."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from .continuations import EVERYTHING
from .generate import Generator
from .origins import Edition, code_of_function, register

if TYPE_CHECKING:
    from types import CodeType

    from .fusion import Guards
    from .origins import Origin

#: Editions kept: methods with breakpoints, and those whose blocks are made while somebody steps through them.
EDITIONS_MAX: Final = 64


class EditionCode(NamedTuple):
    """Code of a whole method or do-it.

    Attributes:
        code: the top function's code object.
        names: global names that it needs to be linked.
    """

    code: CodeType
    names: tuple[str, ...]


@lru_cache(maxsize=EDITIONS_MAX)
def edition(origin: Origin, guards: Guards, breaks: frozenset[int]) -> EditionCode:
    """Generate code of an origin.

    Args:
        origin: what it is made from.
        guards: operations that do not guess; all of them where there are breaks.
        breaks: operations before which it stops.
    """
    generator = Generator(guards, None, breaks)
    generator.function(origin.lowered().functions[0], 0)
    title = f"{origin.resolutions.class_key} with {len(breaks)} breaks"
    code: CodeType = compile(generator.source, title, "exec", dont_inherit=True).co_consts[0]
    register(code, Edition(origin, guards, generator.places()), 0)
    return EditionCode(code, generator.names)


def block_code(origin: Origin, number: int, breaks: frozenset[int]) -> EditionCode:
    """Return the code of a block, with breaks or as the unit has it.

    Args:
        origin: where it is written.
        number: of the block, from 1.
        breaks: operations before which it stops.

    Raises:
        KeyError: there is no such block.
    """
    unit = origin.unit
    if unit is not None and not breaks:
        return EditionCode(unit.block(number), unit.names)
    code, names = edition(origin, EVERYTHING if breaks else origin.guards, breaks)
    return EditionCode(code_of_function(code, number), names)
