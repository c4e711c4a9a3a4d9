"""What one session does to its world, no other sees; a world costs little."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref

from smalltalk.runtime.world import World
from tests.smalltalk.harness import FakeHost, evaluate, kernel, new_world


def test_an_extension_of_a_kernel_class_is_seen_in_its_own_world_only() -> None:
    one, other = new_world(), new_world()
    evaluate(one, "Integer compile: 'tripled ^ self * 3'")
    assert evaluate(one, "5 tripled") == "15"
    assert evaluate(other, "5 tripled").startswith("MessageNotUnderstood")
    assert evaluate(other, "Integer includesSelector: #tripled") == "false"


def test_an_override_of_a_kernel_method_is_seen_in_its_own_world_only() -> None:
    one, other = new_world(), new_world()
    assert evaluate(one, "(3 -> 4) key") == "3"
    evaluate(one, "LookupKey compile: 'key ^ #mine'")
    assert evaluate(one, "(3 -> 4) key") == "#mine"
    assert evaluate(other, "(3 -> 4) key") == "3"


def test_removing_an_override_brings_the_kernel_method_back() -> None:
    world = new_world()
    evaluate(world, "Integer compile: 'even ^ #odd'")
    assert evaluate(world, "4 even") == "#odd"
    assert evaluate(world, "Integer removeSelector: #even") == "#even"
    assert evaluate(world, "4 even") == "true"


def test_a_removed_kernel_method_is_gone_in_its_own_world_only() -> None:
    one, other = new_world(), new_world()
    assert evaluate(one, "Integer removeSelector: #factorial") == "#factorial"
    assert evaluate(one, "5 factorial").startswith("MessageNotUnderstood")
    assert evaluate(other, "5 factorial") == "120"


def test_an_override_reaches_super_sends_that_were_linked_before() -> None:
    world = new_world()
    evaluate(world, "Object subclass: #Base")
    evaluate(world, "Base subclass: #Derived")
    evaluate(world, "Derived compile: 'foo ^ super foo'")
    assert evaluate(world, "Derived new foo").startswith("MessageNotUnderstood")
    evaluate(world, "Base compile: 'foo ^ 1'")
    assert evaluate(world, "Derived new foo") == "1"
    evaluate(world, "Base compile: 'foo ^ 2'")
    assert evaluate(world, "Derived new foo") == "2"


def test_class_variables_of_kernel_classes_have_a_value_per_world() -> None:
    one, other = new_world(), new_world()
    for world in (one, other):
        evaluate(world, "Object addClassVarNamed: 'Shared'")
    evaluate(one, "Object classVarNamed: 'Shared' put: 1")
    assert evaluate(other, "Object classVarNamed: 'Shared'") == "nil"
    assert evaluate(one, "Object classVarNamed: 'Shared'") == "1"


def test_comments_and_subclasses_stay_at_home() -> None:
    one, other = new_world(), new_world()
    evaluate(one, "Object subclass: #Mine")
    evaluate(one, "Object comment: 'changed'")
    assert evaluate(other, "Object subclasses anySatisfy: [:each | each name = 'Mine']") == "false"
    assert evaluate(other, "Object comment = 'changed'") == "false"


def test_the_kernel_means_the_same_in_every_world_whoever_used_it_first() -> None:
    """A guess that fails makes the method's names mean something again: never what a session called so."""
    one, other = new_world(), new_world()
    for holder in ("Object", "SequenceableCollection", "Collection"):
        evaluate(one, f"{holder} addClassVarNamed: 'OrderedCollection'")
        evaluate(one, f"{holder} addClassVarNamed: 'Point'")
    assert evaluate(one, "(1 @ 2) + (3 @ 4)") == "(4@6)"
    for world in (other, one):
        assert evaluate(world, "((1 / 2) @ 3) + (3 @ 4)") == "((7/2)@7)"
        assert evaluate(world, "(#(1 2 3) groupedBy: [:x | x odd]) associations size") == "2"


def test_a_closed_world_is_freed_although_it_used_the_kernel_first() -> None:
    world = new_world()
    evaluate(world, "#(1 2 3) groupedBy: [:x | x odd] having: [:group | group notEmpty]")  # nobody else asks for it
    forgotten = weakref.ref(world)
    world.close()
    del world
    evaluate(new_world(), "nil")  # takes over as the current one
    gc.collect()
    assert forgotten() is None


def test_kernel_methods_are_never_changed_in_place() -> None:
    before = {behavior: dict(behavior.methods) for behavior in kernel().classes.values()}
    world = new_world()
    evaluate(world, "Integer compile: 'even ^ #odd'")
    evaluate(world, "(Integer >> #odd) protocol: 'mine'")
    evaluate(world, "Object removeSelector: #printString")
    assert {behavior: behavior.methods for behavior in kernel().classes.values()} == before


def test_generated_code_reaches_no_python_builtin_beyond_its_entry_points() -> None:
    names = set(kernel().builtins)
    assert names.isdisjoint({"__import__", "open", "eval", "exec", "getattr", "setattr", "compile", "globals", "vars"})
    assert new_world().g["__builtins__"] is kernel().builtins


def test_a_fresh_world_takes_a_few_kilobytes() -> None:
    new_world()
    host = FakeHost()
    tracemalloc.start()
    try:
        worlds = [World(kernel(), host) for _ in range(100)]
        taken = tracemalloc.get_traced_memory()[0] / len(worlds)
    finally:
        tracemalloc.stop()
    assert taken < 4096, f"{taken} bytes"
    assert sys.getsizeof(worlds[0]) < 200
