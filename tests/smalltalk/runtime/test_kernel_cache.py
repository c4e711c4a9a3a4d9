"""The compiled library as bytes: used when it fits, made again when it does not."""

from __future__ import annotations

from smalltalk.kernel import cache as kernel_cache
from smalltalk.kernel import load_kernel
from smalltalk.runtime.world import World
from tests.compiled_kernel import compiled_kernel
from tests.smalltalk.harness import FakeHost, evaluate


def test_a_kernel_from_the_cache_behaves_like_a_fresh_one() -> None:
    fresh, stored = compiled_kernel()
    again, kept = load_kernel(stored)
    assert kept == stored
    assert list(again.classes) == list(fresh.classes)
    assert evaluate(World(again, FakeHost()), "(1 to: 5) inject: 0 into: [:a :b | a + b]") == "15"


def test_bytes_of_other_sources_are_refused() -> None:
    key = kernel_cache.key_for({"a": b"b"})
    plan = kernel_cache.KernelPlan((), ())
    stored = kernel_cache.dump(plan, key)
    assert kernel_cache.load(stored, key) == plan
    assert kernel_cache.load(stored, kernel_cache.key_for({"a": b"c"})) is None
    assert kernel_cache.load(stored[:10], key) is None
    assert kernel_cache.load(b"", key) is None
