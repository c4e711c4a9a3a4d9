"""Former definitions: what a session replaced or removed, so that a mistake can be undone.

Kept are the texts of methods, of class definitions and of class comments, the last ones of the session, with an upper
bound for each single definition. Methods that came from a trait are not kept: the trait's own are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from .classes import Metaclass
from .objects import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .classes import Behavior, ClassObject, Method

#: What a version is one of.
Subject: TypeAlias = Literal["method", "class", "comment"]
#: What became of it.
Change: TypeAlias = Literal["replaced", "removed"]

#: Versions of one session: more than a day's work.
VERSIONS_MAX: Final = 500
#: Characters of all versions of a session: 2 KB for each is what long methods have.
CHARACTERS_MAX: Final = 1024 * 1024
#: Versions of one definition: a method that is compiled in a loop must not push out all others.
VERSIONS_PER_DEFINITION_MAX: Final = 30
#: Methods kept of a class that is removed: a class of thousands must not push out all else.
VERSIONS_PER_CLASS_MAX: Final = 150
#: Characters of one version: a longer text is generated code, whose generator is what should be kept.
VERSION_CHARACTERS_MAX: Final = 65_536


class Version(Object):
    """One former definition.

    Attributes:
        number: Counts the versions of the session, from 1.
        subject: What it is one of: `method`, `class` or `comment`.
        class_name: `Foo`, or `Foo class` for a method of the class side.
        selector: The method's; empty for other subjects.
        source: Its text.
        category: The method's protocol; empty for other subjects.
        change: What became of it: `replaced` or `removed`.
        time_ns: When that was, in nanoseconds since 1970 began, UTC.
    """

    __slots__ = ("category", "change", "class_name", "number", "selector", "source", "subject", "time_ns")

    def __init__(self, number: int, subject: Subject, change: Change, time_ns: int) -> None:
        self.oid = 0
        self.dirty = True
        self.number = number
        self.subject = subject
        self.change = change
        self.time_ns = time_ns
        self.class_name = self.selector = self.source = self.category = ""


class Versions:
    """The former definitions of one session, oldest first.

    Args:
        now_ns: The clock.
        note: Called when something was added.
    """

    def __init__(self, now_ns: Callable[[], int], note: Callable[[], None]) -> None:
        self._now_ns = now_ns
        self._note = note
        self._stored: Callable[[], Iterable[Version]] | None = None
        self._entries: list[Version] = []

    def close(self) -> None:
        """Let go of the world that the versions belong to."""
        self._note = self._entries.clear
        self._stored = None
        self._entries.clear()

    def restore(self, stored: Callable[[], Iterable[Version]]) -> None:
        """Take the versions of a stored session; they are read when they are first asked for."""
        self._stored = stored

    def entries(self) -> list[Version]:
        """All versions, oldest first."""
        if self._stored is not None:
            self._entries = sorted(self._stored(), key=lambda version: version.number)
            self._stored = None
        return self._entries

    def of(self, subject: Subject, class_name: str, selector: str = "") -> list[Version]:
        """The versions of one definition, newest first."""
        wanted = (subject, class_name, selector)
        found = [each for each in self.entries() if (each.subject, each.class_name, each.selector) == wanted]
        return found[::-1]

    def keep_method(self, method: Method, change: Change) -> None:
        """Keep a method that was just replaced or removed."""
        if method.origin is None:
            self.keep("method", change, method.owner, method.source, method.selector, method.category)

    def keep_class(self, holder: ClassObject, definition: str) -> None:
        """Keep a class that was just removed, with its methods as far as they are not too many."""
        methods = [*holder.methods.values(), *holder.metaclass.methods.values()]
        for method in methods[:VERSIONS_PER_CLASS_MAX]:
            self.keep_method(method, "removed")
        self.keep("class", "removed", holder, definition)

    def keep(
        self, subject: Subject, change: Change, owner: Behavior, source: str, selector: str = "", category: str = ""
    ) -> None:
        """Keep a definition that was just replaced or removed; the oldest go."""
        if len(source) > VERSION_CHARACTERS_MAX:
            return
        entries = self.entries()
        version = Version(entries[-1].number + 1 if entries else 1, subject, change, self._now_ns())
        version.class_name = side_name(owner)
        version.selector, version.source, version.category = selector, source, category
        same = self.of(subject, version.class_name, selector)
        if len(same) >= VERSIONS_PER_DEFINITION_MAX:
            entries.remove(same[-1])
        entries.append(version)
        del entries[: _superfluous(entries)]
        self._note()


def _superfluous(entries: list[Version]) -> int:
    """How many of the oldest versions must go."""
    characters = 0
    for kept, version in enumerate(reversed(entries)):
        characters += len(version.source)
        if kept == VERSIONS_MAX or characters > CHARACTERS_MAX:
            return len(entries) - kept
    return 0


def side_name(behavior: Behavior) -> str:
    """`Foo` or `Foo class`, of traits too."""
    return f"{behavior.sole.class_name} class" if isinstance(behavior, Metaclass) else behavior.name
