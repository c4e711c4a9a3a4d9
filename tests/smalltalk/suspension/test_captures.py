"""Captures of earlier versions and other Pythons are resumed by this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.resumables import BY_NAME

from .captures import VERSION, captures, expected, names_of_cases, restored, resumed

if TYPE_CHECKING:
    from .subject import Subject

CAPTURES = captures()


@pytest.mark.parametrize("name", CAPTURES)
def test_a_golden_capture_goes_on(name: str) -> None:
    """A failure means that what sessions have stored cannot be resumed any more: see `captures.py`."""
    assert resumed(CAPTURES[name]) == expected(CAPTURES[name])


def primitives_in(subject: Subject) -> set[Any]:
    """Names of the primitives whose contexts a session holds."""
    return {slots[0] for kind, slots, _ in subject.records.records.values() if kind == "%Context"}


def test_every_case_has_its_capture() -> None:
    assert {f"version-{VERSION}-{name}" for name in names_of_cases()} - set(CAPTURES) == set()


def test_every_primitive_that_can_wait_is_in_some_capture() -> None:
    seen = set().union(*(primitives_in(restored(each)) for each in CAPTURES.values()))
    assert set(BY_NAME) - seen == set()
