"""A session that an attacker types into; after every attack it must be usable and storable."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A new session."""
    return Lifetimes()
