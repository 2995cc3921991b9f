"""Which local days are worked, as one growing list of day numbers. The foundation of ioc/calendar.py, which adds the hours.

A day is worked unless it is a weekly rest day or a holiday; the rows of ioc/rest_days.py win over both. Days are
`date.toordinal()` numbers; whole years are added when first asked for, so any later question is a binary search.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import holidays

from ioc.rest_days import CalendarError, RestDay

FIRST_YEAR, LAST_YEAR = 1976, 2099  # the years whose holidays are known or computable
LOW, HIGH = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()


@lru_cache(maxsize=256)
def official(country: str, year: int) -> tuple[dict[date, str], frozenset[date]]:
    """(holidays with their Vietnamese names, weekend days worked in a swap) that the `holidays` package knows for one year."""
    found = holidays.country_holidays(country, years=year, language="vi" if country == "VN" else None)
    return dict(found.items()), frozenset(day for day in found.weekend_workdays if day.year == year)


class WorkingDays:
    """The numbers of the working days, in order. Grows by whole years; readers in other threads see the old list or the new one."""

    __slots__ = ("_country", "_rows", "_span", "_weekly_rest", "_years")

    def __init__(self, *, weekly_rest: frozenset[int], rows: Sequence[RestDay], country: str | None) -> None:
        self._weekly_rest, self._rows, self._country = weekly_rest, rows, country
        self._years: dict[int, tuple[dict[date, str], frozenset[date]]] = {}
        self._span: tuple[int, int, list[int]] = (HIGH, LOW, [])  # covered from, covered to, the working days between

    def why_rest(self, day: date) -> str | None:
        """None: a working day. "weekend", or the name of what the day is kept for."""
        self._reach(day.toordinal(), day.toordinal())
        names, worked = self._year(day.year)
        if day in worked:
            return None
        return names.get(day) or ("weekend" if day.weekday() in self._weekly_rest else None)

    def holds(self, ordinal: int) -> bool:
        days = self._reach(ordinal, ordinal)
        at = bisect_left(days, ordinal)
        return at < len(days) and days[at] == ordinal

    def between(self, a: int, b: int) -> int:
        """How many working days lie in [a, b)."""
        days = self._reach(a, b)
        return bisect_left(days, b) - bisect_left(days, a)

    def first_from(self, ordinal: int) -> int:
        """The day itself, or the next working day."""
        return self.step(ordinal, 0)

    def last_until(self, ordinal: int) -> int:
        """The day itself, or the working day before."""
        return self.step(ordinal + 1, -1)

    def step(self, ordinal: int, count: int) -> int:
        """The working day `count` working days from `ordinal`; from a rest day, 0 is the next working day and -1 the one before."""
        days = self._reach(ordinal, ordinal)
        while not 0 <= (at := bisect_left(days, ordinal) + count) < len(days):
            low, high, _ = self._span
            days = self._reach(low, high + 1) if at >= 0 else self._reach(low - 1, high)
        return days[at]

    def _reach(self, low: int, high: int) -> list[int]:
        """The working days, covering at least [low, high]."""
        covered_from, covered_to, days = self._span
        if covered_from <= low and high <= covered_to:
            return days
        for ordinal in (low, high):
            if not LOW <= ordinal <= HIGH:
                told = f"{date.fromordinal(ordinal):%d/%m/%Y}" if 0 < ordinal <= date.max.toordinal() else f"day number {ordinal}"
                raise CalendarError(f"{told} is outside {FIRST_YEAR}-{LAST_YEAR}, the years of the calendar; correct the date")
        first = date.fromordinal(min(low, covered_from)).year
        last = date.fromordinal(max(high, covered_to)).year
        days = [n for year in range(first, last + 1) for n in self._worked_in(year)]
        self._span = (date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal(), days)
        return days

    def _worked_in(self, year: int) -> list[int]:
        names, worked = self._year(year)
        rest = {day.toordinal() for day in names}
        extra = {day.toordinal() for day in worked}
        days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
        # date.weekday() is (ordinal + 6) % 7
        return [n for n in days if n in extra or (n not in rest and (n + 6) % 7 not in self._weekly_rest)]

    def _year(self, year: int) -> tuple[dict[date, str], frozenset[date]]:
        """(named rest days, make-up days) of one year after the table has spoken."""
        known = self._years.get(year)
        if known is not None:
            return known
        rest: dict[date, str] = {}
        extra: set[date] = set()
        if self._country:
            names, worked = official(self._country, year)
            rest.update(names)
            extra.update(worked)
        for row in self._rows:
            day = row.on(year)
            if day is None:
                continue
            rest.pop(day, None)
            extra.discard(day)
            if row.enabled and row.kind == "rest":
                rest[day] = row.note or "Ngày nghỉ"
            elif row.enabled:
                extra.add(day)
        return self._years.setdefault(year, (rest, frozenset(extra)))
