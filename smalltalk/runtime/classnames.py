"""What classes and their variables may be called, and how many may stand above each other: rules of definitions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .limits import INHERITANCE_LEVELS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLASS_NAME: Final = re.compile(r"[^\W\d_]\w*")
_VARIABLE_NAME: Final = re.compile(r"[^\W\d]\w*")
#: Names that are no variable's.
_RESERVED: Final = frozenset({"self", "super", "nil", "true", "false", "thisContext"})


class DefinitionError(Exception):
    """A definition that cannot be: its message says what is wrong with it."""


def check_class_name(name: str) -> None:
    """Refuse what cannot name a class; the name of an anonymous one is empty."""
    if name and (not _CLASS_NAME.fullmatch(name) or not name[0].isupper()):
        raise DefinitionError(f"a class name begins with a capital letter; '{name}' does not name a class")


def check_levels(name: str, levels: int) -> None:
    """Refuse a class with too many above it."""
    if levels > INHERITANCE_LEVELS_MAX:
        raise DefinitionError(f"{name} would make more than {INHERITANCE_LEVELS_MAX} levels of inheritance")


def check_variables(name: str, variables: Sequence[str]) -> None:
    """Refuse variable names that are none, or that are there twice."""
    for variable in variables:
        if not _VARIABLE_NAME.fullmatch(variable) or variable in _RESERVED:
            raise DefinitionError(f"'{variable}' cannot name a variable of {name}")
    if len(set(variables)) < len(variables):
        twice = next(variable for variable in variables if variables.count(variable) > 1)
        raise DefinitionError(f"{name} has the variable '{twice}' twice, its superclasses included")
