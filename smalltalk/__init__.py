"""The language: text -> syntax -> code, objects, worlds, images. No input or output, no clock, no thread.

The front door: what other rooms use, and all they use.
"""

from .compiler.errors import SemanticFailure
from .image import Image
from .kernel import load_kernel
from .limits import LanguageLimit, language_limits
from .memory.errors import BrokenImageError, MemoryRoomError, UnknownObjectIdError, UnstorableValueError
from .memory.records import Delta, Record, RecordSource
from .runtime.classes import Method
from .runtime.evaluation import Evaluation
from .runtime.kernel import Kernel
from .runtime.outcome import FailureReport, Outcome
from .runtime.safe_points import set_poll
from .runtime.world import Host, World
from .syntax.errors import SyntaxFailure
from .tools.browse import ClassBrowser, ClassNotFoundError, MethodNotFoundError, code_row, listing_row, method_row
from .tools.complete import Completer, WorkspaceVariable
from .tools.errors import UnknownClassError
from .tools.filein import FileInError, FileInReport
from .tools.inspect import Child, ObjectView
from .tools.inspector import InspectorError
from .tools.search import CodeSearch
from .tools.testruns import SuiteProgress, SuiteReport, UnpassedTest
from .tools.versions import MethodHistory, VersionNotFoundError

__all__ = [
    "BrokenImageError",
    "Child",
    "ClassBrowser",
    "ClassNotFoundError",
    "CodeSearch",
    "Completer",
    "Delta",
    "Evaluation",
    "FailureReport",
    "FileInError",
    "FileInReport",
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
    "SemanticFailure",
    "SuiteProgress",
    "SuiteReport",
    "SyntaxFailure",
    "UnknownClassError",
    "UnknownObjectIdError",
    "UnpassedTest",
    "UnstorableValueError",
    "VersionNotFoundError",
    "WorkspaceVariable",
    "World",
    "code_row",
    "language_limits",
    "listing_row",
    "load_kernel",
    "method_row",
    "set_poll",
]
