"""A year as people look at it: only the days that are not what their weekday says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from ioc.calendar import RestDay, WorkCalendar
from ioc.calendar_year import shown, year_of

USUAL = WorkCalendar(country=None, rows=())


def test_a_year_without_holidays_has_nothing_to_tell() -> None:
    assert year_of(USUAL, 2026) == []
    assert year_of(replace(USUAL, saturday=((time(7, 30), time(11, 30)),)), 2024) == []


def test_rest_days_exchanged_days_and_half_days_are_told_apart() -> None:
    rows = (
        RestDay(day=date(2026, 1, 2), kind="rest", note="Hoán đổi"),
        RestDay(day=date(2026, 1, 10), kind="work", note="Bù ngày 02/01"),
        RestDay(day=date(2026, 2, 13), kind="morning"),
        RestDay(day=date(2026, 3, 1), kind="rest", note="Lễ vào Chủ nhật"),
        RestDay(day=date(2026, 3, 3), kind="rest", enabled=False),
    )
    assert year_of(replace(USUAL, rows=rows), 2026) == [
        {"day": "2026-01-02", "kind": "rest", "hours": [], "why": "Hoán đổi"},
        {"day": "2026-01-10", "kind": "work", "hours": ["07:30-11:30", "13:00-17:00"], "why": "Bù ngày 02/01"},
        {"day": "2026-02-13", "kind": "half", "hours": ["07:30-11:30"], "why": "Làm nửa ngày"},
        {"day": "2026-03-01", "kind": "rest", "hours": [], "why": "Lễ vào Chủ nhật"},
    ]


def test_the_shipped_calendar_tells_of_tet() -> None:
    told = {one["day"]: one for one in year_of(WorkCalendar(), 2026)}
    assert told["2026-02-17"]["why"] == "Tết Nguyên Đán"
    assert told["2026-01-10"]["kind"] == "work"


def test_rules_are_shown_without_their_rows_of_days() -> None:
    assert shown({"hours": [["07:30", "11:30"]], "rows": [{"day": "2026-01-01"}], "inner": {"rows": [], "zone": "x"}}) == {
        "hours": [["07:30", "11:30"]],
        "inner": {"zone": "x"},
    }
