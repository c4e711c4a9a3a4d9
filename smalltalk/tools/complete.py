"""Completion: what may stand at a place in code, the likeliest first; the code may be unfinished or wrong.

| where an operand is expected                   | where a message is expected                             |
|------------------------------------------------|---------------------------------------------------------|
| variables the code declares or assigns         | the next keyword of the message that is being written   |
| workspace variables, then `self`, `nil`, ...   | messages the receiver understands, if its class is plain |
| the session's classes and globals              | all other selectors                                     |
| the kernel's, then selectors                   |                                                         |

Where a class is being defined, the names of classes come after `subclass: #`, and those of packages after `package: '`;
the session's own come first.

Nothing is run: what a variable holds tells its class, and nothing else tells a receiver's class but literals.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from ..runtime.classes import ClassObject
from ..runtime.dispatch import own_methods
from .browse import ClassBrowser, pattern_of
from .cursor import cursor_in
from .errors import ClassNotFoundError
from .printing import bounded
from .receivers import Receivers
from .search import rank_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..runtime.classes import Behavior, Method
    from ..runtime.world import World
    from .cursor import Cursor

#: Characters of a suggestion's doc: a paragraph beside a menu; the browser shows the whole.
DOC_CHARACTERS_MAX: Final = 1_000
#: Last rank that still begins like the name or is its capitals; behind it come matches inside of names.
_RANK_MAX: Final = 3
#: Last rank of names that begin with the very text.
_CASE_RANK_MAX: Final = 1
#: Place of the first group of globals among the groups of names.
_GLOBALS_PLACE: Final = 3
_PSEUDO_VARIABLES: Final = ("self", "super", "nil", "true", "false", "thisContext")


class WorkspaceVariable(NamedTuple):
    """A workspace variable: its name, its value's class name and a short text of the value."""

    name: str
    class_name: str
    text: str


class Suggestion(NamedTuple):
    """One proposal: the text that replaces the prefix, its kind, its form and a comment."""

    text: str
    kind: Literal["class", "method", "variable", "selector", "package"]
    signature: str
    doc: str


class Completion(NamedTuple):
    """Proposals, the best first, and the offset where the text they replace begins."""

    start: int
    suggestions: list[Suggestion]


class Completer:
    """Completes code in one world.

    Args:
        world: where.
        variables: of the workspace.
        pause: called now and then while methods are looked through.
    """

    def __init__(self, world: World, variables: Sequence[WorkspaceVariable], pause: Callable[[], None]) -> None:
        self._world = world
        self._browser = ClassBrowser(world)
        self._variables = {variable.name: variable for variable in variables}
        self._receivers = Receivers(world, self._variable_class)
        self._pause = pause

    def complete(self, code: str, position: int, count: int) -> Completion:
        """Propose what may stand there.

        Args:
            code: the text.
            position: characters before the cursor; past the end is the end.
            count: proposals at most.
        """
        cursor = cursor_in(code, position)
        found: dict[str, Suggestion] = {}
        for suggestion in self._proposals(cursor):
            if found.setdefault(suggestion.text, suggestion) is suggestion and len(found) == count:
                break
        return Completion(cursor.start, list(found.values()))

    def _proposals(self, cursor: Cursor) -> Iterable[Suggestion]:
        """All proposals, the best first; made only as far as they are asked for."""
        if cursor.expects == "operand":
            yield from self._names(cursor)
        if cursor.expects == "class":
            names = (self._world.classes, self._world.kernel.classes)
            yield from (self._global(name) for name in _ranked(cursor.prefix, names))
        if cursor.expects == "package":
            yield from self._packages(cursor.prefix)
        if cursor.expects == "message":
            yield from self._keywords(cursor)
            yield from self._understood(cursor)
        if cursor.expects == "selector" or (cursor.expects in ("operand", "message") and cursor.prefix):
            yield from self._of_methods(_best(cursor.prefix, self._all_methods()), "selector")

    # Names

    def _names(self, cursor: Cursor) -> Iterable[Suggestion]:
        """Variables and globals; those whose case is right before all others."""
        world = self._world
        groups: tuple[Iterable[str], ...] = (
            cursor.declared,
            self._variables,
            _PSEUDO_VARIABLES if cursor.prefix else (),
            [*world.classes, *world.globals],
            [*world.kernel.classes, *world.kernel.singletons],
        )
        variables = {name for names in groups[:_GLOBALS_PLACE] for name in names}
        for name in _ranked(cursor.prefix, groups):
            yield self._variable(name) if name in variables else self._global(name)

    def _packages(self, prefix: str) -> Iterable[Suggestion]:
        """Packages and their tags, with how many classes they have."""
        own, kernel = self._world.classes, self._world.kernel.classes
        groups = [Counter(_packages_of(classes.values())) for classes in (own, kernel)]
        counts = groups[0] + groups[1]
        for name in _ranked(prefix, groups):
            yield Suggestion(name, "package", f"{counts[name]} class{'es' * (counts[name] > 1)}", "")

    def _variable(self, name: str) -> Suggestion:
        """A variable with its value, as far as it is known."""
        known = self._variables.get(name)
        return Suggestion(name, "variable", known.class_name if known else "", known.text if known else "")

    def _global(self, name: str) -> Suggestion:
        """A class with its superclass and comment, or another global with its class."""
        value = self._world.global_value(name)
        if not isinstance(value, ClassObject):
            return Suggestion(name, "variable", self._world.class_of(value).name, "")
        row = self._browser.class_row(value)
        signature = f"{row['superclass'] or 'nil'} subclass: #{row['name']}"
        return Suggestion(name, "class", signature, bounded(row["comment"], DOC_CHARACTERS_MAX))

    def _variable_class(self, name: str) -> Behavior | None:
        """The class of a workspace variable's value; None of an unknown one, or when the class lost its name."""
        known = self._variables.get(name)
        try:
            return None if known is None else self._browser.behavior(known.class_name)
        except ClassNotFoundError:
            return None

    # Messages

    def _keywords(self, cursor: Cursor) -> Iterable[Suggestion]:
        """What goes on after the keywords written so far: `put:` after `at: 1`."""
        written, behavior = self._receivers.of_keywords(cursor.tokens)
        if not written:
            return
        known = self._all_methods() if behavior is None else self._methods_of(behavior)
        methods = {
            selector[len(written) :]: method
            for selector, method in known.items()
            if selector.startswith(written) and selector != written
        }
        yield from self._of_methods(_best(cursor.prefix, methods), "method")

    def _understood(self, cursor: Cursor) -> Iterable[Suggestion]:
        """The messages the receiver understands, those of its own class first."""
        behavior = self._receivers.at_end(cursor.tokens)
        if behavior is not None:
            nearness = {each: place for place, each in enumerate(behavior.chain())}
            yield from self._of_methods(_best(cursor.prefix, self._methods_of(behavior), nearness), "method")

    def _of_methods(
        self, methods: Iterable[tuple[str, Method]], kind: Literal["method", "selector"]
    ) -> Iterable[Suggestion]:
        """Proposals of methods by the text to insert."""
        for text, method in methods:
            arguments, comment = pattern_of(method)
            signature = _signature(method.selector, arguments)
            yield Suggestion(text, kind, signature, bounded(comment or "", DOC_CHARACTERS_MAX))
            self._pause()

    def _methods_of(self, behavior: Behavior) -> dict[str, Method]:
        """Selector -> method of all that a class understands, its own first."""
        understood: dict[str, Method] = {}
        for each in behavior.chain():
            for selector, method in sorted(own_methods(self._world, each).items()):
                understood.setdefault(selector, method)
        return understood

    def _all_methods(self) -> dict[str, Method]:
        """Every selector with a method of it, of the class nearest to the root."""
        found: dict[str, Method] = {}
        for subject in sorted(self._browser.classes(), key=lambda each: sum(1 for _ in each.chain())):
            for side in (subject, subject.metaclass):
                for selector, method in own_methods(self._world, side).items():
                    found.setdefault(selector, method)
            self._pause()
        return found


def _ranked(prefix: str, groups: Iterable[Iterable[str]]) -> list[str]:
    """Names that match, of the first groups first, those whose case is right before all others."""
    found = [
        (rank > _CASE_RANK_MAX, place, rank, name)
        for place, names in enumerate(groups)
        for name in names
        if (rank := rank_of(prefix, name)) is not None and rank <= _RANK_MAX
    ]
    return [name for *_, name in sorted(found)]


def _packages_of(classes: Iterable[ClassObject]) -> Iterable[str]:
    """The package of each class, and its package with a tag where it has one."""
    for each in classes:
        package = each.category.partition("-")[0]
        yield package
        if package != each.category:
            yield each.category


def _best(
    prefix: str, methods: dict[str, Method], nearness: Mapping[Behavior, int] = MappingProxyType({})
) -> list[tuple[str, Method]]:
    """The methods whose names match, of equals the nearest and then the shortest; without a prefix in the given order.

    Args:
        prefix: What is there already.
        methods: By the text to insert.
        nearness: Place of a class in the receiver's chain.
    """
    if not prefix:
        return list(methods.items())
    ranked = [
        (rank, nearness.get(method.owner, 0), len(name), name)
        for name, method in methods.items()
        if (rank := rank_of(prefix, name)) is not None and rank <= _RANK_MAX
    ]
    return [(name, methods[name]) for *_, name in sorted(ranked)]


def _signature(selector: str, arguments: list[str]) -> str:
    """A method's pattern: `at: index put: anObject`."""
    if not arguments:
        return selector
    parts: list[Any] = selector.split(":")[:-1] if selector.endswith(":") else []
    if not parts:
        return f"{selector} {arguments[0]}"
    return " ".join(f"{part}: {argument}" for part, argument in zip(parts, arguments, strict=True))
