"""The root object: where everything durable of a session hangs from.

| field      | holds                                                                                        |
|------------|----------------------------------------------------------------------------------------------|
| workspaces | tables of workspace variables (`%Binding`), named by their `tool_id`, "" for the session's   |
| forwards   | what objects that gave way to others are now (`%Forward`)                                    |
| globals    | what `Smalltalk at:put:` made (`%Binding`)                                                   |
| classes    | the session's own classes (`%Class`), in order of definition                                 |
| patches    | what the session changed about kernel classes (`%Patch`)                                     |
| ring       | pages of results whose object ids stay valid (`registry.py`)                                 |
| scheduled  | the processes that go on by themselves (`%Scheduled`)                                        |
| moved      | objects that became others (`become:`): older references to them name their former class     |
| turns      | how many of those pages were begun (`%Box`)                                                  |
| inspector  | the inspector's path, selection and views                                                    |
| versions   | former definitions (`%Version`), oldest first                                                |
| breakpoints| where methods stop (`%Breakpoint`)                                                           |
| suspended  | computations that wait (`%Suspensions`)                                                      |
"""

from __future__ import annotations

from typing import Final

from ..runtime.objects import Object, new_box
from .inspection import InspectorState
from .oids import ROOT_OID
from .scheduled import Scheduled
from .suspensions import Suspensions
from .tables import Table


class Root(Object):
    """The root object of one session."""

    __slots__ = (
        "breakpoints",
        "classes",
        "forwards",
        "globals",
        "inspector",
        "moved",
        "patches",
        "ring",
        "scheduled",
        "suspended",
        "turns",
        "versions",
        "workspaces",
    )

    def __init__(self) -> None:
        self.oid = ROOT_OID
        self.dirty = True
        self.workspaces = Table("workspaces")
        self.forwards = Table("forwards")
        self.globals = Table("globals")
        self.classes = Table("classes")
        self.patches = Table("patches")
        self.ring = Table("ring")
        self.scheduled = Scheduled()
        self.moved = Table("moved")
        self.turns = new_box(0)
        self.inspector = InspectorState()
        self.versions = Table("versions")
        self.suspended = Suspensions()
        self.breakpoints = Table("breakpoints")


#: Its fields in the order of the record: alphabetically, and behind them those of later servers.
ROOT_FIELDS: Final = (*sorted(set(Root.__slots__) - {"suspended", "breakpoints"}), "suspended", "breakpoints")
