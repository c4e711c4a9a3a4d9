"""Random programs: a hypothesis grammar of do-its that always end.

They assign variables of their own and of the workspace, compute with integers, fractions and floats, nest blocks that
share and assign variables, loop, walk through collections, signal, handle, retry, resume and leave through unwinding
blocks, return out of methods from inside blocks and handlers, ask what is no Boolean for a decision, and let processes
and generators wait for each other, or end them. Errors are welcome: they are
answers as well. Values that are kept are bounded.
"""

from __future__ import annotations

from hypothesis import strategies as st

#: Classes that the programs use; made before.
SETUP = (
    "Object subclass: #Prog instanceVariableNames: 'held' classVariableNames: 'Shared' package: 'Programs'",
    "Prog compile: 'held ^held ifNil: [0]'",
    "Prog compile: 'hold: x held := x. Shared := x. ^self'",
    "Prog compile: 'shared ^Shared'",
    "Prog compile: 'first: all than: limit all do: [:each | each > limit ifTrue: [^each]]. ^limit negated'",
    "Prog compile: 'guarded: aBlock ^[aBlock value: self held] ensure: [held := self held + 1]'",
    "Prog compile: 'escape: aBlock #(1 2 3) withIndexDo: [:each :i | (aBlock value: each) = 6 ifTrue: [^i]]. ^0'",
    "Prog compile: 'caught: b #(1 2) do: [:each | [b value: each] on: Error do: [:e | ^e messageText size]]. ^0'",
    "Prog compile: 'left: b ^[[b value: 1] on: Error do: [:e | ^self each: e]] ensure: [held := self held + 2]'",
    "Prog compile: 'each: e ^[e signal. 3] on: Error do: [:again | again return: 4]'",
    "Prog compile: 'down: n ^(n between: 1 and: 9) ifTrue: [n + (self down: n - 1)] ifFalse: [0]'",
    "Prog compile: 'clip: x ^(self isSmall: x) ifTrue: [x] ifFalse: [7]'",
    "Prog compile: 'isSmall: x ^x isNumber and: [x abs < 99999 and: [x isFraction not or: [x denominator < 999]]]'",
    "Prog subclass: #Prug instanceVariableNames: '' classVariableNames: '' package: 'Programs'",
    "Prug compile: 'hold: x ^super hold: x + 1'",
)

#: Temporaries of the do-it, and variables of the workspace.
NAMES = ("a", "b", "c", "u", "w")

_HEAD = (
    "| a b c log prog | a := 1. b := 2. c := 1/3. u := 0. w := 10. log := OrderedCollection new. prog := Prug new."
    " Transcript show: 'go'. "
)
_TAIL = " {a. b. c. u. w. log asArray. prog held. prog shared}"

_literals = st.sampled_from(["0", "1", "2", "3", "7", "-4", "2.5", "(1/2)", "100000000000", "a", "b", "c", "u", "w"])


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions that answer numbers, mostly."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "//", "max:", "min:"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        pair.map(lambda t: f"({t[0]} / {t[1]})"),
        inner.map(lambda e: f"({e} * 3)"),
        pair.map(lambda t: f"({t[0]} < {t[1]} ifTrue: [{t[0]}] ifFalse: [{t[1]}])"),
        pair.map(lambda t: f"((#(1 2 3) collect: [:e | e * {t[0]}]) inject: {t[1]} into: [:s :e | s + e])"),
        pair.map(lambda t: f"(#(3 1 2) detect: [:e | e > {t[0]}] ifNone: [{t[1]}])"),
        pair.map(lambda t: f"([:x | x + {t[0]}] value: {t[1]})"),
        pair.map(lambda t: f"([{t[0]} / 0] on: ZeroDivide do: [:e | e return: {t[1]}])"),
        pair.map(lambda t: f"([(Warning signal: 'w') + {t[0]}] on: Warning do: [:e | e resume: {t[1]}])"),
        pair.map(lambda t: f"([Error signal: 'x'. {t[0]}] on: Error do: [:e | e retryUsing: [{t[1]}]])"),
        pair.map(lambda t: f"([[Error signal: 'p'] on: Error do: [:e | e pass]] on: Error do: [:e | {t[0]} + {t[1]}])"),
        pair.map(lambda t: f"([(Warning signal: 'o') + 1] on: Warning do: [:e | e outer ifNil: [{t[0]}]])"),
        pair.map(lambda t: f"([{t[0]} foo] on: MessageNotUnderstood do: [:e | e resume: {t[1]}])"),
        inner.map(lambda e: f"(prog first: #(1 5 9) than: {e})"),
        inner.map(lambda e: f"(prog guarded: [:h | h + {e}])"),
        inner.map(lambda e: f"(prog escape: [:each | each * {e}])"),
        inner.map(lambda e: f"(prog down: ({e} \\\\ 5))"),
        inner.map(lambda e: f"(prog hold: (prog clip: {e})) held"),
        inner.map(lambda e: f"(prog caught: [:each | each / {e}])"),
        inner.map(lambda e: f"(prog left: [:each | each / {e}])"),
        st.tuples(inner, inner, inner).map(
            lambda t: (
                f"([{t[0]} ifTrue: [{t[1]}] ifFalse: [{t[2]}]] on: NonBooleanReceiver"
                " do: [:e | e resume: e object > 2])"
            )
        ),
        pair.map(
            lambda t: f"((Generator on: [:g | g yield: {t[0]}. g yield: {t[1]}]) inject: 0 into: [:s :e | s + e])"
        ),
        pair.map(
            lambda t: (
                f"([(Generator on: [:g | g yield: 3 / {t[0]}]) next] on: ZeroDivide do: [:e | e retryUsing: [{t[1]}]])"
            )
        ),
        pair.map(lambda t: f"(({t[0]} -> {t[1]}) value)"),
        pair.map(lambda t: f"(Dictionary new at: #k put: {t[0]}; at: #k ifAbsent: [{t[1]}])"),
    )


EXPRESSIONS = st.recursive(_literals, _expressions, max_leaves=6)


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements around other ones."""
    names = st.sampled_from(NAMES)
    return st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(EXPRESSIONS, inner).map(
            lambda t: f"1 to: 3 do: [:i | log add: i. {t[1]} a := prog clip: a + {t[0]}]."
        ),
        inner.map(lambda s: f"3 to: 1 by: -1 do: [:i | {s} u := u + i]."),
        inner.map(lambda s: f"2 timesRepeat: [{s}]."),
        st.tuples(names, inner).map(lambda t: f"#(4 5) do: [:each | {t[1]} {t[0]} := each]."),
        inner.map(lambda s: f"[:n | | k | k := 0. [k < n] whileTrue: [k := k + 1. {s} log add: k]] value: 2."),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]}] ensure: [{t[1]} log add: #ensured]."),
        st.tuples(inner, inner).map(
            lambda t: f"[{t[0]} Error signal: 'e'] on: Error do: [:e | {t[1]} log add: #caught]."
        ),
        st.tuples(inner, inner).map(
            lambda t: f"[[{t[0]} 1/0] ifCurtailed: [{t[1]} log add: #cut]] on: Error do: [:e | 1]."
        ),
        inner.map(
            lambda s: (
                f"[| tries | tries := 0. [tries := tries + 1. {s} tries < 2 ifTrue: [Error signal]]"
                " on: Error do: [:e | tries < 2 ifTrue: [e retry]]] value."
            )
        ),
        st.tuples(names, EXPRESSIONS, inner).map(
            lambda t: f"[:bump | bump value. {t[2]} bump value] value: [{t[0]} := prog clip: {t[1]}]."
        ),
        st.tuples(inner, names).map(
            lambda t: f"[:s | [{t[0]} s signal] fork. s wait. {t[1]} := {t[1]} + 1] value: Semaphore new."
        ),
        inner.map(lambda s: f"[{s} log add: #forked] fork. Processor yield."),
        *_nested(inner),
    )


def _nested(inner: st.SearchStrategy[str]) -> list[st.SearchStrategy[str]]:
    """Statements that nest loops, handlers, unwinding blocks and processes in each other."""
    pair = st.tuples(inner, inner)
    return [
        pair.map(
            lambda t: (
                f"1 to: 2 do: [:i | [{t[0]} i / 0] on: ZeroDivide do: [:e |"
                f" #(6 7) do: [:k | [{t[1]} Error signal: 'in'] on: Error do: [:x | log add: k. x return: k]]."
                " e return: i]]."
            )
        ),
        pair.map(
            lambda t: (
                f"[[{t[0]} Error signal: 'again'] ensure: [log add: #first]] on: Error do: [:e |"
                f" [{t[1]}] ensure: [log add: #second]. e retryUsing: [log add: #third]]."
            )
        ),
        pair.map(
            lambda t: (
                f"[[{t[0]} Warning signal: 'deep'. log add: #after] ifCurtailed: [log add: #cut]] on: Warning do: [:e |"
                f" {t[1]} e messageText size > 4 ifTrue: [e resume: 1]. e return: 2]."
            )
        ),
        pair.map(
            lambda t: f"[:m | [m critical: [{t[0]} log add: #other]] fork. m critical: [{t[1]}]] value: Mutex new."
        ),
        inner.map(
            lambda s: (
                f"[:p | p resume. Processor yield. p terminate]"
                f" value: [[{s} Semaphore new wait] ensure: [log add: #ended]] newProcess."
            )
        ),
        inner.map(
            lambda s: f"[[{s} Error signal: 'there'] on: Error do: [:e | log add: #there]] fork. Processor yield."
        ),
    ]


_simple = st.one_of(
    st.tuples(st.sampled_from(NAMES), EXPRESSIONS).map(lambda t: f"{t[0]} := prog clip: {t[1]}."),
    EXPRESSIONS.map(lambda e: f"log add: {e}."),
    EXPRESSIONS.map(lambda e: f"Transcript show: {e} printString."),
)

#: Whole do-its.
PROGRAMS = st.recursive(_simple, _statements, max_leaves=6).map(lambda body: _HEAD + body + _TAIL)
