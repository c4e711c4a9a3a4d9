"""The page of figures shows what is kept, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.charts import Axis, Chart, Line
from bench.figures import RESULTS, Row, Table
from bench.page import PAGE, page

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_page_shows_each_row_and_chart_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.figures.RESULTS", tmp_path)
    table = Table("Beside others", "python -m bench.run jupyter")
    table.add(Row("start", "3 ms", "theirs 9 ms", "3.0", "sooner", met=True))
    table.save("jupyter")
    table.charts["latency"] = Chart("Latency", Axis("x"), Axis("y"), [Line("l", [(1, 2)])])
    table.save("curves")
    text = page(tmp_path)
    assert "### Beside others\n" in text
    assert "| start | 3 ms | theirs 9 ms | 3.0 | sooner | met |" in text
    assert "curves-latency.svg" in text
    assert "tails-spinning.svg" not in text


def test_the_page_is_made_of_the_results_that_are_kept() -> None:
    assert PAGE.read_text() == page(RESULTS), "run `python -m bench.run` for what you changed"
