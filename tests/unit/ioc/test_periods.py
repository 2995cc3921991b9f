"""Named stretches of time, seen from an instant in a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ioc.periods import BEGINNING, END, PeriodError, period

VN = ZoneInfo("Asia/Ho_Chi_Minh")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


NOW = local("2026-11-20T14:05:32")  # a Friday

SPANS = [
    ("today", "2026-11-20", "2026-11-21"),
    ("week", "2026-11-16", "2026-11-23"),
    ("month", "2026-11-01", "2026-12-01"),
    ("quarter", "2026-10-01", "2027-01-01"),
    ("half", "2026-07-01", "2027-01-01"),
    ("nine_months", "2026-01-01", "2026-10-01"),
    ("year", "2026-01-01", "2027-01-01"),
    ("2024", "2024-01-01", "2025-01-01"),
    ("2024-06", "2024-06-01", "2024-07-01"),
    ("2024-12", "2024-12-01", "2025-01-01"),
    ("2024-02-29", "2024-02-29", "2024-03-01"),
    ("2024-12-31", "2024-12-31", "2025-01-01"),
    ("2024-Q1", "2024-01-01", "2024-04-01"),
    ("2024-Q2", "2024-04-01", "2024-07-01"),
    ("2024-Q4", "2024-10-01", "2025-01-01"),
    ("2024-H1", "2024-01-01", "2024-07-01"),
    ("2026-9M", "2026-01-01", "2026-10-01"),
    ("2026-W47", "2026-11-16", "2026-11-23"),
    ("2026-W01", "2025-12-29", "2026-01-05"),
    ("2026-W53", "2026-12-28", "2027-01-04"),
    ("2026-W46/2026-W47", "2026-11-09", "2026-11-23"),
    ("today_last_year", "2025-11-20", "2025-11-21"),
    ("week_last_year", "2025-11-17", "2025-11-24"),
    ("month_last_year", "2025-11-01", "2025-12-01"),
    ("quarter_last_year", "2025-10-01", "2026-01-01"),
    ("half_last_year", "2025-07-01", "2026-01-01"),
    ("nine_months_last_year", "2025-01-01", "2025-10-01"),
    ("year_last_year", "2025-01-01", "2026-01-01"),
    ("2024-H2", "2024-07-01", "2025-01-01"),
    ("2016-01/2016-07", "2016-01-01", "2016-08-01"),
    ("2024-06-15/2024-06-20", "2024-06-15", "2024-06-21"),
    ("2023/2024-Q1", "2023-01-01", "2024-04-01"),
    ("2024-06/2024-06", "2024-06-01", "2024-07-01"),
]


@pytest.mark.parametrize(("text", "since", "until"), SPANS, ids=[text for text, *_ in SPANS])
def test_a_period_runs_between_local_midnights(text: str, since: str, until: str) -> None:
    found = period(text, NOW, VN)
    assert (found.since, found.until) == (local(since), local(until))
    assert period(found.name, found.last_instant, VN) == found, "its name and an instant of it lead back to it"
    assert found.name == text or text.endswith("_last_year")
    assert found.since.tzinfo is found.until.tzinfo is UTC


def test_today_rolls_at_local_midnight() -> None:
    before, after = period("today", local("2026-11-20T23:59:59"), VN), period("today", local("2026-11-21T00:00:01"), VN)
    assert (before.since, before.until) == (local("2026-11-20"), local("2026-11-21"))
    assert after.since == before.until
    assert period("today", datetime(2026, 11, 20, 17, tzinfo=UTC), VN) == after


def test_today_is_no_rolling_day() -> None:
    assert period("today", local("2026-11-20T00:00"), VN) == period("today", local("2026-11-20T23:59:59.999999"), VN)


@pytest.mark.parametrize(
    ("word", "border"), [("week", "2026-11-23"), ("month", "2026-12-01"), ("quarter", "2027-01-01"), ("year", "2027-01-01")]
)
def test_a_minute_before_and_a_minute_after_local_midnight_lie_in_different_periods(word: str, border: str) -> None:
    edge = local(border)
    before, after = period(word, edge - timedelta(minutes=1), VN), period(word, edge + timedelta(minutes=1), VN)
    assert before.until == after.since == edge
    assert edge - timedelta(minutes=1) in before
    assert edge + timedelta(minutes=1) in after
    assert edge in after


def test_29_february_is_a_day_of_its_own_and_last_year_its_28th() -> None:
    leap = local("2024-02-29T23:59")
    assert period("today", leap, VN).until == local("2024-03-01")
    assert period("today_last_year", leap, VN).since == local("2023-02-28")
    assert period("month_last_year", leap, VN).until == local("2023-03-01")


def test_a_week_53_belongs_to_the_year_its_thursday_lies_in() -> None:
    new_year = local("2027-01-01T00:01")  # a Friday
    assert period("week", new_year, VN).since == period("2026-W53", new_year, VN).since
    assert period("week_last_year", new_year, VN).since == period("2025-W52", new_year, VN).since


def test_the_zone_decides_the_day() -> None:
    assert period("today", datetime(2026, 11, 20, 20, tzinfo=UTC), ZoneInfo("UTC")).since == datetime(2026, 11, 20, tzinfo=UTC)


def test_the_current_period_begins_and_ends_where_the_next_one_does() -> None:
    assert period("quarter", local("2026-01-01T00:00"), VN).since == local("2026-01-01")
    assert period("quarter", local("2026-12-31T23:59"), VN).until == local("2027-01-01")
    assert period("half", local("2026-06-30T23:59"), VN).until == period("half", local("2026-07-01T00:00"), VN).since
    assert period("week", local("2026-11-22T23:59"), VN).until == period("week", local("2026-11-23T00:00"), VN).since


def test_all_holds_every_instant_the_store_can_hold() -> None:
    everything = period("all", NOW, VN)
    assert (everything.since, everything.until) == (BEGINNING, END)
    assert NOW in everything


def test_the_end_is_outside_and_the_last_instant_inside() -> None:
    june = period("2024-06", NOW, VN)
    assert june.since in june
    assert june.until not in june
    assert june.last_instant in june
    assert june.until - june.last_instant == timedelta(microseconds=1)


def test_the_first_and_the_last_year_can_be_named() -> None:
    assert period("0001", NOW, VN).since == BEGINNING
    assert period("9998", NOW, VN).until == END


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "Today", "24-06", "2024-6", "2024-13", "2024-00", "2024-02-30", "2024-Q5", "2024-Q0", "2024-H3",
     "2024-q2", "2024-Q2-01", "2024/", "/2024", "2024/2025/2026", "2024-07/2024-06", "2025/2024-06", "today/2024", "0000",
     "9999", " 2024", "２０２４", "2025-W53", "2026-W00", "2026-W54", "2026-W1", "2026-w47", "2026-6M", "2026-9m", "9months",
     "all_last_year", "_last_year", "month_last_year_last_year", "2026-11_last_year"],
)  # fmt: skip
def test_what_is_no_period_is_named_with_the_accepted_shapes(text: str) -> None:
    with pytest.raises(PeriodError) as caught:
        period(text, NOW, VN)
    assert repr(text) in str(caught.value)


def test_a_naive_now_is_an_error() -> None:
    with pytest.raises(PeriodError, match="no time zone"):
        period("today", datetime(2026, 11, 20), VN)
