"""Compiled do-its are shared by shape, bounded, and keep no session alive."""

from __future__ import annotations

import gc
import weakref

from smalltalk.tools.doits import DoitCache
from tests.smalltalk.harness import new_world
from tests.smalltalk.lifetimes import Lifetimes


def test_texts_of_one_shape_share_their_compiled_form() -> None:
    cache, world = DoitCache(), new_world()
    first, literals = cache.find("3 + 4", world, ())
    second, others = cache.find('30 + 40 "a comment"', world, ())
    assert (literals, others) == ((3, 4), (30, 40))
    third, _ = cache.find("30  +  40", world, ())
    assert first is cache.find("5 + 6", world, ())[0]
    assert first is not third
    assert [first.run(world, literals) for _ in range(3)] == [7, 7, 7]
    assert second.run(world, others) == 70


def test_the_shape_unused_for_longest_goes_first() -> None:
    cache, world = DoitCache(shapes_max=2), new_world()
    kept, _ = cache.find("1 + 1", world, ())
    dropped, _ = cache.find("1 - 1", world, ())
    cache.find("2 + 2", world, ())
    cache.find("1 * 1", world, ())
    assert cache.find("3 + 3", world, ())[0] is kept
    assert cache.find("3 - 3", world, ())[0] is not dropped


def test_a_shared_do_it_does_not_know_the_world_that_compiled_it() -> None:
    cache, world = DoitCache(), new_world()
    doit, _ = cache.find("x := OrderedCollection new. [:each | x add: each]", world, ())
    gone = weakref.ref(world)
    del world
    gc.collect()
    assert gone() is None
    assert doit.unit.lowered().bindings == ("x",)


def test_a_block_shows_the_literals_that_it_was_written_with() -> None:
    first, second = Lifetimes(), Lifetimes()
    first.run("b := [:x | 'of somebody else' , x]")
    assert second.run("b := [:x | 'mine' , x]") == "[:x | 'mine' , x]"
    assert second.run("b value: '!'") == "'mine!'"


def test_what_sessions_share_tells_nothing_of_them() -> None:
    world = new_world()
    doit, literals = DoitCache().find("'it''s secret' size + 4711 - 2.5 \"and this\"", world, ())
    assert doit.unit.source == "'____________' size + 1111 - 1.1 \"________\""
    assert literals == ("it's secret", 4711, 2.5)
