"""The language: text -> syntax -> code, objects, worlds, images. No input or output, no clock, no thread.

The front door: what other rooms use, and all they use.
"""

from .compiler.errors import SemanticFailure
from .image import Image, UnknownClassError
from .kernel import load_kernel
from .memory.errors import BrokenImageError, MemoryRoomError, UnknownObjectIdError, UnstorableValueError
from .memory.records import Delta, Record, RecordSource
from .runtime.evaluation import Evaluation
from .runtime.kernel import Kernel
from .runtime.outcome import FailureReport, Outcome
from .runtime.safe_points import set_poll
from .runtime.world import Host
from .syntax.errors import SyntaxFailure
from .tools.inspect import Child, ObjectView
from .tools.inspector import InspectorError

__all__ = [
    "BrokenImageError",
    "Child",
    "Delta",
    "Evaluation",
    "FailureReport",
    "Host",
    "Image",
    "InspectorError",
    "Kernel",
    "MemoryRoomError",
    "ObjectView",
    "Outcome",
    "Record",
    "RecordSource",
    "SemanticFailure",
    "SyntaxFailure",
    "UnknownClassError",
    "UnknownObjectIdError",
    "UnstorableValueError",
    "load_kernel",
    "set_poll",
]
