"""The class of what a message at the cursor would be sent to, where that is plain without running anything.

Plain are literals, blocks, variables that have a value, classes, and `new` sent to a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..runtime.classes import ClassObject
from .cursor import CLOSERS, OPENERS, OPERAND_ENDS, Token, expression_before, top_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.classes import Behavior
    from ..runtime.world import World

#: Kind of a token that is a whole literal -> name of its class.
_LITERALS: Final = {
    "integer": "SmallInteger",
    "float": "SmallFloat64",
    "string": "ByteString",
    "symbol": "ByteSymbol",
    "quoted": "ByteSymbol",
    "character": "Character",
}
#: Kind of the token that opens a bracket -> name of the class of the whole.
_BRACKETS: Final = {"[": "BlockClosure", "{": "Array", "array": "Array", "bytes": "ByteArray"}
#: Parentheses around a plain receiver that are looked into: people write one, and each is walked through again.
PARENTHESES_MAX: Final = 2
_CONSTANTS: Final = {"nil": "UndefinedObject", "true": "True", "false": "False", "self": "UndefinedObject"}


class Receivers:
    """Finds receivers' classes in one world.

    Args:
        world: where.
        variable_class: the class of a workspace variable's value by name, None for an unknown name.
    """

    def __init__(self, world: World, variable_class: Callable[[str], Behavior | None]) -> None:
        self._world = world
        self._variable_class = variable_class

    def at_end(self, tokens: list[Token]) -> Behavior | None:
        """The class of what a message after those tokens would be sent to; after `;` it is the cascade's receiver."""
        if tokens and tokens[-1].kind == ";":
            return self._of_cascade(expression_before(tokens))
        return self._of_operand(tokens)

    def of_keywords(self, tokens: list[Token]) -> tuple[str, Behavior | None]:
        """The keywords of the message that may go on after those tokens, and the class of its receiver."""
        expression = expression_before(tokens)
        places = top_level(expression)
        cascade = max((place for place in places if expression[place].kind == ";"), default=-1)
        keywords = [place for place in places if place > cascade and expression[place].kind == "keyword"]
        if not keywords:
            return "", None
        text = "".join(expression[place].text for place in keywords)
        if cascade >= 0:
            return text, self._of_cascade(expression)
        before = expression[: keywords[0]]
        return text, self._of_operand(before) if _is_operand(before) else None

    def _of_cascade(self, expression: list[Token]) -> Behavior | None:
        """The class of a cascade's receiver: what stands before the last message of its first part."""
        places = top_level(expression)
        first = expression[: next((place for place in places if expression[place].kind == ";"), 0)]
        places = [place for place in places if place < len(first)]
        message = next((place for place in places if first[place].kind == "keyword"), None)
        if message is None:
            message = max((place for place in places if first[place].kind == "binary"), default=len(first) - 1)
        before = first[:message]
        return self._of_operand(before) if _is_operand(before) else None

    def _of_operand(self, tokens: list[Token], levels: int = PARENTHESES_MAX) -> Behavior | None:
        """The class of the operand that ends with the last token; looks into that many parentheses."""
        if not tokens:
            return None
        last = tokens[-1]
        if last.kind in _LITERALS:
            return self._world.class_named(_LITERALS[last.kind])
        if last.kind in CLOSERS:
            return self._of_bracket(tokens, levels)
        names = _trailing_names(tokens)
        before = tokens[-len(names) - 1].kind if len(names) < len(tokens) else ""
        if not names or before in OPERAND_ENDS:
            return None
        if len(names) == 1:
            return self._of_name(names[0])
        subject = self._world.class_named(names[0])
        return subject if names[1:] == ["new"] else None

    def _of_bracket(self, tokens: list[Token], levels: int) -> Behavior | None:
        """The class of what the last token closes."""
        inside = _inside(tokens)
        opener = tokens[len(tokens) - len(inside) - 2].kind if len(inside) + 2 <= len(tokens) else ""
        if opener == "(" and levels and _is_operand(inside):
            return self._of_operand(inside, levels - 1)
        return self._world.class_named(_BRACKETS[opener]) if opener in _BRACKETS else None

    def _of_name(self, name: str) -> Behavior | None:
        """The class of a variable's value."""
        if name in _CONSTANTS:
            return self._world.class_named(_CONSTANTS[name])
        known = self._variable_class(name)
        if known is not None or not self._world.has_global(name):
            return known
        value = self._world.global_value(name)
        return value.metaclass if isinstance(value, ClassObject) else self._world.class_of(value)


def _is_operand(tokens: list[Token]) -> bool:
    """Whether the tokens are no more than a primary and unary messages."""
    return all(tokens[place].kind in OPERAND_ENDS for place in top_level(tokens))


def _trailing_names(tokens: list[Token]) -> list[str]:
    """The texts of the names at the end."""
    count = next((index for index, token in enumerate(reversed(tokens)) if token.kind != "name"), len(tokens))
    return [token.text for token in tokens[len(tokens) - count :]]


def _inside(tokens: list[Token]) -> list[Token]:
    """The tokens between the last one, which closes a bracket, and the one that opens it; all if none does."""
    depth = 0
    for index in range(len(tokens) - 1, -1, -1):
        kind = tokens[index].kind
        depth += (kind in CLOSERS) - (kind in OPENERS)
        if depth == 0:
            return tokens[index + 1 : -1]
    return tokens
