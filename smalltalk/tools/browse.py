"""Classes and methods as a browser shows them: plain rows, read from one world, without running code of the language.

A class that a world changed is shown as that world sees it. `Foo class` names the class side of `Foo`, wherever a
class is asked for. Nothing here changes anything.

| row      | fields                                                            |
|----------|-------------------------------------------------------------------|
| class    | name, superclass, comment, package, is_system                     |
| method   | name, source, category, is_class_method, arguments, comment       |
| listing  | class_name, name, category, is_class_method                       |
| category | name, method_count                                                |
| tree     | id, name, class_type, children, is_expanded                       |
"""

from __future__ import annotations

import difflib
import re
from fnmatch import translate
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ..runtime import current
from ..runtime.classes import ClassObject, Metaclass
from ..runtime.dispatch import own_methods
from ..syntax.errors import SyntaxFailure
from ..syntax.parser import parse_method
from .errors import ClassNotFoundError, MethodNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..runtime.classes import Behavior, Method
    from ..runtime.world import World

#: Which sides of a class are meant.
Mode: TypeAlias = Literal["Instance", "Class", "All"]
#: Levels of a class tree: each nests two deeper in a message, and a message may nest 64 deep, its envelope included.
TREE_LEVELS_MAX: Final = 24
_CLASS_SIDE: Final = " class"


def _go_on() -> None:
    """Do not pause: for questions about a few methods."""


class ClassBrowser:
    """Reads the classes of one world. Make one for each question: it makes that world's objects load themselves.

    Args:
        world: where.
        pause: called after each method that was parsed, so that others are served in between.
    """

    def __init__(self, world: World, pause: Callable[[], None] = _go_on) -> None:
        self.world = world
        self._pause = pause
        current.world = world

    # Finding

    def classes(self, pattern: str = "*", *, include_system: bool = True) -> list[ClassObject]:
        """The classes that have a name in the world, by name.

        Args:
            pattern: which; `*` stands for any text, `?` for one character, case does not matter.
            include_system: the kernel's classes as well.
        """
        named = {**(self.world.kernel.classes if include_system else {}), **self.world.classes}
        matches = re.compile(translate(pattern), re.IGNORECASE).match
        return [named[name] for name in sorted(named) if matches(name)]

    def behavior(self, name: str, *, is_class_side: bool = False) -> Behavior:
        """The class, or its metaclass where the class side is meant.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        plain = name.removesuffix(_CLASS_SIDE)
        found = self.world.class_named(plain)
        if found is None:
            known = [*self.world.classes, *self.world.kernel.classes]
            raise ClassNotFoundError(plain, _nearest(plain, known))
        return found.metaclass if is_class_side or plain != name else found

    def subject(self, name: str) -> ClassObject:
        """The class, whichever of its sides is named.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        return sole(self.behavior(name))

    def sides(self, name: str, mode: Mode) -> list[Behavior]:
        """The sides of a class that a mode means; of `Foo class` only that.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        found = self.behavior(name)
        if not isinstance(found, ClassObject):
            return [found]
        sides: dict[Mode, list[Behavior]] = {
            "Instance": [found],
            "Class": [found.metaclass],
            "All": [found, found.metaclass],
        }
        return sides[mode]

    def method(self, name: str, selector: str, *, is_class_side: bool) -> Method:
        """A method of that class itself.

        Raises:
            ClassNotFoundError: no class has that name.
            MethodNotFoundError: it has no such method.
        """
        behavior = self.behavior(name, is_class_side=is_class_side)
        methods = own_methods(self.world, behavior)
        if selector not in methods:
            raise MethodNotFoundError(behavior.name, selector, _nearest(selector, list(methods)))
        return methods[selector]

    def all_methods(self) -> Iterator[tuple[Behavior, list[Method]]]:
        """Every class and metaclass with its own methods by selector, the world's classes among the kernel's."""
        for each in self.classes():
            for side in (each, each.metaclass):
                methods = own_methods(self.world, side)
                yield side, [methods[selector] for selector in sorted(methods)]

    # Rows

    def class_row(self, behavior: Behavior) -> dict[str, Any]:
        """A class in short; a metaclass shows its class."""
        subject = sole(behavior)
        overlay = self.world.overlays.get(subject)
        comment = subject.comment if overlay is None or overlay.comment is None else overlay.comment
        return {
            "name": subject.name,
            "superclass": subject.superclass.name if subject.superclass is not None else None,
            "comment": comment,
            "package": subject.category,
            "is_system": subject.is_kernel,
        }

    def method_rows(self, behavior: Behavior) -> list[dict[str, Any]]:
        """All methods of one side of a class, whole, by selector."""
        rows = []
        for _, method in sorted(own_methods(self.world, behavior).items()):
            rows.append(method_row(method))
            self._pause()
        return rows

    def listing(self, name: str, mode: Mode, category: str | None = None) -> list[dict[str, Any]]:
        """The methods of a class in short, of one category or all.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        return [
            listing_row(method)
            for side in self.sides(name, mode)
            for _, method in sorted(own_methods(self.world, side).items())
            if category is None or method.category == category
        ]

    def categories(self, name: str, mode: Mode) -> list[dict[str, Any]]:
        """The categories of a class's methods, by name.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        counts: dict[str, int] = {}
        for side in self.sides(name, mode):
            for method in own_methods(self.world, side).values():
                counts[method.category] = counts.get(method.category, 0) + 1
        return [{"name": category, "method_count": counts[category]} for category in sorted(counts)]

    def class_variables(self, behavior: Behavior) -> list[str]:
        """The names of the class variables a class adds."""
        return self.world.class_variable_names(sole(behavior))

    def tree(self, name: str | None) -> list[dict[str, Any]]:
        """The tree of all classes, or of one with what inherits from it; children by name.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        below = self._subclasses()
        if name is None:
            return [self._tree_row(root, below, TREE_LEVELS_MAX) for root in below.get(None, [])]
        return [self._tree_row(self.behavior(name), below, TREE_LEVELS_MAX)]

    def _subclasses(self) -> dict[ClassObject | None, list[ClassObject]]:
        """The named classes right below each; a superclass that lost its name is passed over."""
        named = self.classes()
        known = set(named)
        below: dict[ClassObject | None, list[ClassObject]] = {}
        for each in named:
            above = (sole(behavior) for behavior in each.chain() if behavior is not each)
            below.setdefault(next((parent for parent in above if parent in known), None), []).append(each)
        return below

    def _tree_row(
        self, behavior: Behavior, below: dict[ClassObject | None, list[ClassObject]], levels: int
    ) -> dict[str, Any]:
        """One class with its subclasses; `is_expanded` is false where the tree was cut below it."""
        is_class_side = isinstance(behavior, Metaclass)
        children = below.get(sole(behavior), [])
        is_cut = levels == 1 and bool(children)
        shown = [] if is_cut else children
        return {
            "id": behavior.name,
            "name": behavior.name,
            "class_type": "Metaclass" if is_class_side else "Regular",
            "children": [
                self._tree_row(child.metaclass if is_class_side else child, below, levels - 1) for child in shown
            ],
            "is_expanded": not is_cut,
        }


def sole(behavior: Behavior) -> ClassObject:
    """The class that a behavior is or belongs to."""
    return behavior.sole if isinstance(behavior, Metaclass) else behavior  # type: ignore[return-value]  # the other kind is ClassObject


def is_class_side(method: Method) -> bool:
    """Whether the method is one of a class, not of its instances."""
    return isinstance(method.owner, Metaclass)


def method_row(method: Method) -> dict[str, Any]:
    """A method whole. One that no longer parses shows without arguments and comment."""
    arguments, comment = pattern_of(method)
    return {
        "name": method.selector,
        "source": method.source,
        "category": method.category,
        "is_class_method": is_class_side(method),
        "arguments": arguments,
        "comment": comment,
    }


def listing_row(method: Method) -> dict[str, Any]:
    """A method in short."""
    return {
        "class_name": sole(method.owner).name,
        "name": method.selector,
        "category": method.category,
        "is_class_method": is_class_side(method),
    }


def code_row(method: Method) -> dict[str, Any]:
    """A method as the class browser's code pane shows it."""
    return {**listing_row(method), "source_code": method.source, "line_count": len(method.source.splitlines())}


def pattern_of(method: Method) -> tuple[list[str], str | None]:
    """The names of a method's arguments, and its first comment if it has one."""
    try:
        tree = parse_method(method.source)
    except SyntaxFailure:
        return [], None
    return [parameter.name for parameter in tree.parameters], tree.comment


def _nearest(name: str, known: list[str]) -> str | None:
    """The known name most like that one."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)
