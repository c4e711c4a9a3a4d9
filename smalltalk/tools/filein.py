"""Filing in: each definition of a file takes effect as a whole or not at all; the report says which did.

A definition that is refused does not stop the others. Methods that do not compile are tried once more at the end,
because a file may name a class before it defines it. What an expression of a file prints or answers is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ..compiler.errors import SemanticFailure
from ..primitives.defining import uses_in
from ..runtime import exceptions
from ..runtime.classes import ClassObject
from ..runtime.classnames import DefinitionError
from ..runtime.definitions import ClassSpec, set_comment
from ..runtime.failures import report_for
from ..runtime.limits import CLASS_SIDE_VARIABLES_MAX
from ..syntax.errors import SyntaxFailure
from ..syntax.parser import parse_method
from .chunks import read_chunks
from .filed import FiledClass, FiledComment, FiledExpression, FiledMethod, Refused
from .tonelfiles import read_definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..runtime.classes import Use
    from ..runtime.outcome import FailureReport
    from ..runtime.world import World
    from .filed import Filed

#: Errors a report lists: a file of another dialect has one for each method, and the first ones tell.
ERRORS_MAX: Final = 1_000

#: Names that are no variable's.
_RESERVED: Final = frozenset({"self", "super", "nil", "true", "false", "thisContext"})

_Faults: TypeAlias = SyntaxFailure | SemanticFailure | DefinitionError


class FileInError(NamedTuple):
    """Why a definition had no effect.

    Attributes:
        line: 1-based line of the file.
        column: 1-based column there; 1 where only the line is known.
        class_name: The class it concerns (`Foo class` for its class side), empty for an expression.
        selector: The method, empty when it is none or its pattern is wrong.
        message: What is wrong.
        suggestion: A way out, empty where none is known.
    """

    line: int
    column: int
    class_name: str
    selector: str
    message: str
    suggestion: str


@dataclass(slots=True)
class FileInReport:
    """What a file defined.

    Attributes:
        classes: Names of the classes defined or changed, in order.
        methods: `Foo>>#bar` of the methods compiled.
        expressions: How many expressions were evaluated without an error.
        errors: The first errors, in order.
    """

    classes: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    expressions: int = 0
    errors: list[FileInError] = field(default_factory=list)

    def add_class(self, name: str) -> None:
        """Note a class, once."""
        if name not in self.classes:
            self.classes.append(name)


class FileIn:
    """Obeys definitions in a world, inside a running evaluation."""

    def __init__(self, world: World, runner_of: Callable[[str], Callable[[], Any]], poll: Callable[[], None]) -> None:
        """Begin.

        Args:
            world: Where.
            runner_of: Compiles an expression of the file and answers what runs it.
            poll: Called before each definition: reading and compiling have no safe points of their own.
        """
        self.report = FileInReport()
        self._world = world
        self._runner_of = runner_of
        self._poll = poll
        self._initializers: list[FiledMethod] = []

    def load(self, text: str, file_format: str) -> FileInReport:
        """File a text in.

        Args:
            text: The file.
            file_format: `chunk` or `tonel`.

        Raises:
            SyntaxFailure: A Tonel file whose form is broken; then nothing of it took effect.
        """
        if file_format == "tonel":
            self._obey(read_definitions(text))
            for filed in self._initializers:
                self._initialize_class(filed)
        else:
            self._obey(read_chunks(text))
        self.report.errors.sort(key=lambda error: (error.line, error.column))
        return self.report

    def _obey(self, definitions: Iterable[Filed]) -> None:
        """Take the definitions in order, and once more the methods that did not compile."""
        again: list[FiledMethod] = []
        for filed in definitions:
            self._poll()
            if isinstance(filed, FiledMethod):
                if self._compile(filed) is not None:
                    again.append(filed)
            else:
                self._define(filed)
        for method in again:
            self._poll()
            fault = self._compile(method)
            if fault is not None:
                self._refuse(method, fault)

    def _define(self, filed: Filed) -> None:
        """Obey what is no method."""
        try:
            match filed:
                case FiledClass():
                    self._define_class(filed)
                case FiledComment():
                    set_comment(self._world, self._class(filed.name), filed.text)
                    self.report.add_class(filed.name)
                case FiledExpression():
                    self._run(filed)
                case Refused():
                    self._note(filed.line, 1, filed.name, "", filed.message)
        except (SyntaxFailure, SemanticFailure, DefinitionError) as fault:
            self._refuse(filed, fault)

    def _define_class(self, filed: FiledClass) -> None:
        """Define a class or trait.

        Raises:
            DefinitionError: It cannot be.
            SyntaxFailure: The expression for its traits is not Smalltalk.
            SemanticFailure: It names traits that are not there.
        """
        above = None if filed.superclass is None else self._class(filed.superclass)
        _check_class_side(filed, above)
        self._world.define_class(
            ClassSpec(
                above,
                filed.name,
                filed.instance_variables,
                filed.class_variables,
                filed.category,
                filed.kind,
                filed.class_side_variables,
                pools=[self._class(name) for name in filed.pools],
                uses=self._uses(filed.uses),
                class_uses=None if filed.class_uses is None else self._uses(filed.class_uses),
                is_trait=above is None,
            )
        )
        if filed.comment:
            set_comment(self._world, self._class(filed.name), filed.comment)
        self.report.add_class(filed.name)

    def _uses(self, expression: str) -> tuple[Use, ...]:
        """The traits that an expression means.

        Raises:
            DefinitionError: They are none.
            SyntaxFailure: It is not Smalltalk.
            SemanticFailure: It names traits that are not there.
        """
        if not expression.strip():
            return ()
        found: list[Any] = []
        run = self._runner_of(f"({expression}) asTraitComposition basicUses")
        failures = self._run_guarded(lambda: found.append(run()))
        if failures:
            raise DefinitionError(failures[0].title)
        return uses_in(found[0])

    def _class(self, name: str) -> ClassObject:
        """The class of that name.

        Raises:
            DefinitionError: There is none.
        """
        found = self._world.class_named(name)
        if found is None:
            raise DefinitionError(f"there is no class {name}")
        return found

    def _compile(self, filed: FiledMethod) -> _Faults | None:
        """Compile a method; return what is wrong with it."""
        try:
            holder = self._class(filed.class_name)
            behavior = holder.metaclass if filed.is_class_side else holder
            selector = self._world.compile_into(behavior, filed.source, filed.category).name
        except (SyntaxFailure, SemanticFailure, DefinitionError) as fault:
            return fault
        self.report.methods.append(f"{filed.holder}>>#{selector}")
        if filed.is_class_side and selector == "initialize":
            self._initializers.append(filed)
        return None

    def _initialize_class(self, filed: FiledMethod) -> None:
        """Send `initialize` to a class whose class side came with such a method, as Tonel readers do."""
        holder = self._class(filed.class_name)
        self._guarded(lambda: self._world.send(holder, "initialize"), filed, "initialize")

    def _run(self, filed: FiledExpression) -> None:
        """Evaluate an expression."""
        found: list[Any] = []
        run = self._runner_of(filed.code)
        if self._guarded(lambda: found.append(run()), filed, ""):
            self.report.expressions += 1
            if isinstance(found[0], ClassObject):
                self.report.add_class(found[0].name)

    def _guarded(self, body: Callable[[], Any], filed: FiledMethod | FiledExpression, selector: str) -> bool:
        """Run code; an error of it that nobody handles is noted. Return whether there was none."""
        failures = self._run_guarded(body)
        for failure in failures:
            name = filed.holder if isinstance(filed, FiledMethod) else ""
            self._note(filed.line, filed.column, name, selector, failure.title)
        return not failures

    def _run_guarded(self, body: Callable[[], Any]) -> list[FailureReport]:
        """Run code; return the error of it that nobody handled, if there is one."""
        failures: list[FailureReport] = []

        def handle(exception: Any) -> None:
            failures.append(report_for(self._world, exception, []))

        exceptions.on_do(body, self._world.kernel.classes["Error"], handle)
        return failures

    def _refuse(self, filed: Filed, fault: _Faults) -> None:
        """Note why a definition had no effect."""
        name = filed.holder if isinstance(filed, FiledMethod) else getattr(filed, "name", "")
        selector = _selector(filed) if isinstance(filed, FiledMethod) else ""
        if isinstance(fault, DefinitionError) or isinstance(filed, FiledClass):
            text = str(fault) if isinstance(fault, DefinitionError) else fault.message
            self._note(filed.line, 1, name, selector, text)
        else:
            line, column = _place(filed, fault)
            self._note(line, column, name, selector, fault.message, fault.suggestion or "")

    def _note(self, line: int, column: int, class_name: str, selector: str, message: str, suggestion: str = "") -> None:
        """Note an error."""
        if len(self.report.errors) < ERRORS_MAX:
            self.report.errors.append(FileInError(line, column, class_name, selector, message, suggestion))


def _place(filed: Filed, fault: SyntaxFailure | SemanticFailure) -> tuple[int, int]:
    """Line and column of the file where the code of a definition is at fault."""
    column = fault.column
    if fault.line == 1:
        before, left_out = getattr(filed, "gap", (0, 0))
        column += getattr(filed, "column", 1) - 1 + (left_out if column > before else 0)
    return filed.line + fault.line - 1, column


def _check_class_side(filed: FiledClass, above: ClassObject | None) -> None:
    """Refuse class-side variables before anything of the class is defined.

    Raises:
        DefinitionError: They are no names, there twice or too many.
    """
    inherited = () if above is None else above.metaclass.all_variables()
    names = (*inherited, *filed.class_side_variables)
    if not all(name.isidentifier() and name not in _RESERVED for name in filed.class_side_variables):
        raise DefinitionError(f"the class-side variables of {filed.name} are not all names of variables")
    if len(set(names)) < len(names):
        raise DefinitionError(f"{filed.name} has a class-side variable twice, its superclasses included")
    if len(names) > CLASS_SIDE_VARIABLES_MAX:
        raise DefinitionError(f"a class has at most {CLASS_SIDE_VARIABLES_MAX} class-side instance variables")


def _selector(filed: FiledMethod) -> str:
    """The selector of a method whose body may be at fault, empty if its pattern is."""
    source = filed.source
    for text in (source[: filed.gap[0]], source.split("\n", 1)[0], source):
        try:
            return parse_method(text).selector
        except SyntaxFailure:
            continue
    return ""
