"""Small programs in Tonel with their classes of tests, as learners write them, are filed in whole and pass.

They stay in force through a restart, and come back from their own file-out in both formats.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.smalltalk.test_sources import FORMATS, Sources

SOLUTIONS = sorted((Path(__file__).parent / "solutions").glob("*.st"))
EACH_SOLUTION = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def check(session: Sources) -> None:
    report = session.run_tests()
    assert report.problems == []
    assert report.counts["passed"] == 3


@EACH_SOLUTION
def test_a_solution_is_filed_in_and_its_tests_pass_before_and_after_a_restart(path: Path) -> None:
    session = Sources()
    assert session.file_in(path.read_text(encoding="utf-8")).errors == []
    check(session)
    session.restart()
    check(session)


@FORMATS
@EACH_SOLUTION
def test_a_solution_comes_back_from_its_file_out(path: Path, file_format: str) -> None:
    session = Sources()
    session.file_in(path.read_text(encoding="utf-8"))
    text = session.file_out(file_format)
    other = Sources()
    assert other.file_in(text, file_format).errors == []
    assert other.file_out(file_format) == text
    for name in ("RomanWriter", "InventoryUnits"):
        other.run(f"Smalltalk at: #{name} ifPresent: [:class | class initialize]")
    check(other)


def test_filing_a_solution_in_again_changes_nothing() -> None:
    session = Sources()
    text = SOLUTIONS[0].read_text(encoding="utf-8")
    session.file_in(text)
    before = session.file_out()
    session.commit()
    session.file_in(text)
    assert session.file_out() == before
    assert session.image.world.versions.entries() == []
