"""Amounts read as people write them."""

import pytest

from actors.upkeep.amounts import counted, size


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 sessions"), (1, "1 session"), (2, "2 sessions"), (12345, "12,345 sessions")]
)
def test_one_thing_is_one(number, text):
    assert counted(number, "session") == text


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0.0 KiB"), (766, "0.7 KiB"), (1 << 20, "1.00 MiB"), (5 << 30, "5120.00 MiB")]
)
def test_a_small_size_is_not_nothing(size_bytes, text):
    assert size(size_bytes) == text
