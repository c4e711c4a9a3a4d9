"""The table of session operations: what does each, and when it may."""

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..state.stopped import Ending
from .browser import (
    browse_class,
    get_class_tree,
    get_method,
    get_method_categories,
    get_method_code,
    get_method_list,
    list_classes,
)
from .comparing import diff
from .debugger import debug, ending_of_debug, finish_debug
from .evaluation import evaluate, finish_evaluate, history, interrupt
from .inspector import define_view, inspect, inspector_state, navigate, select, view
from .lifecycle import close_session, restore_session, subscribe, update_session_state
from .reading import read_text
from .savepoints import clear_context, get_context_summary, load_context, save_context
from .sources import file_in, file_out, run_tests
from .tools import complete, implementors, references, search_classes, search_methods, senders
from .undoing import undo
from .versions import method_versions, restore_method

if TYPE_CHECKING:
    from ..traffic.call import Call


class Turn(Enum):
    """When an operation of a session is done."""

    NOW = "at once, also between the slices of a running evaluation"
    QUEUED = "when all before it are done, in a greenlet with a budget: it runs user code or shows what others did"
    SETTLED = "when all before it are done and committed"
    STORED = "when all before it are done and committed, in a greenlet with a budget: it reads much of what is stored"
    AFTER_COMMIT = "after the tick's commit, because it reads the store"


#: Those before which everything must be committed.
AFTER_ALL: Final = (Turn.SETTLED, Turn.STORED)


class Handler(NamedTuple):
    """One operation.

    Attributes:
        turn: when it is done.
        work: does it; takes the session and its call (QUEUED and STORED: its run), answers a result or a failure.
        interrupts: whether it also stops the evaluation that it would have to wait for.
        ending: what becomes of it when the server's end meets it in its middle; takes its call.
        finish: does the rest of it after the start, where it is `Ending.FINISHED`; takes the session and its run.
    """

    turn: Turn
    work: Any
    interrupts: bool = False
    ending: "Callable[[Call], Ending]" = lambda _call: Ending.DROPPED
    finish: Any = None


HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "evaluate": Handler(Turn.QUEUED, evaluate, ending=lambda _call: Ending.FINISHED, finish=finish_evaluate),
        "debug": Handler(Turn.QUEUED, debug, ending=ending_of_debug, finish=finish_debug),
        "read_text": Handler(Turn.QUEUED, read_text),
        "inspect": Handler(Turn.QUEUED, inspect),
        "navigate": Handler(Turn.QUEUED, navigate),
        "select": Handler(Turn.QUEUED, select),
        "view": Handler(Turn.QUEUED, view),
        "define_view": Handler(Turn.QUEUED, define_view),
        "inspector_state": Handler(Turn.QUEUED, inspector_state),
        "browse_class": Handler(Turn.QUEUED, browse_class),
        "list_classes": Handler(Turn.QUEUED, list_classes),
        "get_method": Handler(Turn.QUEUED, get_method),
        "get_class_tree": Handler(Turn.QUEUED, get_class_tree),
        "get_method_categories": Handler(Turn.QUEUED, get_method_categories),
        "get_method_list": Handler(Turn.QUEUED, get_method_list),
        "get_method_code": Handler(Turn.QUEUED, get_method_code),
        "search_classes": Handler(Turn.QUEUED, search_classes),
        "search_methods": Handler(Turn.QUEUED, search_methods),
        "complete": Handler(Turn.QUEUED, complete),
        "senders": Handler(Turn.QUEUED, senders),
        "implementors": Handler(Turn.QUEUED, implementors),
        "references": Handler(Turn.QUEUED, references),
        "file_in": Handler(Turn.QUEUED, file_in),
        "file_out": Handler(Turn.QUEUED, file_out),
        "run_tests": Handler(Turn.QUEUED, run_tests),
        "method_versions": Handler(Turn.QUEUED, method_versions),
        "restore_method": Handler(Turn.QUEUED, restore_method),
        "diff": Handler(Turn.STORED, diff),
        "undo": Handler(Turn.SETTLED, undo),
        "save_context": Handler(Turn.SETTLED, save_context),
        "load_context": Handler(Turn.SETTLED, load_context),
        "clear_context": Handler(Turn.SETTLED, clear_context),
        "get_context_summary": Handler(Turn.AFTER_COMMIT, get_context_summary),
        "history": Handler(Turn.AFTER_COMMIT, history),
        "interrupt": Handler(Turn.NOW, interrupt),
        "restore_session": Handler(Turn.AFTER_COMMIT, restore_session),
        "update_session_state": Handler(Turn.NOW, update_session_state),
        "close_session": Handler(Turn.SETTLED, close_session, interrupts=True),
        "subscribe": Handler(Turn.NOW, subscribe),
    }
)
#: Operations that may run user code, or for long: what a server with too much to do takes no more of.
QUEUED: Final = frozenset(
    name for name, handler in HANDLERS.items() if handler.turn is Turn.QUEUED or handler.turn is Turn.STORED
)
