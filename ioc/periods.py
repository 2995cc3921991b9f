"""Named stretches of time: "today", "month", "2024-Q2", "2016-01/2016-07". Pure.

Indicators count in them, screens ask for them, reports are printed for them. A period is half-open, [since, until), its borders
are local midnights given in UTC, and "today" is a calendar day that rolls at local midnight, never the last 24 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
# PostgreSQL's infinity has no Python datetime; these two stand for it and can be stored and compared on both sides.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
SHAPES = (
    "today, week, month, quarter, half, year, all, 2024, 2024-06, 2024-06-15, 2024-Q2, 2024-H1,"
    " or two of the dated ones with / between, both included"
)
_DATED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?|-Q(?P<quarter>[1-4])|-H(?P<half>[12]))?", re.ASCII)

Span = tuple[date, date]  # first day, day after the last


class PeriodError(ValueError):
    """The text names no period; the message holds it and the accepted shapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """[since, until), both in UTC."""

    name: str
    since: datetime
    until: datetime

    @property
    def last_instant(self) -> datetime:
        """The last instant inside, as the store counts them: one microsecond before the end."""
        return self.until - timedelta(microseconds=1)

    def __contains__(self, instant: datetime) -> bool:
        return self.since <= instant < self.until


def period(text: str, now: datetime, zone: ZoneInfo = VIETNAM) -> Period:
    """The period `text` names, seen from `now`. A week begins on Monday. Raises PeriodError."""
    if text == "all":
        return Period(name=text, since=BEGINNING, until=END)
    if now.tzinfo is None:
        raise PeriodError(f"now = {now.isoformat()} has no time zone; pass an aware datetime")
    first, after = _current(text, now.astimezone(zone).date()) or _range(text)
    return Period(name=text, since=_midnight(first, zone), until=_midnight(after, zone))


def _current(text: str, today: date) -> Span | None:
    """The day, week, ... that `today` lies in; None when `text` is no such word."""
    match text:
        case "today":
            return today, today + timedelta(days=1)
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            return _months(today.year, today.month, 1)
        case "quarter":
            return _months(today.year, (today.month - 1) // 3 * 3 + 1, 3)
        case "half":
            return _months(today.year, (today.month - 1) // 6 * 6 + 1, 6)
        case "year":
            return _months(today.year, 1, 12)
    return None


def _range(text: str) -> Span:
    """One dated period, or from the first day of one to the last day of another."""
    ends = [_dated(part, text) for part in text.split("/", 1)]
    first, after = ends[0][0], ends[-1][1]
    if first > ends[-1][0] or first >= after:
        raise PeriodError(f"period {text!r} ends before it begins; write the earlier one first")
    return first, after


def _dated(part: str, text: str) -> Span:
    found = _DATED.fullmatch(part)
    if found is None:
        raise PeriodError(f"period {text!r} is not understood; accepted: {SHAPES}")
    year, month, day, quarter, half = (int(n) if n else 0 for n in found.group("year", "month", "day", "quarter", "half"))
    try:
        if day:
            return date(year, month, day), date(year, month, day) + timedelta(days=1)
        if found["month"]:
            return _months(year, month, 1)
        if quarter:
            return _months(year, quarter * 3 - 2, 3)
        return _months(year, half * 6 - 5, 6) if half else _months(year, 1, 12)
    except (ValueError, OverflowError) as e:
        raise PeriodError(f"period {text!r} names no date of the calendar ({e}); accepted: {SHAPES}") from e


def _months(year: int, month: int, count: int) -> Span:
    first = date(year, month, 1)
    years, after = divmod(month - 1 + count, 12)
    return first, date(year + years, after + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight in UTC, kept between BEGINNING and END (the year 1 and the year 9999 overflow on conversion)."""
    if day <= BEGINNING.date() + timedelta(days=1):
        return BEGINNING
    if day >= END.date():
        return END
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
