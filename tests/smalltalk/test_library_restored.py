"""What the class library makes, and what a session chose for it, is there after a restart."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes

MADE = [
    ("'(\\d+)-(\\d+)' asRegex", "(value matches: '20-7') & ((value subexpression: 3) = '7')"),
    ("Date year: 2300 month: 2 day: 28", "value next = (Date year: 2300 month: 3 day: 1)"),
    ("'2024-02-29T13:05:07.5+02:00' asDateAndTime", "value printString = '2024-02-29T13:05:07.5+02:00'"),
    ("Set with: 1 hour with: 2 days", "(value includes: 60 minutes) & (value includes: 48 hours)"),
    ("UUID fromInteger: (2 raisedTo: 127)", "value asString = '80000000-0000-0000-0000-000000000000'"),
    ("Color orange", "value = Color orange"),
    ("#(1 2) asFloatArray", "value = #(1.0 2.0) asFloatArray"),
    ("Matrix identity: 2", "(value * value) = value"),
    (
        "Announcer new when: Announcement do: [ :each | Smalltalk at: #Told put: each ]; yourself",
        "(value announce: Announcement) == (Smalltalk at: #Told)",
    ),
    ("Point compiler compile: 'm ^x + 1'", "(value valueWithReceiver: 3 @ 4) = 4 and: [value isInstalled not]"),
    (
        "Point propertyAt: #seen put: 3. (Point >> #x) setFlag",
        "(Point propertyAt: #seen) = 3 and: [(Point >> #x) flag]",
    ),
    ("(Random seed: 42) next: 1; yourself", "value next = 0.8361745667643845"),
    (
        "OrderedIdentityDictionary newFrom: {'x' copy -> 1. 'x' copy -> 2}",
        "(value at: value keys last) = 2 and: [(value indexOfKey: 'x' copy) = 0]",
    ),
    ("NewValueHolder value: 3", "(value value: 4; value) = 4"),
    ("Week startDay: #Monday", "Week startDay = #Monday"),
    ("DateAndTime localTimeZone: (TimeZone offset: 2 hours)", "DateAndTime now offset = 2 hours"),
]


@pytest.mark.parametrize(("making", "check"), MADE, ids=[making for making, _ in MADE])
def test_it_works_after_a_restart(making: str, check: str) -> None:
    session = Lifetimes()
    session.run(f"value := {making}")
    session.restart()
    assert session.run(check) == "true"
