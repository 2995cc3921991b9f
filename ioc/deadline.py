"""From an item to the four instants the store keeps with it, so that late, early and due soon are plain comparisons in SQL.

`store.apply` calls `fold` for every item of a batch, a backfill for hundreds of thousands. Pure; it raises for no item a source can
send. With `at` the instant that is asked about:

    early      closed_at <  early_before        overdue    open and late_from <= at
    late       closed_at >= late_from           due soon   open, soon_at <= at and not overdue
    on time    everything closed between the two, or without a deadline
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from ioc.calendar import FIRST_YEAR, LAST_YEAR, CalendarError, WorkCalendar
from ioc.model import Item, Pause, State, Term, TermUnit

Compare = Literal["date", "instant"]

ONE_DAY = Term(amount=1, unit=TermUnit.WORKING_DAYS)
RECEPTION = Term(amount=8, unit=TermUnit.WORKING_HOURS)  # what was sent in online is to be received within (domain.md 2.2)
INSTANT = timedelta(microseconds=1)  # the resolution of the store's clock
UNTIMED = (State.WAITING, State.SUBMITTED, State.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in UTC, and the first four None for an item whose clock does not run or that has no deadline.

    `soon_at` lies one working day before `due_at`, but neither before the reception nor after `due_at`. `reception_due_at` is of what was
    sent in before it was received; by `apology_due_at` the office must have said sorry, should the deadline stated first not be kept;
    `counted_from` is where the term was counted anew; `handled_minutes` the working time a closed item took, pauses taken out.
    """

    due_at: datetime | None = None
    soon_at: datetime | None = None
    early_before: datetime | None = None
    late_from: datetime | None = None
    reception_due_at: datetime | None = None
    apology_due_at: datetime | None = None
    counted_from: datetime | None = None
    handled_minutes: int | None = None


NONE = Deadlines()


def fold(item: Item, calendar: WorkCalendar, compare: Compare, zone: ZoneInfo) -> Deadlines:
    """The deadlines of one item.

    A due date the source states wins over the term: it already holds every extension the office granted. Waiting for the applicant
    stops the clock; what was not received yet, or refused, has none; a closed item keeps the deadlines it was judged by.
    compare "date" (what provincial systems print): any time on the due day is on time, the day before is early, the next is late.
    compare "instant": only the due instant itself is on time. A due time of 00:00:00 under "date" is a day without a clock, so due
    soon is then counted from that day's closing.
    """
    others = _others(item, calendar)
    due = None if item.state in UNTIMED else _due(item, calendar)
    if due is None:
        return others
    if compare == "instant":
        early_before, late_from, asked_by = due, due + INSTANT, due
    else:
        early_before, late_from = _edges(due.astimezone(zone).date(), zone)
        asked_by = calendar.closing(due.astimezone(zone).date()) if due == early_before else due
    soon = min(max(calendar.before(asked_by, ONE_DAY), item.received_at), due)
    owed = calendar.before(item.first_due_at, ONE_DAY) if item.first_due_at else soon
    return replace(
        others,
        due_at=due,
        soon_at=soon.astimezone(UTC),
        early_before=early_before,
        late_from=late_from,
        apology_due_at=owed.astimezone(UTC),
    )


def _others(item: Item, calendar: WorkCalendar) -> Deadlines:
    """The clocks beside the deadline."""
    sent = item.submitted_at or (item.received_at if item.state is State.SUBMITTED else None)
    closed = item.closed_at or (item.happened_at if item.state.closed else None)
    try:
        return Deadlines(
            reception_due_at=calendar.due(sent, RECEPTION) if sent else None,
            handled_minutes=int(calendar.elapsed(item.received_at, closed).total_seconds() // 60) if closed else None,
        )
    except CalendarError:
        return NONE


def _due(item: Item, calendar: WorkCalendar) -> datetime | None:
    due = item.due_at
    if due is None and item.term is not None:
        pauses = item.pauses and [_closed(pause, item.happened_at) for pause in item.pauses]
        try:
            due = calendar.due(item.received_at, item.term, pauses)
        except CalendarError:  # a reception or a term far outside the calendar: no deadline can be stated
            return None
    # 01/01/0001 and 31/12/9999 are how some systems write "none"
    return due.astimezone(UTC) if due is not None and FIRST_YEAR < due.year < LAST_YEAR else None


def _closed(pause: Pause, at: datetime) -> Pause:
    """A pause the source left open ended when the item went on, which is when its present state became true."""
    return pause if pause.until is not None else Pause(since=pause.since, until=max(pause.since, at), reason=pause.reason)


@lru_cache(maxsize=4096)
def _edges(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local midnights that begin and end `day`, in UTC."""
    first = datetime(day.year, day.month, day.day, tzinfo=zone)
    return first.astimezone(UTC), (first + timedelta(days=1)).astimezone(UTC)
