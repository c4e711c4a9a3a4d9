"""Cases of `../shared/conformance`, where it is there, answer the same when they are stopped: a seeded sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .sampling import PERCENT, generator
from .stops import Whim
from .subject import Subject

FOLDER = Path(__file__).parents[4] / "shared" / "conformance"

#: Suites whose cases are do-its, and the field that holds the code.
SUITES = {"doits": "code", "examples": "check"}

#: Cases of a sample, of each suite.
SAMPLE = 6

STOPS_MAX = 300 if PERCENT >= 100 else 20
PLACES_MAX = 50_000 if PERCENT >= 100 else 3_000


#: What shows which objects are still referred to: a context keeps the last values of its variables.
COLLECTING = "garbageCollect"


def cases(suite: str) -> list[dict[str, Any]]:
    """The cases of a suite."""
    found = json.loads((FOLDER / f"{suite}.json").read_text(encoding="utf-8"))["cases"]
    return [case for case in found if COLLECTING not in case[SUITES[suite]]]


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the public cases are not here")
@pytest.mark.parametrize("suite", SUITES)
def test_cases_that_are_stopped_answer_the_same(suite: str) -> None:
    chance = generator(suite)
    there = cases(suite)
    wrong = []
    for case in there if PERCENT >= 100 else chance.sample(there, SAMPLE):
        code = case[SUITES[suite]]
        wanted = Subject().generated(code)
        subject = Subject()
        run = chance.choice((subject.stopped, subject.restored))
        whim = Whim(chance.getrandbits(32), 2.0, STOPS_MAX, PLACES_MAX)
        answer = run(code, whim, is_interpreted=chance.random() < 1 / 2)
        if answer != wanted:
            wrong.append((case["id"], answer, wanted))
    assert wrong == []
