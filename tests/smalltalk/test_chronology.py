"""Laws of the calendar that single snippets cannot state, checked against Python on random days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.smalltalk import harness

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: A world is made once a test: examples share it and only compute.
SHARED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Julian day number of the day before the first of year 1, from which Python counts days.
JULIAN_DAY_BEFORE_YEAR_1 = 1_721_425

days = st.dates()
moments = st.datetimes(
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)


@pytest.fixture
def world() -> World:
    """A world that evaluated before: the first evaluation raises Python's recursion limit, which hypothesis watches."""
    world = harness.new_world()
    harness.evaluate(world, "nil")
    return world


@SHARED
@given(days)
def test_a_day_has_the_fields_of_its_number_and_the_number_of_its_fields(world: World, day: date) -> None:
    number = day.toordinal() + JULIAN_DAY_BEFORE_YEAR_1
    fields = f"(DateAndTime julianDayNumber: {number}) dayMonthYearDo: [ :day :month :year | {{ day. month. year }} ]"
    assert harness.evaluate(world, fields) == f"#({day.day} {day.month} {day.year})"
    numbers = f"| day | day := Date year: {day.year} month: {day.month} day: {day.day}."
    got = harness.evaluate(world, f"{numbers} {{ day julianDayNumber. day dayOfWeek. day dayOfYear }}")
    assert got == f"#({number} {day.isoweekday() % 7 + 1} {day.timetuple().tm_yday})"


@SHARED
@given(days.filter(lambda day: day.year >= 100))
def test_a_printed_day_reads_back_as_the_same_day(world: World, day: date) -> None:
    """A year of one or two digits is read as one of this century, as in Pharo."""
    made = f"| day | day := Date year: {day.year} month: {day.month} day: {day.day}."
    assert harness.evaluate(world, f"{made} (Date readFrom: day yyyymmdd pattern: 'y-mm-dd') = day") == "true"


@SHARED
@given(days)
def test_the_weeks_of_a_year_are_those_of_iso_8601(world: World, day: date) -> None:
    year, week, weekday = day.isocalendar()
    got = harness.evaluate(world, f"(Date year: {year} week: {week} day: {weekday}) yyyymmdd")
    assert got == f"'{day.year}-{day.month:02}-{day.day:02}'"


@SHARED
@given(moments, moments)
def test_moments_are_read_subtracted_and_compared_exactly(world: World, first: datetime, second: datetime) -> None:
    texts = [f"'{moment.isoformat()}' asDateAndTime" for moment in (first, second)]
    microseconds = (first - second) // timedelta(microseconds=1)
    assert harness.evaluate(world, f"({texts[0]} - {texts[1]}) asNanoSeconds // 1000") == str(microseconds)
    assert harness.evaluate(world, f"{texts[0]} < {texts[1]}") == ("true" if first < second else "false")


@SHARED
@given(moments)
def test_a_printed_moment_reads_back_as_the_same_moment_at_the_same_offset(world: World, moment: datetime) -> None:
    made = (
        f"| moment again | moment := '{moment.isoformat()}' asDateAndTime. again := moment printString asDateAndTime."
    )
    assert harness.evaluate(world, f"{made} {{ again = moment. again offset = moment offset }}") == "#(true true)"


@SHARED
@given(st.integers(-(10**12), 10**12))
def test_unix_time_counts_from_1970_in_utc(world: World, seconds: int) -> None:
    assert harness.evaluate(world, f"(DateAndTime fromUnixTime: {seconds}) asUnixTime") == str(seconds)
    if abs(seconds) < 10**9:
        moment = datetime.fromtimestamp(seconds, UTC).isoformat()
        assert harness.evaluate(world, f"DateAndTime fromUnixTime: {seconds}") == moment
