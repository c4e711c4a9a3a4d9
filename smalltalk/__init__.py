"""The language: text -> syntax -> code, objects, worlds, images. No input or output, no clock, no thread.

The front door: what other rooms use, and all they use.
"""

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
from .image import Image
from .kernel import load_kernel
from .limits import LanguageLimit, language_limits
from .memory.errors import BrokenImageError, MemoryRoomError, UnknownObjectIdError, UnstorableValueError
from .memory.oids import ROOT_OID
from .memory.records import Delta, Record, RecordSource
from .runtime.classes import Method
from .runtime.evaluation import Evaluation
from .runtime.kernel import Kernel
from .runtime.outcome import FailureReport, Outcome, StopReport
from .runtime.resumption import UnresumableError
from .runtime.safe_points import set_poll
from .runtime.world import Host, World
from .sessionfiles.checking import check_contents
from .sessionfiles.contents import SavedState, SessionContents
from .sessionfiles.errors import SessionFileError
from .sessionfiles.limits import FILE_BYTES_MAX
from .sessionfiles.reader import read_session_file
from .sessionfiles.writer import session_file
from .syntax.errors import SyntaxFailure
from .tools.browse import ClassBrowser, ClassNotFoundError, MethodNotFoundError, code_row, listing_row, method_row
from .tools.comparing import DEFINITION_KINDS, definitions
from .tools.complete import Completer, WorkspaceVariable
from .tools.errors import UnknownClassError
from .tools.filein import FileInError, FileInReport
from .tools.inspect import Child, ObjectView
from .tools.inspector import InspectorError
from .tools.search import CodeSearch
from .tools.testruns import SuiteProgress, SuiteReport, UnpassedTest
from .tools.versions import MethodHistory, VersionNotFoundError

__all__ = [
    "DEFINITION_KINDS",
    "FILE_BYTES_MAX",
    "ROOT_OID",
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
    "check_contents",
    "code_row",
    "definitions",
    "language_limits",
    "listing_row",
    "load_kernel",
    "method_row",
    "read_session_file",
    "session_file",
    "set_poll",
]
