"""What an inspector shows of an object: pure questions, answered without changing anything.

The children of an object are numbered: first its instance variables by name, then its elements. An element of a
sequence is named by its index from 1, an entry of a dictionary by its key. Names never run code of the language, so
navigation works outside of evaluations; texts do, and are contained.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..compiler.mangle import demangle
from ..runtime.classes import Behavior, ClassObject
from ..runtime.exceptions import on_do
from ..runtime.objects import PAYLOADS, Binding, Box, Object
from .printing import CHILD_CHARACTERS_MAX, described, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..runtime.world import World

#: Children of one page, whatever was asked for: each is printed, and a page should be one screen or a few.
CHILDREN_PER_PAGE_MAX: Final = 1_000


#: How generated code begins the names of arguments, temporaries and workspace variables.
_VARIABLE_PREFIXES: Final = ("a_", "v_", "B_")


class Part(NamedTuple):
    """A child of an object: its name and the live value."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Child:
    """A child as it is shown.

    Attributes:
        name: of the variable, index or key.
        class_name: of its value.
        text: its printString, bounded; for a reference back only `a Foo`.
        object_id: under which it can be inspected.
        is_variable: an instance variable, else an element.
        is_cycle: it is the object itself or one on the way to it.
    """

    name: str
    class_name: str
    text: str
    object_id: str
    is_variable: bool
    is_cycle: bool


@dataclass(frozen=True, slots=True)
class ObjectView:
    """An object as an inspector shows it.

    Attributes:
        class_name: its class.
        text: its printString, bounded.
        hash: its hash; 0 when its own `hash` fails.
        size: elements it holds; 0 for objects without elements.
        object_id: its id.
        children: one page of its children.
        children_total: how many there are.
        view_text: what the chosen custom view shows; None without one.
    """

    class_name: str
    text: str
    hash: int
    size: int
    object_id: str
    children: list[Child] = field(default_factory=list)
    children_total: int = 0
    view_text: str | None = None

    def with_text(self, text: str) -> ObjectView:
        """The same, shown by a custom view as well."""
        return replace(self, view_text=text)


def parts(world: World, value: Any) -> Iterator[Part]:
    """Iterate over the children of a value: variables, then elements."""
    yield from _variables(value)
    yield from _elements(world, value)


def _variables(value: Any) -> Iterator[Part]:
    """The instance variables of a value; of a block what it captured."""
    if type(value) is FunctionType:
        yield from _captures(value)
        return
    for k, name in enumerate(_variable_names(value)):
        yield Part(name, getattr(value, f"i{k}"))


def _variable_names(value: Any) -> tuple[str, ...]:
    """Names of a heap object's instance variables. Kernel classes are shared and have no values of their own."""
    behavior = getattr(type(value), "behavior", None)
    if not isinstance(behavior, Behavior) or (isinstance(value, ClassObject) and value.is_kernel):
        return ()
    return behavior.all_variables()


def _captures(block: FunctionType) -> Iterator[Part]:
    """What a block captured, by the names in its source; its literals and its home are no variables."""
    for name, cell in zip(block.__code__.co_freevars, block.__closure__ or (), strict=True):
        content = cell.cell_contents
        if name == "self":
            yield Part(name, content)
        elif name.startswith(_VARIABLE_PREFIXES):
            value = content.v if isinstance(content, Box | Binding) else content
            yield Part(demangle(name[2:].partition("__")[0]), value)


def size(value: Any) -> int:
    """How many elements a value holds."""
    payload = _payload(value)
    return len(payload) if payload is not None else 0


def _payload(value: Any) -> Any:
    """The list, dictionary, bytes or text an object holds; None for the others."""
    behavior = getattr(type(value), "behavior", None)
    if not isinstance(value, Object) or isinstance(value, Behavior) or behavior is None:
        return None
    slot = PAYLOADS.get(behavior.kind)
    return getattr(value, slot[0]) if slot else None


def _elements(world: World, value: Any) -> Iterator[Part]:
    """The elements of a collection; the characters of a string are seen in its text already."""
    payload = _payload(value)
    if isinstance(payload, list | bytearray):
        for index, element in enumerate(payload, 1):
            yield Part(str(index), element)
    elif isinstance(payload, dict):
        for index, entry in enumerate(payload.values(), 1):
            if type(entry) is list:
                yield Part(described(world, entry[0]), entry[1])
            else:
                yield Part(str(index), entry)


def parts_count(value: Any) -> int:
    """How many children `parts` yields."""
    elements = 0 if isinstance(_payload(value), str) else size(value)
    return _variables_count(value) + elements


def _variables_count(value: Any) -> int:
    """How many of the children are variables."""
    return sum(1 for _ in _variables(value))


def part_named(world: World, value: Any, child: str | int) -> Part | None:
    """Return a child by name, or by its number from 0; None when there is none."""
    if isinstance(child, int):
        return next(islice(parts(world, value), child, None), None) if child >= 0 else None
    return next((part for part in parts(world, value) if part.name == child), None)


def view_of(
    world: World,
    value: Any,
    object_id: Callable[..., str],
    *,
    above: Iterable[Any] = (),
    offset: int = 0,
    count: int = CHILDREN_PER_PAGE_MAX,
) -> ObjectView:
    """Show an object, in an evaluation that runs.

    Args:
        world: where.
        value: what to show.
        object_id: gives values their ids; takes `is_kept`.
        above: the objects on the way to it.
        offset: number of the first child shown.
        count: children shown at most.
    """
    around = {id(each) for each in above} | {id(value)}
    page = islice(parts(world, value), offset, offset + min(count, CHILDREN_PER_PAGE_MAX))
    variables = _variables_count(value)
    return ObjectView(
        class_name=world.class_of(value).name,
        text=printed(world, value),
        hash=_hash(world, value),
        size=size(value),
        object_id=object_id(value, is_kept=True),
        children=[
            _child(world, part, object_id, is_variable=number < variables, is_cycle=_leads_back(part.value, around))
            for number, part in enumerate(page, offset)
        ],
        children_total=parts_count(value),
    )


def _child(world: World, part: Part, object_id: Callable[..., str], *, is_variable: bool, is_cycle: bool) -> Child:
    """Show a child; one that leads back is a reference only."""
    value = part.value
    text = described(world, value) if is_cycle else printed(world, value, characters_max=CHILD_CHARACTERS_MAX)
    identity = object_id(value, is_kept=False)
    return Child(part.name, world.class_of(value).name, text, identity, is_variable, is_cycle)


def _leads_back(value: Any, around: set[int]) -> bool:
    """Whether a child is one of the objects on the way to it; numbers and symbols cannot be."""
    return id(value) in around and (isinstance(value, Object) or type(value) is FunctionType)


def _hash(world: World, value: Any) -> int:
    """The object's hash, 0 when its own method fails or answers something else."""
    answer = on_do(lambda: world.send(value, "hash"), world.kernel.classes["Error"], lambda _error: 0)
    return answer if type(answer) is int else 0
