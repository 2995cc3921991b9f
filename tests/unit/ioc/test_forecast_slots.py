"""The days ahead in slots: no rest time in any of them, and every deadline in exactly one. And the words for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.calendar import WorkCalendar
from ioc.forecast import words
from ioc.forecast.estimate import Basis
from ioc.forecast.slots import Cut, ahead, last_moment, slot_of
from tests.unit.ioc.forecast_lives import LOCAL, at

CALENDAR = WorkCalendar()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def named(now: datetime, cut: Cut) -> list[str]:
    return [words.ends(slot.until, now, LOCAL)[0] for slot in ahead(CALENDAR, now, cut)]


def test_on_friday_afternoon_the_slots_go_to_the_end_of_monday() -> None:
    monday = [f"T2 23/11 {clock}" for clock in ("09:30", "11:30", "15:00", "17:00")]
    assert named(at("20/11 14:05"), "hours") == ["hôm nay 15:00", "hôm nay 17:00", *monday]
    assert named(at("20/11 19:00"), "hours") == monday, "after hours the next working day is still Monday"
    assert named(at("21/11 10:00"), "hours") == monday, "and on Saturday too"


def test_over_the_holidays_of_april_and_may_no_slot_holds_rest_time() -> None:
    now = datetime(2026, 4, 29, 10, 0, tzinfo=LOCAL).astimezone(UTC)  # 30/4 and 1/5 rest, then a weekend
    assert {name.split()[-2] for name in named(now, "hours")} == {"nay", "04/05"}
    assert named(now, "days")[:2] == ["hôm nay 17:00", "T2 04/05 17:00"]


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from(["hours", "days"]))
def test_slots_follow_each_other_and_hold_all_working_time_up_to_their_end(minutes: int, cut: Cut) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
    slots = ahead(CALENDAR, now, cut)
    assert all(a.until <= b.since for a, b in pairwise(slots))
    inside = sum((CALENDAR.elapsed(slot.since, slot.until) for slot in slots), timedelta(0))
    assert inside == CALENDAR.elapsed(now, slots[-1].until)
    if cut == "hours":
        assert inside == sum((slot.until - slot.since for slot in slots), timedelta(0))


@given(st.integers(0, 30 * 24 * 60), st.integers(0, 30 * 24 * 60))
def test_every_deadline_falls_into_one_slot_and_by_day_into_that_of_its_day(minutes: int, later: int) -> None:
    now = at("02/11 08:00") + minutes * MINUTE
    due = now + later * MINUTE
    late_from = (due.astimezone(LOCAL) + DAY).replace(hour=0, minute=0).astimezone(UTC)
    moment = last_moment(CALENDAR, due, late_from)
    assert moment <= max(due, late_from)
    assert CALENDAR.elapsed(moment, due) == timedelta(0) or due.astimezone(LOCAL).time() == datetime.min.time()
    slots = ahead(CALENDAR, now, "hours")
    n = slot_of(slots, moment)
    if n is None:
        assert moment > slots[-1].until
    else:
        assert moment <= slots[n].until
        assert n == 0 or moment > slots[n - 1].until


@pytest.mark.parametrize(
    ("due", "late_from", "moment"),
    [
        ("20/11 09:30", "21/11 00:00", "20/11 09:30"),  # by date, appointed at an hour
        ("20/11 07:30", "21/11 00:00", "20/11 07:30"),  # at the opening, which is no closing of the day before
        ("20/11 00:00", "21/11 00:00", "20/11 17:00"),  # by date, appointed for a day
        ("20/11 12:15", "21/11 00:00", "20/11 11:30"),  # in the lunch break
        ("21/11 10:00", "22/11 00:00", "20/11 17:00"),  # on a Saturday
        ("20/11 00:00", "20/11 00:00", "19/11 17:00"),  # by instant, at midnight
    ],
)
def test_the_last_working_moment_in_time(due: str, late_from: str, moment: str) -> None:
    assert last_moment(CALENDAR, at(due), at(late_from)) == at(moment)


def test_words_carry_the_sign_of_an_estimate_and_vietnamese_numbers() -> None:
    assert words.about(1238.4, 1189.9, 1290.1) == "≈ 1.238 (1.189–1.291)"
    vi, en = words.why(Basis(depth=2, remaining=0.5, dossiers=1200, late=12))
    assert vi == "12 trong 1.200 hồ sơ tương tự (cùng thủ tục, đơn vị) khi còn 0,5 ngày làm việc đã trễ hạn"
    assert en == "12 of 1,200 similar dossiers (same procedure and unit) with 0.5 working day left became overdue"
    assert words.ends(at("23/11 09:30"), at("20/11 14:05"), LOCAL) == ("T2 23/11 09:30", "Mon 23/11 09:30")
