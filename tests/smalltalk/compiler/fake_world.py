"""A tiny world for the compiler's tests: dispatch by Python type, a dozen primitives, deopt by continuations.

It stands in for `smalltalk.runtime`, so that the compiler is proven by itself: what generated code asks of its
environment is all here and nothing more.
"""

from __future__ import annotations

import operator
from types import FunctionType
from typing import Any

from smalltalk.compiler import continuations
from smalltalk.compiler.mangle import demangle, dispatch_name, parse_class_variable_name, parse_super_name
from smalltalk.compiler.origins import locate
from smalltalk.compiler.unit import Unit, compile_doit, compile_method
from smalltalk.runtime.entry_points import WRONG
from smalltalk.runtime.objects import (
    FALSE,
    TRUE,
    Binding,
    Character,
    Home,
    Symbol,
    instance_class,
    new_box,
    new_home,
)
from smalltalk.stepper import interpret
from smalltalk.syntax.shape import shape


class NonLocalReturn(BaseException):
    def __init__(self, home: Home, value: Any) -> None:
        self.home = home
        self.value = value


class ForcedError(TypeError):
    """Raised by a test as if the operation on this line had guessed wrong."""


class AnsweredError(TypeError):
    """Raised by a test in place of a primitive's answer: the caller goes on as if it had been suspended there."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


Text = instance_class("Text", "text", 0)
Array = instance_class("Array", "items", 0)
Bytes = instance_class("Bytes", "bytes", 0)
Pair = instance_class("Pair", "plain", 2)

_BOOLEANS = {True: TRUE, False: FALSE}


class Scope:
    """Everything is an instance of Foo with the variables x and y, and a class variable Total."""

    def __init__(self, class_key: str = "Foo", globals_: tuple[str, ...] = ("Array", "Foo")) -> None:
        self.class_key = class_key
        self.instance_variables = ("x", "y") if class_key.startswith("Foo") else ()
        self._globals = globals_

    def resolve(self, name: str) -> Any:
        if name == "Total":
            return ("classvar", "Foo")
        return ("global",) if name in self._globals else None

    def known_names(self) -> list[str]:
        return ["Total", *self._globals]


class Table(dict):
    def __init__(self, world: FakeWorld, selector: str) -> None:
        super().__init__()
        self.world = world
        self.selector = selector

    def __missing__(self, python_type: type) -> Any:
        return self.world.lookup(python_type, self.selector)


class FakeWorld:
    """One world; `trace` lists what happened, in order."""

    def __init__(self) -> None:
        self.trace: list[Any] = []
        self.deopts = 0
        self.units: dict[Unit, FunctionType] = {}
        self.methods: dict[tuple[type | None, str], Any] = {}
        self.bindings: dict[str, Binding] = {}
        builtins = {
            "TRUE": TRUE, "FALSE": FALSE, "FT": FunctionType, "NLR": NonLocalReturn, "Home": new_home, "Box": new_box,
            "Text": Text.make, "Arr": Array.make,
            "Bytes": lambda data: Bytes.make(bytearray(data)), "Dec": lambda *parts: parts,
            "_POLL": False, "poll": self.poll, "deopt": self.deopt, "ident": _ident,
            "nonboolean": self.nonboolean,
            "dead_home": self.dead_home, "range": range, "len": len, "enumerate": enumerate, "type": type, "int": int,
            "float": float, "WRONG": WRONG, "CHARS": {},
        }  # fmt: skip
        self.g: dict[str, Any] = {"__builtins__": builtins, "mark": self.mark}
        for selector, primitive in _PRIMITIVES.items():
            self.methods[None, selector] = primitive
        self.methods[None, "log:"] = self.log
        self.methods[None, "poll"] = lambda _: builtins.update(_POLL=True)

    # -- what generated code calls

    def link(self, names: Any) -> None:
        for name in names:
            if name not in self.g:
                self.g[name] = self._value(name)

    def _value(self, name: str) -> Any:
        prefix, text = name[:2], name[2:]
        if prefix == "S_":
            return Table(self, demangle(text))
        if prefix == "T_":
            return Array if text in ("Array__at_", "Array__do_") else None
        if prefix == "P_":
            return None
        if prefix == "U_":
            selector, _ = parse_super_name(name)
            return lambda receiver, *arguments: self.log(receiver, (selector, *arguments))
        if prefix == "V_":
            return Binding(parse_class_variable_name(name)[1], 0)
        if prefix == "C_":
            return Character.of(int(text))
        return Symbol.intern(demangle(text)) if prefix == "Y_" else {"Array": Array, "Foo": Pair}[demangle(text)]

    def lookup(self, python_type: type, selector: str) -> Any:
        method = self.methods.get((python_type, selector)) or self.methods.get((None, selector))
        if method is not None:
            return method
        return lambda *_: self.not_understood(selector)

    def not_understood(self, selector: str) -> Any:
        self.trace.append(f"dnu {selector}")
        return Symbol.intern("dnu")

    def log(self, _receiver: Any, value: Any) -> Any:
        self.trace.append(value)
        return value

    def mark(self, obj: Any) -> None:
        obj.dirty = True

    def poll(self) -> None:
        self.g["__builtins__"]["_POLL"] = False
        self.trace.append("poll")

    def nonboolean(self, _value: Any, selector: str) -> Any:
        """What is asked about for the second time is taken for false, so that loops end."""
        question = f"nonboolean {selector}"
        is_new = question not in self.trace
        self.trace.append(question)
        return 99 if is_new else FALSE

    def dead_home(self, _home: Home, value: Any) -> Any:
        self.trace.append("dead home")
        return value

    def deopt(self, error: BaseException) -> Any:
        traceback = error.__traceback__
        assert traceback is not None
        if traceback.tb_next is not None and not isinstance(error, (ForcedError, AnsweredError)):
            raise error
        position = locate(traceback.tb_frame.f_code, traceback.tb_lineno)
        if position is None or (position.is_guarded and not isinstance(error, AnsweredError)):
            raise error
        self.deopts += 1
        if isinstance(error, AnsweredError):
            return self._go_on(continuations.after(position), traceback.tb_frame, error.value)
        self._note(position)
        return self._go_on(continuations.before(position), traceback.tb_frame)

    def _go_on(self, continuation: Any, frame: Any, answer: Any = None) -> Any:
        self.link(continuation.names)
        return continuation.function(self.g)(*continuation.arguments(frame.f_locals, answer))

    def _note(self, position: Any) -> None:
        position.origin.count_miss(position.guess)
        unit = position.origin.unit
        function = self.units.get(unit)
        if function is not None and function.__code__ is not unit.code:
            self.link(unit.names)
            function.__code__ = unit.code

    # -- what tests call

    def function(self, unit: Unit) -> FunctionType:
        self.link(unit.names)
        function = self.units[unit] = FunctionType(unit.code, self.g)
        return function

    def binding(self, name: str) -> Binding:
        return self.bindings.setdefault(name, Binding(name))

    def define(self, source: str, python_type: type | None = None, class_key: str = "Foo") -> Unit:
        """Compile a method for all types or one."""
        unit = compile_method(source, Scope(class_key))
        self.methods[python_type, unit.selector] = self.function(unit)
        self.link([dispatch_name(unit.selector)])
        return unit

    def run(self, source: str, receiver: Any = None, *, interpreted: bool = False, parametrise: bool = False) -> Any:
        """Run a do-it."""
        unit = compile_doit(source, Scope("UndefinedObject"), parametrise=parametrise)
        arguments = [self.binding(name) for name in unit.bindings]
        if parametrise:
            arguments += shape(source)[1]
        if interpreted:
            return interpret(unit, self, receiver, arguments)
        return self.function(unit)(receiver, *arguments)

    def both(self, source: str, receiver: Any = None) -> Any:
        """Run a do-it in both engines; their answers and traces must agree."""
        outcomes = []
        for interpreted in (False, True):
            self.trace.clear()
            for binding in self.bindings.values():
                binding.v = None
            value = self.run(source, receiver, interpreted=interpreted)
            outcomes.append((plain(value), plain(self.trace)))
        assert outcomes[0] == outcomes[1], source
        return plain(value)


def plain(value: Any) -> Any:
    """A value as comparable Python: TRUE as 'true', a Text as its content, an Array as a list."""
    if isinstance(value, Text):
        return value.text
    if isinstance(value, Array):
        return [plain(each) for each in value.items]
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, Pair):
        return ("pair", plain(value.i0), plain(value.i1))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (Symbol, Character)) or value in (TRUE, FALSE):
        return repr(value)
    return "block" if isinstance(value, FunctionType) else value


def _ident(a: Any, b: Any) -> bool:
    return type(a) is type(b) and type(a) in (int, float) and a == b


def _arithmetic(operation: Any) -> Any:
    def primitive(a: Any, b: Any) -> Any:
        if isinstance(a, Pair):
            return pair_of(operation(a.i0, b), a.i1)
        if type(a) not in (int, float) or type(b) not in (int, float):
            return Symbol.intern("arith")
        value = operation(a, b)
        return _BOOLEANS[value] if type(value) is bool else value

    return primitive


def pair_of(x: Any, y: Any) -> Any:
    """A new pair."""
    pair = Pair.make()
    pair.i0, pair.i1 = x, y
    return pair


def _value(block: Any, *arguments: Any) -> Any:
    if isinstance(block, FunctionType):
        if block.__code__.co_argcount != len(arguments):
            return Symbol.intern("arity")
        return block(*arguments)
    return block


def _do(array: Any, block: Any) -> Any:
    for each in list(array.items):
        _value(block, each)
    return array


_PRIMITIVES: dict[str, Any] = {
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "<": _arithmetic(operator.lt),
    "<=": _arithmetic(operator.le),
    ">": _arithmetic(operator.gt),
    ">=": _arithmetic(operator.ge),
    "=": _arithmetic(operator.eq),
    "//": lambda a, b: a // b,
    "\\\\": lambda a, b: a % b,
    "value": _value,
    "value:": _value,
    "value:value:": _value,
    "do:": _do,
    "not": lambda b: {TRUE: FALSE, FALSE: TRUE}.get(b, Symbol.intern("dnu")),
    "yourself": lambda receiver: receiver,
    "ifTrue:": lambda b, block: _value(block) if b is TRUE else None,
    "and:": lambda b, block: _value(block) if b is TRUE else b,
    "timesRepeat:": lambda n, block: [_value(block) for _ in range(n)] and n,
    ",": lambda a, b: Text.make(a.text + b.text),
}
