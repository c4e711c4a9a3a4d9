"""Sends to instances of a session's own classes, as attributes of their Python types.

A class of the session has Python types that only its own world has, so functions may stand in them: `r.m_foo(x)` is
then a call of a Python method, which CPython caches at the call. All types of a world's classes inherit from its
`base`, where each attribute that generated code mentions is first a *resolver*: called, it looks the message up in the
dispatch table, leaves the function in the receiver's own type, and calls it. A change of a method removes the functions
of its selector from the types.

An instance variable that a method only answers, or only stores its argument into, is an attribute of its own,
`a_<m>` or `w_<m>`: another name of the slot. These stand in a type from its beginning.
"""

from __future__ import annotations

from types import FunctionType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, Final

from ..compiler.mangle import demangle, mangle
from ..compiler.shortcuts import METHOD, READER, WRITER, variable_read, variable_stored
from . import current
from .calls import call
from .classes import Metaclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .breakpoints import Breakpoints
    from .classes import ClassObject, Method

#: Prefix of the selectors of methods that do more than to read or store a variable.
_OTHER: Final = "-"


class Attributes:
    """The attributes of one world's types."""

    __slots__ = ("_base", "_breakpoints", "_classes", "_known", "_placeable", "_places")

    def __init__(self, classes: dict[str, ClassObject], breakpoints: Breakpoints) -> None:
        """Make them for the world's own classes, by name; methods with breakpoints are called."""
        self._base: Any = None
        self._breakpoints = breakpoints
        self._classes = classes
        #: Attribute names that the world's methods may have; None until somebody asks.
        self._known: set[str] | None = None
        #: Prefix and selector of the variables that some type may have as an attribute.
        self._placeable: set[str] = set()
        #: Attribute name -> types that hold its function.
        self._places: dict[str, list[type]] = {}

    @property
    def base(self) -> Any:
        """What all types of the world's own classes inherit from; most worlds have none."""
        if self._base is None:
            self._base = type("SessionObject", (), {"__slots__": (), "attributes": self})
        return self._base

    # Which there are

    def has_method(self, selector: str) -> bool:
        """Whether some class of the session has such a method."""
        return METHOD + selector in self._names()

    def has_reader(self, selector: str) -> bool:
        """Whether all such methods of the session's classes only answer an instance variable."""
        names = self._names()
        return READER + selector in names and _OTHER + selector not in names

    def has_writer(self, selector: str) -> bool:
        """Whether all such methods of the session's classes only store their argument."""
        names = self._names()
        return WRITER + selector in names and _OTHER + selector not in names

    def _names(self) -> set[str]:
        """Prefix and selector of all methods of the world's classes; found once, then kept current."""
        if self._known is None:
            self._known = set()
            for holder in self._classes.values():
                for method in (*holder.methods.values(), *holder.metaclass.methods.values()):
                    self.note(method)
        return self._known

    def note(self, method: Method) -> None:
        """Note a new method of a class of the session."""
        variables = [prefix + method.selector for prefix, _ in _variables(method)]
        self._placeable.update(variables)
        if self._known is not None:
            self._known.update((METHOD + method.selector, *(variables or [_OTHER + method.selector])))

    # Functions

    def link(self, name: str) -> None:
        """Let the world's types have an attribute that generated code calls."""
        if name not in vars(self.base):
            setattr(self.base, name, _resolver(demangle(name[len(METHOD) :]), name))

    def put(self, name: str, python_type: type, function: Callable[..., Any]) -> None:
        """Leave a function in a type until its selector is forgotten."""
        if type(function) is FunctionType:  # any other callable would not be given the receiver
            setattr(python_type, name, function)
            self._places.setdefault(name, []).append(python_type)

    def forget_selector(self, selector: str) -> None:
        """Remove the functions of a selector, and find its variables again."""
        self._remove(METHOD + mangle(selector))
        for prefix in (READER, WRITER):
            if prefix + selector in self._placeable:
                for python_type in self.base.__subclasses__():
                    self._place_again(python_type, selector, prefix)

    def forget_all_selectors(self) -> None:
        """Remove all functions, and find all variables again."""
        for name in list(self._places):
            self._remove(name)
        for python_type in self.base.__subclasses__():
            self.place_variables(python_type)

    def _remove(self, name: str) -> None:
        for python_type in self._places.pop(name, ()):
            if name in vars(python_type):
                delattr(python_type, name)

    # Variables

    def place_variables(self, python_type: Any) -> None:
        """Give a type the attributes of all its methods that only read or store an instance variable."""
        for name in [name for name in vars(python_type) if name[:2] in (READER, WRITER)]:
            delattr(python_type, name)
        seen: set[str] = set()
        for method in _session_methods(python_type):
            if method.selector not in seen:
                seen.add(method.selector)
                self._place(python_type, method)

    def _place_again(self, python_type: Any, selector: str, prefix: str) -> None:
        """Find one variable of a type again."""
        name = prefix + mangle(selector)
        if name in vars(python_type):
            delattr(python_type, name)
        nearest = next((each for each in _session_methods(python_type) if each.selector == selector), None)
        if nearest is not None:
            self._place(python_type, nearest)

    def _place(self, python_type: Any, method: Method) -> None:
        """Give a type the attribute of a method if that only reads or stores an instance variable."""
        if self._breakpoints.has(method):
            return
        for prefix, index in _variables(method):
            slot = getattr(python_type, f"i{index}", None)
            if type(slot) is MemberDescriptorType:  # a slot of another layout is reached by other means
                setattr(python_type, prefix + mangle(method.selector), slot)
                self._placeable.add(prefix + method.selector)


def _resolver(selector: str, name: str) -> Callable[..., Any]:
    """Make the function that stands for an attribute until a type has its own."""

    def resolve(receiver: Any, *arguments: Any) -> Any:
        world = current.world
        function = world.table(selector)[type(receiver)]
        world.attributes.put(name, type(receiver), function)
        return call(function, [receiver, *arguments])

    return resolve


def _session_methods(python_type: Any) -> Iterator[Method]:
    """The methods of the session's classes that the type's instances have, nearest first; none for an older shape."""
    if getattr(python_type, "reshape", None) is not None:
        return
    for holder in python_type.behavior.chain():
        if holder.is_kernel:
            return
        yield from holder.methods.values()


def _variables(method: Method) -> Iterator[tuple[str, int]]:
    """The attribute prefix and the slot of the instance variable that is all a method reads or stores."""
    if isinstance(method.owner, Metaclass):
        return  # classes are known by name, so their variables are rarely asked for
    source = method.source
    for prefix, variable in ((READER, variable_read(source)), (WRITER, variable_stored(source))):
        if variable is not None:
            variables = method.owner.all_variables()
            if variable in variables:
                yield prefix, variables.index(variable)
