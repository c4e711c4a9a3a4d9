"""The process is prepared as far as the system allows."""

from __future__ import annotations

import gc
import os
import resource
import sys
from typing import TYPE_CHECKING

import pytest

from actors.resources.process import drop_descriptors, prepare_process

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _process_settings() -> Iterator[None]:
    """Digits, collection thresholds and the mask of files are the whole process's: they are put back."""
    digits, thresholds, mask = sys.get_int_max_str_digits(), gc.get_threshold(), os.umask(0o077)
    yield
    os.umask(mask)
    sys.set_int_max_str_digits(digits)
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("_process_settings")
@pytest.mark.parametrize("error", [ValueError, OSError])
def test_a_limit_the_system_refuses_does_not_end_the_start(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Every limit is tried, and what comes behind the limits is set all the same."""
    tried: list[int] = []

    def refuse(kind: int, _limits: tuple[int, int]) -> None:
        tried.append(kind)
        raise error("not permitted")

    soft = {resource.RLIMIT_DATA: resource.RLIM_INFINITY}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft.get(kind, 1), resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    sys.set_int_max_str_digits(5_000)
    prepare_process(stack_mb=64, memory_max_mb=512)
    assert tried == [resource.RLIMIT_CORE, resource.RLIMIT_STACK, resource.RLIMIT_NOFILE, resource.RLIMIT_DATA]
    assert sys.get_int_max_str_digits() == 100_000


def test_a_worker_behind_a_front_gives_descriptors_up_for_good(monkeypatch):
    tried = []
    monkeypatch.setattr("resource.setrlimit", lambda kind, pair: tried.append((kind, pair)))
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (65_536, 65_536))
    drop_descriptors()
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (256, 512))
    drop_descriptors()
    assert tried == [(resource.RLIMIT_NOFILE, (1_024, 1_024)), (resource.RLIMIT_NOFILE, (512, 512))]
