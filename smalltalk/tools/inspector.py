"""The inspector of a session: where it stands, what is selected, how objects are shown. Durable with the image.

The path leads from the object that was inspected to the one that is shown; `index` is where the inspector stands in it.
Going back and forward moves along the path, going into a child cuts off what was ahead.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..memory.inspection import CustomView, InspectorState, Step
from .errors import InspectorError
from .inspect import part_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..runtime.classes import Behavior
    from ..runtime.objects import Object
    from ..runtime.world import World

#: Steps a path may have; the oldest ones behind the root are dropped, nobody reads more breadcrumbs.
PATH_STEPS_MAX: Final = 64

#: Custom views of one session.
VIEWS_MAX: Final = 1_000

#: Characters of a view's settings as JSON: they are switches and columns, not data.
SETTINGS_CHARACTERS_MAX: Final = 16 * 1024


class Inspector:
    """Moves along an `InspectorState`.

    Args:
        world: where its objects live.
        state: what is stored.
        mark: the heap's write barrier.
        object_id: gives values their ids; takes `is_kept`.
    """

    def __init__(
        self, world: World, state: InspectorState, mark: Callable[[Object], None], object_id: Callable[..., str]
    ) -> None:
        self._world = world
        self._state = state
        self._mark = mark
        self._object_id = object_id

    def open(self, value: Any, label: str) -> None:
        """Begin a path at that object."""
        state = self._state
        if len(state.steps) == 1 and state.steps[0].v is value and state.steps[0].label == label:
            return
        self._show([Step(label, value)], 0)

    def navigate(
        self, *, into: str | int | None = None, back: bool = False, forward: bool = False, to: int | None = None
    ) -> None:
        """Take one step: exactly one of the arguments says which.

        Args:
            into: a child's name, or its number from 0.
            back: to the object before.
            forward: undo a step back.
            to: index in the path.

        Raises:
            InspectorError: there is nothing in that direction.
        """
        if into is not None:
            self._enter(into)
        elif back or forward:
            self._stand_at(self._state.index + (-1 if back else 1))
        elif to is not None:
            self._stand_at(to)

    def _enter(self, child: str | int) -> None:
        """Go into a child."""
        part = part_named(self._world, self.current(), child)
        if part is None:
            raise InspectorError(f"the inspected object has no child {child!r}")
        state = self._state
        steps = [*state.steps[: state.index + 1], Step(part.name, part.value)]
        if len(steps) > PATH_STEPS_MAX:
            del steps[1]
        self._show(steps, len(steps) - 1)

    def _stand_at(self, index: int) -> None:
        """Show a place of the path; the one that is shown already stays as it is."""
        state = self._state
        if not 0 <= index < len(state.steps):
            raise InspectorError("the inspector's path does not lead there")
        if index != state.index:
            self._show(state.steps, index)

    def _show(self, steps: list[Step], index: int) -> None:
        """Show another object; a selection belongs to the one that was shown."""
        state = self._state
        state.steps, state.index, state.selected = steps, index, None
        self._mark(state)

    def current(self) -> Any:
        """Return the object shown.

        Raises:
            InspectorError: nothing was inspected yet.
        """
        if not self._state.steps:
            raise InspectorError("nothing is being inspected yet")
        return self._state.steps[self._state.index].v

    def above(self) -> list[Any]:
        """Return the objects on the way to the one shown."""
        return [step.v for step in self._state.steps[: self._state.index]]

    def select(self, child: str | int | None) -> None:
        """Select a child of the object shown; None selects nothing.

        Raises:
            InspectorError: it has no such child.
        """
        part = None if child is None else part_named(self._world, self.current(), child)
        if child is not None and part is None:
            raise InspectorError(f"the inspected object has no child {child!r}")
        self._state.selected = part.name if part is not None else None
        self._mark(self._state)

    def choose_view(self, name: str, settings: Mapping[str, Any] | None = None) -> None:
        """Show objects by that view from now on.

        Raises:
            InspectorError: the settings are too long.
        """
        text = json.dumps(dict(settings or {}))
        if len(text) > SETTINGS_CHARACTERS_MAX:
            raise InspectorError(f"a view's settings may take {SETTINGS_CHARACTERS_MAX} characters, not {len(text)}")
        self._state.view = name
        self._state.settings = text
        self._mark(self._state)

    def define_view(self, subject: Behavior, name: str, code: str) -> None:
        """Add a custom view for a class, or replace it.

        Args:
            subject: whose instances it shows, those of subclasses too.
            name: its name.
            code: the source of a block that takes the object; the caller checked that it compiles.

        Raises:
            InspectorError: there are too many.
        """
        views = list(self._state.views)
        for view in views:
            if view.subject is subject and view.name == name:
                view.code = code
                self._mark(view)
                return
        if len(views) >= VIEWS_MAX:
            raise InspectorError(f"a session may define at most {VIEWS_MAX} views")
        self._state.views.append(CustomView(subject, name, code), self._mark)

    def custom_view(self, value: Any) -> CustomView | None:
        """Return the custom view that shows that value: the chosen one, of the nearest class that has it."""
        views: list[CustomView] = list(self._state.views)
        for behavior in self._world.class_of(value).chain():
            for view in views:
                if view.name == self._state.view and view.subject is behavior:
                    return view
        return None

    def listing(self) -> dict[str, Any]:
        """Return the state as plain data, without running code of the language."""
        state = self._state
        return {
            "path": [
                {"object_id": self._object_id(step.v, is_kept=False), "label": step.label} for step in state.steps
            ],
            "index": state.index,
            "selected_object": state.selected,
            "view": {"name": state.view, "settings": json.loads(state.settings)},
            "views": [{"class": view.subject.name, "name": view.name, "code": view.code} for view in state.views],
        }
