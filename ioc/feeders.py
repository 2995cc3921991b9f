"""The feeder ledger, decided: by when a unit must have delivered through a source, and whether it did. Pure; ioc/ledger.py keeps it.

A feeder is one `[[feeder]]` entry: some units, one source, a cut-off on each working day (make-up Saturdays are worked, holidays are not)
or on every day. A delivery is met when it came by the cut-off, late when it came after, missed while it has not come; it is excused when
we could not have heard it. Discipline counts reminders, never misses: nobody is disciplined without having been reminded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from ioc.calendar import WorkCalendar
from ioc.config import FeederConfig
from ioc.units import UnitTree

LONGEST_GAP = 31  # days looked back for the cut-off before this one
Verdict = Literal["met", "late", "missed", "excused"]
Flag = Literal["", "review", "discipline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """A `[[feeder]]` entry. `title`: of its source, for people. `slack`: how long after the cut-off we may still learn of what happened
    before it, because a source is only read from time to time."""

    given: FeederConfig
    title: str
    slack: timedelta

    @property
    def source(self) -> str:
        return self.given.source

    def units(self, tree: UnitTree, day: date) -> tuple[str, ...]:
        """The codes of the units that must deliver on a day: those named, or all of a level, in force then."""
        named = self.given.units
        if isinstance(named, str):
            return tuple(unit.code for unit in tree.at(day) if unit.level == named)
        offices = tree.at(day)
        return tuple(tree.resolve(code) for code in named if code in offices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One cut-off: changes learned in (after, at] count for it; figures and answers must be for its day, which begins at `after`. What
    changes until `until`, when the next day's work begins, is late; what changes then is that day's."""

    day: date
    at: datetime
    after: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one cut-off of one unit."""

    source: str
    unit: str
    due_at: datetime
    came_at: datetime | None = None
    excused: str = ""
    reminders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The deliveries of a stretch of time, counted. due = met + late + missed + excused."""

    due: int = 0
    met: int = 0
    late: int = 0
    missed: int = 0
    excused: int = 0
    reminders: int = 0


def dues(given: FeederConfig, first: date, last: date, calendar: WorkCalendar) -> list[Due]:
    """The cut-offs of the days from `first` to `last`, both included, in order. The instants are UTC."""
    found = []
    before = _last_before(given, first, calendar)
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        if _counts(given, day, calendar):
            at = _local(day, given.cutoff, calendar)
            after = before if given.expects == "items" else _local(day, time(0), calendar)
            found.append(Due(day=day, at=at, after=after, until=calendar.opening(_next(given, day, calendar))))
            before = at
    return found


def _last_before(given: FeederConfig, first: date, calendar: WorkCalendar) -> datetime:
    """The cut-off before a day's; of a source that never had one, a month ago."""
    days = (first - timedelta(days=n) for n in range(1, LONGEST_GAP))
    day = next((day for day in days if _counts(given, day, calendar)), first - timedelta(days=LONGEST_GAP))
    return _local(day, given.cutoff, calendar)


def _next(given: FeederConfig, day: date, calendar: WorkCalendar) -> date:
    """The next day that counts."""
    after = day + timedelta(days=1)
    return after if given.days == "all" else calendar.next_opening(calendar.opening(after)).astimezone(calendar.zone).date()


def _counts(given: FeederConfig, day: date, calendar: WorkCalendar) -> bool:
    return given.days == "all" or calendar.is_working(day)


def _local(day: date, at: time, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, at, calendar.zone).astimezone(UTC)


def came(happened_at: datetime, learned_at: datetime, due: Due, slack: timedelta) -> datetime:
    """When a delivery came: when we learned it, but what happened by the cut-off and was learned within the slack came by the cut-off."""
    if due.at < learned_at <= due.at + slack and happened_at <= due.at:
        return due.at
    return learned_at


def excuse(listened: bool, state: str, title: str, expects: str) -> str:
    """Why a miss does not count, for people; "" when it does. `state`: how the source was at the cut-off, "" when nobody knows.

    A source that is itself what must answer is not excused by not answering.
    """
    if not listened:
        return "máy chủ IOC không hoạt động lúc chốt số liệu"
    if expects != "answer" and state in ("down", "never"):
        return f"mất kết nối tới {title} lúc chốt số liệu"
    return ""


def verdict(delivery: Delivery) -> Verdict:
    if delivery.came_at is not None and delivery.came_at <= delivery.due_at:
        return "met"
    if delivery.excused:
        return "excused"
    return "missed" if delivery.came_at is None else "late"


def tally(deliveries: Iterable[Delivery]) -> Tally:
    counts = {"met": 0, "late": 0, "missed": 0, "excused": 0}
    reminders = 0
    for delivery in deliveries:
        counts[verdict(delivery)] += 1
        reminders += delivery.reminders
    return Tally(due=sum(counts.values()), reminders=reminders, **counts)


def flag(reminders: int, review: int, discipline: int) -> Flag:
    """What so many reminders a year lead to."""
    return "discipline" if reminders >= discipline else "review" if reminders >= review else ""


def span(year: int, month: int | None, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """[since, until) of a local month, or of the whole year."""
    first = date(year, month or 1, 1)
    after = date(year + (month is None or month == 12), 1 if month is None else month % 12 + 1, 1)
    return _local(first, time(0), calendar), _local(after, time(0), calendar)


def unjudged(
    given: FeederConfig, judged: datetime | None, begins: date, now: datetime, slack: timedelta, calendar: WorkCalendar
) -> Sequence[Due]:
    """The cut-offs that have passed, slack included, and come after the last one judged; `begins`: the first day that counts at all."""
    first = begins if judged is None else max(begins, judged.astimezone(calendar.zone).date())
    last = (now - slack).astimezone(calendar.zone).date()
    return [due for due in dues(given, first, last, calendar) if due.at + slack <= now and (judged is None or due.at > judged)]
