"""Working time: which days are worked, when something is due, and how much working time lies between two instants.

`ioc/deadline.py` asks it for the columns the store keeps, `alerts` for steps in working time, the header for "today is a rest day".
Pure, and exact to the microsecond. It promises that one day is one working day (never 24 hours), that another rest day never
moves a due date earlier, and that the working hours `due` counts forward are the ones `elapsed` measures.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from ioc.rest_days import CalendarError, RestDay, TableError, rest_days
from ioc.working_days import FIRST_YEAR, LAST_YEAR, WorkingDays

__all__ = ["FIRST_YEAR", "LAST_YEAR", "CalendarError", "RestDay", "TableError", "WorkCalendar", "rest_days"]

HOURS = ((time(7, 30), time(11, 30)), (time(13), time(17)))
WEEKEND = frozenset({5, 6})  # Saturday, Sunday, as date.weekday() counts
HOUR = 3_600_000_000  # microseconds, the unit of all arithmetic here
DAY = 24 * HOUR

Moment = tuple[int, int]  # a local instant: (date.toordinal(), microseconds since its midnight)


class Length(Protocol):
    """A `ioc.model.Term`: `unit` is "working_days", "working_hours" or "calendar_days"."""

    @property
    def amount(self) -> float: ...
    @property
    def unit(self) -> str: ...


class Stretch(Protocol):
    """A `ioc.model.Pause`."""

    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The working time of one administration. Any zone in, `timezone.utc` out; a naive datetime is an error.

    An office is open in [opens, closes): what comes in at 17:00:00 sharp came in after hours. `country` names the holidays
    of the `holidays` package (None: none); `rows` win over them. `version` names exactly these rules, for stored verdicts.
    """

    hours: tuple[tuple[time, time], ...] = HOURS
    weekly_rest: frozenset[int] = WEEKEND
    rows: tuple[RestDay, ...] = field(default_factory=rest_days)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    country: str | None = "VN"
    version: str = field(init=False, compare=False)
    _halves: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    _length: int = field(init=False, repr=False, compare=False)
    _days: WorkingDays = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        halves = tuple((_clock(opens), _clock(closes)) for opens, closes in self.hours)
        edges = [edge for half in halves for edge in half]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            told = ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in self.hours)
            raise CalendarError(f"working hours {told!r} must be stretches of one day in order, like 07:30-11:30, 13:00-17:00")
        if not self.weekly_rest < frozenset(range(7)):
            raise CalendarError(f"weekly rest days {sorted(self.weekly_rest)} must be some of 0 (Monday) to 6 (Sunday), not all")
        rules = repr((self.hours, sorted(self.weekly_rest), self.rows, str(self.zone), self.country))
        days = WorkingDays(weekly_rest=self.weekly_rest, rows=self.rows, country=self.country)
        for name, value in (
            ("_halves", halves),
            ("_length", sum(closes - opens for opens, closes in halves)),
            ("_days", days),
            ("version", hashlib.sha256(rules.encode()).hexdigest()[:12]),
        ):
            object.__setattr__(self, name, value)

    def is_working(self, day: date) -> bool:
        return self._days.why_rest(day) is None

    def why_rest(self, day: date) -> str | None:
        """None: a working day. "weekend", or the Vietnamese name of the holiday or of the table's row."""
        return self._days.why_rest(day)

    def is_open(self, instant: datetime) -> bool:
        moment = self._moment(instant)
        return self._opening(moment) == moment

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself while an office is open, else when it opens next."""
        return self._instant(self._opening(self._moment(instant)))

    def opening(self, day: date) -> datetime:
        """When the hours of `day` begin, were it worked."""
        return self._instant((day.toordinal(), self._halves[0][0]))

    def closing(self, day: date) -> datetime:
        """When the hours of `day` end, were it worked."""
        return self._instant((day.toordinal(), self._halves[-1][1]))

    def due(self, received: datetime, term: Length, pauses: Iterable[Stretch] = ()) -> datetime:
        """When `term` has run out for something received at `received`.

        Counting starts at the reception, or at the next opening if it came after hours or on a rest day, and then:
        - working days: the same time of day N working days later; the day of reception is not counted. A fraction is
          working time: half a day from 09:00 ends at 14:30, from 13:00 at the next opening;
        - working hours: when exactly that much working time has passed (so 8 hours from 07:30 end at 17:00 the same day);
        - calendar days: the closing of the Nth day after, or of the next working day if that is a rest day.
        Time inside a pause is given back in the term's own measure: working time, so a pause over a weekend gives nothing, or
        for calendar days plain time. Overlapping pauses count once; what lies before the counting or after the due date, not
        at all. Raises CalendarError for a pause still open: the caller says until when it judges.
        """
        start = self._opening(self._moment(received))
        given_back, end = 0, self._after(start, term, 0)
        for since, until in self._merged(pauses, start):
            if since >= end:
                break
            given_back += self._plain(since, until) if term.unit == "calendar_days" else self._worked(since, until)
            end = self._after(start, term, given_back)
        if term.unit == "calendar_days":
            end = self._days.first_from(end[0]), self._halves[-1][1]
        return self._instant(end)

    def before(self, instant: datetime, term: Length) -> datetime:
        """The instant `term` earlier, counted from `instant` or from the last closing before it. Mirrors `due`, rolls nothing."""
        end = self._closing(self._moment(instant))
        if term.unit == "calendar_days":
            return self._instant(_added(end, -_micros(term, DAY)))
        length = _micros(term, self._length if term.unit == "working_days" else HOUR)
        if term.unit == "working_hours" and not length:
            return self._instant(end)
        return self._instant(self._at(end[0], self._of_day(end[1]) - length, opening=term.unit == "working_hours"))

    def since(self, instant: datetime, term: Length) -> datetime:
        """The last instant from which `term`, of working days, has passed at `instant`: counted from any later one, less has."""
        end = self._closing(self._moment(instant))
        return self._instant(self._at(end[0], self._of_day(end[1]) - _micros(term, self._length), opening=True))

    def elapsed(self, a: datetime, b: datetime) -> timedelta:
        """The working time between two instants; 0 if `b` is not after `a`."""
        return timedelta(microseconds=max(0, self._worked(self._moment(a), self._moment(b))))

    def elapsed_days(self, a: datetime, b: datetime) -> float:
        """The same in working days (of 8 hours, with the usual hours)."""
        return max(0, self._worked(self._moment(a), self._moment(b))) / self._length

    def _after(self, start: Moment, term: Length, more: int) -> Moment:
        """`start`, which lies in working time, plus the term plus `more` microseconds in the term's measure."""
        if term.unit == "calendar_days":
            return _added(start, _micros(term, DAY) + more)
        if term.unit not in ("working_days", "working_hours"):
            raise CalendarError(f"term unit {term.unit!r} is not working_days, working_hours or calendar_days")
        length = _micros(term, self._length if term.unit == "working_days" else HOUR) + more
        if term.unit == "working_hours" and not length:
            return start
        return self._at(start[0], self._of_day(start[1]) + length, opening=term.unit == "working_days")

    def _at(self, ordinal: int, worked: int, *, opening: bool) -> Moment:
        """The moment `worked` (maybe negative) after the opening of the working day `ordinal`.

        Where a break lies at that point, night or lunch, the moment is its end (`opening`) or its beginning. Days counted forward
        take the end, so that 07:30 stays 07:30; hours take the beginning, so that eight hours end at 17:00. Backward the reverse.
        """
        days = worked // self._length if opening else (worked - 1) // self._length
        rest = worked - days * self._length
        for opens, closes in self._halves:
            if rest < closes - opens or (rest == closes - opens and not opening):
                break
            rest -= closes - opens
        return self._days.step(ordinal, days), opens + rest

    def _merged(self, pauses: Iterable[Stretch], start: Moment) -> Iterator[tuple[Moment, Moment]]:
        """The stretches after `start`, in order, overlapping ones as one."""
        stretches = []
        for pause in pauses:
            if pause.until is None:
                raise CalendarError(f"the pause since {pause.since.isoformat()} is still open; close it at the instant you judge by")
            since, until = max(self._moment(pause.since), start), self._moment(pause.until)
            if since < until:
                stretches.append((since, until))
        reached = start
        for since, until in sorted(stretches):
            if until > reached:
                yield max(since, reached), until
                reached = until

    def _worked(self, a: Moment, b: Moment) -> int:
        """Microseconds of working time from `a` to `b`; negative if `b` comes first."""
        days = self._days
        whole = days.between(a[0], b[0]) if a[0] <= b[0] else -days.between(b[0], a[0])
        into_b = self._of_day(b[1]) if days.holds(b[0]) else 0
        into_a = self._of_day(a[1]) if days.holds(a[0]) else 0
        return whole * self._length + into_b - into_a

    @staticmethod
    def _plain(a: Moment, b: Moment) -> int:
        return (b[0] - a[0]) * DAY + b[1] - a[1]

    def _opening(self, moment: Moment) -> Moment:
        """The first moment at or after `moment` that lies in [opens, closes) of a working day."""
        ordinal, clock = moment
        if self._days.holds(ordinal):
            for opens, closes in self._halves:
                if clock < closes:
                    return ordinal, max(clock, opens)
        return self._days.first_from(ordinal + 1), self._halves[0][0]

    def _closing(self, moment: Moment) -> Moment:
        """The last moment at or before `moment` that lies in (opens, closes] of a working day."""
        ordinal, clock = moment
        if self._days.holds(ordinal):
            for opens, closes in reversed(self._halves):
                if clock > opens:
                    return ordinal, min(clock, closes)
        return self._days.last_until(ordinal - 1), self._halves[-1][1]

    def _of_day(self, clock: int) -> int:
        """How much of a working day lies before `clock`."""
        worked = 0
        for opens, closes in self._halves:
            if clock <= opens:
                break
            worked += min(clock, closes) - opens
        return worked

    def _moment(self, instant: datetime) -> Moment:
        if instant.tzinfo is None:
            raise CalendarError(f"{instant.isoformat()} has no time zone; pass an aware datetime")
        local = instant.astimezone(self.zone)
        return local.toordinal(), ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond

    def _instant(self, moment: Moment) -> datetime:
        midnight = datetime.fromordinal(moment[0]).replace(tzinfo=self.zone)
        return (midnight + timedelta(microseconds=moment[1])).astimezone(UTC)


def _clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond


def _added(moment: Moment, more: int) -> Moment:
    days, clock = divmod(moment[1] + more, DAY)
    return moment[0] + days, clock


def _micros(term: Length, each: int) -> int:
    if not (math.isfinite(term.amount) and term.amount >= 0):
        raise CalendarError(f"a term of {term.amount!r} {term.unit} is no length of time; give 0 or more")
    return round(term.amount * each)
