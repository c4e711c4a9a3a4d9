"""Charts are whole SVG documents whose points lie where their values say."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from bench.charts import BOTTOM, LEFT, RIGHT, TOP, Axis, Chart, Line


def drawn(chart: Chart) -> list[tuple[float, float]]:
    """The points of a chart's first line."""
    paths = re.findall(r'<path d="M([0-9. L]+)" stroke="#0072b2"', chart.svg())
    return [(float(x), float(y)) for x, y in (pair.split() for pair in paths[0].split(" L"))]


def test_a_chart_is_well_formed_and_says_all_its_texts() -> None:
    chart = Chart("a < b", Axis("load"), Axis("ms"), [Line("one & two", [(1, 2), (3, 4)])])
    texts = "".join(ET.fromstring(chart.svg()).itertext())
    assert all(text in texts for text in ("a < b", "load", "ms", "one & two"))


def test_a_linear_axis_begins_at_0_and_ends_at_a_round_number() -> None:
    chart = Chart("t", Axis("x"), Axis("y"), [Line("l", [(0, 0), (50, 25), (100, 50)])])
    assert drawn(chart) == [(LEFT, BOTTOM), ((LEFT + RIGHT) / 2, (BOTTOM + TOP) / 2), (RIGHT, TOP)]


def test_equal_factors_are_equal_distances_on_a_logarithmic_axis() -> None:
    chart = Chart("t", Axis("x", is_log=True), Axis("y", is_log=True), [Line("l", [(1, 1), (100, 10), (10_000, 100)])])
    (first_x, first_y), (middle_x, middle_y), (last_x, last_y) = drawn(chart)
    assert (first_x, first_y, last_x, last_y) == (LEFT, BOTTOM, RIGHT, TOP)
    assert (middle_x - first_x, first_y - middle_y) == (last_x - middle_x, middle_y - last_y)


def test_a_logarithmic_axis_spans_its_values_also_when_all_are_equal() -> None:
    for value in (0.003, 1, 7, 999, 1_000):
        places = [place for place, _ in Axis("y", is_log=True).marks([value, value])]
        assert places[0] <= value <= places[-1]
        assert len(places) >= 2


def test_named_ticks_stand_where_they_are_named() -> None:
    axis = Axis("size", is_log=True, ticks=((10, "10 KB"), (1_000, "1 MB")))
    chart = Chart("t", axis, Axis("y"), [Line("l", [(10, 1), (1_000, 1)])])
    assert "10 KB" in chart.svg()
    assert [x for x, _ in drawn(chart)] == [LEFT, RIGHT]
