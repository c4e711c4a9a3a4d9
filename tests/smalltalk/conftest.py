"""Fixtures of the language tests: a new world for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.smalltalk import harness

if TYPE_CHECKING:
    from smalltalk.runtime.world import World


@pytest.fixture
def world() -> World:
    return harness.new_world()
