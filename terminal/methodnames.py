"""Methods as a person names them: `Foo>>bar`, `Foo class >> #bar`, or a class alone."""

import re
from typing import Final, NamedTuple

_METHOD: Final = re.compile(r"(\w+)(\s+class)?(?:\s*>>\s*#?(\S+))?")


class MethodName(NamedTuple):
    """A method, or with `selector` None a class."""

    class_name: str
    selector: str | None
    is_class_side: bool

    @property
    def title(self) -> str:
        """The name as Smalltalk writes it."""
        side = " class" if self.is_class_side else ""
        return f"{self.class_name}{side}" + (f">>{self.selector}" if self.selector else "")


def read_method(text: str) -> MethodName | None:
    """Return what a person named; None if it is neither a method nor a class."""
    match = _METHOD.fullmatch(text)
    return None if match is None else MethodName(match[1], match[3], match[2] is not None)
