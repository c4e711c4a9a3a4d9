"""The client room: how programs and people talk to a server.

`Client` waits for each answer, `AsyncClient` may have many questions in flight and hears events; both speak the wire's
native dialect, come back by themselves after a lost connection, and repeat safely. `stui-console` (`console.py`) and
the demo (`demo.py`) stand on them. Nothing here knows the server's rooms: only the wire.

What is named here is loaded when it is first asked for, so that the console can heed Ctrl-C before it loads anything.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .aclient import AsyncClient
    from .client import DEFAULT_URL, Client
    from .debugresults import Advance, Breakpoint, Frame, FrameVariable, FrameView, Stack
    from .errors import (
        BadReplyError,
        ClientError,
        CodeError,
        CodeSyntaxError,
        DeniedError,
        NoAnswerError,
        NotFoundError,
        RefusedRequestError,
        ServerError,
        SessionNotFoundError,
        StoppedError,
        TroubleError,
    )
    from .pastresults import Changes, Difference, Undone
    from .patience import Patience
    from .questions import Question
    from .results import (
        Child,
        Evaluation,
        History,
        HistoryEntry,
        InspectorState,
        ObjectView,
        Pong,
        RestoredSession,
        Savepoint,
        Session,
        TextPage,
        Variable,
        Whole,
    )
    from .sourceresults import (
        FileInError,
        FileInReport,
        MethodHistory,
        MethodText,
        MethodVersion,
        Suggestion,
        Suggestions,
        SuiteReport,
        UnpassedTest,
    )
    from .suspensions import ErrorState, Suspension

__all__ = [
    "DEFAULT_URL",
    "Advance",
    "AsyncClient",
    "BadReplyError",
    "Breakpoint",
    "Changes",
    "Child",
    "Client",
    "ClientError",
    "CodeError",
    "CodeSyntaxError",
    "DeniedError",
    "Difference",
    "ErrorState",
    "Evaluation",
    "FileInError",
    "FileInReport",
    "Frame",
    "FrameVariable",
    "FrameView",
    "History",
    "HistoryEntry",
    "InspectorState",
    "MethodHistory",
    "MethodText",
    "MethodVersion",
    "NoAnswerError",
    "NotFoundError",
    "ObjectView",
    "Patience",
    "Pong",
    "Question",
    "RefusedRequestError",
    "RestoredSession",
    "Savepoint",
    "ServerError",
    "Session",
    "SessionNotFoundError",
    "Stack",
    "StoppedError",
    "Suggestion",
    "Suggestions",
    "SuiteReport",
    "Suspension",
    "TextPage",
    "TroubleError",
    "Undone",
    "UnpassedTest",
    "Variable",
    "Whole",
]

#: The modules that have those.
_MODULES: Final = (
    *("aclient", "client", "debugresults", "errors", "pastresults", "patience", "questions", "results"),
    *("sourceresults", "suspensions"),
)


def __getattr__(name: str) -> Any:
    """Return what is named above, loaded now."""
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f".{module}", __name__))
            if name in found:
                globals()[name] = found[name]
                return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
