"""A world: everything one session sees that others do not, and the globals of all its functions.

`g` is the globals dictionary of every function that runs here. Names are linked when a function is made that uses them:

| name               | value                                                       |
|--------------------|-------------------------------------------------------------|
| `S_<m>`            | the dispatch table of a selector                            |
| `U_<m>__<Class>`   | the function of a super send                                |
| `G_<name>`         | the value of a global                                       |
| `V_<Class>__<m>`   | the binding of a class variable                             |
| `T_<Class>__<m>`   | the Python type that takes the short way of a selector      |
| `P_<name>`         | a primitive                                                 |
| `m_<m>`            | nothing: the world's types have that attribute              |
| `Y_<m>`, `C_<code>`| a symbol, a character                                       |
| `mark`             | the write barrier's slow path                               |
| `__builtins__`     | the kernel's entry points, shared; nothing else of Python's |

The kernel is shared and never changes. A world does no input or output: what it may ask of others is its `Host`.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from ..compiler.mangle import demangle, dispatch_name, mangle, parse_class_variable_name, parse_super_name
from . import creation, definitions, dispatch, methods, shortways
from .attributes import Attributes
from .breakpoints import Breakpoints
from .calls import call
from .objects import Binding, Character, Symbol
from .overlays import Overlay
from .processes import Processes
from .transcript import Transcript
from .transient import TransientHeap
from .versions import Versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..compiler.origins import Origin
    from ..compiler.unit import Unit
    from .classes import Behavior, ClassObject, Method
    from .definitions import ClassSpec
    from .host import Host
    from .kernel import Kernel
    from .suspension import Keeper


class Heap(Protocol):
    """Where the world's objects live: who notes changes, who gives ids."""

    def mark(self, obj: Any) -> None:
        """Note that a clean object changed."""

    def identify(self, obj: Any) -> int:
        """The object's id; it gets one when it has none."""

    def forward(self, one: Any, other: Any, *, keeps_id: bool) -> None:
        """Note that one object gives way to another, which takes its id if it keeps it."""

    def note(self, table: WorldTable, key: Any) -> None:
        """Note that an entry of one of the world's tables was made, changed or removed."""


#: The tables of a world that belong to its state; `moved`: objects that took the class of another one.
WorldTable: TypeAlias = Literal["classes", "globals", "overlays", "versions", "breakpoints", "moved"]


class World:
    """One session's world.

    Attributes:
        g: Globals of its functions.
        kernel: The shared kernel.
        host: Its surroundings.
        heap: Where its objects live.
        classes: The classes and traits it defined, by name.
        former: Its classes by keys that are no names of theirs: removed, renamed and anonymous ones, see definitions.
        globals: What `Smalltalk at: put:` made, by name.
        overlays: Its changes to kernel classes.
        versions: The definitions it replaced or removed.
        breakpoints: Where its methods stop.
        functions: The functions made of methods so far.
        attributes: Those of the Python types of its own classes.
        transcript: What was shown since the last drain.
        processes_if_any: Its processes, None until one is asked for.
        process_keeper: Keeps processes that fail; None when nobody debugs them.
        new_text: Makes a new String.
        new_array: Makes a new Array that takes the list over.
    """

    def __init__(self, kernel: Kernel, host: Host, heap: Heap | None = None) -> None:
        self.kernel = kernel
        self.host = host
        self.classes: dict[str, ClassObject] = {}
        self.former: dict[str, ClassObject] = {}
        self.globals: dict[str, Binding] = {}
        self.overlays: dict[Behavior, Overlay] = {}
        self.functions: dict[Method, Callable[..., Any]] = {}
        self.breakpoints = Breakpoints()
        self.attributes = Attributes(self.classes, self.breakpoints)
        self.transcript = Transcript()
        self.processes_if_any: Processes | None = None
        self.process_keeper: Keeper | None = None
        self.new_text: Callable[[str], Any] = kernel.builtins["Text"]
        self.new_array: Callable[[list[Any]], Any] = kernel.builtins["Arr"]
        self.g: dict[str, Any] = {"__builtins__": kernel.builtins}
        self._singletons: dict[str, Any] = {}
        self._super_names: dict[str, list[str]] = {}
        self._short_names: dict[str, list[str]] = {}
        self.use_heap(heap or TransientHeap())
        self.versions = Versions(host.now_ns, lambda: self.heap.note("versions", None))

    def use_heap(self, heap: Heap) -> None:
        """Let that heap note changes and give ids."""
        self.heap = heap
        self.mark = self.g["mark"] = heap.mark

    def close(self) -> None:
        """Let go of everything that refers to the world again; no code of it runs any more."""
        self.versions.close()
        for held in (self.g, self.functions, self.classes, self.former, self.globals, self.overlays, self._singletons):
            held.clear()
        self.use_heap(TransientHeap())

    def processes(self) -> Processes:
        """Its processes."""
        if self.processes_if_any is None:
            self.processes_if_any = Processes(self)
        return self.processes_if_any

    # Sending

    def table(self, selector: str) -> dict[type, Callable[..., Any]]:
        """The dispatch table of a selector."""
        name = dispatch_name(selector)
        table: dict[type, Callable[..., Any]] | None = self.g.get(name)
        if table is None:
            table = self.g[name] = dispatch.SelectorTable(self, selector)
        return table

    def send(self, receiver: Any, selector: str, *arguments: Any) -> Any:
        """Send a message from Python."""
        function = self.table(selector)[type(receiver)]
        if not arguments:
            return function(receiver)
        if len(arguments) == 1:
            return function(receiver, arguments[0])
        return call(function, [receiver, *arguments])

    def lookup(self, behavior: Behavior, selector: str) -> Method | None:
        """The method with which that class understands the message, None if it does not."""
        return dispatch.lookup(self, behavior, selector)

    def class_of(self, value: Any) -> Behavior:
        """The class a value shows."""
        return self.kernel.class_of(value)

    def print_string(self, value: Any) -> str:
        """What `printString` answers; Python's text of a thing that answers no String."""
        printed = self.send(value, "printString")
        return str(getattr(printed, "text", printed))

    # Linking

    def link(self, names: Iterable[str]) -> None:
        """Give the names of a unit their values in `g`."""
        g = self.g
        for name in names:
            if name not in g:
                g[name] = self._value_of_name(name)

    def _value_of_name(self, name: str) -> Any:
        """What a linked name stands for."""
        prefix, part = name[0], name[2:]
        if prefix == "S":
            return dispatch.SelectorTable(self, demangle(part))
        if prefix == "U":
            return self._super_function(name)
        if prefix == "G":
            return self.global_value(demangle(part))
        if prefix == "V":
            return self.class_variable(*parse_class_variable_name(name))
        if prefix in "TX":
            return shortways.value_for(self, name, self._short_names)
        if prefix == "P":
            return self.kernel.primitives.get(part)
        if prefix == "m":
            return self.attributes.link(name)
        if prefix == "Y":
            return Symbol.intern(demangle(part))
        return Character.of(int(part))

    def _super_function(self, name: str) -> Callable[..., Any]:
        """The function of a super send; its name is remembered so that it can be bound again."""
        selector, class_key = parse_super_name(name)
        names = self._super_names.setdefault(selector, [])
        if name not in names:
            names.append(name)
        above = self.behavior_named(class_key).superclass
        return dispatch.function_or_stub(self, dispatch.lookup(self, above, selector), selector)

    def function(self, unit: Unit) -> Callable[..., Any]:
        """A function of this world for a compiled method or do-it."""
        self.link(unit.names)
        return FunctionType(unit.code, self.g, unit.selector)

    def function_of(self, method: Method) -> Callable[..., Any]:
        """The method's function in this world."""
        function = self.functions.get(method)
        if function is None:
            if method.primitive is not None:
                function = self.kernel.primitives[method.primitive]
            elif self.breakpoints.has(method):
                function = self.breakpoints.function(self, method)
            else:
                function = self.function(methods.unit_of(self, method))
            self.functions[method] = function
        return function

    def forget_selector(self, selector: str) -> None:
        """Look methods of that selector up again: one was added, changed or removed."""
        table = self.g.get(dispatch_name(selector))
        if table is not None:
            table.clear()
        for name in self._super_names.get(selector, ()):
            self.g[name] = self._super_function(name)
        for name in self._short_names.get(selector, ()):
            self.g[name] = shortways.value_for(self, name, self._short_names)
        self.attributes.forget_selector(selector)
        for dependent in creation.DEPENDENTS.get(selector, ()):
            self.forget_selector(dependent)

    def forget_all_selectors(self) -> None:
        """Look every method up again: a class has another superclass or another shape."""
        for name, value in self.g.items():
            if name.startswith("S_"):
                value.clear()
        for names in self._super_names.values():
            for name in names:
                self.g[name] = self._super_function(name)
        self.attributes.forget_all_selectors()

    def adopt_guards(self, origin: Origin) -> None:
        """Use the newest edition of a method's code from the next send on."""
        unit = origin.unit
        if unit is None or unit.kind != "method":
            return
        method = dispatch.own_methods(self, self.behavior_named(origin.resolutions.class_key)).get(unit.selector)
        if method is None or method.unit is not unit or method not in self.functions or self.breakpoints.has(method):
            return
        if getattr(self.functions[method], "__code__", None) is not unit.code:
            del self.functions[method]
            self.forget_selector(unit.selector)

    # Names

    def behavior_named(self, class_key: str) -> Behavior:
        """The class or metaclass with that key (`Foo`, `Foo class`).

        Raises:
            KeyError: there is none.
        """
        name, _, side = class_key.partition(" ")
        found = self.former.get(name) or self.class_named(name)
        if found is None:
            raise KeyError(class_key)
        return found.metaclass if side else found

    def class_named(self, name: str) -> ClassObject | None:
        """The class of that name, None if there is none."""
        return self.classes.get(name) or self.kernel.classes.get(name)

    def has_global(self, name: str) -> bool:
        """Whether the name means something everywhere."""
        return (
            name in self.globals
            or name in self.classes
            or name in self.kernel.classes
            or name in self.kernel.singletons
        )

    def global_names(self) -> list[str]:
        """Every name that means something everywhere."""
        return [*self.globals, *self.classes, *self.kernel.singletons, *self.kernel.classes]

    def global_value(self, name: str) -> Any:
        """The value of a global, nil for an unknown one."""
        binding = self.globals.get(name)
        if binding is not None:
            return binding.v
        found = self.class_named(name)
        return found if found is not None else self.singleton(name)

    def set_global(self, name: str, value: Any) -> None:
        """Give a global a value; a new one is made."""
        binding = self.globals.get(name)
        if binding is None:
            self.globals[name] = Binding(name, value)
            self.heap.note("globals", name)
        else:
            binding.v = value
            if not binding.dirty:
                self.mark(binding)
        self.refresh_global(name)

    def remove_global(self, name: str) -> None:
        """Forget a global that `set_global` made."""
        self.globals.pop(name, None)
        self.heap.note("globals", name)
        self.refresh_global(name)

    def refresh_global(self, name: str) -> None:
        """Bind a linked name again: its value changed."""
        from_code = f"G_{mangle(name)}"
        if from_code in self.g:
            self.g[from_code] = self.global_value(name)

    def singleton(self, name: str) -> Any:
        """This world's only instance of what the kernel names so (`Transcript`, `Smalltalk`), nil if it does not."""
        instance = self._singletons.get(name)
        if instance is None and name in self.kernel.singletons:
            instance = self._singletons[name] = self.kernel.singletons[name].instance_type().make()
        return instance

    def class_variable(self, owner: str, name: str) -> Binding:
        """The binding of a class variable; of a kernel class this world's own, made at the first use."""
        holder: ClassObject = self.behavior_named(owner)  # type: ignore[assignment]  # no metaclass has class variables
        if name not in self.class_variable_names(holder):
            raise KeyError(f"{owner} has no class variable {name}")
        if not holder.is_kernel:
            return holder.class_variables[name]
        variables = self.overlay(holder).variables
        if name not in variables:
            variables[name] = Binding(name)
            self.heap.note("overlays", holder)
        return variables[name]

    def class_variable_names(self, holder: ClassObject) -> list[str]:
        """Names of a class's class variables, those included that this world added to a kernel class."""
        overlay = self.overlays.get(holder)
        return list(dict.fromkeys([*holder.class_variables, *(overlay.variables if overlay else ())]))

    def overlay(self, behavior: Behavior) -> Overlay:
        """This world's changes to a kernel class, for changing them."""
        overlay = self.overlays.get(behavior)
        if overlay is None:
            overlay = self.overlays[behavior] = Overlay()
        return overlay

    # Definitions

    def define_class(self, spec: ClassSpec) -> ClassObject:
        """Define or redefine a class or trait, see `definitions.define_class`."""
        return definitions.define_class(self, spec)

    def compile_into(self, behavior: Behavior, source: str, category: str | None = None) -> Symbol:
        """Compile a method into a class or metaclass, see `methods.compile_into`."""
        return methods.compile_into(self, behavior, source, category)

    def remove_selector(self, behavior: Behavior, selector: str) -> bool:
        """Remove a method, see `methods.remove_selector`."""
        return methods.remove_selector(self, behavior, selector)

    # Values made from Python

    def new_bytes(self, data: bytes | bytearray) -> Any:
        """A new ByteArray of a copy."""
        return self.kernel.builtins["Bytes"](data)

    def new_exception(self, class_name: str, message: str | None = None, **variables: Any) -> Any:
        """A new exception of a kernel class; keywords name its instance variables."""
        return definitions.new_exception(self, class_name, message, variables)

    def signal(self, class_name: str, message: str | None = None, **variables: Any) -> Any:
        """Signal a new exception on top of the running stack; answer what it is resumed with."""
        return self.send(self.new_exception(class_name, message, **variables), "signal")
