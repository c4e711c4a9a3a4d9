"""What every name means: a walk over the tree before anything is lowered.

Finds for each variable node what it denotes, for each block whether it is inlined, and for each temporary whether it
needs a box. A temporary needs one when a real block captures it and a store may follow the capture, or happens in a
block; all others are copied into the blocks that use them.

Names outside the source come from a `ClassScope`; its answers are remembered (`Resolutions`), so that the same source
lowers to the same IR later, whatever became of the globals meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Protocol, TypeAlias, cast

from ..syntax.advice import advice_on_beginning
from ..syntax.nodes import Assignment, Block, BraceArray, Cascade, Node, Return, Send, Variable
from .enumeration import is_enumeration
from .errors import SemanticFailure, advice_on_unknown
from .inlining import INLINABLE, LOOPS, is_inlined, is_loop
from .limits import ARGUMENTS_MAX, LOOPS_NESTED_MAX
from .lookup import is_lookup
from .mangle import mangle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: What a name outside the source denotes; None when nothing is known by it. One that is gone denoted something once.
Resolution: TypeAlias = tuple[Literal["classvar"], str] | tuple[Literal["global", "gone"]] | None

#: Names that are literals: nothing else can have them.
_CONSTANTS: Final = ("nil", "true", "false")
#: Names that are not variables and cannot be stored into, unless an argument or temporary hides them.
_PSEUDO: Final = ("self", "super", "thisContext", *_CONSTANTS)

#: What Pharo says of a store into something that cannot be stored into, and of a name without meaning.
READ_ONLY: Final = "Assignment to read-only variable"
UNDECLARED: Final = "Undeclared variable"


class ClassScope(Protocol):
    """What surrounds a source: a class, or the workspace for a do-it."""

    @property
    def class_key(self) -> str:
        """`"Foo"` or `"Foo class"`."""

    @property
    def instance_variables(self) -> Sequence[str]:
        """Names of the receiver's instance variables, inherited ones first, in slot order."""

    def resolve(self, name: str) -> Resolution:
        """What the name denotes outside methods."""

    def known_names(self) -> Iterable[str]:
        """Class variables and globals that exist, as proposals for a misspelt name."""


class Resolutions:
    """A class scope with the answers it gave; later answers are the same.

    Attributes:
        class_key: as in `ClassScope`.
        instance_variables: slot of each instance variable, by name.
        is_doit: unknown names become workspace variables.
        names: of the instance variables when the source was first compiled; a do-it does not follow them.
        renames_known: how many of the class's variables had been renamed by then.
    """

    __slots__ = ("_known", "_scope", "class_key", "instance_variables", "is_doit", "names", "renames_known")

    def __init__(self, scope: ClassScope, *, is_doit: bool) -> None:
        self._scope: ClassScope | None = scope
        self._known: dict[str, Resolution] = {}
        self.class_key = scope.class_key
        variables = scope.instance_variables
        self.instance_variables = {name: slot for slot, name in enumerate(variables)} if variables else {}
        self.is_doit = is_doit
        self.names: tuple[str, ...] = () if is_doit else tuple(getattr(scope, "names", variables))
        self.renames_known: int = 0 if is_doit else getattr(scope, "renames_known", 0)

    def gone(self) -> list[str]:
        """The names of the source, once it is lowered, that denote nothing any more."""
        return [name for name, known in self._known.items() if known == ("gone",)]

    def known(self, name: str) -> Resolution:
        """What the name denotes, as far as anybody asked."""
        return self._known.get(name)

    def resolve(self, name: str) -> Resolution:
        """What the name denotes, as the scope first answered."""
        if name not in self._known:
            assert self._scope is not None, "sealed: the source has no other names"
            self._known[name] = self._scope.resolve(name)
        return self._known[name]

    def seal(self) -> None:
        """Let go of the scope: every name of the source is known now."""
        self._scope = None

    def suggestion(self, name: str, locals_: Iterable[str]) -> str:
        """What to do about an unknown name."""
        outer = self._scope.known_names() if self._scope else ()
        return advice_on_unknown(name, [*locals_, *self.instance_variables, *outer])


class FunctionScope:
    """A real function while the tree is walked: the method, the do-it, or a block that is not inlined."""

    __slots__ = ("loops", "loops_deepest", "parent")

    def __init__(self, parent: FunctionScope | None) -> None:
        self.parent = parent
        self.loops = 0
        self.loops_deepest = 0

    def note_loops(self, inner: int) -> None:
        """Note so many loops inside each other at this place."""
        self.loops_deepest = max(self.loops_deepest, self.loops + inner)


class Temporary:
    """An argument or temporary.

    Attributes:
        name: in the source.
        local: the Python name, unique in the unit.
        is_argument: it cannot be stored into.
        boxed: captured, and stored into where a copy would not notice.
        unsteady: stored into inside an operand, so that a read before it must be kept.
    """

    __slots__ = ("boxed", "captured", "function", "is_argument", "local", "loops", "name", "restored", "unsteady")

    def __init__(self, name: str, local: str, function: FunctionScope, *, is_argument: bool) -> None:
        self.name = name
        self.local = local
        self.function = function
        self.loops = function.loops
        self.is_argument = is_argument
        self.captured = False
        self.restored = False
        self.boxed = False
        self.unsteady = False

    def read_in(self, function: FunctionScope) -> None:
        """Note a read."""
        if function is not self.function:
            self.captured = True
            self.boxed = self.restored

    def store_in(self, function: FunctionScope, *, in_operand: bool) -> None:
        """Note a store: after a capture, in a block or in a loop around a capture a copy would not notice it."""
        if function is not self.function:
            self.captured = self.restored = True
        elif self.captured or function.loops > self.loops:
            self.restored = True
        self.boxed = self.captured and self.restored
        self.unsteady = self.unsteady or in_operand


class Scopes:
    """The meaning of one tree's names.

    Attributes:
        resolutions: the surroundings.
        temporaries: what a variable node denotes, by the node's id, where that is an argument or temporary.
        declared: the variables a block, method or do-it declares: parameters, then temporaries, by the node's id.
        inlined: ids of the sends that are control structures.
        enumerations: ids of the sends of `do:` that may be loops, and of `at:ifAbsent:` that may be tests.
        bindings: workspace variables in order of first use.
    """

    def __init__(self, source: str, resolutions: Resolutions) -> None:
        self.source = source
        self.resolutions = resolutions
        self.temporaries: dict[int, Temporary] = {}
        self.declared: dict[int, list[Temporary]] = {}
        self.inlined: set[int] = set()
        self.enumerations: set[int] = set()
        self.bindings: dict[str, None] = {}
        self._function = FunctionScope(None)
        self._environment: list[dict[str, Temporary]] = []
        self._taken: dict[str, int] = {}
        self._operand_depth = 0

    def enter_top(self, node: Node, parameters: list[Variable], temporaries: list[Variable], body: list[Any]) -> None:
        """Walk a whole method or do-it."""
        self._declare(node, parameters, temporaries)
        for statement in body:
            self._visit(statement)

    def _declare(self, node: Node, parameters: list[Variable], temporaries: list[Variable]) -> None:
        if len(parameters) > ARGUMENTS_MAX:
            extra = parameters[ARGUMENTS_MAX]
            raise self.failure(f"Too many arguments (at most {ARGUMENTS_MAX})", extra)
        frame: dict[str, Temporary] = {}
        variables: list[Temporary] = []
        for each in (*parameters, *temporaries):
            is_argument = len(variables) < len(parameters)
            if each.name in _CONSTANTS:
                raise self.failure(READ_ONLY, each, f"{each.name} is a reserved name, choose another")
            local = self._local_name(("a_" if is_argument else "v_") + mangle(each.name))
            variable = Temporary(each.name, local, self._function, is_argument=is_argument)
            frame[each.name] = variable
            variables.append(variable)
        self.declared[id(node)] = variables
        self._environment.append(frame)

    def _local_name(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}__{count}"

    def _visit(self, node: Any) -> None:
        visitor = self._VISITORS.get(type(node))
        if visitor is not None:
            visitor(self, node)

    def _visit_variable(self, node: Variable) -> None:
        variable = self._temporary(node.name)
        if variable is not None:
            self.temporaries[id(node)] = variable
            variable.read_in(self._function)
        elif node.name not in _PSEUDO:
            self._check_outer(node)

    def _visit_assignment(self, node: Assignment) -> None:
        self._visit(node.value)
        target = node.target
        variable = self._temporary(target.name)
        if variable is not None and not variable.is_argument:
            self.temporaries[id(target)] = variable
            variable.store_in(self._function, in_operand=self._operand_depth > 0)
        elif variable is not None or target.name in _PSEUDO or self._check_outer(target) == ("global",):
            raise self.failure(READ_ONLY, target, _store_advice(target.name, is_argument=variable is not None))

    def _temporary(self, name: str) -> Temporary | None:
        for frame in reversed(self._environment):
            if name in frame:
                return frame[name]
        return None

    def _check_outer(self, node: Variable) -> Resolution:
        """Find a name outside the source; a do-it makes what it does not find."""
        name = node.name
        if name in self.resolutions.instance_variables:
            return None
        resolution = self.resolutions.resolve(name)
        if resolution is None and self.resolutions.is_doit:
            self.bindings[name] = None
        elif resolution is None:
            known = [each for frame in self._environment for each in frame]
            advice = advice_on_beginning(self.source, node.start) or self.resolutions.suggestion(name, known)
            raise self.failure(f"{UNDECLARED}: {name}", node, advice)
        return resolution

    def _visit_return(self, node: Return) -> None:
        self._visit(node.value)

    def _visit_block(self, node: Block) -> None:
        self._visit_function(node)

    def _visit_function(self, node: Block) -> FunctionScope:
        """Walk a real block, answer its scope."""
        outer, depth = self._function, self._operand_depth
        self._function, self._operand_depth = FunctionScope(outer), 0
        self._visit_body(node)
        inner, self._function, self._operand_depth = self._function, outer, depth
        return inner

    def _visit_body(self, node: Block) -> None:
        self._declare(node, node.parameters, node.temporaries)
        for statement in node.statements:
            self._visit(statement)
        self._environment.pop()

    def _visit_send(self, node: Send) -> None:
        self._operand_depth += 1
        if node.selector in INLINABLE and self._inlines(node):
            self._visit_inlined(node)
        else:
            spine = [node]
            base = node.receiver
            while type(base) is Send and not (base.selector in INLINABLE and self._inlines(base)):
                spine.append(base)
                base = base.receiver
            self._visit(base)
            for send in reversed(spine):
                if send.arguments:
                    self._visit_arguments(send)
        self._operand_depth -= 1

    def _visit_arguments(self, node: Send) -> None:
        """Walk the arguments of a message; the block of a `do:` is real, and may be the body of a loop as well."""
        is_loop = not self.resolutions.is_doit and is_enumeration(node)  # a do-it is rarely worth two copies
        if not is_loop and (self.resolutions.is_doit or not is_lookup(node)):
            for argument in node.arguments:
                self._visit(argument)
            return
        for argument in node.arguments[:-1]:
            self._visit(argument)
        inner = self._visit_function(cast("Block", node.arguments[-1]))
        loops = inner.loops_deepest + is_loop
        if self._function.loops + loops <= LOOPS_NESTED_MAX:
            self.enumerations.add(id(node))
            self._function.note_loops(loops)

    def _inlines(self, node: Send) -> bool:
        if not is_inlined(node):
            return False
        return not is_loop(node.selector) or self._function.loops < LOOPS_NESTED_MAX

    def _visit_inlined(self, node: Send) -> None:
        """Walk a control structure; its blocks are statements where the structure itself is one."""
        self.inlined.add(id(node))
        blocks = [each for each in node.arguments if isinstance(each, Block)]
        if node.selector in LOOPS:
            blocks.insert(0, cast("Block", node.receiver))
        else:
            self._visit(node.receiver)
        for argument in node.arguments:
            if not isinstance(argument, Block):
                self._visit(argument)
        self._operand_depth -= 1
        self._function.loops += is_loop(node.selector)
        self._function.note_loops(0)
        for block in blocks:
            self._visit_body(block)
        self._function.loops -= is_loop(node.selector)
        self._operand_depth += 1

    def _visit_cascade(self, node: Cascade) -> None:
        self._operand_depth += 1
        self._visit(node.receiver)
        for message in node.messages:
            for argument in message.arguments:
                self._visit(argument)
        self._operand_depth -= 1

    def _visit_brace(self, node: BraceArray) -> None:
        self._operand_depth += 1
        for element in node.elements:
            self._visit(element)
        self._operand_depth -= 1

    def failure(self, message: str, node: Node, suggestion: str | None = None) -> SemanticFailure:
        """A failure at that node."""
        return SemanticFailure(message, self.source, node.start, node.stop, suggestion)

    #: What to do with each type; it stands here because the functions must exist first.
    _VISITORS: ClassVar[dict[type, Callable[[Scopes, Any], None]]] = {
        Variable: _visit_variable,
        Assignment: _visit_assignment,
        Return: _visit_return,
        Block: _visit_block,
        Send: _visit_send,
        Cascade: _visit_cascade,
        BraceArray: _visit_brace,
    }


def _store_advice(name: str, *, is_argument: bool) -> str:
    if is_argument:
        return f"{name} is an argument: assign to a temporary instead"
    if name in _PSEUDO:
        return f"{name} is no variable"
    return f"{name} is a global: use Smalltalk at: #{name} put: value"
