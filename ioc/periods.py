"""Named stretches of time: "today", "month", "2024-Q2", "2026-W47", "2026-9M", "2016-01/2016-07", "month_last_year". Pure.

Indicators count in them, screens ask for them, reports are printed for them. A period is half-open, [since, until), its borders
are local midnights given in UTC, and "today" is a calendar day that rolls at local midnight, never the last 24 hours.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
# PostgreSQL's infinity has no Python datetime; these two stand for it and can be stored and compared on both sides.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
SHAPES = (
    "today, week, month, quarter, half, nine_months, year, each also of last year as in month_last_year, all,"
    " 2024, 2024-06, 2024-06-15, 2024-W25, 2024-Q2, 2024-H1, 2024-9M, or two of the dated ones with / between, both included"
)
LAST_YEAR = "_last_year"
LETTERS = {3: "Q", 6: "H"}
_DATED = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?|-W(?P<week>\d\d)|-Q(?P<quarter>[1-4])|-H(?P<half>[12])|-(?P<nine>9)M)?",
    re.ASCII,
)

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
    """The period `text` names, seen from `now`. A week begins on Monday. Raises PeriodError.

    It is called as it was asked for, but for a word of last year: that would name the year before when asked for at an instant inside.
    """
    if text == "all":
        return Period(name=text, since=BEGINNING, until=END)
    if now.tzinfo is None:
        raise PeriodError(f"now = {now.isoformat()} has no time zone; pass an aware datetime")
    span = _current(text, now.astimezone(zone).date()) or _range(text)
    return spanning(named(span) if text.endswith(LAST_YEAR) else text, span, zone)


def spanning(name: str, span: Span, zone: ZoneInfo = VIETNAM) -> Period:
    """The period of some whole local days."""
    return Period(name=name, since=midnight(span[0], zone), until=midnight(span[1], zone))


def named(span: Span) -> str:
    """The shortest dated name of a span: "2026-11-20", "2026-W47", "2026-11", "2026-Q4", ..., "2026-11-02/2026-11-05"."""
    first, after = span
    last, count = after - timedelta(days=1), whole_months(span)
    if after - first == timedelta(days=1):
        return first.isoformat()
    if count == 1:
        return first.isoformat()[:7]
    if count in LETTERS and (first.month - 1) % count == 0:
        return f"{first.year:04}-{LETTERS[count]}{(first.month - 1) // count + 1}"
    if count in (9, 12) and first.month == 1:
        return f"{first.year:04}-9M" if count == 9 else f"{first.year:04}"
    if count:
        return f"{first.isoformat()[:7]}/{last.isoformat()[:7]}"
    if is_week(span):
        year, week, _ = first.isocalendar()
        return f"{year:04}-W{week:02}"
    return f"{first.isoformat()}/{last.isoformat()}"


def a_year_before(span: Span) -> Span:
    """The same days of the year before; a 29 February becomes the 28th. A week becomes that of its number, or 52 for 53."""
    first, after = span
    if is_week(span):
        year, week, _ = first.isocalendar()
        monday = date.fromisocalendar(year - 1, min(week, _weeks_in(year - 1)), 1)
        return monday, monday + timedelta(days=7)
    if whole_months(span):
        return months_later(first, -12), months_later(after, -12)
    return months_later(first, -12), months_later(after - timedelta(days=1), -12) + timedelta(days=1)


def whole_months(span: Span) -> int:
    """How many calendar months a span is; 0 when it is not made of whole ones."""
    first, after = span
    if first.day != 1 or after.day != 1:
        return 0
    return (after.year - first.year) * 12 + after.month - first.month


def is_week(span: Span) -> bool:
    return span[0].weekday() == 0 and span[1] - span[0] == timedelta(days=7)


def months_later(day: date, count: int) -> date:
    """The same day of another month, or that month's last."""
    years, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def midnight(day: date, zone: ZoneInfo = VIETNAM) -> datetime:
    """Local midnight in UTC, kept between BEGINNING and END (the year 1 and the year 9999 overflow on conversion)."""
    if day <= BEGINNING.date() + timedelta(days=1):
        return BEGINNING
    if day >= END.date():
        return END
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _current(text: str, today: date) -> Span | None:
    """The day, week, ... that `today` lies in, or that of last year; None when `text` is no such word."""
    if text.endswith(LAST_YEAR):
        span = _current(text.removesuffix(LAST_YEAR), today) if text.count(LAST_YEAR) == 1 else None
        return None if span is None else a_year_before(span)
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
        case "nine_months":
            return _months(today.year, 1, 9)
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
    given = {name: int(number) for name, number in found.groupdict().items() if number}
    try:
        return _stretch(given)
    except (ValueError, OverflowError) as e:
        raise PeriodError(f"period {text!r} names no date of the calendar ({e}); accepted: {SHAPES}") from e


def _stretch(given: dict[str, int]) -> Span:
    """The days of {"year": 2024, "quarter": 2} and the like. Raises ValueError or OverflowError for what no calendar has."""
    year = given.get("year", 0)
    match given:
        case {"month": month, "day": day}:
            return date(year, month, day), date(year, month, day) + timedelta(days=1)
        case {"month": month}:
            return _months(year, month, 1)
        case {"week": week}:
            monday = date.fromisocalendar(year, week, 1)
            return monday, monday + timedelta(days=7)
        case {"quarter": quarter}:
            return _months(year, quarter * 3 - 2, 3)
        case {"half": half}:
            return _months(year, half * 6 - 5, 6)
    return _months(year, 1, given.get("nine", 12))


def _months(year: int, month: int, count: int) -> Span:
    first = date(year, month, 1)
    years, after = divmod(month - 1 + count, 12)
    return first, date(year + years, after + 1, 1)


def _weeks_in(year: int) -> int:
    """52 or 53: 28 December lies in a year's last week (ISO 8601)."""
    return date(year, 12, 28).isocalendar().week
