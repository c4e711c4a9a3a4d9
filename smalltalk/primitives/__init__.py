"""The primitives: Python functions that kernel methods name by `<primitive: #name>`, in one table per topic.

A primitive is the method: it is called with the receiver and the arguments and answers the value. It checks its
arguments itself, never raises, and hands what it cannot do to a Smalltalk method as its last act.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _collect() -> dict[str, Callable[..., Any]]:
    """Join the tables of all topics, which are the files beside this one.

    They are not looked for with `pkgutil`: loading that takes as long as loading a third of them.

    Raises:
        ValueError: two topics use one name.
    """
    joined: dict[str, Callable[..., Any]] = {}
    for name in sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py")):
        topic = importlib.import_module(f"{__name__}.{name}")
        for primitive, function in getattr(topic, "PRIMITIVES", {}).items():
            if joined.setdefault(primitive, function) is not function:
                raise ValueError(f"the primitive {primitive} of {name} is defined elsewhere as well")
    return joined


#: Name -> function, of all topics.
PRIMITIVES: Final = _collect()
