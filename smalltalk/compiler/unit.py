"""A unit: one compiled method or do-it. Shared by all sessions; its identity matters.

A unit fresh from its source holds IR and is generated when its code is first asked for: a do-it that is seen once is
interpreted and never generated. When guesses of its code go wrong too often, the code is generated again with guards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from ..syntax.parser import parse_doit, parse_method
from .generate import Generator
from .lower import lower
from .origins import Edition, Origin, code_of_function, register
from .scopes import Resolutions

if TYPE_CHECKING:
    from types import CodeType

    from ..syntax.nodes import Method
    from .functions import Lowered
    from .scopes import ClassScope
    from .shortcuts import Attributes

#: What the key of a class without a name of its own has behind the name it had, see `runtime.definitions`.
_HIDDEN_KEY: Final = re.compile(r"~[0-9]+")


class Unit:
    """One compiled method or do-it.

    Attributes:
        kind: which of the two.
        selector: of the method; `"doIt"` of a do-it.
        source: the text.
        parameters: names of the method's arguments.
        bindings: workspace variables of a do-it, in the order in which its code takes them after the receiver.
        literal_count: parametrised literals, which its code takes after the bindings.
        origin: what its code is made from.
    """

    __slots__ = (
        "__weakref__",
        "_attributes",
        "_code",
        "_edition_guards",
        "_lowered",
        "_names",
        "bindings",
        "kind",
        "literal_count",
        "origin",
        "parameters",
        "selector",
        "source",
    )

    def __init__(
        self,
        *,
        kind: Literal["method", "doit"],
        selector: str,
        source: str,
        parameters: tuple[str, ...],
        scope: ClassScope | Resolutions,
        bindings: tuple[str, ...] = (),
        literal_count: int = 0,
        code: CodeType | None = None,
        names: tuple[str, ...] = (),
        lowered: Lowered | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Make a unit from its IR, or from code and names that were generated before.

        `scope` is what it was compiled against: its IR may have to be made again. `attributes` are those of the only
        world that runs it, None when it is shared.
        """
        self.kind = kind
        self.selector = selector
        self.source = source
        self.parameters = parameters
        self.bindings = bindings
        self.literal_count = literal_count
        resolutions = scope if isinstance(scope, Resolutions) else Resolutions(scope, is_doit=kind == "doit")
        self.origin = Origin(source, resolutions, is_parametrised=literal_count > 0)
        self.origin.unit = self
        self._lowered = lowered
        self._attributes = attributes
        self._names = names
        self._code = code
        self._edition_guards = self.origin.guards
        if code is not None:
            register(code, Edition(self.origin, self.origin.guards), 0)

    @property
    def code(self) -> CodeType:
        """The top function's code object, of the newest edition."""
        if self._code is None or self._edition_guards is not self.origin.guards:
            self._generate()
        assert self._code is not None
        return self._code

    @property
    def names(self) -> tuple[str, ...]:
        """Global names that the code needs to be linked."""
        if self._code is None or self._edition_guards is not self.origin.guards:
            self._generate()
        return self._names

    def _generate(self) -> None:
        guards = self.origin.guards
        generator = Generator(guards, self._attributes)
        generator.function(self.lowered().functions[0], 0)
        module = compile(generator.source, self.title, "exec", dont_inherit=True)
        code: CodeType = module.co_consts[0]
        self._code, self._names, self._edition_guards = code, generator.names, guards
        places = None if self._attributes is None else generator.places()  # which attributes there are changes
        register(code, Edition(self.origin, guards, places), 0)
        self._lowered = None

    @property
    def title(self) -> str:
        """`Class>>selector`, as stacks show it."""
        key = self.origin.resolutions.class_key
        return f"{_HIDDEN_KEY.sub('', key)}>>{self.selector}" if self.kind == "method" else self.selector

    def show(self, source: str) -> None:
        """Put another text of the same shape and the same places in the place of its own."""
        self.source = self.origin.source = source

    def lowered(self) -> Lowered:
        """Its IR, made again if it was dropped."""
        return self._lowered or self.origin.lowered()

    def block(self, number: int) -> CodeType:
        """Code object of one of its real blocks, by number from 1.

        Raises:
            KeyError: it has no such block.
        """
        return code_of_function(self.code, number)


def compile_method(source: str | Method, scope: ClassScope, attributes: Attributes | None = None) -> Unit:
    """Compile a method.

    Args:
        source: the text or its tree.
        scope: its class.
        attributes: those of the world it belongs to, for a method that no other world runs.

    Raises:
        SyntaxFailure: it does not parse.
        SemanticFailure: it means nothing, or is too large.
    """
    tree = parse_method(source) if isinstance(source, str) else source
    resolutions = Resolutions(scope, is_doit=False)
    return Unit(
        kind="method",
        selector=tree.selector,
        source=tree.source,
        parameters=tuple(each.name for each in tree.parameters),
        lowered=lower(tree, resolutions),
        scope=resolutions,
        attributes=attributes,
    )


def compile_doit(source: str, scope: ClassScope, *, parametrise: bool) -> Unit:
    """Compile a do-it.

    Args:
        source: the text.
        scope: the workspace; names that it does not resolve become workspace variables.
        parametrise: take the literals that `shape` leaves out as arguments.

    Raises:
        SyntaxFailure: it does not parse.
        SemanticFailure: it means nothing, or is too large.
    """
    tree = parse_doit(source, parametrise=parametrise)
    resolutions = Resolutions(scope, is_doit=True)
    lowered = lower(tree, resolutions)
    return Unit(
        kind="doit",
        selector="doIt",
        source=source,
        parameters=(),
        bindings=lowered.bindings,
        literal_count=len(tree.literals),
        lowered=lowered,
        scope=resolutions,
    )
