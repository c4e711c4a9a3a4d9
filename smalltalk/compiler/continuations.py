"""The rest of an activation: IR position + named values -> a Python function that runs from there to the end.

There is no slow engine to finish an activation in: the operations that remain are put together as IR, generated and
compiled like any other code, and kept, because the same position is usually continued again.

Three entries:
- *before* an operation: it runs (again). Used when a guess went wrong in it, which had no effect yet.
- *after* an operation: it was a send that answered `value`. Used when whatever the activation waited for has answered.
  An operation that sends nothing has no answer; it is done (again), which changes nothing.

- *suspended* in an operation: the same, but the activation gets its answer by calling the rest of the activation that
  it waits for. So the activations of a whole captured stack stand inside each other again, as they did when it was
  captured, and each is at its place: what unwinds the inner ones passes the outer ones, and the stack can be captured
  again at any time. One that stands before an operation goes on by doing it.

A guarded continuation guesses nothing, so an activation loses at most one guess.
"""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import ir
from .breaks import position_before
from .functions import is_block
from .fusion import BLOCK_SENDS, Everything
from .generate import Generator
from .limits import CONTINUATION_CACHE_SIZE, REST_KEPT_OPERATIONS_MAX
from .names import local_names
from .origins import Edition, register
from .positions import STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .fusion import Guards
    from .origins import Origin, Position

#: Local name of the answer that an activation goes on with.
ANSWER: Final = "value"

#: Local names of a suspended activation's continuation: the rest of the activation that it waits for, and the context
#: that it continues. Neither is a name of the IR.
INNER: Final = "inner"
CONTEXT: Final = "context"

#: Guards of code that guesses nothing.
EVERYTHING: Final = Everything()

#: What stands for the answer of a suspended activation's operation: no variable, but read like one.
_CALL_OF_INNER: Final = ir.Local(f"{INNER}()")

#: Operations that run other code and can be answered for; all others are simply done again.
_ANSWERED: Final = (ir.Send, ir.SuperSend, ir.Arithmetic, ir.NonBoolean, ir.NonLocalReturn, ir.ThisContext)


class Entry(NamedTuple):
    """Where a continuation begins.

    Attributes:
        place: index of the operation.
        has_answer: it has been done.
        has_inner: its answer comes from a call of the rest of another activation.
    """

    place: int
    has_answer: bool
    has_inner: bool = False


class Stand(NamedTuple):
    """What there is to know of an operation that an activation stands in.

    Attributes:
        names: the named values worth keeping: those needed to go on, the receiver, arguments and temporaries.
        shown: of those the ones that have a name in the source, and the blocks that take part in the message: they
            tell which activation made the block that runs.
        is_begun_again: the operation has no answer to wait for: it is done again, as it changes nothing.
    """

    names: frozenset[str]
    shown: frozenset[str]
    is_begun_again: bool


class Continuation:
    """Compiled rest of an activation.

    Attributes:
        code: of a function that takes the named values.
        parameters: their names, in order.
        names: global names to link.
    """

    __slots__ = ("_answer_place", "code", "names", "parameters")

    def __init__(self, code: CodeType, parameters: tuple[str, ...], names: tuple[str, ...]) -> None:
        self.code = code
        self.parameters = parameters
        self.names = names
        self._answer_place = parameters.index(ANSWER) if ANSWER in parameters else None

    def function(self, environment: dict[str, Any]) -> FunctionType:
        """The function in a world's globals, where `names` are linked."""
        return FunctionType(self.code, environment)

    def arguments(self, values: Mapping[str, Any], answer: Any = None) -> list[Any]:
        """Its arguments; a name without a value yet is stored before it is read, so None will do."""
        arguments = list(map(values.get, self.parameters))
        if self._answer_place is not None:
            arguments[self._answer_place] = answer
        return arguments

    def bound(self, environment: dict[str, Any], arguments: Iterable[Any]) -> FunctionType:
        """The function with its arguments as defaults: a call of it costs no C stack, however many they are."""
        return FunctionType(self.code, environment, self.code.co_name, tuple(arguments))


def before(position: Position, *, guarded: bool = True) -> Continuation:
    """The rest of the activation from that operation on."""
    guards = EVERYTHING if guarded else position.origin.guards
    return _continuation(position.origin, position.function, Entry(position.begin, has_answer=False), guards)


def after(position: Position, *, guarded: bool = False) -> Continuation:
    """The rest of the activation once that operation has answered."""
    guards = EVERYTHING if guarded else position.origin.guards
    return _continuation(position.origin, position.function, Entry(position.index, has_answer=True), guards)


def suspended(position: Position, breaks: frozenset[int] = frozenset()) -> Continuation:
    """The rest of the activation that waits in that operation; its last two parameters are INNER and CONTEXT.

    Args:
        position: where it stands.
        breaks: operations before which it stops from now on.
    """
    entry = entry_of(position.index, is_before=position.is_before)
    guards = EVERYTHING if breaks else position.origin.guards
    return _continuation(position.origin, position.function, entry, guards, breaks)


def entry_of(place: int, *, is_before: bool) -> Entry:
    """How an activation is entered that waits in an operation, or stands before it."""
    return Entry(place, has_answer=not is_before, has_inner=True)


@lru_cache(maxsize=CONTINUATION_CACHE_SIZE)
def stand(origin: Origin, number: int, place: int, *, is_before: bool = False) -> Stand:
    """What there is to know of that operation of that function, or of the place before it.

    Raises:
        KeyError: the function has no such operation.
    """
    lowered = origin.lowered()
    function = lowered.functions[number]
    code = remaining(origin, number, entry_of(place, is_before=is_before))
    if code is None:
        raise KeyError(f"operation {place} is not in function {number}")
    names = local_names(code) | ({"home"} if function.has_home else set())
    is_begun_again = bool(code) and isinstance(code[0], ir.MakeLiteral) and code[0].index == place
    shown = frozenset(("self", *lowered.variables, *_blocks_sent(operation_at(origin, number, place))))
    return Stand(shown | (names - {ANSWER}), shown, is_begun_again)


def stand_of(position: Position) -> Stand:
    """What there is to know of the place where an activation stands.

    Raises:
        KeyError: nothing can go on from there.
    """
    return stand(position.origin, position.function, position.index, is_before=position.is_before)


def operation_at(origin: Origin, number: int, place: int) -> ir.Operation | None:
    """The operation of that index in that function; None if it has none."""
    code = remaining(origin, number, entry_of(place, is_before=True))
    return code[0] if code else None


def remaining(origin: Origin, number: int, entry: Entry) -> list[ir.Operation] | None:
    """Return what remains of a function from the entry on, None when its operation is not in it; for reading only.

    Raises:
        IndexError: there is no such function.
    """
    lowered = origin.lowered()
    if len(lowered.offsets) > REST_KEPT_OPERATIONS_MAX:
        return rest(lowered.functions[number].code, entry)
    return _kept_remaining(origin, number, entry)


@lru_cache(maxsize=CONTINUATION_CACHE_SIZE)
def _kept_remaining(origin: Origin, number: int, entry: Entry) -> list[ir.Operation] | None:
    return rest(origin.lowered().functions[number].code, entry)


def _blocks_sent(op: ir.Operation | None) -> Iterator[str]:
    """Names of the blocks that a message gives to somebody or evaluates, apart from those in variables."""
    if isinstance(op, (ir.Send, ir.SuperSend)):
        yield from (each.text for each in op.arguments if isinstance(each, ir.Local) and is_block(each.text))
    if isinstance(op, ir.Send) and isinstance(op.receiver, ir.Local):
        name = op.receiver.text
        if is_block(name) or op.selector in BLOCK_SENDS:
            yield name


@lru_cache(maxsize=CONTINUATION_CACHE_SIZE)
def _continuation(
    origin: Origin, number: int, entry: Entry, guards: Guards, breaks: frozenset[int] = frozenset()
) -> Continuation:
    function = origin.lowered().functions[number]
    code = remaining(origin, number, entry)
    if code is None:
        raise KeyError(f"operation {entry.place} is not in function {number}")
    generator = Generator(guards, None, breaks, entry.place)
    names = local_names(code) | ({"home"} if function.has_home else set())
    parameters = tuple(sorted(names))
    if entry.has_inner:
        parameters = (*sorted(names - {ANSWER}), INNER, CONTEXT)
        waiting = entry.place if entry.has_answer else position_before(entry.place)
        code = [ir.Move(waiting, ANSWER, _CALL_OF_INNER), *code]
    generator.head(function.name, parameters)
    generator.body(code, 1, has_home=function.has_home)
    title = f"{origin.resolutions.class_key} continued at {entry.place}"
    compiled: CodeType = compile(generator.source, title, "exec", dont_inherit=True).co_consts[0]
    register(compiled, Edition(origin, guards, generator.places()), number)
    return Continuation(compiled, parameters, generator.names)


def rest(code: Sequence[ir.Operation], entry: Entry) -> list[ir.Operation] | None:
    """What remains of `code` from the entry on; None when its operation is not in it."""
    for place, op in enumerate(code):
        remaining = _rest_of(op, entry)
        if remaining is not None:
            return [*remaining, *code[place + 1 :]]
    return None


def _rest_of(op: ir.Operation, entry: Entry) -> list[ir.Operation] | None:
    if isinstance(op, ir.If):
        return _rest_of_if(op, entry)
    if isinstance(op, ir.While):
        return _rest_of_while(op, entry)
    if isinstance(op, ir.ToDo):
        return _rest_of_to_do(op, entry)
    if op.index != entry.place:
        return None
    if isinstance(op, ir.Poll):
        return [] if entry.has_answer else [op]
    if entry.has_answer and isinstance(op, _ANSWERED):
        return [ir.Move(op.index, op.dst, ir.Local(ANSWER))]
    return [op]


def _rest_of_if(op: ir.If, entry: Entry) -> list[ir.Operation] | None:
    if op.test.index == entry.place:
        return [ir.If(_answered(op.test), op.then, op.otherwise, _answered_arm(op.neither)) if entry.has_answer else op]
    if op.neither is not None and op.neither.index == entry.place:
        test, neither = _asked(op.neither, entry)
        return [ir.If(test, op.then, op.otherwise, neither)]
    for arm in (op.then, op.otherwise):
        remaining = rest(arm, entry)
        if remaining is not None:
            return remaining
    return None


def _answered(test: ir.Test) -> ir.Test:
    """The test, once the comparison that it sent for has answered."""
    return ir.Truth(test.index, ir.Local(ANSWER))


def _asked(neither: ir.NonBoolean, entry: Entry) -> tuple[ir.Test, ir.NonBoolean | None]:
    """The test, and what to do if it fails, where the error "not a Boolean" asks what to do.

    What that was resumed with is taken for true, unless it is false; that test is no place to stand at.
    """
    if entry.has_answer:
        return ir.Same(STRUCTURE, ir.Local(ANSWER), ir.FALSE, negated=True), None
    return ir.Truth(neither.index, neither.value), neither


def _answered_arm(neither: ir.NonBoolean | None) -> ir.NonBoolean | None:
    return neither and ir.NonBoolean(neither.index, neither.dst, ir.Local(ANSWER), neither.selector)


def _rest_of_while(op: ir.While, entry: Entry) -> list[ir.Operation] | None:
    again = [*op.body, op]
    if op.test is not None:
        if op.test.index == entry.place:
            test = _answered(op.test) if entry.has_answer else op.test
            return [_one_turn(test, again, op, _answered_arm(op.neither) if entry.has_answer else op.neither)]
        remaining = rest(op.condition, entry)
        if remaining is not None:
            return [*remaining, _one_turn(op.test, again, op, op.neither)]
    if op.neither is not None and op.neither.index == entry.place:
        test, neither = _asked(op.neither, entry)
        return [_one_turn(test, again, op, neither)]
    remaining = rest(op.body, entry)
    return None if remaining is None else [*remaining, op]


def _one_turn(test: ir.Test, again: list[ir.Operation], op: ir.While, neither: ir.NonBoolean | None) -> ir.Operation:
    """The loop entered at its test."""
    return ir.If(test, again, [], neither) if op.expected else ir.If(test, [], again, neither)


def _rest_of_to_do(op: ir.ToDo, entry: Entry) -> list[ir.Operation] | None:
    if entry.place == op.index:
        return [op]
    if entry.place == op.enter.index:
        return op.expand() if not entry.has_answer else [op.resumed()]
    go_on: list[ir.Operation] = [*op.body, op.advance, op.resumed()]
    if entry.place == op.test.index:
        test = _answered(op.test) if entry.has_answer else op.test
        return [ir.If(test, go_on, [], _answered_arm(op.neither) if entry.has_answer else op.neither)]
    if entry.place == op.neither.index:
        test, neither = _asked(op.neither, entry)
        return [ir.If(test, go_on, [], neither)]
    remaining = rest([*op.body, op.advance], entry)
    return None if remaining is None else [*remaining, op.resumed()]
