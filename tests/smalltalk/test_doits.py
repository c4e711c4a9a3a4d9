"""Compiled do-its are shared by shape, bounded, and keep no session alive."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from smalltalk.tools import doits
from smalltalk.tools.doits import DoitCache
from tests.smalltalk.harness import new_world
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk.runtime.world import World


def seen(*shapes: str, shapes_max: int = 100) -> tuple[DoitCache, World]:
    """Return a cache that has seen those shapes once, and a world."""
    cache, world = DoitCache(shapes_max), new_world()
    for each in shapes:
        cache.find(each, world, ())
    return cache, world


def test_a_shape_seen_once_is_run_as_it_was_written_and_not_kept() -> None:
    cache, world = seen()
    first, literals = cache.find("3 + 4", world, ())
    gone = weakref.ref(first.unit)
    assert (first.run(world, literals), literals) == (7, ())
    del first
    assert gone() is None
    second, literals = cache.find("5 + 6", world, ())
    assert (second.run(world, literals), literals) == (11, (5, 6))
    assert second.is_seen
    assert cache.find("7 + 8", world, ())[0] is second


def test_so_many_shapes_seen_once_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doits, "_SIGHTS_MAX", 2)
    cache, world = seen("1 + 1", "1 - 1", "1 * 1")
    assert not cache.find("2 + 2", world, ())[0].is_seen
    assert cache.find("2 * 2", world, ())[0].is_seen


def test_what_begins_with_a_loop_or_a_block_is_shared_from_its_first_sight_on() -> None:
    cache, world = seen()
    for code in ("1 to: 3 do: [:i | i]", "[:x | x]"):
        first, _ = cache.find(code, world, ())
        assert cache.find(code, world, ())[0] is first


def test_a_shape_whose_names_mean_something_else_elsewhere_is_interpreted_there_first() -> None:
    cache, world = seen("thing", "thing")
    other = new_world()
    other.set_global("thing", 5)
    there, literals = cache.find("thing", other, ())
    assert not there.is_seen
    assert (there.run(other, literals), there.unit.bindings) == (5, ())
    assert cache.find("thing", world, ())[0].unit.bindings == ("thing",)


def test_texts_of_one_shape_share_their_compiled_form() -> None:
    cache, world = seen("1 + 1", '1 + 1 "a remark"', "1  +  1")
    first, literals = cache.find("3 + 4", world, ())
    second, others = cache.find('30 + 40 "a comment"', world, ())
    assert (literals, others) == ((3, 4), (30, 40))
    third, _ = cache.find("30  +  40", world, ())
    assert first is cache.find("5 + 6", world, ())[0]
    assert first is not third
    assert [first.run(world, literals) for _ in range(3)] == [7, 7, 7]
    assert second.run(world, others) == 70


def test_the_shape_unused_for_longest_goes_first() -> None:
    cache, world = seen("1 + 1", "1 - 1", "1 * 1", shapes_max=2)
    kept, _ = cache.find("1 + 1", world, ())
    dropped, _ = cache.find("1 - 1", world, ())
    cache.find("2 + 2", world, ())
    cache.find("1 * 1", world, ())
    assert cache.find("3 + 3", world, ())[0] is kept
    assert cache.find("3 - 3", world, ())[0] is not dropped


@pytest.mark.parametrize("empty", ["", " ", '"a comment"'])
def test_a_text_without_statements_is_found_for_no_other_text(empty: str) -> None:
    cache, world = seen(empty, empty, empty)
    for code, value in (("3 + 4", 7), ("5", 5), ("5", 5), ("6", 6)):
        doit, literals = cache.find(code, world, ())
        assert doit.run(world, literals) == value


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
    cache, world = seen("'of others' size + 1 - 1.5 \"or not\"")
    doit, literals = cache.find("'it''s secret' size + 4711 - 2.5 \"and this\"", world, ())
    assert doit.unit.source == "'____________' size + 1111 - 1.1 \"________\""
    assert literals == ("it's secret", 4711, 2.5)
