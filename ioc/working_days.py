"""Which local days are worked, and which half of them, as one growing list of day numbers. The foundation of ioc/calendar.py.

A day is worked unless it is a weekly rest day or a holiday; the rows of ioc/rest_days.py win over both. Days are
`date.toordinal()` numbers; whole years are added when first asked for, so any later question is a binary search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import holidays

from ioc.rest_days import CalendarError, RestDay

FIRST_YEAR, LAST_YEAR = 1976, 2099  # the years whose holidays are known or computable
LOW, HIGH = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
SATURDAY = 5  # as date.weekday() counts


class Part(IntEnum):
    """How much of a worked day is worked."""

    WHOLE = 0
    MORNING = 1
    AFTERNOON = 2
    SATURDAY = 3  # by the hours an office keeps on Saturdays


PARTS = {"work": Part.WHOLE, "morning": Part.MORNING, "afternoon": Part.AFTERNOON}


class Span(NamedTuple):
    """The working days of some years: covered from, covered to, their numbers, and the working time before each (and after the last)."""

    low: int
    high: int
    days: list[int]
    sums: list[int]


@lru_cache(maxsize=256)
def official(country: str, year: int) -> tuple[dict[date, str], frozenset[date]]:
    """(holidays with their Vietnamese names, weekend days worked in a swap) that the `holidays` package knows for one year."""
    found = holidays.country_holidays(country, years=year, language="vi" if country == "VN" else None)
    return dict(found.items()), frozenset(day for day in found.weekend_workdays if day.year == year)


class WorkingDays:
    """The numbers of the working days, in order. Grows by whole years; readers in other threads see the old list or the new one.

    `lengths`: the working time of each kind of day; Saturdays are worked as such if theirs is among them.
    """

    __slots__ = ("_country", "_lengths", "_parts", "_rows", "_span", "_weekly_rest", "_years")

    def __init__(self, *, weekly_rest: frozenset[int], rows: Sequence[RestDay], country: str | None, lengths: Mapping[Part, int]) -> None:
        self._rows, self._country, self._lengths = rows, country, lengths
        self._weekly_rest = weekly_rest - {SATURDAY} if Part.SATURDAY in lengths else weekly_rest
        self._years: dict[int, tuple[dict[date, str], dict[date, Part]]] = {}
        self._parts: dict[int, Part] = {}  # of every worked day covered
        self._span = Span(HIGH, LOW, [], [0])

    def why_rest(self, day: date) -> str | None:
        """None: a working day. "weekend", or the name of what the day is kept for."""
        self._reach(day.toordinal(), day.toordinal())
        names, worked = self._year(day.year)
        if day in worked:
            return None
        return names.get(day) or ("weekend" if day.weekday() in self._weekly_rest else None)

    def part(self, ordinal: int) -> Part | None:
        """How much of a day is worked; None: it is a rest day."""
        part = self._parts.get(ordinal)
        if part is None:
            self._reach(ordinal, ordinal)
            part = self._parts.get(ordinal)
        return part

    def between(self, a: int, b: int) -> int:
        """How many working days lie from `a` to before `b`, however short they are; negative if `b` comes first."""
        days = self._reach(min(a, b), max(a, b)).days
        return bisect_left(days, b) - bisect_left(days, a)

    def time_between(self, a: int, b: int) -> int:
        """How much is worked on them."""
        span = self._reach(min(a, b), max(a, b))
        return span.sums[bisect_left(span.days, b)] - span.sums[bisect_left(span.days, a)]

    def first_from(self, ordinal: int) -> int:
        """The day itself, or the next working day."""
        return self.step(ordinal, 0)

    def last_until(self, ordinal: int) -> int:
        """The day itself, or the working day before."""
        return self.step(ordinal + 1, -1)

    def step(self, ordinal: int, count: int) -> int:
        """The working day `count` working days from `ordinal`; from a rest day, 0 is the next working day and -1 the one before."""
        span = self._reach(ordinal, ordinal)
        while not 0 <= (at := bisect_left(span.days, ordinal) + count) < len(span.days):
            span = self._longer(later=at >= 0)
        return span.days[at]

    def at(self, ordinal: int, worked: int, *, opening: bool) -> tuple[int, int]:
        """The working day on which `worked` (maybe negative) has passed since the beginning of `ordinal`, and how much of it is that day's.

        Between two days it is all of the first, or (`opening`) nothing of the second.
        """
        span = self._reach(ordinal, ordinal)
        find = bisect_right if opening else bisect_left
        while True:
            total = span.sums[bisect_left(span.days, ordinal)] + worked
            at = find(span.sums, total) - 1
            if 0 <= at < len(span.days):
                return span.days[at], total - span.sums[at]
            span = self._longer(later=at >= 0)

    def _longer(self, *, later: bool) -> Span:
        low, high, *_ = self._span
        return self._reach(low, high + 1) if later else self._reach(low - 1, high)

    def _reach(self, low: int, high: int) -> Span:
        """The working days, covering at least [low, high]."""
        span = self._span
        if span.low <= low and high <= span.high:
            return span
        for ordinal in (low, high):
            if not LOW <= ordinal <= HIGH:
                told = f"{date.fromordinal(ordinal):%d/%m/%Y}" if 0 < ordinal <= date.max.toordinal() else f"day number {ordinal}"
                raise CalendarError(f"{told} is outside {FIRST_YEAR}-{LAST_YEAR}, the years of the calendar; correct the date")
        first = date.fromordinal(min(low, span.low)).year
        last = date.fromordinal(max(high, span.high)).year
        days = [n for year in range(first, last + 1) for n in self._worked_in(year)]
        sums = list(accumulate((self._lengths[self._parts[n]] for n in days), initial=0))
        self._span = span = Span(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal(), days, sums)
        return span

    def _worked_in(self, year: int) -> list[int]:
        """The worked days of a year, with the part of each noted by the way."""
        names, worked = self._year(year)
        rest = {day.toordinal() for day in names}
        extra = {day.toordinal(): part for day, part in worked.items()}
        days = []
        for n in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
            weekday = (n + 6) % 7  # date.weekday() of a day number
            usual = Part.SATURDAY if weekday == SATURDAY and Part.SATURDAY in self._lengths else Part.WHOLE
            if n not in extra and (n in rest or weekday in self._weekly_rest):
                continue
            self._parts[n] = extra.get(n, usual)
            days.append(n)
        return days

    def _year(self, year: int) -> tuple[dict[date, str], dict[date, Part]]:
        """(named rest days, days worked whatever their weekday) of one year after the table has spoken."""
        known = self._years.get(year)
        if known is not None:
            return known
        rest: dict[date, str] = {}
        extra: dict[date, Part] = {}
        if self._country:
            names, worked = official(self._country, year)
            rest.update(names)
            extra.update(dict.fromkeys(worked, Part.WHOLE))
        for row in self._rows:
            day = row.on(year)
            if day is None:
                continue
            rest.pop(day, None)
            extra.pop(day, None)
            if row.enabled and row.kind == "rest":
                rest[day] = row.note or "Ngày nghỉ"
            elif row.enabled:
                extra[day] = PARTS[row.kind]
        return self._years.setdefault(year, (rest, extra))
