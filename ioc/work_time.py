"""Counting along the working days of one office: moments in, moments out. The arithmetic under ioc/calendar.py, which adds zone and rules.

Pure and in integers. There are two measures. In `days` every working day is a whole one, however short it is; in `hours` it is what is
really worked on it. They differ only where there are half days, or Saturdays with hours of their own.
"""

from __future__ import annotations

from ioc.day_hours import Hours, Stretches, halves
from ioc.rest_days import CalendarError, RestDay
from ioc.working_days import Part, WorkingDays

Moment = tuple[int, int]  # a local instant: (date.toordinal(), microseconds since its midnight)


class WorkTime:
    """The working days with their hours. Raises CalendarError for hours that are none, or a row that gives a half there is not."""

    __slots__ = ("_of", "days", "usual")

    def __init__(
        self, *, hours: Stretches, saturday: Stretches, weekly_rest: frozenset[int], rows: tuple[RestDay, ...], country: str | None
    ) -> None:
        kinds = zip(Part, (hours, *halves(hours), saturday), strict=True)
        self._of = {part: Hours(given) for part, given in kinds if given or part is Part.WHOLE}
        self.usual = self._of[Part.WHOLE]
        for row in rows:
            if row.enabled and row.kind in ("morning", "afternoon") and Part[row.kind.upper()] not in self._of:
                raise CalendarError(f"{row.day:%d/%m/%Y} is worked in the {row.kind}, but no working hours begin then; correct the row")
        lengths = {part: on.length for part, on in self._of.items()}
        self.days = WorkingDays(weekly_rest=weekly_rest, rows=rows, country=country, lengths=lengths)

    def on(self, ordinal: int) -> Hours:
        """The hours of a day; of a rest day, were it worked."""
        return self._of[self.days.part(ordinal) or Part.WHOLE]

    def opening(self, moment: Moment) -> Moment:
        """The first moment at or after `moment` that lies in [opens, closes) of a working day."""
        part = self.days.part(moment[0])
        at = None if part is None else self._of[part].opening(moment[1])
        if at is not None:
            return moment[0], at
        day = self.days.first_from(moment[0] + 1)
        return day, self.on(day).opens

    def closing(self, moment: Moment) -> Moment:
        """The last moment at or before `moment` that lies in (opens, closes] of a working day."""
        part = self.days.part(moment[0])
        at = None if part is None else self._of[part].closing(moment[1])
        if at is not None:
            return moment[0], at
        day = self.days.last_until(moment[0] - 1)
        return day, self.on(day).closes

    def in_hours(self, a: Moment, b: Moment) -> int:
        """Microseconds worked from `a` to `b`; negative if `b` comes first."""
        return self.days.time_between(a[0], b[0]) + self._into(b) - self._into(a)

    def in_days(self, a: Moment, b: Moment) -> int:
        """The same, were every working day a whole one."""
        into_a, into_b = (self.usual.until(at) if self.days.part(day) is not None else 0 for day, at in (a, b))
        return self.days.between(a[0], b[0]) * self.usual.length + into_b - into_a

    def by_hours(self, moment: Moment, length: int, *, opening: bool) -> Moment:
        """The moment `length` (maybe negative) of working time from `moment`, which lies in working time.

        Where a break lies at that point, night or lunch, it is its end (`opening`) or its beginning. Days counted forward take the end,
        so that 07:30 stays 07:30; hours take the beginning, so that eight hours end at 17:00. Backward the reverse.
        """
        day, rest = self.days.at(moment[0], self._into(moment) + length, opening=opening)
        return day, self.on(day).at(rest, opening=opening)

    def by_days(self, moment: Moment, length: int, *, opening: bool) -> Moment:
        """The same, were every working day a whole one; so it may lie in the half of a day that is not worked."""
        length += self.usual.until(moment[1])
        days = length // self.usual.length if opening else (length - 1) // self.usual.length
        return self.days.step(moment[0], days), self.usual.at(length - days * self.usual.length, opening=opening)

    def _into(self, moment: Moment) -> int:
        """How much of its day is worked before a moment."""
        part = self.days.part(moment[0])
        return 0 if part is None else self._of[part].until(moment[1])
