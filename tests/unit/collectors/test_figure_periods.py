"""Which period a record is about, in all the ways it may say so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.figure_periods import SHAPES, named, numbered, read_period
from ioc.periods import period

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        ("day", "20/11/2026", "2026-11-20"),
        ("day", "20261120", "2026-11-20"),
        ("day", "20261120083000", "2026-11-20"),
        ("day", "2026-11-19T18:00:00Z", "2026-11-20"),  # in Vietnam
        ("month", "11/2026", "2026-11"),
        ("month", "2026/11", "2026-11"),
        ("month", "202611", "2026-11"),
        ("month", "Tháng 3/2026", "2026-03"),
        ("month", "tháng 3 năm 2026", "2026-03"),
        ("month", "T3/2026", "2026-03"),
        ("month", "15/03/2026", "2026-03"),
        ("quarter", "Quý IV/2026", "2026-Q4"),
        ("quarter", "quý 3 năm 2026", "2026-Q3"),
        ("quarter", "Q1/2026", "2026-Q1"),
        ("quarter", "2/2026", "2026-Q2"),
        ("quarter", "2026-05-15", "2026-Q2"),
        ("half", "6 tháng đầu năm 2026", "2026-H1"),
        ("half", "6 tháng cuối 2026", "2026-H2"),
        ("half", "H2/2026", "2026-H2"),
        ("year", "Năm 2026", "2026"),
        ("year", "31/12/2025", "2025"),
        ("", "2026", "2026"),
        ("", "2026-11", "2026-11"),
        ("", "2026-Q4", "2026-Q4"),
        ("", "2026-H1", "2026-H1"),
        ("", "20/11/2026", "2026-11-20"),
    ],
)
def test_a_period_is_read_in_each_writing(shape: str, text: str, expected: str) -> None:
    assert read_period(text, shape, VIETNAM) == expected
    assert period(expected, NOW).name == expected


@pytest.mark.parametrize(
    ("shape", "text"),
    [("day", "2026-11"), ("month", "13/2026"), ("month", "0/2026"), ("quarter", "5/2026"), ("quarter", "Quý V/2026"), ("year", "1800"),
     ("year", "26"), ("", "4/2026"), ("", "11/2026"), ("", "2026-13"), ("", "2026-Q5"), ("half", "6 tháng giữa 2026")],
)  # fmt: skip
def test_what_is_no_period_or_could_be_two_is_refused(shape: str, text: str) -> None:
    with pytest.raises(ValueError):
        read_period(text, shape, VIETNAM)


def test_the_finest_of_some_numbers_counts() -> None:
    assert numbered({"year": 2026, "quarter": 4, "month": 11}) == "2026-11"
    assert numbered({"year": 2026, "month": 11, "day": 2}) == "2026-11-02"
    assert numbered({"year": 2026}) == "2026"


@given(st.dates(date(1990, 1, 1), date(2199, 12, 31)), st.sampled_from(SHAPES))
def test_the_period_of_a_day_holds_that_day(day: date, shape: str) -> None:
    name = named(shape, day)
    assert datetime(day.year, day.month, day.day, 12, tzinfo=VIETNAM) in period(name, NOW)
    assert read_period(day.isoformat(), shape, VIETNAM) == name


@given(st.one_of(st.text(), st.text("0123456789/-QqHTháng năđuý")), st.sampled_from(["", *SHAPES]))
def test_what_is_read_is_a_period_of_ours_and_only_a_value_error_leaves(text: str, shape: str) -> None:
    try:
        found = read_period(text, shape, VIETNAM)
    except (ValueError, OverflowError):
        return
    assert period(found, NOW).name == found
