"""What the golden captures are made of: do-its, and in which kind of context each is to be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .stops import Stopped


class Case(NamedTuple):
    """A capture to be made.

    Attributes:
        source: the do-it.
        is_there: whether it is stopped where it should be.
        setup: do-its to run before.
        is_interpreted: it begins in the interpreter.
    """

    source: str
    is_there: Callable[[Stopped], bool]
    setup: tuple[str, ...] = ()
    is_interpreted: bool = False


def contexts(stopped: Stopped) -> Iterator[Any]:
    """The contexts of a stack, innermost first."""
    context = stopped.stack.top
    while context is not None:
        yield context
        context = context.sender


def in_primitive(name: str, key: str | None = None) -> Callable[[Stopped], bool]:
    """It waits in that primitive, whose state holds that key."""
    return lambda stopped: any(
        each.primitive == name and (key is None or key in each.values) for each in contexts(stopped)
    )


def leaving(name: str, kind: str) -> Callable[[Stopped], bool]:
    """An unwinding block runs for something of that kind."""
    return lambda stopped: any(
        each.primitive == name and "leaving" in each.values and each.values["leaving"].kind == kind
        for each in contexts(stopped)
    )


def in_method(selector: str) -> Callable[[Stopped], bool]:
    """The innermost context is that of a method which begins with those words."""
    return lambda stopped: stopped.stack.top.origin.source.startswith(selector)


def in_block(stopped: Stopped) -> bool:
    """The innermost context is that of a block."""
    return bool(stopped.stack.top.function)


def before(selector: str, nth: int = 1) -> Callable[[Stopped], bool]:
    """It is about to send that message, with that many activations at least."""
    return lambda stopped: stopped.name == selector and len(list(contexts(stopped))) >= nth


_LOG = "| log | log := OrderedCollection new. "
_END = " log asArray"

_COUNTER = (
    "Object subclass: #GoldenCounter instanceVariableNames: 'count' classVariableNames: 'Total' package: 'Golden'",
    "GoldenCounter compile: 'bump: n count := (count ifNil: [0]) + n. Total := (Total ifNil: [0]) + n. ^count copy'",
    "GoldenCounter compile: 'find: x in: all all withIndexDo: [:each :i | each = x ifTrue: [^i -> count]]. ^nil'",
    "GoldenCounter compile: 'total ^Total'",
    "GoldenCounter subclass: #GoldenDoubler instanceVariableNames: '' classVariableNames: '' package: 'Golden'",
    "GoldenDoubler compile: 'bump: n ^super bump: n + n'",
)

#: Selectors of handlers that are asked: no classes of exceptions.
_ASKED = (
    "Object subclass: #GoldenFilter instanceVariableNames: '' classVariableNames: '' package: 'Golden'",
    "GoldenFilter class compile: 'handles: e ^e messageText size > 2'",
)

CASES = {
    "doit": Case("3 printString , 4 printString", before(",")),
    "method": Case("(GoldenCounter new bump: 3; bump: 4; yourself) total", in_method("bump:"), _COUNTER),
    "super": Case("(GoldenDoubler new bump: 3) -> 1", before("bump:", 2), _COUNTER),
    "home": Case("(GoldenCounter new bump: 1; yourself) find: 2 in: #(1 2 3)", in_block, _COUNTER),
    "block": Case(
        "| n add | n := 0. add := [:k | n := n + k. n printString]. add value: 2. add value: 3. n",
        before("printString", 2),
    ),
    "cull": Case("#(1 2) collect: (true ifTrue: [[:each | each printString]])", before("printString", 3)),
    "perform": Case("(3 perform: #raisedTo: with: 4) printString", in_method("raisedTo:")),
    "while": Case(
        "| i all | i := 0. all := OrderedCollection new. [i < 4] whileTrue: [all add: i printString. i := i + 1]."
        " all asArray",
        before("add:"),
    ),
    "to-do": Case(
        "| all | all := OrderedCollection new. 1 to: 9 by: 3 do: [:i | all add: [i] ; add: i printString]. all size",
        before("printString"),
    ),
    "to-do-float": Case(
        "| all | all := OrderedCollection new. 0.5 to: 2 do: [:i | all add: i printString]. all asArray",
        before("printString"),
    ),
    "times-repeat": Case("| s | s := 1. 5 timesRepeat: [s := s + (s raisedTo: 2)]. s", before("raisedTo:")),
    "do": Case("| s | s := 0. #(1 2 3) do: [:each | s := s + (each raisedTo: 2)]. s", before("raisedTo:")),
    "inject": Case("#(1 2 3) inject: 1/2 into: [:sum :each | sum + each]", before("+", 3)),
    "deoptimised": Case("| a | a := 1/3. 1 to: 3 do: [:i | a := a + (i * a)]. a", in_method("* ")),
    "interpreted": Case("#(3 1 2) asSortedCollection asArray printString", before("printString"), is_interpreted=True),
    "literals": Case(
        "| a | a := #(1 $a #b 'c' (2 3.5)). {a. 1.50s2. #[1 2]. 2r101. 16rFFFFFFFFFFFF * 65536} printString",
        in_method("print"),
    ),
    "cascade": Case(
        "(WriteStream on: String new) nextPutAll: 'ab'; print: 3; nextPutAll: 'c'; contents", before("print:")
    ),
    "on-do": Case("[3 printString. 1/0] on: ZeroDivide do: [:e | e return: 5]", in_primitive("on:do:")),
    "retry": Case(
        "| n | n := 0. [n := n + 1. n < 3 ifTrue: [Error signal]. n printString] on: Error do: [:e | e retry]",
        in_primitive("attend"),
    ),
    "ensure-body": Case(_LOG + "[log add: 1] ensure: [log add: 2]." + _END, in_primitive("ensure:", "final")),
    "ensure-value": Case(_LOG + "log add: ([1] ensure: [log add: 2])." + _END, in_primitive("ensure:", "value")),
    "ensure-return": Case(
        "{GoldenReturner new run. GoldenReturner new log}",
        leaving("ensure:", "return"),
        (
            "Object subclass: #GoldenReturner instanceVariableNames: '' classVariableNames: 'Log' package: 'Golden'",
            "GoldenReturner compile: 'log ^Log asArray'",
            "GoldenReturner compile: 'run Log := OrderedCollection new. [^7] ensure: [Log add: 8]. ^9'",
        ),
    ),
    "ensure-handler": Case(
        _LOG + "[[1/0] ensure: [log add: 1]] on: ZeroDivide do: [:e | log add: 2]." + _END,
        leaving("ensure:", "handler"),
    ),
    "ensure-signal": Case(
        _LOG + "log add: ([Warning signal: 'w'] on: Warning do: [:e | [e resume: 3] ensure: [log add: 1]])." + _END,
        leaving("ensure:", "signal"),
    ),
    "ensure-failure": Case("[Error signal: 'lost'] ensure: [3 printString]", leaving("ensure:", "termination")),
    "if-curtailed": Case(
        _LOG + "[[log add: 1. 1/0] ifCurtailed: [log add: 2]] on: ZeroDivide do: [:e | e return: 3]." + _END,
        in_primitive("ifCurtailed:", "final"),
    ),
    "if-curtailed-leaving": Case(
        _LOG + "[[1/0] ifCurtailed: [log add: 2]] on: ZeroDivide do: [:e | e return: 3]." + _END,
        leaving("ifCurtailed:", "handler"),
    ),
    "handler": Case(
        "[(Warning signal: 'w') + 1] on: Warning do: [:e | e resume: e messageText size]", before("resume:")
    ),
    "default-action": Case("[(Warning signal: 'w') isNil] ensure: [3]", in_method("defaultAction")),
    "resignal": Case(
        "[[Error signal: 'a'] on: Error do: [:e | e resignalAs: (Warning new messageText: 'b')]]"
        " on: Warning do: [:w | w messageText , 'c']",
        before("resignalAs:"),
    ),
    "signal": Case("[Error signal: 'abc'] on: GoldenFilter do: [:e | e messageText]", in_primitive("signal"), _ASKED),
    "search": Case("[Error signal: 'abc'] on: GoldenFilter do: [:e | 1]", in_primitive("search"), _ASKED),
    "handles": Case("[Error signal: 'abc'] on: GoldenFilter do: [:e | 2]", in_primitive("handles:"), _ASKED),
    "outer": Case(
        "[[(Warning signal: 'abc') + 1] on: Warning do: [:e | e outer + 100]] on: GoldenFilter do: [:e | e resume: 1]",
        in_primitive("outer"),
        _ASKED,
    ),
    "pass": Case(
        "[[(Warning signal: 'abc') + 1] on: Warning do: [:e | e pass]]"
        " on: Warning do: [:e | e resume: e messageText size]",
        in_primitive("pass"),
    ),
    "is-nested": Case(
        "[[Error signal: 'abc'] on: Error do: [:e | e return: e isNested]] on: GoldenFilter do: [:e | 1]",
        in_primitive("isNested"),
        _ASKED,
    ),
    "process-waiting": Case(
        _LOG + "s := Semaphore new. [s wait. log add: 1] fork. Processor yield. s signal. Processor yield." + _END,
        before("signal"),
    ),
    "process-sleeping": Case(
        _LOG + "[30 milliSeconds wait. log add: 1] fork. Processor yield. log add: 2. 50 milliSeconds wait." + _END,
        before("add:"),
    ),
    "process-signalled": Case(
        "[(Delay forSeconds: 2) wait. #slow] valueWithin: 1 second onTimeout: [#late]",
        in_primitive("signalException:"),
    ),
    "mutex": Case("| m | m := Mutex new. m critical: [m critical: [3 printString]]", before("printString", 3)),
    "transcript": Case("Transcript show: 'a'. Transcript show: 'bc' reversed. 3", before("reversed")),
}

#: Do-its that fail or halt and wait for a debugger, and the code whose value they go on with there.
WAITING = {
    "error": ("x := 3. (1/0) + x", "40"),
    "halt": ("| n | n := 0. #(1 2 3) do: [:each | n := n + each. each = 2 ifTrue: [Halt now]]. n", "nil"),
    "deep": (
        "(#(1 2 3) inject: 0 into: [:sum :each | sum + ((Array with: each) collect: [:one | [one foo] value]) first])",
        "10",
    ),
    "unwinding": (_LOG + "[log add: 1. (Error signal: 'lost') foo] ensure: [log add: 2]." + _END, "self"),
}
