"""What the operations of a session need beyond running code: do-its by shape, printing, inspecting.

The door of those tools that few requests need: what is asked of it here is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Final

from ..doors import door

if TYPE_CHECKING:
    from .filein import FileIn
    from .fileout import all_definitions, class_definitions, package_definitions, write_definitions
    from .testruns import SuiteProgress, chosen_classes, run_test_classes

__all__ = [
    "FileIn",
    "SuiteProgress",
    "all_definitions",
    "chosen_classes",
    "class_definitions",
    "package_definitions",
    "run_test_classes",
    "write_definitions",
]

_LATER: Final = {
    "filein": ("FileIn",),
    "fileout": ("all_definitions", "class_definitions", "package_definitions", "write_definitions"),
    "testruns": ("SuiteProgress", "chosen_classes", "run_test_classes"),
}

if not TYPE_CHECKING:
    __getattr__ = door(__name__, _LATER)
