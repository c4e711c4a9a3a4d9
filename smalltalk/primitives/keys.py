"""Under which Python key an object stands in a dictionary or set.

| object                                        | key by equality          | key by identity          |
|-----------------------------------------------|--------------------------|--------------------------|
| integer                                       | itself                   | itself                   |
| float                                         | itself (1.0 meets 1)     | `("float", itself, sign)` |
| String, Symbol                                | the Python str (they meet) | itself                 |
| Character, true, false, nil, class, block     | itself                   | itself                   |
| heap object with Object's `hash`              | itself                   | itself                   |
| heap object with a `hash` in Smalltalk        | `COMPOSITE`              | itself                   |

A composite key is looked up by Smalltalk code, which sends `hash` and `=`; its entries stand under `(hash, n)`, n
counting from 0 without gaps.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ..compiler.mangle import dispatch_name
from ..runtime import current
from ..runtime.objects import Symbol
from .numbers import number_hash
from .strings import content_hash

#: Answer of `equality_key` for objects that Smalltalk code must hash and compare.
COMPOSITE: Final = object()

#: Where a world keeps the functions of `hash` and `identityHash` once they are linked. An object whose `hash` is the
#: same function as its `identityHash` is its own key.
_HASHES: Final = dispatch_name("hash")
_IDENTITY_HASHES: Final = dispatch_name("identityHash")


def equality_key(key: Any) -> Any:
    """The Python key of an object in collections that compare by `=`."""
    kind = type(key)
    if kind is int or kind is float:
        return key
    if kind is Symbol:
        return key.name
    world = current.world
    known = world.g
    hashing = (known[_HASHES] if _HASHES in known else world.table("hash"))[kind]
    if hashing is content_hash:
        return key.text
    if hashing is number_hash:
        return key
    identity = known[_IDENTITY_HASHES] if _IDENTITY_HASHES in known else world.table("identityHash")
    if hashing is identity[kind]:
        return key
    return COMPOSITE


def identity_key(key: Any) -> Any:
    """The Python key of an object in collections that compare by `==`."""
    return ("float", key, math.copysign(1.0, key)) if type(key) is float else key
