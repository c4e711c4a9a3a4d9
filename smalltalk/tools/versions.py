"""Former definitions as rows, and bringing one back: what a browser of versions needs. Runs no code of the language.

| row     | fields                                                                                                |
|---------|-------------------------------------------------------------------------------------------------------|
| version | version_id, class_name, selector, is_class_method, subject, source, category, change, replaced_at_ms  |

`version_id` is 0 for what is in force now, which comes first and has no `change`; the others follow, newest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.dispatch import own_methods
from ..runtime.versions import side_name
from .browse import ClassBrowser
from .errors import VersionNotFoundError

if TYPE_CHECKING:
    from ..runtime.classes import Behavior
    from ..runtime.versions import Version
    from ..runtime.world import World

#: The version that is in force.
PRESENT: Final = 0
_NS_PER_MS: Final = 1_000_000
_CLASS_SIDE: Final = " class"


class MethodHistory:
    """The versions of one world's methods. Make one for each question: it makes that world's objects load themselves.

    Args:
        world: where.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._browser = ClassBrowser(world)

    def versions(self, class_name: str, selector: str, *, is_class_side: bool = False) -> list[dict[str, Any]]:
        """The versions of a method, the present one first if there is one; empty for a method that never was.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        behavior = self._browser.behavior(class_name, is_class_side=is_class_side)
        rows = [version_row(each) for each in self._versions(behavior, selector)]
        present = own_methods(self._world, behavior).get(selector)
        if present is None:
            return rows
        name = side_name(behavior)
        return [_row(PRESENT, "method", name, selector, present.source, present.category, None, None), *rows]

    def removed(self, class_name: str, *, is_class_side: bool = False) -> list[str]:
        """The selectors of methods that a class had and has no more, by name.

        Raises:
            ClassNotFoundError: no class has that name.
        """
        behavior = self._browser.behavior(class_name, is_class_side=is_class_side)
        name, entries = side_name(behavior), self._world.versions.entries()
        found = {each.selector for each in entries if each.subject == "method" and each.class_name == name}
        return sorted(found - own_methods(self._world, behavior).keys())

    def restore(self, class_name: str, selector: str, version_id: int, *, is_class_side: bool = False) -> None:
        """Compile a former version of a method again; what is in force becomes a former version itself.

        Raises:
            ClassNotFoundError: no class has that name.
            VersionNotFoundError: there is no such version.
            SyntaxFailure: it does not compile any more: its class changed.
            SemanticFailure: the same.
        """
        behavior = self._browser.behavior(class_name, is_class_side=is_class_side)
        found = [each for each in self._versions(behavior, selector) if each.number == version_id]
        if not found:
            raise VersionNotFoundError(f"{side_name(behavior)}>>#{selector} has no version {version_id}")
        self._world.compile_into(behavior, found[0].source, found[0].category)

    def _versions(self, behavior: Behavior, selector: str) -> list[Version]:
        """The former versions of a method, newest first."""
        return self._world.versions.of("method", side_name(behavior), selector)


def version_row(version: Version) -> dict[str, Any]:
    """A former definition."""
    return _row(
        version.number,
        version.subject,
        version.class_name,
        version.selector,
        version.source,
        version.category,
        version.change,
        version.time_ns // _NS_PER_MS,
    )


def _row(
    number: int,
    subject: str,
    class_name: str,
    selector: str,
    source: str,
    category: str,
    change: str | None,
    time_ms: int | None,
) -> dict[str, Any]:
    return {
        "version_id": number,
        "class_name": class_name.removesuffix(_CLASS_SIDE),
        "selector": selector,
        "is_class_method": class_name.endswith(_CLASS_SIDE),
        "subject": subject,
        "source": source,
        "category": category,
        "change": change,
        "replaced_at_ms": time_ms,
    }
