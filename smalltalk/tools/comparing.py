"""What a session defined, as text by name, so that two states of it can be compared."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ..runtime import current
from .fileout import class_definitions, session_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..runtime.evaluation import Evaluation
    from ..runtime.world import World

#: What the records of classes say they are: objects lead to their class, and do not change with it.
DEFINITION_KINDS: Final = frozenset({"%Class", "%Shape"})


@contextmanager
def beside(evaluation: Evaluation) -> Iterator[Callable[[], None]]:
    """Let an evaluation look at other worlds than its own; give the safe point for that."""

    def pause() -> None:
        world = current.world
        current.activate(evaluation)
        evaluation.poll()
        current.world = world

    try:
        yield pause
    finally:
        current.activate(evaluation)


def definitions(world: World, pause: Callable[[], None]) -> dict[str, str]:
    """Return what the session defined, without running code of the language.

    Args:
        world: the session's.
        pause: called now and then.

    Returns:
        The definition of each class under its name, and the source of each method under `Class>>selector`.
    """
    current.world = world
    found: dict[str, str] = {}
    for each in session_classes(world):
        pause()
        found[each.name] = repr(class_definitions(world, each)[0]._replace(line=0))
        for behavior in (each, each.metaclass):
            own = [method for method in behavior.methods.values() if method.origin is None]
            found.update((f"{behavior.name}>>{method.selector}", method.source) for method in own)
    for extended, overlay in world.overlays.items():
        for selector, changed in overlay.methods.items():
            found[f"{extended.name}>>{selector}"] = "" if changed is None else changed.source
    return found
