"""The table of loaded objects answers what was entered, and a closed image holds nothing."""

from __future__ import annotations

import gc
import random
import weakref

from smalltalk.memory.draining import at_once
from smalltalk.memory.loaded import LoadedObjects
from tests.smalltalk.lifetimes import Lifetimes


def test_it_is_a_mapping_of_ids() -> None:
    """The same changes, at random, on the table and on a dictionary."""
    chance = random.Random(20_08)
    table, model = LoadedObjects(), dict[int, object]()
    for _ in range(5_000):
        oid = chance.choice((chance.randrange(100), chance.randrange(10_000)))
        if chance.random() < 0.6:
            model[oid] = obj = object()
            table.add(oid, obj)
        else:
            model.pop(oid, None)
            table.discard(oid)
        assert table.get(oid) is model.get(oid)
    assert dict(table.items()) == model
    assert table.count == len(model)
    kept = {oid for oid in model if oid % 3}
    changed = at_once(table.without(kept))
    assert dict(table.items()) == model
    table.replace(changed)
    assert {oid for oid, _ in table.items()} == kept
    assert table.count == len(kept)
    table.replace(at_once(table.without(set())))
    assert (table.count, table.objects(), list(table.items())) == (0, [], [])


def test_a_closed_image_lets_go_at_once() -> None:
    """Without Python's search for cycles, which a server makes rare."""
    session = Lifetimes()
    session.run("b := [:x | x + 1]. b value: 3")
    block = weakref.ref(session.evaluate("b").value)
    assert block() is not None
    gc.disable()
    try:
        session.image.close()
        del session
        assert block() is None
    finally:
        gc.enable()
