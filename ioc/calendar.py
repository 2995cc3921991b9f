"""Working time: which days are worked, when something is due, and how much working time lies between two instants.

`ioc/deadline.py` asks it for the columns the store keeps, `alerts` for steps in working time, the header for "today is a rest day".
Pure, and exact to the microsecond. It promises that one day is one working day (never 24 hours), that another rest day or half day
never moves a due date earlier (months with pauses: see `_after`), and that `elapsed` measures the working hours that `due` counts.
"""

from __future__ import annotations

import hashlib
import math
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from ioc.day_hours import Stretches, clock
from ioc.rest_days import CalendarError, RestDay, TableError, rest_days
from ioc.work_time import Moment, WorkTime
from ioc.working_days import FIRST_YEAR, LAST_YEAR

__all__ = ["FIRST_YEAR", "LAST_YEAR", "CalendarError", "Office", "RestDay", "TableError", "WorkCalendar", "rest_days"]

HOURS = ((time(7, 30), time(11, 30)), (time(13), time(17)))
WEEKEND = frozenset({5, 6})  # Saturday, Sunday, as date.weekday() counts
HOUR = 3_600_000_000  # microseconds, the unit of all arithmetic here
DAY = 24 * HOUR
LONGEST = 1_000_000  # of a term, in its own unit: more than the calendar holds of any
MONTH_DAYS = 30  # of a part of a month (Civil Code 2015, Art. 147: a month is thirty days, half a month fifteen)


class Length(Protocol):
    """A `ioc.model.Term`: `unit` is "working_days", "working_hours", "calendar_days" or "months"."""

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
class Office:
    """Units that keep other hours than the administration they belong to, by all codes they are known by."""

    units: tuple[str, ...]
    hours: Stretches
    saturday: Stretches = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The working time of one administration and its rules of counting. Any zone in, `timezone.utc` out; a naive datetime is an error.

    An office is open in [opens, closes): what comes in at 17:00:00 sharp came in after hours. `saturday`: the hours of its Saturdays, where
    it works then. `country` names the holidays of the `holidays` package (None: none); `rows` win over them. A day of which only a part is
    worked is one working day for a term in days, and just its hours for a term in hours and for measuring.
    What is received later than `cut_off` counts from the next working day. `after_supplement` and `reception_hours` are the rules
    ioc/deadline.py counts by. `offices` work by other hours: ask `of(unit)`. `version` names exactly all these rules, for stored verdicts.
    """

    hours: Stretches = HOURS
    saturday: Stretches = ()
    weekly_rest: frozenset[int] = WEEKEND
    rows: tuple[RestDay, ...] = field(default_factory=rest_days)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    country: str | None = "VN"
    cut_off: time | None = None
    after_supplement: Literal["resume", "restart"] = "resume"
    reception_hours: float = 8
    offices: tuple[Office, ...] = ()
    version: str = field(init=False, compare=False)
    _time: WorkTime = field(init=False, repr=False, compare=False)
    _by_unit: dict[str, WorkCalendar] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.weekly_rest < frozenset(range(7)):
            raise CalendarError(f"weekly rest days {sorted(self.weekly_rest)} must be some of 0 (Monday) to 6 (Sunday), not all")
        worked = WorkTime(hours=self.hours, saturday=self.saturday, weekly_rest=self.weekly_rest, rows=self.rows, country=self.country)
        if self.cut_off is not None and clock(self.cut_off) <= worked.usual.opens:
            raise CalendarError(f"the cut-off {self.cut_off:%H:%M} must come after the opening; leave it out to have none")
        rules = (self.hours, self.saturday, sorted(self.weekly_rest), self.rows, str(self.zone), self.country, self.cut_off,
                 self.after_supplement, self.reception_hours, self.offices)  # fmt: skip
        object.__setattr__(self, "_time", worked)
        object.__setattr__(self, "_by_unit", self._calendars())
        object.__setattr__(self, "version", hashlib.sha256(repr(rules).encode()).hexdigest()[:12])

    def of(self, unit: str) -> WorkCalendar:
        """The calendar a unit works by, given any of its codes."""
        return self._by_unit.get(unit, self)

    def is_working(self, day: date) -> bool:
        return self._time.days.part(day.toordinal()) is not None

    def why_rest(self, day: date) -> str | None:
        """None: a working day, or half of one. "weekend", or the Vietnamese name of the holiday or of the table's row."""
        return self._time.days.why_rest(day)

    def hours_on(self, day: date) -> Stretches:
        """When it is worked on a day; nothing on a rest day."""
        part = self._time.days.part(day.toordinal())
        return () if part is None else self._time.on(day.toordinal()).given

    def is_open(self, instant: datetime) -> bool:
        moment = self._moment(instant)
        return self._time.opening(moment) == moment

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself while an office is open, else when it opens next."""
        return self._instant(self._time.opening(self._moment(instant)))

    def counts_from(self, received: datetime) -> datetime:
        """From when something received counts: at once while the office is open and until its cut-off, else from the next opening.

        "Handed over at the beginning of the next working day if received after 15:00" (Decree 61/2018, Art. 18; domain.md 2.1).
        """
        day, at = self._moment(received)
        late = self.cut_off is not None and at > clock(self.cut_off)
        return self._instant(self._time.opening((day + 1, 0) if late else (day, at)))

    def opening(self, day: date) -> datetime:
        """When the hours of `day` begin; of a rest day, were it worked."""
        return self._instant((day.toordinal(), self._time.on(day.toordinal()).opens))

    def closing(self, day: date) -> datetime:
        """When the hours of `day` end; of a rest day, were it worked."""
        return self._instant((day.toordinal(), self._time.on(day.toordinal()).closes))

    def due(self, received: datetime, term: Length, pauses: Iterable[Stretch] = ()) -> datetime:
        """When `term` has run out for something received at `received`.

        Counting starts at the reception, or at the next opening if it came after hours or on a rest day, and then:
        - working days: the same time of day N working days later; the day of reception is not counted. A fraction is
          working time of a usual day: half a day from 09:00 ends at 14:30, from 13:00 at the next opening. A day of which only the
          morning is worked counts like any other, and what would be due in its afternoon is due at the next opening;
        - working hours: when exactly that much working time has passed (so 8 hours from 07:30 end at 17:00 the same day);
        - calendar days: the usual closing of the Nth day after, or of the next working day if that is a rest day;
        - months: the same of the day with the same number N months later, or of that month's last.
        Time inside a pause is given back in the term's own measure: working time, so a pause over a weekend gives nothing, or
        for calendar days and months plain time. Overlapping pauses count once; what lies before the counting, or begins after the due
        date, not at all. What was not late when it was paused is not late when it goes on.
        Raises CalendarError for a pause still open: the caller says until when it judges.
        """
        start = self._time.opening(self._moment(received))
        given_back, ran_out = 0, self._after(start, term, 0)
        due = self._rolled(ran_out, term)
        for since, until in self._merged(pauses, start) if pauses else ():
            if since >= due:
                break
            # The clock may have run out on a rest day before a pause that still began before the due date moved behind it.
            given_back += self._measured(min(since, ran_out), until, term)
            ran_out = self._after(start, term, given_back)
            due = self._rolled(ran_out, term)
        return self._instant(due)

    def before(self, instant: datetime, term: Length) -> datetime:
        """The instant `term` earlier, counted from `instant` or from the last closing before it. Mirrors `due`, rolls nothing."""
        end = self._time.closing(self._moment(instant))
        length = self._micros(term)
        if term.unit == "months":
            return self._instant(_months(end, -term.amount))
        if term.unit == "calendar_days":
            return self._instant(_added(end, -length))
        if term.unit == "working_days":
            return self._instant(self._time.closing(self._time.by_days(end, -length, opening=False)))
        return self._instant(self._time.by_hours(end, -length, opening=True) if length else end)

    def since(self, instant: datetime, term: Length) -> datetime:
        """The last instant from which `term`, of working days, has been worked at `instant`: counted from any later one, less has."""
        end = self._time.closing(self._moment(instant))
        return self._instant(self._time.by_hours(end, -self._micros(term), opening=True))

    def elapsed(self, a: datetime, b: datetime, pauses: Iterable[Stretch] = ()) -> timedelta:
        """The working time between two instants that lies in no pause; 0 if `b` is not after `a`."""
        since, until = self._moment(a), self._moment(b)
        worked = self._time.in_hours(since, until)
        for stopped, resumed in self._merged(pauses, since) if pauses else ():
            if stopped >= until:
                break
            worked -= self._time.in_hours(stopped, min(resumed, until))
        return timedelta(microseconds=max(0, worked))

    def elapsed_days(self, a: datetime, b: datetime) -> float:
        """The same in working days of the usual hours (of 8, as a rule): a half day is half of one."""
        return max(0, self._time.in_hours(self._moment(a), self._moment(b))) / self._time.usual.length

    def _calendars(self) -> dict[str, WorkCalendar]:
        found: dict[str, WorkCalendar] = {}
        for office in self.offices:
            its = replace(self, hours=office.hours, saturday=office.saturday, offices=())
            for code in office.units:
                if found.setdefault(code, its) is not its:
                    raise CalendarError(f"the unit {code!r} is given office hours twice; keep one entry")
        return found

    def _after(self, start: Moment, term: Length, more: int) -> Moment:
        """`start`, which lies in working time, plus the term plus `more` microseconds in the term's measure.

        Months differ in length: what the end of a month cuts off moves nothing, so there a rest day that eats the beginning of a pause
        may bring the due date forward.
        """
        length = self._micros(term) + more
        if term.unit == "months":
            return _added(_months(start, term.amount), more)
        if term.unit == "calendar_days":
            return _added(start, length)
        if term.unit == "working_days":
            return self._time.by_days(start, length, opening=True)
        return self._time.by_hours(start, length, opening=False) if length else start

    def _rolled(self, end: Moment, term: Length) -> Moment:
        """When what runs out at `end` is due. The usual closing even of a half day: it must not shorten a term."""
        if term.unit in ("calendar_days", "months"):
            closes = self._time.usual.closes
            return self._time.days.first_from(end[0] if end[1] <= closes else end[0] + 1), closes
        return self._time.opening(end) if term.unit == "working_days" else end

    def _micros(self, term: Length) -> int:
        """A term in its measure, which is plain time for calendar days, working time otherwise; 0 for months, which have none."""
        if not 0 <= term.amount <= LONGEST:
            raise CalendarError(f"a term of {term.amount!r} {term.unit} is no length of time; give 0 to {LONGEST:,}")
        match term.unit:
            case "working_days":
                return round(term.amount * self._time.usual.length)
            case "working_hours":
                return round(term.amount * HOUR)
            case "calendar_days":
                return round(term.amount * DAY)
            case "months":
                return 0
        raise CalendarError(f"term unit {term.unit!r} is not working_days, working_hours, calendar_days or months")

    def _measured(self, a: Moment, b: Moment, term: Length) -> int:
        """What lies between two moments, in the measure of a term."""
        if term.unit == "working_hours":
            return self._time.in_hours(a, b)
        return self._time.in_days(a, b) if term.unit == "working_days" else (b[0] - a[0]) * DAY + b[1] - a[1]

    def _merged(self, pauses: Iterable[Stretch], start: Moment) -> list[tuple[Moment, Moment]]:
        """The stretches after `start`, in order; those that overlap or touch as one."""
        stretches = []
        for pause in pauses:
            if pause.until is None:
                raise CalendarError(f"the pause since {pause.since.isoformat()} is still open; close it at the instant you judge by")
            since, until = max(self._moment(pause.since), start), self._moment(pause.until)
            if since < until:
                stretches.append((since, until))
        merged: list[tuple[Moment, Moment]] = []
        for since, until in sorted(stretches):
            if merged and since <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(until, merged[-1][1])
            else:
                merged.append((since, until))
        return merged

    def _moment(self, instant: datetime) -> Moment:
        if instant.tzinfo is None:
            raise CalendarError(f"{instant.isoformat()} has no time zone; pass an aware datetime")
        try:
            local = instant.astimezone(self.zone)
        except OverflowError as e:
            raise CalendarError(f"{instant.isoformat()} has no local time; correct the date") from e
        return local.toordinal(), ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond

    def _instant(self, moment: Moment) -> datetime:
        try:
            midnight = datetime.fromordinal(moment[0]).replace(tzinfo=self.zone)
            return (midnight + timedelta(microseconds=moment[1])).astimezone(UTC)
        except (ValueError, OverflowError) as e:
            raise CalendarError(f"day number {moment[0]} is no date; correct the term") from e


def _added(moment: Moment, more: int) -> Moment:
    days, at = divmod(moment[1] + more, DAY)
    return moment[0] + days, at


def _months(moment: Moment, amount: float) -> Moment:
    """The same day number so many months later, or the last of a shorter month; then the days of what is left of a month."""
    whole = math.trunc(amount)
    day = date.fromordinal(moment[0])
    year, month = divmod(day.year * 12 + day.month - 1 + whole, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(f"{amount:g} months from {day:%d/%m/%Y} lie outside {FIRST_YEAR}-{LAST_YEAR}; correct the term")
    end = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return end.toordinal() + round((amount - whole) * MONTH_DAYS), moment[1]
