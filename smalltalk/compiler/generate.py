"""IR -> Python source, one operation per line.

Shape of a function; `home` only where a block returns from it:

    def m(self, a_x):
     home=None
     try:
      home=Home()
      ...operations...
     except NLR as e:
      if e.home is home: return e.value
      raise
     except WRONG as e: return deopt(e)
     finally:
      if home: home.active=False
      if home and not home.dirty: mark(home)

Every line stands for one operation: `positions[line]` is its index, so that (code object, line number) is a position.
The builtins of generated code are these entry points and nothing else: TRUE FALSE FT NLR Home Box Text Arr Bytes Dec
_POLL poll deopt ident nonboolean dead_home this_context range len type int float CHARS WRONG. Its globals are `mark`
and the names that `mangle` describes.

The line `return deopt(e)` is REPLACED: the activation goes on in a continuation that stands above it on the stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from . import ir
from .expressions import Change, Expressions
from .fusion import FusedReturn, FusedSend, Joined, fuse, joined_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from .functions import Function
    from .fusion import AnyTest, Guards
    from .shortcuts import Attributes

#: Position of a line whose activation goes on in a continuation.
REPLACED: Final = -1
#: Position of a line that is never a place to stand at: `try:`, `else:` and their like.
STRUCTURE: Final = -2


class Generator:
    """Writes the functions of one unit.

    Args:
        guards: operations that do not guess.
        attributes: those of the world that runs the code, None when several do.

    Attributes:
        positions: for each 1-based line, the index of its operation.
        names: global names that the code uses.
    """

    def __init__(self, guards: Guards, attributes: Attributes | None = None) -> None:
        self._guards = guards
        self._lines: list[str] = []
        self.positions: list[int] = [STRUCTURE]
        self._expressions = Expressions(attributes)

    @property
    def names(self) -> tuple[str, ...]:
        """Global names that the code uses, in order of first use."""
        return tuple(self._expressions.names)

    @property
    def source(self) -> str:
        """The Python text."""
        return "\n".join(self._lines)

    def function(self, function: Function, indent: int) -> None:
        """Write a method, do-it or block."""
        self._emit(indent, f"def {function.name}({','.join(function.parameters)}):", STRUCTURE)
        if len(function.code) == 1 and isinstance(function.code[0], ir.Return) and not function.has_home:
            self._code(function.code, indent + 1)
            return
        if function.has_home:
            self._emit(indent + 1, "home=None", STRUCTURE)
        self.body(function.code, indent + 1, has_home=function.has_home)

    def body(self, code: list[ir.Operation], indent: int, *, has_home: bool) -> None:
        """Write operations with everything that may end them early."""
        self._emit(indent, "try:", STRUCTURE)
        if has_home:
            self._emit(indent + 1, "if home is None: home=Home()", first_index(code))
        self._code(code, indent + 1)
        if has_home:
            self._emit(indent, "except NLR as e:", STRUCTURE)
            self._emit(indent + 1, "if e.home is home: return e.value", STRUCTURE)
            self._emit(indent + 1, "raise", STRUCTURE)
        self._emit(indent, "except WRONG as e: return deopt(e)", REPLACED)
        if has_home:
            self._emit(indent, "finally:", STRUCTURE)
            self._emit(indent + 1, "if home: home.active=False", STRUCTURE)
            self._emit(indent + 1, "if home and not home.dirty: mark(home)", STRUCTURE)

    def head(self, name: str, parameters: tuple[str, ...]) -> None:
        """Write the first line of a continuation."""
        self._emit(0, f"def {name}({','.join(parameters)}):", STRUCTURE)

    def _emit(self, indent: int, text: str, position: int) -> None:
        self._lines.append(" " * indent + text)
        self.positions.append(position)

    def _code(self, code: list[ir.Operation], indent: int) -> None:
        if not code:
            self._emit(indent, "pass", STRUCTURE)
        for op in fuse(code, self._guards):
            self._EMITTERS[type(op)](self, op, indent)

    def _text(self, operand: ir.Operand) -> str:
        return self._expressions.text(operand)

    # -- straight operations

    def _move(self, op: ir.Move, indent: int) -> None:
        self._emit(indent, f"{op.dst}={self._text(op.value)}", op.index)

    def _make_box(self, op: ir.MakeBox, indent: int) -> None:
        self._emit(indent, f"{op.dst}=Box({self._text(op.value)})", op.index)

    def _store_box(self, op: ir.StoreBox, indent: int) -> None:
        self._store(op.box, "v", op, indent)

    def _store_field(self, op: ir.StoreField, indent: int) -> None:
        self._store("self", f"i{op.slot}", op, indent)

    def _store_class_variable(self, op: ir.StoreClassVariable, indent: int) -> None:
        self._expressions.names[op.name] = None
        self._store(op.name, "v", op, indent)

    def _store(self, target: str, slot: str, op: Any, indent: int) -> None:
        """A store with its write barrier."""
        self._emit(indent, f"{target}.{slot}={self._text(op.value)}", op.index)
        self._emit(indent, f"if not {target}.dirty: mark({target})", op.index)

    def _make_text(self, op: ir.MakeText, indent: int) -> None:
        self._emit(indent, f"{op.dst}=Text({self._text(op.value)})", op.index)

    def _make_literal(self, op: ir.MakeLiteral, indent: int) -> None:
        self._emit(indent, f"{op.dst}={self._expressions.literal(op.literal)}", op.index)

    def _make_array(self, op: ir.MakeArray, indent: int) -> None:
        self._emit(indent, f"{op.dst}=Arr([{','.join(self._text(each) for each in op.elements)}])", op.index)

    def _make_block(self, op: ir.MakeBlock, indent: int) -> None:
        function = op.function
        if not op.copies:
            self.function(function, indent)
            return
        captured = ",".join(function.captured)
        self._emit(indent, f"def c{function.number}({captured}):", op.index)
        self.function(function, indent + 1)
        self._emit(indent + 1, f"return {function.name}", op.index)
        self._emit(indent, f"{op.dst}=c{function.number}({captured})", op.index)

    def _this_context(self, op: ir.ThisContext, indent: int) -> None:
        self._emit(indent, f"{op.dst}=this_context()", op.index)

    def _arithmetic(self, op: ir.Arithmetic, indent: int) -> None:
        text = self._expressions.arithmetic(op.operator, op.left, op.right, guarded=op.index in self._guards)
        self._emit(indent, f"{op.dst}={text}", op.index)

    def _identical(self, op: ir.Identical, indent: int) -> None:
        condition = self._expressions.same(op.left, op.right, negated=op.negated)
        self._emit(indent, f"{op.dst}=TRUE if {condition} else FALSE", op.index)

    def _send(self, op: ir.Send, indent: int) -> None:
        guarded = op.index in self._guards
        changes = [] if guarded else self._expressions.changes(op)
        if not changes:
            self._emit(indent, f"{op.dst}={self._expressions.send(op, guarded=guarded)}", op.index)
        elif not changes[0].condition:
            self._change(op, changes[0], indent)
        else:
            for change in changes:
                self._emit(indent, f"{'if' if change is changes[0] else 'elif'} {change.condition}:", op.index)
                self._change(op, change, indent + 1)
            self._emit(indent, "else:", STRUCTURE)
            self._emit(indent + 1, f"{op.dst}={self._expressions.send(op, guarded=False, is_first=False)}", op.index)

    def _change(self, op: ir.Send, change: Change, indent: int) -> None:
        """A short way that changes the receiver, with its write barrier."""
        self._emit(indent, change.effect, op.index)
        self._emit(indent, f"if not {change.receiver}.dirty: mark({change.receiver})", op.index)
        if op.is_wanted:
            self._emit(indent, f"{op.dst}={change.value}", op.index)

    def _super_send(self, op: ir.SuperSend, indent: int) -> None:
        self._emit(indent, f"{op.dst}={self._expressions.super_send(op)}", op.index)

    def _non_boolean(self, op: ir.NonBoolean, indent: int) -> None:
        self._emit(indent, f"{op.dst}=nonboolean({self._text(op.value)},{op.selector!r})", op.index)

    def _poll(self, op: ir.Poll, indent: int) -> None:
        self._emit(indent, "if _POLL: poll()", op.index)

    def _return(self, op: ir.Return, indent: int) -> None:
        self._emit(indent, f"return {self._text(op.value)}", op.index)

    def _non_local_return(self, op: ir.NonLocalReturn, indent: int) -> None:
        value = self._text(op.value)
        self._emit(indent, f"if home.active: raise NLR(home,{value})", op.index)
        self._emit(indent, f"{op.dst}=dead_home(home,{value})", op.index)

    def _fused_return(self, op: FusedReturn, indent: int) -> None:
        text = self._expressions.arithmetic(op.arithmetic.operator, op.arithmetic.left, op.arithmetic.right)
        self._emit(indent, f"return {text}", op.arithmetic.index)

    def _fused_send(self, op: FusedSend, indent: int) -> None:
        """A call over several lines: each computed argument has its own, the call itself counts as the first."""
        send = op.send
        plain = send.arguments[: len(send.arguments) - len(op.computed)]
        function, arguments = self._expressions.called(send, plain)
        self._emit(indent, f"{send.dst}={function}({''.join(f'{each},' for each in arguments)}", send.index)
        for argument in op.computed:
            text = self._expressions.arithmetic(argument.operator, argument.left, argument.right)
            self._emit(indent, f"{text}{')' if argument is op.computed[-1] else ','}", argument.index)

    # -- structured operations

    def _if(self, op: ir.If, indent: int) -> None:
        condition = self._fused(op.test)
        if condition is None:
            self._three_arms(op, indent)
            return
        then, otherwise = op.then, op.otherwise
        if not then:
            then, otherwise, condition = otherwise, then, f"not ({condition})"
        self._emit(indent, f"if {condition}:", op.test.index)
        self._code(then, indent + 1)
        if otherwise:
            self._emit(indent, "else:", STRUCTURE)
            self._code(otherwise, indent + 1)

    def _fused(self, test: AnyTest) -> str | None:
        """The test as a Python condition, None where its outcome may be no Boolean."""
        if isinstance(test, ir.Same):
            return self._expressions.same(test.left, test.right, negated=test.negated)
        if isinstance(test, ir.Takes):
            return self._expressions.takes(test.value, test.selector)
        if isinstance(test, ir.Compare) and test.index not in self._guards:
            return f"{self._text(test.left)}{test.operator}{self._text(test.right)}"
        if isinstance(test, Joined):
            first, second = self._fused(test.first), self._fused(test.second)
            return f"({'not ' if test.inverted else ''}{first} {'and' if test.both else 'or'} {second})"
        return None

    def _tested(self, test: ir.Test, indent: int) -> str:
        """Text of the tested value; a guarded comparison is computed first."""
        if isinstance(test, ir.Compare):
            text = self._expressions.arithmetic(test.operator, test.left, test.right, guarded=True)
            self._emit(indent, f"{test.dst}={text}", test.index)
            return test.dst
        assert isinstance(test, ir.Truth)
        return self._text(test.value)

    def _three_arms(self, op: ir.If, indent: int) -> None:
        assert op.neither is not None
        value = self._tested(op.test, indent)
        self._emit(indent, f"if {value} is TRUE:", op.test.index)
        self._code(op.then, indent + 1)
        self._emit(indent, f"elif {value} is FALSE:", op.test.index)
        self._code(op.otherwise, indent + 1)
        self._emit(indent, "else:", STRUCTURE)
        self._non_boolean(op.neither, indent + 1)

    def _while(self, op: ir.While, indent: int) -> None:
        code = op.condition
        joined = joined_test(code[-1], op.test, self._guards) if code else None
        if joined is not None:
            code = code[:-1]
        test = joined or op.test
        condition = self._fused(test) if test else "True"
        if condition is None:
            self._emit(indent, "while True:", STRUCTURE)
            self._code(code, indent + 1)
            self._leave(op, indent + 1)
        elif code and test is not None:
            self._emit(indent, "while True:", STRUCTURE)
            self._code(code, indent + 1)
            self._emit(indent + 1, f"if {f'not ({condition})' if op.expected else condition}: break", test.index)
        else:
            text = condition if op.expected or test is None else f"not ({condition})"
            self._emit(indent, f"while {text}:", first_index([op]))
        self._code(op.body, indent + 1)

    def _leave(self, op: ir.While, indent: int) -> None:
        """End the loop unless the tested value is the expected Boolean."""
        assert op.test is not None
        assert op.neither is not None
        value = self._tested(op.test, indent)
        expected, other = ("TRUE", "FALSE") if op.expected else ("FALSE", "TRUE")
        self._emit(indent, f"if {value} is not {expected}:", op.test.index)
        self._emit(indent + 1, f"if {value} is not {other}:", op.test.index)
        self._non_boolean(op.neither, indent + 2)
        self._emit(indent + 1, "break", STRUCTURE)

    def _to_do(self, op: ir.ToDo, indent: int) -> None:
        if op.index in self._guards:
            self._code(op.expand(), indent)
            return
        start, stop = self._text(op.start), self._text(op.stop)
        beyond = f"{stop}+1" if op.step > 0 else f"{stop}-1"
        step = "" if op.step == 1 else f",{op.step}"
        self._emit(indent, f"for {op.variable} in range({start},{beyond}{step}):", op.index)
        self._code(op.body, indent + 1)

    #: What to do with each type; it stands here because the functions must exist first.
    _EMITTERS: ClassVar[dict[type, Callable[[Generator, Any, int], None]]] = {
        ir.Move: _move,
        ir.MakeBox: _make_box,
        ir.StoreBox: _store_box,
        ir.StoreField: _store_field,
        ir.StoreClassVariable: _store_class_variable,
        ir.MakeText: _make_text,
        ir.MakeLiteral: _make_literal,
        ir.MakeArray: _make_array,
        ir.MakeBlock: _make_block,
        ir.ThisContext: _this_context,
        ir.Arithmetic: _arithmetic,
        ir.Identical: _identical,
        ir.Send: _send,
        ir.SuperSend: _super_send,
        ir.NonBoolean: _non_boolean,
        ir.Poll: _poll,
        ir.Return: _return,
        ir.NonLocalReturn: _non_local_return,
        ir.If: _if,
        ir.While: _while,
        ir.ToDo: _to_do,
        FusedReturn: _fused_return,
        FusedSend: _fused_send,
    }


def first_index(code: list[ir.Operation]) -> int:
    """Index of the operation that runs first."""
    first: Any = code[0]
    while True:
        if isinstance(first, ir.If):
            return first.test.index
        if not isinstance(first, ir.While):
            return int(first.index)
        if not first.condition and first.test is not None:
            return first.test.index
        first = (first.condition or first.body)[0]
