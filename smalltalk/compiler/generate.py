"""IR -> Python source, one operation per line; an expression may take several lines.

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
_POLL poll at_break deopt ident nonboolean dead_home this_context range enumerate len type int float CHARS WRONG. Its
globals are `mark` and the names that `mangle` describes.

The line `return deopt(e)` is REPLACED: the activation goes on in a continuation that stands above it on the stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from . import ir
from .barriers import Barriers
from .breaks import own_index, position_before
from .conditions import Conditions
from .expressions import Change, Expressions
from .fusion import Fusion, Walk
from .positions import REPLACED, STRUCTURE, Places, first_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from .functions import Function
    from .fusion import AnyTest, Guards
    from .shortcuts import Attributes

#: Operations that run no other code by themselves: what is marked as changed stays so.
_QUIET: Final = frozenset((*ir.STORES, ir.Move, ir.MakeBox, ir.MakeText, ir.MakeArray, ir.Identical, ir.If))


class Generator:
    """Writes the functions of one unit.

    Args:
        guards: operations that do not guess.
        attributes: those of the world that runs the code, None when several do.
        breaks: operations before which the code stops, see `breaks.py`; code with any guesses nothing.
        passed: the operation that the code begins with, where it does not stop before that once more.

    Attributes:
        names: global names that the code uses.
    """

    def __init__(
        self,
        guards: Guards,
        attributes: Attributes | None = None,
        breaks: frozenset[int] = frozenset(),
        passed: int | None = None,
    ) -> None:
        self._guards = guards
        self._breaks = breaks
        self._passed = passed
        self._lines: list[str] = []
        self._positions: list[int] = [STRUCTURE]
        self._fusion = Fusion(guards, attributes)
        self._expressions = Expressions(attributes)
        self._conditions = Conditions(self._expressions, guards)
        self._barriers = Barriers()

    @property
    def names(self) -> tuple[str, ...]:
        """Global names that the code uses, in order of first use."""
        return tuple(self._expressions.names)

    @property
    def source(self) -> str:
        """The Python text."""
        return "\n".join(self._lines)

    def places(self) -> Places:
        """What the lines stand for."""
        return Places(self._positions, self._fusion.begins)

    def function(self, function: Function, indent: int) -> None:
        """Write a method, do-it or block."""
        self._barriers.safe_point()
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
        """Write a line, or several: a line break is followed by the position of the next one."""
        if "\n" not in text:
            self._lines.append(" " * indent + text)
            self._positions.append(position)
            return
        first, *others = text.split("\n")
        self._lines.append(" " * indent + first)
        self._positions.append(position)
        for each in others:
            place, _, part = each.partition(":")
            self._lines.append(part)
            self._positions.append(int(place))

    def _code(self, code: list[ir.Operation], indent: int) -> None:
        if not code:
            self._emit(indent, "pass", STRUCTURE)
        for op in code if self._breaks else self._fusion.fuse(code):
            if self._breaks:
                self._break_before(op, indent)
            self._EMITTERS[type(op)](self, op, indent)
            self._note_effect(op)

    def _note_effect(self, op: Any) -> None:
        """Note what the operation means for the objects that are known to be marked."""
        if type(op) not in _QUIET or self._breaks:
            is_guess = isinstance(op, ir.Arithmetic) and op.index not in self._guards
            if not (is_guess or (isinstance(op, ir.Send) and (self._fusion.reads(op) or self._fusion.writes(op)))):
                self._barriers.safe_point()
        self._barriers.rebound(getattr(op, "dst", None))

    def _break_before(self, op: ir.Operation, indent: int) -> None:
        """Stop before the operation if that is wanted."""
        index = own_index(op)
        if index is not None and (index < 0 or index == self._passed):
            return
        self._passed = None
        if index in self._breaks:
            self._emit(indent, "at_break()", position_before(index))

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
        self._barrier(target, position_before(self._fusion.begins.get(op.index, op.index)), indent)
        self._emit(indent, f"{target}.{slot}={self._text(op.value)}", op.index)

    def _barrier(self, target: str, position: int, indent: int) -> None:
        if "." in target or self._barriers.needs(target):
            self._emit(indent, f"if not {target}.dirty: mark({target})", position)

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
        expressions = self._expressions
        is_second = op.index in self._guards
        if is_second and (~op.index in self._guards or not expressions.guesses_twice(op)):
            self._emit(indent, f"{op.dst}={expressions.send(op, guarded=True)}", op.index)
            return
        changes = expressions.changes(op, is_first_guess=not is_second)
        if changes and not changes[0].condition:
            self._change(op, changes[0], indent)
            return
        for change in changes:
            self._emit(indent, f"{'if' if change is changes[0] else 'elif'} {change.condition}:", op.index)
            with self._barriers.branch():
                self._change(op, change, indent + 1)
        if changes:
            self._emit(indent, "else:", STRUCTURE)
        is_first = not changes
        text = expressions.send(op, guarded=False, is_first=is_first) if is_second else expressions.first_guess(op)
        self._emit(indent + bool(changes), f"{op.dst}={text}", op.index)

    def _change(self, op: ir.Send, change: Change, indent: int) -> None:
        """A short way that changes the receiver, with its write barrier."""
        self._emit(indent, change.effect, op.index)
        if change.receiver == "o":
            self._barriers.rebound("o")
        self._barrier(change.receiver, op.index, indent)
        if op.is_wanted:
            self._emit(indent, f"{op.dst}={change.value}", op.index)

    def _super_send(self, op: ir.SuperSend, indent: int) -> None:
        self._emit(indent, f"{op.dst}={self._expressions.super_send(op)}", op.index)

    def _poll(self, op: ir.Poll, indent: int) -> None:
        self._emit(indent, "if _POLL: poll()", op.index)

    def _return(self, op: ir.Return, indent: int) -> None:
        self._emit(indent, f"return {self._text(op.value)}", op.index)

    def _non_local_return(self, op: ir.NonLocalReturn, indent: int) -> None:
        value = self._text(op.value)
        self._emit(indent, f"if home.active: raise NLR(home,{value})", op.index)
        self._emit(indent, f"{op.dst}=dead_home(home,{value})", op.index)

    # -- structured operations

    def _if(self, op: ir.If, indent: int) -> None:
        condition = self._conditions.text(op.test)
        if condition is None:
            condition = self._three_ways(op.test, op.neither, indent)
        elif self._conditions.sends(op.test):
            self._barriers.safe_point()
        then, otherwise = op.then, op.otherwise
        if not then:
            then, otherwise, condition = otherwise, then, f"not ({condition})"
        self._emit(indent, f"if {condition}:", self._conditions.place(op.test))
        self._arm(then, indent + 1)
        if otherwise:
            self._emit(indent, "else:", STRUCTURE)
            self._arm(otherwise, indent + 1)

    def _arm(self, code: list[ir.Operation], indent: int) -> None:
        with self._barriers.branch():
            self._code(code, indent)

    def _tested(self, test: ir.Test, indent: int) -> str:
        """Text of the tested value; a guarded comparison is computed first."""
        if isinstance(test, ir.Compare):
            text = self._expressions.arithmetic(test.operator, test.left, test.right, guarded=True)
            self._emit(indent, f"{test.dst}={text}", test.index)
            self._barriers.safe_point()
            return test.dst
        assert isinstance(test, ir.Truth)
        return self._text(test.value)

    def _three_ways(self, test: ir.Test, neither: ir.NonBoolean | None, indent: int) -> str:
        """The test as a Python condition that asks what to take a value for which is no Boolean."""
        assert neither is not None
        value = self._tested(test, indent)
        asked = f"nonboolean({self._text(neither.value)},{neither.selector!r}) is not FALSE"
        self._barriers.safe_point()
        return f"({value} is TRUE or {value} is not FALSE and\n{neither.index}:{asked})"

    def _while(self, op: ir.While, indent: int) -> None:
        self._barriers.safe_point()
        code = op.condition
        test: AnyTest | None = op.test
        if not self._breaks and test is not None:
            code = list(self._fusion.fuse(code))
            test = self._fusion.test(test, code)
        condition = self._conditions.text(test) if test else "True"
        if condition is None:
            self._emit(indent, "while True:", STRUCTURE)
            self._code(code, indent + 1)
            assert op.test is not None
            self._break_unless(self._three_ways(op.test, op.neither, indent + 1), op, op.test, indent + 1)
        elif code and test is not None:
            self._emit(indent, "while True:", STRUCTURE)
            self._code(code, indent + 1)
            self._break_unless(condition, op, test, indent + 1)
        else:
            text = condition if op.expected or test is None else f"not ({condition})"
            place = first_index([op]) if test is None else self._conditions.place(test)
            self._emit(indent, f"while {text}:", place)
        self._code(op.body, indent + 1)
        self._barriers.safe_point()

    def _walk(self, op: Walk, indent: int) -> None:
        self._barriers.safe_point()
        elements = f"enumerate({op.receiver}.items,1)"
        self._emit(indent, f"for {op.position},{op.each} in {elements}:", op.index)
        self._code(op.body, indent + 1)
        self._barriers.safe_point()

    def _break_unless(self, condition: str, op: ir.While, test: AnyTest, indent: int) -> None:
        """End the loop unless the condition is what it goes on with."""
        text = f"if {f'not ({condition})' if op.expected else condition}: break"
        self._emit(indent, text, self._conditions.place(test))

    def _to_do(self, op: ir.ToDo, indent: int) -> None:
        if op.index in self._guards:
            self._code(op.expand(), indent)
            return
        start, stop = self._text(op.start), self._text(op.stop)
        beyond = f"{stop}+1" if op.step > 0 else f"{stop}-1"
        step = "" if op.step == 1 else f",{op.step}"
        self._emit(indent, f"for {op.variable} in range({start},{beyond}{step}):", op.index)
        self._barriers.safe_point()
        if isinstance(op.start, ir.Constant) and isinstance(op.start.value, int) and op.start.value > 0 and op.step > 0:
            self._expressions.positive.add(op.variable)
        self._code(op.body, indent + 1)
        self._expressions.positive.discard(op.variable)
        self._barriers.safe_point()

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
        ir.Poll: _poll,
        ir.Return: _return,
        ir.NonLocalReturn: _non_local_return,
        ir.If: _if,
        ir.While: _while,
        ir.ToDo: _to_do,
        Walk: _walk,
    }
