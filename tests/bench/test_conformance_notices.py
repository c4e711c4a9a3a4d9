"""Notices of public cases are read and compared by place."""

from __future__ import annotations

from bench.conformance_notices import Notice, NoticeTally, position_of, read_notices


def test_notices_are_read_from_their_literal() -> None:
    assert read_notices("#( #( 3 4 5 'it''s' )\n #( 6 7 8 'gone' ) )") == [
        Notice(3, 4, 5, "it's"),
        Notice(6, 7, 8, "gone"),
    ]


def test_a_place_counts_the_lines_before_it() -> None:
    assert position_of("ab\r\ncd\nef", 3, 2) == 9


def test_a_refusal_agrees_at_the_place_of_any_notice() -> None:
    tally = NoticeTally()
    case = {"id": "made up", "source": "x := (3", "notices": "#( #( 6 7 8 ''')'' expected' ) )"}
    tally.count(case, (1, 6), "')' expected")
    tally.count(case, (1, 8), "something else")
    tally.count(case, (1, 1), "')' expected")
    assert (tally.seen, tally.placed, tally.worded) == (3, 2, 1)
    assert len(tally.astray) == 1
