"""The texts of one answer: what shows many values shows each, however slow or broken the printing of one of them is.

A variable whose `printOn:` never ends must not hide the others, least of all in the debugger, where it may be the one
that is looked for. So each text has a small part of the evaluation's budget, and all texts of an answer together one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from .printing import named_with_article, printed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.world import World

#: Time the text of one value may take: what takes longer is nothing that one reads beside others.
TEXT_MS_MAX: Final = 250

#: Time that all texts of one answer may take: with it an answer comes before a client asks again, after five seconds.
TEXTS_MS_MAX: Final = 2_000

_NS_PER_MS: Final = 1_000_000


class Texts:
    """Makes the texts of one answer, in an evaluation that runs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._left_ms = TEXTS_MS_MAX

    def of(self, value: Any, characters_max: int | None = None) -> str:
        """Return the printString of a value, cut where results are unless told, or what says why there is none."""
        name = named_with_article(self._world.class_of(value).name)
        return self.made(lambda: printed(self._world, value, characters_max=characters_max), f"printing {name}")

    def made(self, body: Callable[[], str], what: str) -> str:
        """Return the text that `body` makes, or what says why there is none.

        Args:
            body: makes it.
            what: what it does, for who reads that it failed.
        """
        text: str = self.answered(
            body, lambda kind: f"<{what} took too long>" if kind == "timeout" else f"<error {what}>"
        )
        return text

    def answered(self, body: Callable[[], Any], instead: Callable[[str], Any]) -> Any:
        """Return what `body` answers, or `instead` of the kind of failure when it fails or takes too long.

        Raises:
            Termination: the evaluation itself is told to stop, or has used up its own budget.
        """
        if self._left_ms <= 0:
            return instead("timeout")
        evaluation = current.evaluation
        part_ms, before_ns = min(TEXT_MS_MAX, self._left_ms), evaluation.used_ns
        outcome = evaluation.within(part_ms, body)
        if outcome.failure is None:
            self._left_ms -= (evaluation.used_ns - before_ns) // _NS_PER_MS
            return outcome.value
        self._left_ms -= part_ms
        return instead(outcome.failure.kind)
