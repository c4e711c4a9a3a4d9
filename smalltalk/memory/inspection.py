"""What is stored of a session's inspector; `tools/inspector.py` moves along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import Object
from .tables import Table

if TYPE_CHECKING:
    from ..runtime.classes import Behavior

#: The view that every object has.
DEFAULT_VIEW: Final = "default"


class Step(Object):
    """A place of the path: an object and how it was reached."""

    __slots__ = ("label", "v")

    def __init__(self, label: str, v: Any) -> None:
        self.oid = 0
        self.dirty = True
        self.label = label
        self.v = v


class CustomView(Object):
    """A view that the user defined: a block's source that answers what to show of an object of that class."""

    __slots__ = ("code", "name", "subject")

    def __init__(self, subject: Behavior, name: str, code: str) -> None:
        self.oid = 0
        self.dirty = True
        self.subject = subject
        self.name = name
        self.code = code


class InspectorState(Object):
    """What of the inspector is stored: path, place, selection, view with its settings as JSON, custom views."""

    __slots__ = ("index", "selected", "settings", "steps", "view", "views")

    def __init__(self) -> None:
        self.oid = 0
        self.dirty = True
        self.index = 0
        self.selected: str | None = None
        self.view = DEFAULT_VIEW
        self.settings = "{}"
        self.steps: list[Step] = []
        self.views = Table("views")
