"""Names that the documents give to operations of later versions: known, not served, not in `describe`."""

from typing import Final

from .model import camel_case

_NAMES: Final = (
    "list_image_sessions",
    "switch_image_context",
)

LATER_NAMES: Final = frozenset({*_NAMES, *(camel_case(name) for name in _NAMES)})
