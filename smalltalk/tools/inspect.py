"""What an inspector shows of an object: pure questions, answered without changing anything.

The children of an object are numbered: first its instance variables by name, then its elements. An element of a
sequence is named by its index from 1, an entry of a dictionary by its key. Names never run code of the language, so
navigation works outside of evaluations; texts do, and are contained.

An inspector may be asked to look deeper than one level. It goes level by level, so that the bound on all children of
one answer cuts the deepest ones, and never into an object that it is in already.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..compiler.mangle import demangle
from ..runtime.classes import Behavior, ClassObject
from ..runtime.dispatch import own_methods
from ..runtime.entries import entries
from ..runtime.exceptions import on_do
from ..runtime.objects import PAYLOADS, Binding, Box, Object
from .printing import CHILD_CHARACTERS_MAX, described, printed
from .texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..runtime.world import World

#: Children of one page, whatever was asked for: each is printed, and a page should be one screen or a few.
CHILDREN_PER_PAGE_MAX: Final = 1_000

#: Children of all levels in one answer: each takes some 400 bytes of a reply, and replies are stored.
CHILDREN_OF_ALL_LEVELS_MAX: Final = 1_000

#: Children shown of a child: the first ones tell what it is, and it can be inspected itself.
CHILDREN_OF_CHILD_MAX: Final = 50

#: How generated code begins the names of arguments, temporaries and workspace variables.
_VARIABLE_PREFIXES: Final = ("a_", "v_", "B_")


class Part(NamedTuple):
    """A child of an object: its name and the live value."""

    name: str
    value: Any


@dataclass(slots=True, eq=False, repr=False)
class Child:
    """A child as it is shown.

    Attributes:
        name: of the variable, index or key.
        class_name: of its value.
        text: its printString, bounded; for a reference back only `a Foo`.
        object_id: under which it can be inspected.
        is_variable: an instance variable, else an element.
        is_cycle: it is the object itself or one on the way to it.
        children: its own first children, if that deep a look was asked for.
        children_total: how many it has, None if it was not looked into.
    """

    name: str
    class_name: str
    text: str
    object_id: str
    is_variable: bool
    is_cycle: bool
    children: list[Child] = field(default_factory=list)
    children_total: int | None = None


class _Found(NamedTuple):
    """A child as it is shown, its value, the ids of the objects on the way to it, and its level from 1."""

    child: Child
    value: Any
    around: frozenset[int]
    level: int


class ObjectView(NamedTuple):
    """An object as an inspector shows it.

    Attributes:
        class_name: its class.
        text: its printString, bounded.
        hash: its hash; 0 when its own `hash` fails.
        size: elements it holds; 0 for objects without elements.
        object_id: its id.
        children: one page of its children.
        children_total: how many there are.
        methods: selectors that its class has itself, in order.
        view_text: what the chosen custom view shows; None without one.
    """

    class_name: str
    text: str
    hash: int
    size: int
    object_id: str
    children: list[Child]
    children_total: int
    methods: list[str]
    view_text: str | None = None

    def with_text(self, text: str) -> ObjectView:
        """The same, shown by a custom view as well."""
        return self._replace(view_text=text)


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
        if value.behavior.inherits_from(world.kernel.classes["Dictionary"]):
            for key, element in entries(payload):
                yield Part(described(world, key), element)
        else:
            for index, element in enumerate(payload.values(), 1):
                yield Part(str(index), element)


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
        is_there = 0 <= child < parts_count(value)
        return next(islice(parts(world, value), child, None), None) if is_there else None
    return next((part for part in parts(world, value) if part.name == child), None)


def view_of(
    world: World,
    value: Any,
    object_id: Callable[..., str],
    *,
    above: Iterable[Any] = (),
    offset: int = 0,
    count: int = CHILDREN_PER_PAGE_MAX,
    depth: int = 1,
) -> ObjectView:
    """Show an object, in an evaluation that runs.

    Args:
        world: where.
        value: what to show.
        object_id: gives values their ids; takes `is_kept`.
        above: the objects on the way to it.
        offset: number of the first child shown.
        count: children shown at most.
        depth: levels of children.
    """
    around = frozenset(id(each) for each in above) | {id(value)}
    # Printing runs code that may change what is walked through: the page is taken before.
    offset = min(offset, parts_count(value))
    page = list(islice(parts(world, value), offset, offset + min(count, CHILDREN_PER_PAGE_MAX)))
    variables = _variables_count(value)
    texts = Texts(world)
    text, its_hash, identity = texts.of(value), _hash(world, value, texts), object_id(value, is_kept=True)
    found = [
        _Found(_child(world, part, object_id, around, texts, is_variable=number < variables), part.value, around, 1)
        for number, part in enumerate(page, offset)
    ]
    _look_into(world, found, object_id, texts, depth)
    return ObjectView(
        class_name=world.class_of(value).name,
        text=text,
        hash=its_hash,
        size=size(value),
        object_id=identity,
        children=[each.child for each in found],
        children_total=parts_count(value),
        methods=sorted(own_methods(world, world.class_of(value))),
    )


def custom_text(world: World, value: Any, block: Callable[[], Any]) -> str:
    """Return what a custom view shows of a value, in an evaluation that runs; an error in the view shows as one.

    Args:
        world: where.
        value: the object shown.
        block: answers the view's block.
    """
    shown: Callable[[], str] = lambda: on_do(  # noqa: E731 - one expression that is done within a time
        lambda: printed(world, world.send(block(), "value:", value), "displayString"),
        world.kernel.classes["Error"],
        lambda error: f"<error in the view: {printed(world, error, characters_max=CHILD_CHARACTERS_MAX)}>",
    )
    return Texts(world).made(shown, "showing the view")


def _look_into(world: World, found: list[_Found], object_id: Callable[..., str], texts: Texts, depth: int) -> None:
    """Give children their own, level by level down to a depth, as long as there is room in the answer."""
    room = CHILDREN_OF_ALL_LEVELS_MAX - len(found)
    waiting = deque(found)
    while waiting and room > 0:
        child, value, around, level = waiting.popleft()
        if level >= depth:
            return
        if child.is_cycle:
            continue
        within = around | {id(value)}
        page = list(islice(parts(world, value), min(room, CHILDREN_OF_CHILD_MAX)))
        variables = _variables_count(value)
        for number, part in enumerate(page):
            inner = _child(world, part, object_id, within, texts, is_variable=number < variables)
            child.children.append(inner)
            waiting.append(_Found(inner, part.value, within, level + 1))
        child.children_total = parts_count(value)
        room -= len(page)


def _child(
    world: World, part: Part, object_id: Callable[..., str], around: frozenset[int], texts: Texts, *, is_variable: bool
) -> Child:
    """Show a child; one that leads back is a reference only."""
    value = part.value
    is_cycle = _leads_back(value, around)
    text = described(world, value) if is_cycle else texts.of(value, CHILD_CHARACTERS_MAX)
    identity = object_id(value, is_kept=False)
    return Child(part.name, world.class_of(value).name, text, identity, is_variable, is_cycle)


def _leads_back(value: Any, around: frozenset[int]) -> bool:
    """Whether a child is one of the objects on the way to it; numbers and symbols cannot be."""
    return id(value) in around and (isinstance(value, Object) or type(value) is FunctionType)


def _hash(world: World, value: Any, texts: Texts) -> int:
    """The object's hash, 0 when its own method fails, takes as long as no text may, or answers something else."""
    error = world.kernel.classes["Error"]
    answer = texts.answered(lambda: on_do(lambda: world.send(value, "hash"), error, lambda _error: 0), lambda _kind: 0)
    return answer if type(answer) is int else 0
