"""Line charts as SVG: axes, a legend and some lines of points; enough for figures over a quantity, in plain text.

A chart has a white ground of its own, so that it reads the same on light and dark pages. Colours are told apart by
people who do not see them all (Okabe and Ito 2008), and each line has a marker of its own form as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 760, 400
#: The area of the lines; the legend stands to its right.
LEFT, TOP, RIGHT, BOTTOM = 80, 48, 520, 340
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#000000")
MARKERS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
    "M-3.5 -3.5h7v7h-7Z",
    "M0 -4.5L4.5 4H-4.5Z",
    "M0 -5L5 0L0 5L-5 0Z",
)
#: The first that the reader's machine has.
FONTS = "Helvetica, Arial, DejaVu Sans, sans-serif"
#: Steps of a linear axis: about so many of 1, 2 or 5 times a power of ten.
STEPS_WANTED = 5
LINE_HEIGHT = 20


@dataclass(frozen=True)
class Line:
    """Points of one subject, in the order of their x; a dashed one is a reference."""

    name: str
    points: Sequence[tuple[float, float]]
    is_reference: bool = False


@dataclass(frozen=True)
class Axis:
    """What an axis tells and how: `ticks` names places of it, e.g. sizes; without them it finds round numbers."""

    label: str
    is_log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()

    def place(self, value: float) -> float:
        """The value on a linear scale."""
        return math.log10(value) if self.is_log else value

    def marks(self, values: Sequence[float]) -> list[tuple[float, str]]:
        """Places and texts of the ticks that span the values: at least two."""
        if self.ticks:
            return list(self.ticks)
        low, high = min(values), max(values)
        places = _powers(low, high) if self.is_log else _round_steps(high)
        return [(place, f"{place:,.10g}") for place in places]


def _powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten around two positive numbers; of a wide span the powers alone."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(exponents) <= 4 else (1,)
    places = [factor * 10.0**exponent for exponent in exponents for factor in factors]
    first = max(k for k, place in enumerate(places) if place <= low)
    last = min((k for k, place in enumerate(places) if place >= high), default=len(places) - 1)
    return places[first : max(last, first + 1) + 1]


def _round_steps(high: float) -> list[float]:
    """From 0 in round steps until `high` is reached."""
    rough = (high or 1) / STEPS_WANTED
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * k for k in range(math.ceil((high or 1) / step) + 1)]


@dataclass
class Chart:
    """A chart: its title, what its axes tell, and its lines."""

    title: str
    x: Axis
    y: Axis
    lines: list[Line] = field(default_factory=list)

    def svg(self) -> str:
        """The chart as a document; it needs one line with a point at least."""
        points = [point for line in self.lines for point in line.points]
        x_marks = self.x.marks([x for x, _ in points])
        y_marks = self.y.marks([y for _, y in points])
        across = _Scale(self.x, x_marks, LEFT, RIGHT)
        up = _Scale(self.y, y_marks, BOTTOM, TOP)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" role="img"',
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONTS}" font-size="12" fill="#333">',
            f"<title>{escape(self.title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#fff"/>',
            _text(LEFT, 26, self.title, 'font-size="15" font-weight="bold" fill="#111"'),
            *self._grid(across, x_marks, up, y_marks),
            *(part for k, line in enumerate(self.lines) for part in _drawn(k, line, across, up)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _grid(
        self, across: _Scale, x_marks: list[tuple[float, str]], up: _Scale, y_marks: list[tuple[float, str]]
    ) -> Iterator[str]:
        for value, text in y_marks:
            y = up.at(value)
            yield f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#e4e4e4"/>'
            yield _text(LEFT - 8, y + 4, text, 'text-anchor="end"')
        for value, text in x_marks:
            x = across.at(value)
            yield f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#f0f0f0"/>'
            yield _text(x, BOTTOM + 18, text, 'text-anchor="middle"')
        yield f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" stroke="#888" fill="none"/>'
        yield _text((LEFT + RIGHT) / 2, BOTTOM + 42, self.x.label, 'text-anchor="middle"')
        middle = (TOP + BOTTOM) / 2
        turned = f'text-anchor="middle" transform="rotate(-90 16 {middle:.0f})"'
        yield _text(16, middle, self.y.label, turned)


@dataclass(frozen=True)
class _Scale:
    """Where values of an axis lie, in units of the picture: the first tick at `begin`, the last at `end`."""

    axis: Axis
    marks: list[tuple[float, str]]
    begin: float
    end: float

    def at(self, value: float) -> float:
        first, last = self.axis.place(self.marks[0][0]), self.axis.place(self.marks[-1][0])
        return self.begin + (self.axis.place(value) - first) / (last - first) * (self.end - self.begin)


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(text)}</text>'


def _drawn(number: int, line: Line, across: _Scale, up: _Scale) -> Iterator[str]:
    """A line with its markers, and its entry in the legend."""
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    style = f'stroke="{colour}" stroke-width="2" fill="none"' + (' stroke-dasharray="6 4"' if line.is_reference else "")
    places = [(across.at(x), up.at(y)) for x, y in line.points]
    yield f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in places)}" {style}/>'
    for x, y in places:
        yield f'<path d="{marker}" transform="translate({x:.1f} {y:.1f})" fill="{colour}"/>'
    y = TOP + 6 + number * LINE_HEIGHT
    yield f'<path d="M{RIGHT + 16} {y}h26" {style}/>'
    yield f'<path d="{marker}" transform="translate({RIGHT + 29} {y})" fill="{colour}"/>'
    yield _text(RIGHT + 50, y + 4, line.name)
