"""Classes, metaclasses and methods as Python objects.

Every Smalltalk class is one `ClassObject`, the only instance of a Python type of its own whose `behavior` is the
metaclass, so that class-side sends dispatch like all others. Its instances have a Python type made on first use by
`instance_type`, with `behavior` set to the class. Python inheritance says nothing about Smalltalk inheritance.

Classes and methods of the kernel are shared by all worlds and never change after the kernel was built: what a world
changes about them stands in its overlays (overlays.py). `is_kernel` tells them apart. A world's own classes and
methods are heap objects like others: they change in place and are marked dirty.

No attribute of these objects is an instance variable in the language's sense; the slots `i0`, `i1`, ... of a class
object are its class-side instance variables.
"""

from __future__ import annotations

import marshal
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeAlias

from .limits import CLASS_SIDE_VARIABLES_MAX
from .objects import PAYLOADS, Binding, Object, instance_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..compiler.unit import Unit

#: Kind of the classes whose instances only the runtime makes: numbers, blocks, symbols, booleans, nil, classes.
KIND_NONE: Final = "none"


#: A kernel method as its class keeps it until the class is first asked for a method:
#: selector, category, source, name of the primitive or None, and else parameter names, global names, code object.
PackedMethod: TypeAlias = tuple[str, str, str, str | None, tuple[str, ...], tuple[str, ...], CodeType | None]


class Use(NamedTuple):
    """One trait that a class or another trait is composed of.

    Attributes:
        trait: The trait, or its metaclass on the class side.
        aliases: Additional selectors, each with the one of the trait whose method it names.
        exclusions: Selectors that are left out.
    """

    trait: Behavior
    aliases: tuple[tuple[str, str], ...] = ()
    exclusions: tuple[str, ...] = ()


class Method(Object):
    """A method of a class: what `Foo >> #bar` answers. Compiling it again makes another one in its place.

    Attributes:
        selector: Its name.
        source: Its text.
        category: Its protocol.
        owner: The class or metaclass that has it.
        origin: The trait (or the metaclass of one) that it was copied from; None for the owner's own.
        primitive: Name of the Python function that is its code; only in the kernel.
        unit: Its compiled form, None until it is first looked up (`definitions.unit_of` makes it).
    """

    __slots__ = ("category", "code", "is_kernel", "origin", "owner", "primitive", "selector", "source", "unit")

    def __init__(
        self, owner: Behavior, selector: str, source: str, category: str, origin: Behavior | None = None
    ) -> None:
        self.oid = 0
        self.dirty = True
        self.owner = owner
        self.selector = selector
        self.source = source
        self.category = category
        self.origin = origin
        self.primitive: str | None = None
        self.unit: Unit | None = None
        self.is_kernel = False
        #: Kernel only: parameter names, global names and code of the unit, until it is needed.
        self.code: tuple[tuple[str, ...], tuple[str, ...], CodeType] | None = None

    def __repr__(self) -> str:
        return f"{self.owner.name}>>#{self.selector}"


class Behavior(Object):
    """What a class and a metaclass have in common.

    Attributes:
        superclass: None only for Object (and for ProtoObject where the kernel has one), and for traits.
        own_variables: Names of the instance variables it adds, those of its traits last.
        trait_variables: Those of them that come from its traits.
        uses: The traits it is composed of, in order.
        methods: selector -> method, in order of definition; a property.
        kind: Payload kind of the instances (objects.PAYLOADS) or `KIND_NONE`.
        is_kernel: Shared and immutable.
    """

    __slots__ = (
        "_instance_type",
        "_methods",
        "_packed",
        "is_kernel",
        "kind",
        "own_variables",
        "superclass",
        "trait_variables",
        "uses",
    )

    superclass: Behavior | None
    own_variables: tuple[str, ...]
    trait_variables: tuple[str, ...]
    uses: tuple[Use, ...]
    kind: str
    is_kernel: bool
    _instance_type: type[Object] | None
    _methods: dict[str, Method]
    _packed: bytes | memoryview | None

    @property
    def methods(self) -> dict[str, Method]:
        """Selector -> method."""
        if self._packed is not None:
            self._unpack(self._packed)
        return self._methods

    @methods.setter
    def methods(self, methods: dict[str, Method]) -> None:
        self._packed = None
        self._methods = methods

    def pack_methods(self, packed: bytes | memoryview) -> None:
        """Take the methods of a kernel class as marshalled PackedMethods; they are unpacked at the first use."""
        self._packed = packed

    def _unpack(self, packed: bytes | memoryview) -> None:
        """Make the methods."""
        methods: tuple[PackedMethod, ...] = marshal.loads(packed)  # noqa: S302 - of our own compiler, see kernel/cache
        self._packed = None
        for selector, category, source, primitive, parameters, names, code in methods:
            method = Method(self, selector, source, category)
            method.is_kernel = True
            method.primitive = primitive
            method.code = None if code is None else (parameters, names, code)
            self._methods[selector] = method

    @property
    def name(self) -> str:
        """Its printed name: `Foo` or `Foo class`."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """What code and caches call it, see `ClassObject.class_key`."""
        raise NotImplementedError

    @property
    def local_variables(self) -> tuple[str, ...]:
        """The names of the instance variables that it adds itself, without those of its traits."""
        return tuple(name for name in self.own_variables if name not in self.trait_variables)

    def chain(self) -> Iterator[Behavior]:
        """Iterate over itself and its superclasses, nearest first."""
        behavior: Behavior | None = self
        while behavior is not None:
            yield behavior
            behavior = behavior.superclass

    def all_variables(self) -> tuple[str, ...]:
        """The names of all instance variables, in slot order: inherited ones first."""
        variables: tuple[str, ...] = ()
        for behavior in self.chain():
            variables = behavior.own_variables + variables
        return variables

    def inherits_from(self, other: object) -> bool:
        """Whether it is that class or one of its subclasses."""
        return any(behavior is other for behavior in self.chain())


class ClassObject(Behavior):
    """A Smalltalk class.

    Attributes:
        metaclass: Its class.
        class_key: What code calls it: its name, unless it has none in the world or one that meant another; else unique.
        category: The package it belongs to, with a tag after `-` where it has one.
        comment: What it says about itself.
        class_variables: name -> Binding. Of a kernel class only the names count; values stand in each world's overlay.
        pools: Classes whose class variables its methods see as well.
        renames: Former and new names of the instance variables of its instances that were renamed, in order.
        shapes: The variable names of each shape its instances ever had, the present one last. A record of a former
            shape, known by its index, maps by name.
    """

    __slots__ = (
        "_types",
        "category",
        "class_key",
        "class_name",
        "class_variables",
        "comment",
        "metaclass",
        "pools",
        "renames",
        "shapes",
    )
    #: The metaclass, on every concrete Python class.
    behavior: ClassVar[Any]
    #: Whether it is a trait: methods for other classes, no instances.
    is_trait: ClassVar[bool] = False
    #: What the Python types of its world's own classes inherit from (`attributes.py`); None for the kernel's.
    session_base: ClassVar[Any] = None

    metaclass: Metaclass
    class_name: str
    class_key: str
    category: str
    comment: str
    class_variables: dict[str, Binding]
    pools: tuple[ClassObject, ...]
    renames: tuple[tuple[str, str], ...]
    shapes: list[tuple[str, ...]]
    _types: list[type[Object]]

    @property
    def name(self) -> str:
        """Its name."""
        return self.class_name

    @property
    def key(self) -> str:
        """What code calls it."""
        return self.class_key

    def instance_type(self) -> type[Object]:
        """The Python type of its instances, made on first use."""
        if self._instance_type is None:
            count = len(self.all_variables())
            least = 1 if self.kind == "plain" or not self.is_kernel else 0  # reshape.py needs one slot in each layout
            self._instance_type = instance_class(self.class_name, self.kind, max(count, least), self.session_base)
            self._instance_type.behavior = self
            self._types.append(self._instance_type)
            if self.session_base is not None:
                self.session_base.attributes.place_variables(self._instance_type)
        return self._instance_type

    def present_names(self, names: tuple[str, ...], renames_known: int) -> tuple[str, ...]:
        """What variables are called now that had those names when so many renames had happened."""
        for former, name in self.renames[renames_known:]:
            names = tuple(name if each == former else each for each in names)
        return names

    def payload_slot(self) -> str | None:
        """The name of the instances' payload slot, None without one."""
        payload = PAYLOADS[self.kind]
        return None if payload is None else payload[0]

    def share_instance_type(self, python_type: type[Object]) -> None:
        """Make instances of another class's Python type: the two classes differ by content only."""
        self._instance_type = python_type

    def add_type(self, python_type: type[Object]) -> None:
        """Note one more Python type of instances of the present shape."""
        self._types.append(python_type)

    def change_shape(self) -> list[type[Object]]:
        """Start a new shape; answer the Python types of the instances that have the former one."""
        former, self._types = self._types, []
        self._instance_type = None
        self.shapes.append(self.all_variables())
        return former

    def __repr__(self) -> str:
        return self.class_name


class SessionClass(ClassObject):
    """A class that a world defined; it has slots for class-side instance variables."""

    __slots__ = tuple(f"i{k}" for k in range(CLASS_SIDE_VARIABLES_MAX))


class TraitObject(SessionClass):
    """A trait that a world defined: it looks like a class that nobody inherits from and that has no instances."""

    __slots__ = ()
    is_trait: ClassVar[bool] = True


class Metaclass(Behavior):
    """The class of a class. Its only instance is `sole`."""

    __slots__ = ("sole",)

    sole: ClassObject

    @property
    def name(self) -> str:
        """`Foo class`; of a trait `Foo classTrait`."""
        return f"{self.sole.class_name} {'classTrait' if self.sole.is_trait else 'class'}"

    @property
    def key(self) -> str:
        """What code calls it."""
        return f"{self.sole.class_key} class"

    def __repr__(self) -> str:
        return self.name


AnyClass: TypeAlias = ClassObject | Metaclass


def new_class(
    name: str,
    superclass: ClassObject | None,
    root_of_metaclasses: ClassObject | None,
    *,
    is_trait: bool = False,
    own_variables: Sequence[str] = (),
    class_side_variables: Sequence[str] = (),
    class_variables: Sequence[str] = (),
    kind: str | None = None,
    category: str = "Unclassified",
    comment: str = "",
    is_kernel: bool = False,
    session_base: Any = None,
) -> ClassObject:
    """Make a class and its metaclass.

    Args:
        name: Its name, already checked.
        superclass: None for the root of all classes.
        root_of_metaclasses: What the metaclass of a class without a superclass inherits from: `Class`, of a trait
            `Trait`; None while the kernel is built.
        is_trait: Whether to make a trait.
        own_variables: Names of the instance variables it adds.
        class_side_variables: Names of the instance variables its metaclass adds.
        class_variables: Names of its class variables.
        kind: Payload kind; None inherits the superclass's.
        category: Its package.
        comment: Its comment.
        is_kernel: Whether it belongs to the shared kernel.
        session_base: What the Python types of its world's own classes inherit from, None where nothing is shared.
    """
    metaclass = Metaclass()
    metaclass.superclass = superclass.metaclass if superclass is not None else root_of_metaclasses
    metaclass.own_variables = tuple(class_side_variables)
    metaclass.kind = KIND_NONE
    own_base = TraitObject if is_trait else SessionClass
    bases = (ClassObject if is_kernel else own_base,) if session_base is None else (session_base, own_base)
    python_type = type(f"{name} class", bases, {"__slots__": (), "behavior": metaclass, "session_base": session_base})
    new: ClassObject = python_type()
    new.superclass = superclass
    new.own_variables = tuple(own_variables)
    new.kind = kind or (superclass.kind if superclass is not None else "plain")
    for behavior in (new, metaclass):
        behavior.uses = behavior.trait_variables = ()
        behavior.oid = 0
        behavior.dirty = True
        behavior._methods = {}  # noqa: SLF001 - a constructor of both
        behavior._packed = None  # noqa: SLF001 - the same
        behavior.is_kernel = is_kernel
        behavior._instance_type = None  # noqa: SLF001 - a constructor of both
    metaclass.sole = new
    metaclass._instance_type = python_type  # noqa: SLF001 - the same
    new.metaclass = metaclass
    new.class_name = new.class_key = name
    new.pools = new.renames = ()
    new.category = category
    new.comment = comment
    new.class_variables = {variable: Binding(variable) for variable in class_variables}
    new.shapes = [new.all_variables()]
    new._types = []  # noqa: SLF001 - the same
    if not is_kernel:
        for k in range(CLASS_SIDE_VARIABLES_MAX):
            setattr(new, f"i{k}", None)
    return new
