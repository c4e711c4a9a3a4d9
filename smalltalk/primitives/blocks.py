"""What blocks are made of: the object they see as self, and what they see besides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import FALSE, TRUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType


def receiver(block: FunctionType) -> Any:
    """`receiver`: what self is in the block; nil where the block does not mention it, and so does not hold it."""
    names = block.__code__.co_freevars
    if "self" not in names or block.__closure__ is None:
        return None
    return block.__closure__[names.index("self")].cell_contents


def is_clean(block: FunctionType) -> Any:
    """`isClean`: whether the block sees nothing but its own arguments and variables."""
    return FALSE if block.__closure__ else TRUE


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"blockReceiver": receiver, "blockIsClean": is_clean}
