"""What a number is held against: the same hour of yesterday, of last week, of the month before, of a year ago. Pure.

A period still running is compared up to the same hour of the same day, so that half a month is never held against a whole one; a period
that has passed is compared whole. Called by ioc/boards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ioc.periods import VIETNAM, Period, PeriodError, Span, a_year_before, is_week, months_later, named, spanning, whole_months

How = Literal["before", "week", "year"]  # the period before, the same days a week ago, the same period last year
ONE_WEEK = timedelta(days=7)


def compared_with(period: Period, at: datetime, how: How = "before", zone: ZoneInfo = VIETNAM) -> tuple[Period, datetime]:
    """The period to compare with and the instant to judge it at. Raises PeriodError where there is none.

    While `period` runs, `at` becomes the same hour of the same day of the other one; of a day it does not have, its last (31/10 -> 30/9).
    """
    try:
        span = period.since.astimezone(zone).date(), period.until.astimezone(zone).date()
        other = _other(span, how)
    except (ValueError, OverflowError):
        raise PeriodError(f"period {period.name!r} has none before it to compare with; name a day, week, month, quarter, ...") from None
    if other is None:
        raise PeriodError(f"period {period.name!r} is longer than a week; compare it with how=before or how=year")
    found = spanning(named(other), other, zone)
    if at >= period.last_instant:
        return found, found.last_instant
    local = at.astimezone(zone)
    then = datetime.combine(_same_day(local.date(), span, other, how), local.timetz()).astimezone(UTC)
    return found, min(then, found.last_instant)


def _other(span: Span, how: How) -> Span | None:
    """None: it has no last week."""
    if how == "year":
        return a_year_before(span)
    if how == "week":
        return (span[0] - ONE_WEEK, span[1] - ONE_WEEK) if span[1] - span[0] <= ONE_WEEK else None
    return _before(span)


def _before(span: Span) -> Span:
    """The stretch as long that ends where this one begins; months count as months. Nine months are held against those of the year before,
    as reports do: no other nine begin with a year."""
    first, after = span
    months = whole_months(span)
    if months == 9 and first.month == 1:
        return a_year_before(span)
    return (months_later(first, -months), first) if months else (first - (after - first), first)


def _same_day(day: date, span: Span, other: Span, how: How) -> date:
    """The day of the other span that corresponds to one of this: the same of its month, or as far in."""
    if whole_months(span) or (how == "year" and not is_week(span)):
        return months_later(day, (other[0].year - span[0].year) * 12 + other[0].month - span[0].month)
    return other[0] + (day - span[0])
