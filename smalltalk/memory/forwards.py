"""What objects that gave way to others (`becomeForward:`) are now: records written before refer to them by former ids.

| record     | slots                            |
|------------|----------------------------------|
| `%Forward` | former id, object it stands for  |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..runtime.objects import Object
from ..runtime.reshape import settle

if TYPE_CHECKING:
    from .forms import Forms
    from .records import Encode, Record


class Forwarded(Object):
    """A former id and the object it means."""

    __slots__ = ("place", "target")

    def __init__(self, place: int, target: Any) -> None:
        self.oid = 0
        self.dirty = True
        self.place = place
        self.target = target


class ForwarderForm:
    """How objects that gave way to others are written: as those."""

    ref = "%Forwarder"
    ghost = None

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def encode(self, forwarder: Any, encode: Encode) -> Record:
        """Make the record of the object it forwards to."""
        target = settle(forwarder)
        return self._forms.writers[type(target)].encode(target, encode)
