"""IR -> Python text of tests: conditions that need no Boolean object.

A test whose outcome may be no Boolean has no such text, except that of a send with a short way: what its method answers
otherwise is asked whether it `holds`; only true and false know, anything else is a wrong guess of the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import ir
from .fusion import READ_TWICE, Joined, Tested
from .positions import STRUCTURE

if TYPE_CHECKING:
    from .expressions import Expressions
    from .fusion import AnyTest, Guards

#: The attribute of true and false that is their Python truth.
HOLDS: Final = "holds"


class Conditions:
    """Makes conditions.

    Args:
        expressions: of the same code.
        guards: operations that do not guess.
    """

    def __init__(self, expressions: Expressions, guards: Guards) -> None:
        self._expressions = expressions
        self._guards = guards

    def text(self, test: AnyTest) -> str | None:
        """The test as a Python condition, None where its outcome may be no Boolean."""
        expressions = self._expressions
        if isinstance(test, ir.Same):
            return expressions.same(test.left, test.right, negated=test.negated)
        if isinstance(test, ir.Takes):
            is_plain = test.key is not None and test.index in self._guards
            return "False" if is_plain else expressions.takes(test)
        if isinstance(test, ir.Compare) and test.index not in self._guards:
            return f"{expressions.text(test.left)}{test.operator}{expressions.text(test.right)}"
        if isinstance(test, Joined):
            return self._joined(test)
        return self._tested(test) if isinstance(test, Tested) else None

    def sends(self, test: AnyTest) -> bool:
        """Whether the condition may run other code."""
        if isinstance(test, Joined):
            return self.sends(test.first) or self.sends(test.second)
        return isinstance(test, Tested)

    def place(self, test: AnyTest) -> int:
        """Position of the line that a condition begins in.

        Equality begins with tests of types, which are no guess; and no activation stands there.
        """
        if isinstance(test, Tested):
            return STRUCTURE if test.send.selector in READ_TWICE else test.send.index
        return STRUCTURE if isinstance(test, Joined) else test.index

    def _joined(self, test: Joined) -> str:
        """Both parts, each from a line of its own on."""
        first, second = self.text(test.first), self.text(test.second)
        negation = "not " if test.inverted else ""
        first = f"\n{self.place(test.first)}:{negation}{first}"
        second = f"\n{self.place(test.second)}:{second}"
        return f"({first} {'and' if test.both else 'or'} {second})"

    def _tested(self, test: Tested) -> str:
        """The short way's condition, else whether what the send answers holds."""
        send = test.send
        short, plain = self._expressions.condition(send)
        answer = f"\n{test.index}:(\n{send.index}:{send.dst}:={plain}\n{test.index}:).{HOLDS}"
        return f"({short} else {answer})"
