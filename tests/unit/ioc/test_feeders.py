"""Which cut-offs there are, what became of each, and how they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ioc.calendar import WorkCalendar
from ioc.config import FeederConfig
from ioc.feeders import Delivery, Due, came, dues, excuse, flag, span, tally, unjudged, verdict

CALENDAR = WorkCalendar()
TEN = datetime(2024, 5, 3, 10, 0, tzinfo=UTC)  # 17:00 in Vietnam
MINUTE = timedelta(minutes=1)


def feeder(**more: Any) -> FeederConfig:
    return FeederConfig(source="onestop", **more)


def days(found: list[Due]) -> list[int]:
    return [due.day.day for due in found]


def test_cut_offs_fall_on_working_days_make_up_saturdays_among_them_and_holidays_not() -> None:
    may = dues(feeder(), date(2024, 4, 29), date(2024, 5, 8), CALENDAR)
    assert [due.day.isoformat()[5:] for due in may] == ["05-02", "05-03", "05-04", "05-06", "05-07", "05-08"]
    assert may[1].at == TEN
    assert may[0].after == datetime(2024, 4, 26, 10, tzinfo=UTC), "the Friday before the holidays"
    assert may[3].after == may[2].at, "what came after Saturday's cut-off counts for Monday"
    assert may[2].until == datetime(2024, 5, 6, 0, 30, tzinfo=UTC), "and is late for Saturday until Monday's work begins"


def test_every_day_means_every_day() -> None:
    assert days(dues(feeder(days="all"), date(2024, 5, 1), date(2024, 5, 5), CALENDAR)) == [1, 2, 3, 4, 5]


def test_figures_and_answers_belong_to_the_day_they_are_for() -> None:
    for expects in ("figures", "answer"):
        (due,) = dues(feeder(expects=expects, cutoff="08:30"), date(2024, 5, 3), date(2024, 5, 3), CALENDAR)
        assert (due.after, due.at) == (datetime(2024, 5, 2, 17, tzinfo=UTC), datetime(2024, 5, 3, 1, 30, tzinfo=UTC))


def test_only_cut_offs_that_have_passed_with_their_slack_and_were_not_judged_are_to_be_judged() -> None:
    begins, slack = date(2024, 5, 2), 2 * MINUTE

    def open_at(now: datetime, judged: datetime | None = None) -> list[int]:
        return days(list(unjudged(feeder(), judged, begins, now, slack, CALENDAR)))

    assert open_at(TEN + MINUTE) == [2]
    assert open_at(TEN + slack) == [2, 3]
    assert open_at(TEN + slack, judged=TEN - timedelta(days=1)) == [3]
    assert open_at(TEN + timedelta(days=4), judged=TEN) == [4, 6]


def test_what_happened_by_the_cut_off_came_by_it_although_we_read_it_a_little_later() -> None:
    due = Due(day=date(2024, 5, 3), at=TEN, after=TEN - timedelta(days=1), until=TEN + timedelta(hours=14))
    assert came(TEN - MINUTE, TEN + MINUTE, due, 2 * MINUTE) == TEN
    assert came(TEN - MINUTE, TEN + 3 * MINUTE, due, 2 * MINUTE) == TEN + 3 * MINUTE
    assert came(TEN + MINUTE, TEN + MINUTE, due, 2 * MINUTE) == TEN + MINUTE
    assert came(TEN - 9 * MINUTE, TEN - 8 * MINUTE, due, 2 * MINUTE) == TEN - 8 * MINUTE


@pytest.mark.parametrize(
    ("listened", "state", "expects", "words"),
    [
        (True, "fresh", "items", ""),
        (True, "late", "items", ""),
        (True, "stale", "items", ""),  # it answered: the unit put nothing in
        (True, "down", "items", "mất kết nối tới Một cửa"),
        (True, "never", "figures", "mất kết nối tới Một cửa"),
        (True, "down", "answer", ""),  # not answering is what it is blamed for
        (False, "fresh", "answer", "máy chủ IOC"),
        (False, "", "items", "máy chủ IOC"),
    ],
)
def test_a_miss_is_excused_when_it_is_not_the_units_fault(listened: bool, state: str, expects: str, words: str) -> None:
    said = excuse(listened, state, "Một cửa", expects)
    assert words in said
    assert bool(said) == bool(words)


def delivery(came_at: datetime | None, excused: str = "", reminders: int = 0) -> Delivery:
    return Delivery(source="onestop", unit="U1", due_at=TEN, came_at=came_at, excused=excused, reminders=reminders)


def test_each_delivery_is_one_of_four_and_the_sum_closes() -> None:
    all_kinds = [
        delivery(TEN),
        delivery(TEN - MINUTE, excused="x"),
        delivery(TEN + MINUTE, reminders=1),
        delivery(None, reminders=2),
        delivery(None, excused="x"),
        delivery(TEN + MINUTE, excused="x"),
    ]
    assert [verdict(one) for one in all_kinds] == ["met", "met", "late", "missed", "excused", "excused"]
    counted = tally(all_kinds)
    assert (counted.due, counted.met, counted.late, counted.missed, counted.excused, counted.reminders) == (6, 2, 1, 1, 2, 3)


def test_reminders_lead_to_a_review_and_then_to_discipline() -> None:
    assert [flag(n, 3, 6) for n in (0, 2, 3, 5, 6, 9)] == ["", "", "review", "review", "discipline", "discipline"]


def test_months_and_years_are_local() -> None:
    assert span(2024, 12, CALENDAR) == (datetime(2024, 11, 30, 17, tzinfo=UTC), datetime(2024, 12, 31, 17, tzinfo=UTC))
    assert span(2024, None, CALENDAR) == (datetime(2023, 12, 31, 17, tzinfo=UTC), datetime(2024, 12, 31, 17, tzinfo=UTC))
