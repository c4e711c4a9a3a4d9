"""Text that is written on a stream and nowhere else: a literal, the digits of an integer. No String is made of it.

| operations                                                       | become                                       |
|------------------------------------------------------------------|----------------------------------------------|
| `t := ` a new String, `stream nextPutAll: t`                     | if the stream Takes it, the text is written  |
| `t := number printString`, `stream nextPutAll: t`                | the same, if the number Takes `printString`  |

Nobody must want the answer, which is that String.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from . import ir
from .shortcuts import DIGITS_WRITTEN, TEXT_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Container

#: The message.
SELECTOR: Final = "nextPutAll:"
_PRINTS: Final = "printString"


def fused_write(send: ir.Send, producer: Any, guards: Container[int]) -> ir.If | None:
    """The two operations as a test, None where they are none of those above.

    Args:
        send: the second one.
        producer: the one before it.
        guards: operations that do not guess.
    """
    if send.selector != SELECTOR or send.is_wanted or isinstance(send.receiver, ir.Constant):
        return None
    if not isinstance(producer, (ir.MakeText, ir.Send)) or producer.dst != send.arguments[0].text:
        return None
    if producer.dst[:1] != "t" or producer.index in guards or send.index in guards:
        return None
    plain = [producer, replace(send, is_wanted=True)]
    if isinstance(producer, ir.MakeText):
        return _taken(send, send.receiver, SELECTOR, _written(send, TEXT_WRITTEN, producer.value), plain)
    if producer.selector != _PRINTS or producer.is_shared or isinstance(producer.receiver, ir.Constant):
        return None
    digits = _written(send, DIGITS_WRITTEN, producer.receiver)
    printed = _taken(producer, producer.receiver, _PRINTS, digits, plain)
    return _taken(send, send.receiver, SELECTOR, printed, [*plain])


def _taken(place: ir.Send, value: ir.Operand, selector: str, then: Any, otherwise: list[Any]) -> ir.If:
    """An If a value takes the short way of a message."""
    return ir.If(ir.Takes(place.index, value, selector), [then], otherwise, None)


def _written(send: ir.Send, way: str, text: ir.Operand) -> ir.Send:
    """The send where its short way is known to be taken."""
    return ir.Send(send.index, send.dst, way, send.receiver, [text], is_proven=True)
