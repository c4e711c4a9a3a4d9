"""The language: text -> syntax -> code, objects, worlds, images. No input or output, no clock, no thread.

The front door: what other rooms use, and all they use.
"""

from typing import TYPE_CHECKING, Final

from .compiler.errors import SemanticFailure
from .debugging.breakpoints import BreakpointRow
from .debugging.debugger import Debugger
from .debugging.errors import (
    DebuggerError,
    RefusedBreakpointError,
    UnknownContextError,
    UnknownFrameError,
    UnknownVariableError,
)
from .debugging.frames import FrameRow, StackPage
from .debugging.summaries import SuspensionSummary
from .doors import door, load_all
from .image import Image
from .kernel import is_current, load_kernel
from .memory.errors import BrokenImageError, MemoryRoomError, UnknownObjectIdError, UnstorableValueError
from .memory.leaving import LEAVING
from .memory.oids import ROOT_OID
from .memory.packing import Packing
from .memory.records import Delta, Record, RecordSource
from .runtime.bounds import Bounds
from .runtime.classes import Method
from .runtime.evaluation import Evaluation
from .runtime.host import Host
from .runtime.kernel import Kernel
from .runtime.outcome import FailureReport, Outcome, StopReport
from .runtime.resumption import UnresumableError
from .runtime.safe_points import set_poll
from .runtime.world import World
from .sessionfiles.errors import SessionFileError
from .sessionfiles.limits import FILE_BYTES_MAX
from .syntax.errors import SyntaxFailure
from .tools.browse import ClassBrowser, code_row, listing_row, method_row
from .tools.errors import (
    ClassNotFoundError,
    InspectorError,
    MethodNotFoundError,
    UnknownClassError,
    VersionNotFoundError,
)
from .tools.inspect import Child, ObjectView
from .tools.printing import characters_of

if TYPE_CHECKING:
    from .limits import LanguageLimit, language_limits
    from .memory.weighing import weigh
    from .sessionfiles.checking import check_contents
    from .sessionfiles.contents import SavedState, SessionContents
    from .sessionfiles.reader import read_session_file
    from .sessionfiles.writer import session_file
    from .tools.comparing import DEFINITION_KINDS, beside, definitions
    from .tools.complete import Completer, WorkspaceVariable
    from .tools.filein import FileInError, FileInReport
    from .tools.search import CodeSearch
    from .tools.testruns import SuiteProgress, SuiteReport, UnpassedTest
    from .tools.versions import MethodHistory

__all__ = [
    "DEFINITION_KINDS",
    "FILE_BYTES_MAX",
    "LEAVING",
    "ROOT_OID",
    "Bounds",
    "BreakpointRow",
    "BrokenImageError",
    "Child",
    "ClassBrowser",
    "ClassNotFoundError",
    "CodeSearch",
    "Completer",
    "Debugger",
    "DebuggerError",
    "Delta",
    "Evaluation",
    "FailureReport",
    "FileInError",
    "FileInReport",
    "FrameRow",
    "Host",
    "Image",
    "InspectorError",
    "Kernel",
    "LanguageLimit",
    "MemoryRoomError",
    "Method",
    "MethodHistory",
    "MethodNotFoundError",
    "ObjectView",
    "Outcome",
    "Packing",
    "Record",
    "RecordSource",
    "RefusedBreakpointError",
    "SavedState",
    "SemanticFailure",
    "SessionContents",
    "SessionFileError",
    "StackPage",
    "StopReport",
    "SuiteProgress",
    "SuiteReport",
    "SuspensionSummary",
    "SyntaxFailure",
    "UnknownClassError",
    "UnknownContextError",
    "UnknownFrameError",
    "UnknownObjectIdError",
    "UnknownVariableError",
    "UnpassedTest",
    "UnresumableError",
    "UnstorableValueError",
    "VersionNotFoundError",
    "WorkspaceVariable",
    "World",
    "beside",
    "characters_of",
    "check_contents",
    "code_row",
    "definitions",
    "is_current",
    "language_limits",
    "listing_row",
    "load_all",
    "load_kernel",
    "method_row",
    "read_session_file",
    "session_file",
    "set_poll",
    "weigh",
]

#: What a start does without, by module: loaded when it is first asked for, since a start after a crash is waited for.
_LATER: Final = {
    "limits": ("LanguageLimit", "language_limits"),
    "memory.weighing": ("weigh",),
    "sessionfiles.checking": ("check_contents",),
    "sessionfiles.contents": ("SavedState", "SessionContents"),
    "sessionfiles.reader": ("read_session_file",),
    "sessionfiles.writer": ("session_file",),
    "tools.comparing": ("DEFINITION_KINDS", "beside", "definitions"),
    "tools.complete": ("Completer", "WorkspaceVariable"),
    "tools.filein": ("FileInError", "FileInReport"),
    "tools.search": ("CodeSearch",),
    "tools.testruns": ("SuiteProgress", "SuiteReport", "UnpassedTest"),
    "tools.versions": ("MethodHistory",),
}

if not TYPE_CHECKING:
    __getattr__ = door(__name__, _LATER)
