"""Which form writes and reads which object: by Python type when writing, by class reference when reading.

The tables fill themselves: the first object of a type, and the first reference to a class, make the entry. Entries
never get stale, because a class whose instances change their shape gets a new Python type and a new shape.
"""

from __future__ import annotations

from functools import partial
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..runtime.breakpoints import Breakpoint
from ..runtime.classes import Behavior, ClassObject, Metaclass, Method
from ..runtime.contexts import Context
from ..runtime.objects import Binding, Box, Home, Object, Symbol
from ..runtime.reshape import Forward, settle
from ..runtime.versions import Version
from .blocks import BlockForm, Source, SourceForm
from .classes import ClassForm, MethodForm
from .contexts import STACK_FORMS, ContextForm
from .errors import BrokenImageError, UnstorableValueError
from .fields import FieldForm
from .forwards import Forwarded, ForwarderForm
from .ghosts import live_class
from .inspection import CustomView, InspectorState, Step
from .layouts import LayoutForm
from .patches import Patch
from .records import ENCODE_IMMEDIATE, live_text
from .registry import Held
from .root import ROOT_FIELDS, Root
from .scheduled import Scheduled
from .shapes import Shape, ShapeForm, Shapes
from .suspensions import SUSPENSION_FORMS, Suspensions
from .tables import Page, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..runtime.world import World
    from .heap import Heap
    from .records import ClassRef, Encode, Record, Value


class Form(Protocol):
    """How the objects of one class are written and read.

    A form with a ghost class has `fill(ghost, record, decode)`, which turns a ghost into the object of the record. One
    without has `open(oid, record)`, which makes the object and enters it in the heap: Python or the runtime need such
    objects whole.
    """

    @property
    def ref(self) -> ClassRef:
        """The class reference of the records."""

    @property
    def ghost(self) -> type[Object] | None:
        """The class of ghosts; None where a reference opens the object at once."""

    def encode(self, obj: Any, encode: Encode) -> Record:
        """Make the record of an object."""


#: What is plain of an inspector's state.
_INSPECTOR_FIELDS: Final = ("index", "selected", "view", "settings")


#: What a former definition is: names, texts, numbers.
_VERSION_FIELDS: Final = ("number", "subject", "change", "time_ns", "class_name", "selector", "source", "category")


#: What the root of a session has that those of former servers lack.
_LATER_TABLES: Final[dict[str, Callable[[], Object]]] = {
    "suspended": Suspensions,
    "breakpoints": partial(Table, "breakpoints"),
}


#: The forms of the runtime's own objects and of this room's; they know no session.
_FIELD_FORMS: Final = (
    FieldForm("%Binding", Binding, plain=("name",), values=("v",)),
    FieldForm("%Box", Box, values=("v",)),
    FieldForm("%Home", Home, plain=("active",)),
    FieldForm("%Page", Page, elements="elements"),
    FieldForm("%Table", Table, plain=("name",), elements="pages"),
    FieldForm("%Held", Held, values=("v",)),
    FieldForm("%Inspector", InspectorState, _INSPECTOR_FIELDS, values=("views",), elements="steps"),
    FieldForm("%Step", Step, plain=("label",), values=("v",)),
    FieldForm("%View", CustomView, plain=("name", "code"), values=("subject",)),
    FieldForm("%Forward", Forwarded, plain=("place",), values=("target",)),
    FieldForm("%Version", Version, plain=_VERSION_FIELDS),
    FieldForm("%Patch", Patch, plain=("comment",), values=("subject", "methods", "variables")),
    FieldForm("%Scheduled", Scheduled, elements="processes"),
    FieldForm("%Breakpoint", Breakpoint, plain=("selector", "line"), values=("subject",)),
    FieldForm("%Root", Root, values=ROOT_FIELDS, later=_LATER_TABLES),
    *STACK_FORMS,
    *SUSPENSION_FORMS,
)
#: The same by what they write and by what they read; a session's own tables name those that it has met.
_FIELD_WRITERS: Final[Mapping[type, FieldForm]] = MappingProxyType({form.live: form for form in _FIELD_FORMS})
_FIELD_READERS: Final[Mapping[ClassRef, FieldForm]] = MappingProxyType({form.ref: form for form in _FIELD_FORMS})


class Forms:
    """The forms of one session.

    Attributes:
        world: the session's.
        values: Python type -> function from a value of that type to its plain value.
        writers: Python type -> form of its instances.
        readers: class reference -> form of the records that name it.
        classes: the form of the session's own classes.
    """

    def __init__(self, world: World, heap: Heap) -> None:
        self.world = world
        self._kernel = world.kernel
        self._heap = heap
        self._shapes = Shapes(heap)
        self.values: dict[type, Callable[[Any], Value]] = _Values(self)
        self.writers: dict[type, Form] = _Writers(self)
        self.readers: dict[ClassRef, Any] = _Readers(self)
        self.classes = ClassForm(world, heap)
        self.add(MethodForm(heap), Method)
        self.add(SourceForm(heap), Source)
        blocks = BlockForm(world, heap)
        self.add(blocks, FunctionType)
        self.add(ContextForm(blocks), Context)
        self.readers[ClassForm.ref] = self.classes
        self.add(ShapeForm(heap, self._shapes), Shape)

    def close(self) -> None:
        """Let go of the forms: most of them refer to the heap, which refers to them, and the tables to this."""
        self.values, self.writers, self.readers = {}, {}, {}

    def add(self, form: Form, *python_types: type) -> None:
        """Enter the form of a kind of object that is no instance of a Smalltalk class of the image."""
        self.readers[form.ref] = form
        for python_type in python_types:
            self.writers[python_type] = form

    def make_writer(self, python_type: type) -> Form:
        """Make the form that writes the instances of a class."""
        if issubclass(python_type, ClassObject):
            return self.classes
        if isinstance(getattr(python_type, "reshape", None), Forward):
            return ForwarderForm(self)
        live: Any = live_class(python_type)
        known = _FIELD_WRITERS.get(live) or self.writers.get(live)
        if known is not None:
            return known
        subject: ClassObject = live.behavior
        if not subject.is_kernel:
            return self._shapes.writer(python_type)
        return LayoutForm(self._heap.decode_all, subject.class_name, live, len(subject.all_variables()))

    def make_reader(self, ref: ClassRef) -> Form:
        """Make the form that reads the records of a class.

        Raises:
            BrokenImageError: the kernel has no class of that name.
        """
        if isinstance(ref, int):
            return self._shapes.reader(ref)
        known = _FIELD_READERS.get(ref)
        if known is not None:
            return known
        subject = self._kernel.classes.get(ref)
        if subject is None:
            raise BrokenImageError(f"an object is of the kernel class {ref}, which this server does not have")
        return LayoutForm(self._heap.decode_all, ref, subject.instance_type(), len(subject.all_variables()))

    def value_encoder(self, python_type: type) -> Callable[[Any], Value]:
        """Make the function that turns values of a type into plain ones.

        Raises:
            UnstorableValueError: no value of the language has that type.
        """
        if python_type is FunctionType:
            return self._heap.refer_to_block
        if isinstance(getattr(python_type, "reshape", None), Forward):
            return lambda forwarder: self._heap.encode(settle(forwarder))
        if issubclass(python_type, Metaclass):
            return self._encode_metaclass
        if issubclass(python_type, ClassObject):
            return self._encode_class
        if python_type is Method:
            return self._encode_method
        if getattr(python_type, "behavior", None) in self._kernel.singletons.values():
            return self._encode_singleton
        if issubclass(python_type, Object):
            form = self.writers[python_type]
            return _referrer(self._heap.refer, form.ref, form.shape if isinstance(form, LayoutForm) else None)
        raise UnstorableValueError(f"{python_type.__module__}.{python_type.__qualname__} is no value of the language")

    def _encode_class(self, subject: ClassObject) -> Value:
        """A kernel class is its name, a user class a reference."""
        return (subject.class_name,) if subject.is_kernel else self._heap.refer(subject, "%Class")

    def _encode_metaclass(self, metaclass: Metaclass) -> Value:
        """A metaclass is named after, or refers to, its class."""
        if metaclass.is_kernel:
            return (metaclass.name,)
        return "class", self._heap.refer(metaclass.sole, "%Class")

    def _encode_method(self, method: Method) -> Value:
        """A kernel method is named by class and selector."""
        if method.is_kernel:
            return "method", (method.owner.name,), method.selector
        return self._heap.refer(method, "%Method")

    def _encode_singleton(self, instance: Any) -> Value:
        """The only instance of its class is the kernel's name for it."""
        return (self.kernel_name(instance),)

    def kernel_name(self, value: Any) -> str | None:
        """The name of a kernel class or of a global that the kernel makes; None for everything else."""
        if isinstance(value, Behavior):
            return value.name if value.is_kernel else None
        subject = getattr(type(value), "behavior", None)
        return next((name for name, owner in self._kernel.singletons.items() if owner is subject), None)

    def named(self, plain: Value) -> Any:
        """Return the live value of a tuple that is no reference and no character.

        Raises:
            BrokenImageError: nothing here has that name.
        """
        tag = plain[0]
        if len(plain) == 1:
            return self.world.singleton(tag) if tag in self._kernel.singletons else self._kernel_class(tag)
        if tag == "class":
            return self._heap.decode(plain[1]).metaclass
        if tag == "text":
            return live_text(plain[1])
        if tag == "symbol":
            return Symbol.intern(live_text(plain[1]))
        if tag == "method":
            method = self._heap.decode(plain[1]).methods.get(plain[2])
            if method is not None:
                return method
        raise BrokenImageError(f"this server knows nothing called {plain!r}")

    def _kernel_class(self, name: str) -> Any:
        """The kernel class or metaclass of that name."""
        subject = self._kernel.classes.get(name.removesuffix(" class"))
        if subject is None:
            raise BrokenImageError(f"this server has no kernel class {name}")
        return subject.metaclass if name.endswith(" class") else subject


def _referrer(refer: Callable[[Any, ClassRef], Value], ref: ClassRef, shape: Any) -> Callable[[Any], Value]:
    """Make `refer` for the objects of one class, which spares looking up their reference each time.

    Where a shape is what the reference names, it is written with the first of them: its instances may all be
    unchanged since their class was redefined, so that none of them brings it along.
    """

    def refer_to(obj: Any) -> Value:
        if obj.dirty:
            return refer(obj, ref)
        return obj.oid, ref

    def refer_to_shaped(obj: Any) -> Value:
        if shape.dirty:
            refer(shape, "%Shape")
        return refer_to(obj)

    return refer_to if shape is None else refer_to_shaped


class _Values(dict[type, "Callable[[Any], Value]"]):
    """Python type -> encoder of values, made at the first use."""

    __slots__ = ("_forms",)

    def __init__(self, forms: Forms) -> None:
        super().__init__(ENCODE_IMMEDIATE)
        self._forms = forms

    def __missing__(self, python_type: type) -> Callable[[Any], Value]:
        encoder = self[python_type] = self._forms.value_encoder(python_type)
        return encoder


class _Writers(dict[type, Form]):
    """Python type -> form, made at the first use."""

    __slots__ = ("_forms",)

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, python_type: type) -> Form:
        form = self[python_type] = self._forms.make_writer(python_type)
        return form


class _Readers(dict["ClassRef", Any]):
    """Class reference -> form, made at the first use."""

    __slots__ = ("_forms",)

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, ref: ClassRef) -> Any:
        form = self[ref] = self._forms.make_reader(ref)
        return form
