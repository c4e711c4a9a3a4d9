"""Fixtures of the memory tests."""

from __future__ import annotations

import pytest

from tests.smalltalk.memory.handmade import Session, make_kernel


@pytest.fixture
def session() -> Session:
    """A new, empty session."""
    return Session(make_kernel())
