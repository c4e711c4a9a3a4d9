"""Which sends become control structures instead of messages: the selectors, and the literal blocks they want.

A send is inlined only when every block it needs is written in place with the right number of parameters; any other
argument makes it an ordinary message with ordinary meaning. Messages of a cascade and messages to super are never
inlined.
"""

from __future__ import annotations

from typing import Final

from ..syntax.nodes import Block, Literal, Send, Variable

#: Selector of a branch -> for each argument, whether it is taken for true.
BRANCHES: Final[dict[str, tuple[bool, ...]]] = {
    "ifTrue:": (True,),
    "ifFalse:": (False,),
    "ifTrue:ifFalse:": (True, False),
    "ifFalse:ifTrue:": (False, True),
}

#: Selector of a nil test -> for each argument, whether it is taken for nil.
NIL_BRANCHES: Final[dict[str, tuple[bool, ...]]] = {
    "ifNil:": (True,),
    "ifNotNil:": (False,),
    "ifNil:ifNotNil:": (True, False),
    "ifNotNil:ifNil:": (False, True),
}

#: Selector of a logic chain -> whether it is a conjunction.
LOGIC: Final[dict[str, bool]] = {
    "and:": True,
    "and:and:": True,
    "and:and:and:": True,
    "and:and:and:and:": True,
    "or:": False,
    "or:or:": False,
    "or:or:or:": False,
    "or:or:or:or:": False,
}

#: Selector of a loop over a condition block -> value of the condition that goes on; None for an endless loop.
LOOPS: Final[dict[str, bool | None]] = {
    "whileTrue:": True,
    "whileFalse:": False,
    "whileTrue": True,
    "whileFalse": False,
    "repeat": None,
}

#: Counted loops -> parameters of the block that is their last argument.
COUNTS: Final[dict[str, int]] = {"to:do:": 1, "to:by:do:": 1, "timesRepeat:": 0}

#: The selectors of all of them.
INLINABLE: Final = frozenset((*BRANCHES, *NIL_BRANCHES, *LOGIC, *LOOPS, *COUNTS))


def is_inlined(send: Send) -> bool:
    """Whether the send is a control structure whose blocks are all in place."""
    selector = send.selector
    if selector not in INLINABLE:
        return False
    arguments = send.arguments
    if selector in LOOPS:
        return _is_block(send.receiver, 0) and all(_is_block(each, 0) for each in arguments)
    if isinstance(send.receiver, Variable) and send.receiver.name == "super":
        return False
    if selector in NIL_BRANCHES:
        pairs = zip(arguments, NIL_BRANCHES[selector], strict=True)
        return all(_is_block(each, 0) or (not for_nil and _is_block(each, 1)) for each, for_nil in pairs)
    if selector in COUNTS:
        return _is_block(arguments[-1], COUNTS[selector]) and (selector != "to:by:do:" or _is_step(arguments[1]))
    return all(_is_block(each, 0) for each in arguments)


def is_loop(selector: str) -> bool:
    """Whether an inlined send of that selector repeats its blocks."""
    return selector in LOOPS or selector in COUNTS


def _is_block(node: object, arity: int) -> bool:
    return isinstance(node, Block) and len(node.parameters) == arity


def _is_step(node: object) -> bool:
    return isinstance(node, Literal) and type(node.value) is int and node.value != 0 and node.parameter is None
