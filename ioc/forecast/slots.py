"""The working time ahead cut into slots, and which slot a deadline falls into. Pure.

A slot holds no rest time: nights, lunch breaks, weekends and holidays lie between slots. Every deadline up to the last slot's end falls
into exactly one, so the counts of the slots add up to the list of dossiers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from ioc.calendar import WorkCalendar
from ioc.model import Term, TermUnit

Cut = Literal["hours", "days"]  # quarters of working days to the end of the next one, or whole working days
DAYS = 10  # working days, of the cut by days
LONGEST_SEARCH = 60  # days, in which so many working days are found whatever rests lie between
AT_ONCE = Term(amount=0, unit=TermUnit.WORKING_HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Working time in [since, until], both in UTC."""

    since: datetime
    until: datetime


def ahead(calendar: WorkCalendar, now: datetime, cut: Cut) -> tuple[Slot, ...]:
    """The slots from `now` on, in order: the rest of today and the next working day by quarters, or DAYS working days."""
    today = now.astimezone(calendar.zone).date()
    working = [day for n in range(LONGEST_SEARCH) if calendar.is_working(day := today + timedelta(days=n))]
    if cut == "hours":
        working = working[: 2 if working[0] == today else 1]
    left = [slot for day in working for slot in _of_day(calendar, day, cut) if slot.until > now]
    return tuple(Slot(since=max(slot.since, now), until=slot.until) for slot in left[: DAYS if cut == "days" else None])


def last_moment(calendar: WorkCalendar, due_at: datetime, late_from: datetime) -> datetime:
    """The last working moment in time: the appointed time, the end of its day where only a day was appointed, or the closing before."""
    local = due_at.astimezone(calendar.zone)
    if calendar.is_open(due_at):
        return due_at
    day_only = local.time() == time(0) and late_from - due_at > timedelta(hours=1)
    return calendar.before(late_from if day_only else due_at, AT_ONCE)


def slot_of(slots: Sequence[Slot], moment: datetime) -> int | None:
    """Which slot a last moment falls into; the first also holds what passed before it and is not late yet. None: after them all."""
    at = bisect_left([slot.until for slot in slots], moment)
    return at if at < len(slots) else None


def _of_day(calendar: WorkCalendar, day: date, cut: Cut) -> Iterator[Slot]:
    """The slots of one local day; none of a rest day, and none where a half day rests."""
    for opens, closes in _stretches(calendar, day) if cut == "hours" else [(calendar.opening(day), calendar.closing(day))]:
        if calendar.elapsed(opens, closes):
            yield Slot(since=opens, until=closes)


def _stretches(calendar: WorkCalendar, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The halves of a day, each cut in two."""
    for opens, closes in calendar.hours:
        begin, end = (datetime.combine(day, at, tzinfo=calendar.zone).astimezone(UTC) for at in (opens, closes))
        middle = begin + (end - begin) / 2
        yield begin, middle
        yield middle, end
