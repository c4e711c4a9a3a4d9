"""Tree -> IR: expressions and statements in A-normal form. Control structures are in `control`.

Operands are evaluated from left to right. One that a later operand could change is copied first: a variable that is
assigned inside an operand, and everything that other code can store into when a later operand sends messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ..syntax.nodes import (
    ArrayLiteral,
    Assignment,
    Block,
    BraceArray,
    ByteArrayLiteral,
    Cascade,
    CharacterLiteral,
    Doit,
    Literal,
    Method,
    Node,
    Return,
    ScaledDecimalLiteral,
    Send,
    SymbolLiteral,
    Variable,
)
from . import ir
from .absences import absence
from .control import lower_arm, lower_control
from .enumeration import lower_enumeration, may_enumerate
from .errors import SemanticFailure
from .functions import Function, Lowered
from .limits import BLOCK_INDENT, INDENT_MAX, MULTIPLICATIONS_PER_POLL, OPERATIONS_MAX
from .literals import lower_brace, lower_character, lower_compound, lower_literal, lower_symbol
from .lookup import is_lookup, lower_lookup
from .mangle import class_variable_name, mangle
from .messages import drop_answer, lower_cascade, lower_message
from .scopes import Resolutions, Scopes, Temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Expressions whose evaluation changes nothing and runs no code that could.
_SIMPLE: Final = frozenset(
    (
        Literal,
        SymbolLiteral,
        CharacterLiteral,
        ScaledDecimalLiteral,
        ArrayLiteral,
        ByteArrayLiteral,
        Variable,
        Block,
    )
)


class Lowering:
    """One method or do-it on its way to IR.

    `value` lowers an expression for its value and may be told the name that shall hold it; `effect` lowers one whose
    value nobody wants. Temporaries `t1`, `t2`, ... are free again when their statement ends.
    """

    def __init__(self, tree: Method | Doit, resolutions: Resolutions) -> None:
        self.source = tree.source
        self.resolutions = resolutions
        self.scopes = Scopes(tree.source, resolutions)
        self.offsets: list[int] = []
        self.functions: list[Function] = []
        self.activations: list[Function] = []
        self.variables: dict[str, str] = {}
        self.temporary = 0
        self.loop_depth = 0
        self.indentation = 0
        #: A block is lowered that is a copy of one lowered in place.
        self.is_copying = False
        self.has_loops = False
        self._multiplications = 0
        self._owners: dict[str, int] = {}
        self._renewed: set[str] = set()
        self._tree = tree

    def run(self) -> Lowered:
        """Lower the tree.

        Raises:
            SemanticFailure: an undeclared name, a store into a constant one, or too much code.
        """
        tree = self._tree
        parameters = tree.parameters if isinstance(tree, Method) else []
        self.scopes.enter_top(tree, parameters, tree.temporaries, tree.statements)
        function = self._begin_function(tree)
        bindings = tuple(self.scopes.bindings)
        function.parameters = ["self"]
        self._parameters(function, tree, len(parameters))
        if isinstance(tree, Doit):
            names = [f"B_{mangle(name)}" for name in bindings] if bindings else []
            names += [f"k{n}" for n in range(len(tree.literals))] if tree.literals else ()
            function.parameters += names
            self._owners.update(dict.fromkeys(names, 0))
        self._owners["self"] = self._owners["home"] = 0
        self._end_function(tree, tree.statements, function.code, answers_last=isinstance(tree, Doit))
        straight = len(self.functions) == 1 and not self.has_loops
        return Lowered(self.functions, bindings, self.offsets, self.variables, straight)

    # -- functions

    def _begin_function(self, node: Node) -> Function:
        outer = self.activations[-1].number if self.activations else 0
        function = Function(len(self.functions), [], node.start, outer)
        self.functions.append(function)
        self.activations.append(function)
        self.index(node.start)
        return function

    def _end_function(self, node: Node, statements: Sequence[Any], out: list[Any], *, answers_last: bool) -> None:
        """Lower a body and, if it sends, put a safe point first; its index was kept by `_begin_function`."""
        function = self.activations[-1]
        first = len(self.offsets) - 1
        self.declare(node, out)
        last = self.statements(statements, out, wants_last=answers_last)
        if last is not None:
            out.append(ir.Return(self.index(node.stop), last if answers_last else ir.SELF))
            if not answers_last:
                self.use("self")
        if function.sends:
            out.insert(0, ir.Poll(first))
        self.activations.pop()

    def _parameters(self, function: Function, node: Node, count: int) -> None:
        function.parameters += [variable.local for variable in self.scopes.declared[id(node)][:count]]

    def index(self, offset: int) -> int:
        """The next operation's index; `offset` is its place in the source."""
        index = len(self.offsets)
        if index >= OPERATIONS_MAX:
            message = f"Too much code for one method or do-it (at most {OPERATIONS_MAX} operations)"
            raise SemanticFailure(message, self.source, 0, len(self.source), "divide it into methods")
        self.offsets.append(offset)
        return index

    def indent(self, node: Node, levels: int) -> None:
        """Enter a construct whose Python stands `levels` deeper; a negative number leaves it."""
        self.indentation += levels
        if self.indentation > INDENT_MAX:
            message = "Blocks nested too deeply"
            raise SemanticFailure(message, self.source, node.start, node.stop, "move inner blocks to methods")

    def fresh(self) -> ir.Local:
        """The operand of a fresh intermediate result."""
        self.temporary += 1
        return ir.temporary(self.temporary)

    def declare(self, node: Node, out: list[Any]) -> None:
        """Make the temporaries of a body nil; those of its parameters are set by whoever calls it."""
        function = self.activations[-1].number
        for variable in self.scopes.declared[id(node)]:
            self.variables[variable.local] = variable.name
            self._owners[variable.local] = function
            if self.loop_depth > 0:
                self._renewed.add(variable.local)
            if not variable.is_argument:
                make = ir.MakeBox if variable.boxed else ir.Move
                out.append(make(self.index(node.start), variable.local, ir.NIL))

    def use(self, name: str) -> None:
        """Note that the current function uses that name; blocks capture the names of the functions around them."""
        owner = self._owners.get(name)
        if owner is None:
            return
        for function in reversed(self.activations):
            if function.number == owner:
                return
            function.captured[name] = None

    # -- statements

    def statements(
        self, statements: Sequence[Any], out: list[Any], *, wants_last: bool, dst: str | None = None
    ) -> ir.Operand | None:
        """Lower statements; answer the last one's value (nil if unwanted or absent), None when they end in a return."""
        base = self.temporary
        last: ir.Operand = ir.NIL
        for position, statement in enumerate(statements):
            self.temporary = base
            if isinstance(statement, Return):
                self._return(statement, out)
                return None
            if wants_last and position == len(statements) - 1:
                last = self.value(statement, out, dst)
            else:
                self.effect(statement, out)
        return last

    def _return(self, node: Return, out: list[Any]) -> None:
        value = self.value(node.value, out)
        if len(self.activations) == 1:
            out.append(ir.Return(self.index(node.start), value))
            return
        self.use("home")
        self.functions[0].has_home = True
        answer = self.fresh().text
        out.append(ir.NonLocalReturn(self.index(node.start), answer, value))
        out.append(ir.Return(self.index(node.start), ir.Local(answer)))

    def effect(self, node: Any, out: list[Any]) -> None:
        """Lower an expression whose value nobody wants."""
        if id(node) in self.scopes.inlined:
            lower_control(self, node, out, None)
        elif type(node) not in _SIMPLE:
            self.value(node, out)
            if type(node) in (Send, Cascade):
                drop_answer(out)
            elif out and type(node) is Assignment and isinstance(out[-1], ir.STORES):
                out[-1].is_wanted = False

    # -- expressions

    def value(self, node: Any, out: list[Any], dst: str | None = None) -> ir.Operand:
        """Lower an expression; `dst` proposes the name of its result."""
        return self._LOWERERS[type(node)](self, node, out, dst)

    def value_into(self, node: Any, out: list[Any], dst: str) -> None:
        """Lower an expression into the variable or temporary `dst`."""
        value = self.value(node, out, dst)
        if value.text != dst:
            out.append(ir.Move(self.index(node.start), dst, value))

    def operands(self, nodes: Sequence[Any], out: list[Any]) -> list[ir.Operand]:
        """Lower expressions from left to right, so that each keeps the value it had when it was evaluated."""
        if len(nodes) == 1:
            return [self.value(nodes[0], out)]
        last_complex = -1
        for k, node in enumerate(nodes):
            if type(node) not in _SIMPLE:
                last_complex = k
        values = []
        for k, node in enumerate(nodes):
            value = self.value(node, out)
            values.append(self.kept(value, node, out) if k < last_complex else value)
        return values

    def kept(self, value: ir.Operand, node: Any, out: list[Any]) -> ir.Operand:
        """The operand, or a copy of it if code that runs later could change it."""
        if isinstance(value, ir.Constant) or (isinstance(value, ir.Named) and value.text[:2] != "G_"):
            return value
        if isinstance(value, ir.Local) and not self._is_unsteady(node):
            return value
        return self.named(value, node.start, out)

    def named(self, value: ir.Operand, offset: int, out: list[Any]) -> ir.Operand:
        """A copy of the operand, with a name of its own."""
        name = self.fresh().text
        out.append(ir.Move(self.index(offset), name, value))
        return ir.Local(name)

    def _is_unsteady(self, node: Any) -> bool:
        while isinstance(node, Assignment):
            variable = self.scopes.temporaries.get(id(node.target))
            if variable is not None:
                return variable.unsteady
            node = node.value
        variable = self.scopes.temporaries.get(id(node))
        return variable is not None and variable.unsteady

    def _variable(self, node: Variable, out: list[Any], dst: str | None) -> ir.Operand:
        name = node.name
        variable = self.scopes.temporaries.get(id(node))
        if variable is not None:
            return self.temporary_operand(variable)
        if name in ("self", "super"):
            self.use("self")
            return ir.SELF
        if name == "thisContext":
            context = dst or self.fresh().text
            out.append(ir.ThisContext(self.index(node.start), context))
            return ir.Local(context)
        return self._outer_operand(node, out)

    def temporary_operand(self, variable: Temporary) -> ir.Operand:
        """The operand that reads an argument or temporary."""
        self.use(variable.local)
        return ir.BoxValue(variable.local) if variable.boxed else ir.Local(variable.local)

    def _outer_operand(self, node: Variable, out: list[Any]) -> ir.Operand:
        name = node.name
        slot = self.resolutions.instance_variables.get(name)
        if slot is not None:
            self.use("self")
            return ir.Field(slot)
        resolution = self.resolutions.resolve(name)
        if resolution is None:
            binding = f"B_{mangle(name)}"
            self.use(binding)
            return ir.BoxValue(binding)
        if resolution[0] == "classvar":
            return ir.ClassVariable(class_variable_name(resolution[1], name))
        if resolution[0] == "gone":
            return absence(self, name, node.start, out)
        return ir.Named(f"G_{mangle(name)}")

    def _assignment(self, node: Assignment, out: list[Any], _dst: str | None) -> ir.Operand:
        variable = self.scopes.temporaries.get(id(node.target))
        if variable is not None and not variable.boxed:
            self.value_into(node.value, out, variable.local)
            return ir.Local(variable.local)
        value = self.value(node.value, out)
        index = self.index(node.start)
        target = self.temporary_operand(variable) if variable is not None else self._outer_operand(node.target, out)
        if isinstance(target, ir.BoxValue):
            out.append(ir.StoreBox(index, target.name, value))
        elif isinstance(target, ir.Field):
            out.append(ir.StoreField(index, target.slot, value))
        elif isinstance(target, ir.ClassVariable):
            out.append(ir.StoreClassVariable(index, target.name, value))
        return value

    def _block(self, node: Block, out: list[Any], _dst: str | None) -> ir.Operand:
        index = self.index(node.start)
        saved = self.temporary, self.loop_depth, self._multiplications
        self.temporary = self.loop_depth = self._multiplications = 0
        self.indent(node, BLOCK_INDENT)
        function = self._begin_function(node)
        self._parameters(function, node, len(node.parameters))
        self._end_function(node, node.statements, function.code, answers_last=True)
        self.indent(node, -BLOCK_INDENT)
        self.temporary, self.loop_depth, self._multiplications = saved
        out.append(ir.MakeBlock(index, function.name, function, copies=self._captures_renewed(function)))
        return ir.Local(function.name)

    def _captures_renewed(self, function: Function) -> bool:
        """Whether a block takes variables that are new at each turn of a loop around it."""
        return self.loop_depth > 0 and not self._renewed.isdisjoint(function.captured)

    def _send(self, node: Send, out: list[Any], dst: str | None) -> ir.Operand:
        """Lower a chain of messages without recursion along its receivers."""
        inlined, enumerations = self.scopes.inlined, self.scopes.enumerations
        if id(node) in inlined:
            name = dst or self.fresh().text
            lower_control(self, node, out, name)
            return ir.Local(name)
        if enumerations and may_enumerate(self, node):
            if is_lookup(node):
                return lower_lookup(self, node, out, dst, lower_arm)
            return lower_enumeration(self, node, out, lower_arm)
        spine = [node]
        while isinstance(spine[-1].receiver, Send) and id(spine[-1].receiver) not in inlined:
            if enumerations and may_enumerate(self, spine[-1].receiver):
                break
            spine.append(spine[-1].receiver)
        first = spine.pop()
        receiver, *arguments = self.operands([first.receiver, *first.arguments], out)
        value = lower_message(self, first, first.receiver, receiver, arguments, out, dst if not spine else None)
        for send in reversed(spine):
            arguments = self.operands(send.arguments, out) if send.arguments else []
            value = lower_message(self, send, send.receiver, value, arguments, out, dst if send is node else None)
        return value

    def _inner_return(self, node: Return, out: list[Any], _dst: str | None) -> ir.Operand:
        """A `^` among the elements of a brace array; what follows it is never reached."""
        self._return(node, out)
        return ir.NIL

    def multiplied(self, offset: int, out: list[Any]) -> None:
        """Count a multiplication; now and then one gets a safe point."""
        self._multiplications += 1
        if self._multiplications >= MULTIPLICATIONS_PER_POLL:
            self._multiplications = 0
            out.append(ir.Poll(self.index(offset)))

    #: What to do with each type; it stands here because the functions must exist first.
    _LOWERERS: ClassVar[dict[type, Callable[[Lowering, Any, list[Any], str | None], ir.Operand]]] = {
        Literal: lower_literal,
        SymbolLiteral: lower_symbol,
        CharacterLiteral: lower_character,
        ScaledDecimalLiteral: lower_compound,
        ArrayLiteral: lower_compound,
        ByteArrayLiteral: lower_compound,
        BraceArray: lower_brace,
        Return: _inner_return,
        Variable: _variable,
        Assignment: _assignment,
        Block: _block,
        Send: _send,
        Cascade: lower_cascade,
    }


def lower(tree: Method | Doit, resolutions: Resolutions) -> Lowered:
    """Lower a tree in its surroundings.

    Raises:
        SemanticFailure: the source means nothing; deterministic, like the IR.
    """
    lowered = Lowering(tree, resolutions).run()
    resolutions.seal()
    return lowered
