"""Names that the documents give to operations of later versions: known, not served, not in `describe`."""

from typing import Final

from .model import camel_case

_NAMES: Final = (
    "browse_class",
    "list_classes",
    "get_method",
    "get_class_tree",
    "get_method_categories",
    "get_method_list",
    "get_method_code",
    "search_classes",
    "search_methods",
    "debug",
    "file_in",
    "file_out",
    "run_tests",
    "senders",
    "implementors",
    "references",
    "undo",
    "health",
    "list_image_sessions",
    "switch_image_context",
)

LATER_NAMES: Final = frozenset(
    {"complete", "CodeCompletion", *_NAMES, *(camel_case(name) for name in _NAMES)},
)
