"""Names of the language as Python identifiers, both ways, without collisions.

ASCII letters and digits stand for themselves, `:` becomes `_`, every other character (and `_` itself) becomes
`_0<hex>x`. A `:` before a `0` is escaped too, so that a decoder never mistakes it for an escape.

| prefix           | meaning                                                     |
|------------------|-------------------------------------------------------------|
| `S_<m>`          | dispatch table of a selector                                |
| `U_<m>__<class>` | super send from a method of that class; `<class>_class`     |
| `G_<name>`       | value of a global                                           |
| `V_<class>__<m>` | binding of a class variable                                 |
| `Y_<m>`          | a symbol                                                    |
| `C_<code>`       | a character, by its decimal code point                      |
| `T_<class>__<m>` | the type that takes the short way of a selector             |
| `X_<m>`          | whether a selector's receivers need no test of their type   |
| `P_<name>`       | a primitive, by its name                                    |
| `m_<m>`          | an attribute that the world's types have                    |
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9]+")
_SPECIAL: Final = re.compile(r"[^A-Za-z0-9]")
_ESCAPE: Final = re.compile(r"_0([0-9a-f]+)x|_")
_WORD: Final = r"(?:[A-Za-z0-9]|_0[0-9a-f]+x)+"
_SUPER: Final = re.compile(rf"U_(.+)__({_WORD}(?:_class)?)", re.ASCII)
_CLASS_VARIABLE: Final = re.compile(rf"V_({_WORD})__({_WORD})", re.ASCII)

#: Mangled names kept; a large image has about as many selectors.
_CACHE_SIZE: Final = 16_384


@lru_cache(maxsize=_CACHE_SIZE)
def mangle(text: str) -> str:
    """The identifier part that stands for `text`."""
    if _PLAIN.fullmatch(text):
        return text
    return _SPECIAL.sub(_encode, text)


def _encode(match: re.Match[str]) -> str:
    character = match.group()
    followed_by_zero = match.string[match.end() : match.end() + 1] == "0"
    return "_" if character == ":" and not followed_by_zero else f"_0{ord(character):x}x"


def demangle(part: str) -> str:
    """The text that `mangle` made `part` from."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else ":", part)


@lru_cache(maxsize=_CACHE_SIZE)
def dispatch_name(selector: str) -> str:
    """Global name of a selector's dispatch table."""
    return f"S_{mangle(selector)}"


def super_name(selector: str, class_key: str) -> str:
    """Global name of the function for a super send from a method of `class_key` (`"Foo"` or `"Foo class"`)."""
    base, _, side = class_key.partition(" ")
    return f"U_{mangle(selector)}__{mangle(base)}{'_class' if side else ''}"


def class_variable_name(owner: str, name: str) -> str:
    """Global name of a class variable's binding."""
    return f"V_{mangle(owner)}__{mangle(name)}"


def parse_super_name(name: str) -> tuple[str, str]:
    """Selector and class key of a `U_` name.

    Raises:
        ValueError: `name` is no such name.
    """
    match = _SUPER.fullmatch(name)
    if match is None:
        raise ValueError(f"not the name of a super send: {name}")
    owner, side = (match[2][:-6], " class") if match[2].endswith("_class") else (match[2], "")
    return demangle(match[1]), demangle(owner) + side


def parse_class_variable_name(name: str) -> tuple[str, str]:
    """Owner class and variable name of a `V_` name.

    Raises:
        ValueError: `name` is no such name.
    """
    match = _CLASS_VARIABLE.fullmatch(name)
    if match is None:
        raise ValueError(f"not the name of a class variable: {name}")
    return demangle(match[1]), demangle(match[2])
