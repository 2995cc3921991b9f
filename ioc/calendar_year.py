"""A calendar as people look at it: the days of a year that are not what their weekday says, and its rules without long lists. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from ioc.calendar import FIRST_YEAR, LAST_YEAR, WorkCalendar

FIRST, LAST = FIRST_YEAR, LAST_YEAR
SATURDAY = 5
WORDS = {"rest": "Nghỉ", "work": "Làm bù", "half": "Làm nửa ngày"}


def year_of(calendar: WorkCalendar, year: int) -> list[dict[str, Any]]:
    """Every named rest day, and every day with other hours than its weekday has: {"day", "kind", "hours", "why"}.

    `kind`: "rest", "work" (a weekly rest day worked in exchange) or "half" (other hours than usual).
    """
    notes = {row.on(year): row.note for row in calendar.rows if row.enabled}
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [told for day in days if day.year == year and (told := _told(calendar, day, notes.get(day, "")))]


def _told(calendar: WorkCalendar, day: date, note: str) -> dict[str, Any] | None:
    worked, why = calendar.hours_on(day), calendar.why_rest(day)
    resting = day.weekday() in calendar.weekly_rest
    usual = calendar.saturday if day.weekday() == SATURDAY and calendar.saturday else () if resting else calendar.hours
    if worked == usual and why in (None, "weekend"):
        return None
    kind = "rest" if not worked else "work" if resting else "half"
    hours = [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in worked]
    return {"day": day.isoformat(), "kind": kind, "hours": hours, "why": note or why or WORDS[kind]}


def shown(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules without their rows of days, which year_of() shows as what they come to."""
    return {
        name: shown(value)
        if isinstance(value, Mapping)
        else [shown(one) if isinstance(one, Mapping) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in rules.items()
        if name != "rows"
    }
