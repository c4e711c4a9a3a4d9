"""Random object graphs: written, restored as ghosts, touched in any order, they are what they were."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk.memory.ghosts import is_ghost, live_class
from smalltalk.runtime.entries import holding
from smalltalk.runtime.objects import FALSE, TRUE, Character, Symbol
from tests.smalltalk.memory.handmade import Session, make_kernel

KERNEL = make_kernel()
ATOMS = st.one_of(
    st.none(),
    st.sampled_from([TRUE, FALSE, Symbol.intern("at:put:"), Symbol.intern("\ud800"), Character.of(0x1F600)]),
    st.integers(),
    st.integers(min_value=2**200, max_value=2**210),
    st.floats(),
    st.sampled_from([KERNEL.classes["Array"], KERNEL.classes["Array"].metaclass]),
)
KINDS = st.sampled_from(
    ["Association", "Array", "OrderedCollection", "ByteArray", "ByteString", "Dictionary", "Set", "ReadStream"]
)


@st.composite
def graphs(draw: Any) -> list[tuple[str, list[Any]]]:
    """Descriptions of up to 12 objects; an entry of the form `("ref", k)` is the k-th object."""
    count = draw(st.integers(1, 12))
    value = st.one_of(ATOMS, st.tuples(st.just("ref"), st.integers(0, count - 1)))
    return [(draw(KINDS), draw(st.lists(value, min_size=3, max_size=6))) for _ in range(count)]


def build(session: Session, graph: list[tuple[str, list[Any]]]) -> list[Any]:
    """The objects a description asks for."""
    objects = [session.new(kind) for kind, _ in graph]

    def live(value: Any) -> Any:
        return objects[value[1]] if isinstance(value, tuple) else value

    for obj, (kind, values) in zip(objects, graph, strict=True):
        content = [live(value) for value in values]
        if kind in ("Array", "OrderedCollection"):
            obj.items = content
        elif kind == "ByteArray":
            obj.data = bytearray(len(content))
        elif kind == "ByteString":
            obj.text = "é\ud834" * len(content)
        elif kind == "Dictionary":
            obj.map = {where(key): holding(where(key), key, content[0]) for key in content}
        elif kind == "Set":
            obj.map = {where(key): key for key in content}
        else:
            names = ("i0", "i1", "i2") if kind == "ReadStream" else ("i0", "i1")
            for name, value in zip(names, content, strict=False):
                setattr(obj, name, value)
    return objects


def where(key: Any) -> Any:
    """A key as the dictionary primitives normalise it: three kinds of Python keys occur."""
    if isinstance(key, Symbol):
        return key.name
    return (17, 1) if key is TRUE else key


def assert_same(old: Any, new: Any, seen: dict[int, Any], touched: list[int]) -> None:
    """Prove two graphs equal by structure and identity; ghosts load on the way."""
    pending = [(old, new)]
    while pending:
        left, right = pending.pop(touched.pop() % len(pending) if touched else -1)
        if not hasattr(left, "dirty") or left in KERNEL.classes.values() or hasattr(left, "sole"):
            assert type(left) is type(right)
            assert left is right or left == right or math.isnan(left)
            assert not isinstance(left, float) or math.copysign(1, left) == math.copysign(1, right)
        elif id(left) in seen:
            assert seen[id(left)] is right
        else:
            seen[id(left)] = right
            assert type(left) is live_class(type(right))
            pending += zip(parts(left), parts(right), strict=True)


def parts(obj: Any) -> list[Any]:
    """Everything an object holds, in order."""
    kind = type(obj).kind
    if kind == "items":
        return list(obj.items)
    if kind == "bytes":
        return list(obj.data)
    if kind == "text":
        return [len(obj.text), *map(ord, obj.text)]
    if kind == "map":
        return [part for key, entry in obj.map.items() for part in key_parts(key, entry)]
    return [getattr(obj, f"i{k}") for k in range(type(obj).capacity)]


def key_parts(key: Any, entry: Any) -> list[Any]:
    """A map entry, its Python key included where that is plain."""
    return [
        Symbol.intern(repr(key)) if isinstance(key, str | tuple) else key,
        *(entry if type(entry) is list else [entry]),
    ]


@settings(max_examples=60, deadline=None)
@given(graphs(), st.lists(st.integers(0, 100), max_size=30))
def test_a_restored_graph_is_the_one_that_was_written(graph: Any, touched: list[int]) -> None:
    session = Session(KERNEL)
    objects = build(session, graph)
    for obj in objects:
        session.keep(obj)
    session.drain()
    restored = session.restored()
    values = restored.values()
    assert all(is_ghost(value) for value in values)
    seen: dict[int, Any] = {}
    for old, new in zip(objects, values, strict=True):
        assert_same(old, new, seen, touched)
    assert restored.delta() is None


def test_a_key_keeps_its_sign_when_it_is_zero() -> None:
    session = Session(KERNEL)
    session.keep(session.new("Dictionary", {-0.0: None, 1.0: None}))
    session.drain()
    (restored,) = session.restored().values()
    assert [math.copysign(1, where) for where in restored.map] == [-1, 1]


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_what_is_written_again_is_the_same_record(graph: Any) -> None:
    session = Session(KERNEL)
    for obj in build(session, graph):
        session.keep(obj)
    session.drain()
    restored = session.restored()
    before = {oid: repr(record) for oid, record in restored.records.records.items()}
    for value in restored.values():
        restored.heap.load(value)
        restored.heap.mark(value)
    written = restored.drain()
    assert sorted(written) == sorted(value.oid for value in restored.values())
    assert {oid: repr(record) for oid, record in restored.records.records.items()} == before
