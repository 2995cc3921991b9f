"""From an item to the instants the store keeps with it, so that late, early and due soon are plain comparisons in SQL.

`store.apply` calls `fold` for every item of a batch, a backfill for hundreds of thousands. Pure; it raises for no item a source can
send. With `at` the instant that is asked about:

    early      closed_at <  early_before        overdue    open and late_from <= at
    late       closed_at >= late_from           due soon   open, soon_at <= at and not overdue
    on time    everything closed between the two, or without a deadline
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeGuard
from zoneinfo import ZoneInfo

from ioc.calendar import FIRST_YEAR, LAST_YEAR, CalendarError, WorkCalendar
from ioc.model import Item, Kind, Pause, Reason, State, Term, TermUnit

Compare = Literal["date", "instant"]

ONE_DAY = Term(amount=1, unit=TermUnit.WORKING_DAYS)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)  # the resolution of the store's clock
UNTIMED = (State.WAITING, State.SUBMITTED, State.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in UTC. The first four and `apology_due_at` are None for an item whose clock does not run or that has no deadline.

    `soon_at` lies one working day before `due_at`, but neither before the reception nor after `due_at`. `reception_due_at` is of what was
    sent in before it was received; by `apology_due_at`, a working day before the deadline stated first, the office must have said sorry
    should it not keep it; `counted_from` is where the term was counted anew; `handled_minutes` the working time a closed item took, pauses
    taken out. What is counted from a date no calendar knows is None.
    """

    due_at: datetime | None = None
    soon_at: datetime | None = None
    early_before: datetime | None = None
    late_from: datetime | None = None
    reception_due_at: datetime | None = None
    apology_due_at: datetime | None = None
    counted_from: datetime | None = None
    handled_minutes: int | None = None


def fold(item: Item, calendar: WorkCalendar, compare: Compare, zone: ZoneInfo) -> Deadlines:
    """The deadlines of one item.

    A due date the source states wins over the term: it already holds every extension the office granted. Waiting for the applicant
    stops the clock; what was not received yet, or refused, has none; a closed item keeps the deadlines it was judged by.
    compare "date" (what provincial systems print): any time on the due day is on time, the day before is early, the next is late.
    compare "instant": only the due instant itself is on time. A due time of 00:00:00 under "date" is a day without a clock, so due
    soon is then counted from that day's closing.
    """
    pauses = item.pauses and [_closed(pause, item.happened_at) for pause in item.pauses]
    reception_due, handled = _reception_due(item, calendar), _handled(item, calendar, pauses)
    due, counted_from = (None, None) if item.state in UNTIMED else _due(item, calendar, pauses)
    if due is None:
        return Deadlines(reception_due_at=reception_due, handled_minutes=handled)
    day = due.astimezone(zone).date()
    midnight, next_midnight = _edges(day, zone)
    soon = _day_before(due, item, calendar, compare, zone)
    return Deadlines(
        due_at=due,
        soon_at=soon,
        early_before=midnight if compare == "date" else due,
        late_from=next_midnight if compare == "date" else due + INSTANT,
        reception_due_at=reception_due,
        apology_due_at=_apology_due(item, soon, calendar, compare, zone),
        counted_from=counted_from,
        handled_minutes=handled,
    )


def _apology_due(item: Item, soon: datetime, calendar: WorkCalendar, compare: Compare, zone: ZoneInfo) -> datetime | None:
    """Only an applicant is owed an apology: nobody is for a document or a task, and for a mirror the dossier's own office is."""
    if item.kind is not Kind.DOSSIER:
        return None
    return _day_before(item.first_due_at, item, calendar, compare, zone) if item.first_due_at and _known(item.first_due_at) else soon


def _due(item: Item, calendar: WorkCalendar, pauses: Sequence[Pause]) -> tuple[datetime | None, datetime | None]:
    """(when the item is due, where its term was counted anew)."""
    due, counted_from = item.due_at, None
    if due is None and item.term is not None:
        try:
            due, counted_from = _computed(item.received_at, item.term, calendar, pauses)
        except CalendarError:  # a reception or a term far outside the calendar: no deadline can be stated
            return None, None
    return (due.astimezone(UTC), counted_from) if due is not None and _known(due) else (None, None)


def _computed(received: datetime, term: Term, calendar: WorkCalendar, pauses: Sequence[Pause]) -> tuple[datetime, datetime | None]:
    """The same from the term. After a supplement the time goes on or, by the policy "restart", is counted anew (domain.md 2.1).

    A supplement asked for when the time had already run out changes nothing: what is late stays late.
    """
    due, counted_from = calendar.due(_start(received, calendar), term, pauses), None
    if calendar.after_supplement == "restart":
        for pause in sorted((p for p in pauses if p.reason is Reason.SUPPLEMENT), key=lambda p: p.since):
            if pause.since >= due and pause.since != counted_from:  # one that begins where another ends is the same
                break
            if pause.until is not None and pause.until > max(pause.since, counted_from or received):
                counted_from = pause.until
                due = calendar.due(_start(counted_from, calendar), term, pauses)
    return due, counted_from


def _start(received: datetime, calendar: WorkCalendar) -> datetime:
    return received if calendar.cut_off is None else calendar.counts_from(received)


def _day_before(due: datetime, item: Item, calendar: WorkCalendar, compare: Compare, zone: ZoneInfo) -> datetime:
    """One working day before a due date, but neither before the reception nor after it."""
    local = due.astimezone(zone)
    undated = compare == "date" and not (local.hour or local.minute or local.second or local.microsecond)
    earlier = calendar.before(calendar.closing(local.date()) if undated else due, ONE_DAY)
    return min(max(earlier, item.received_at), due).astimezone(UTC)


def _reception_due(item: Item, calendar: WorkCalendar) -> datetime | None:
    """By when what was sent in is to be received: within eight working hours, as a rule (domain.md 2.2)."""
    sent = item.submitted_at or (item.received_at if item.state is State.SUBMITTED else None)
    if sent is None:
        return None
    try:
        return calendar.due(sent, Term(amount=calendar.reception_hours, unit=TermUnit.WORKING_HOURS))
    except CalendarError:
        return None


def _handled(item: Item, calendar: WorkCalendar, pauses: Sequence[Pause]) -> int | None:
    """Whole minutes of working time from the reception to the closing outside all pauses. What was refused was never handled."""
    if not item.state.closed or item.state is State.REFUSED:
        return None
    try:
        return calendar.elapsed(item.received_at, item.closed_at or item.happened_at, pauses) // MINUTE
    except CalendarError:
        return None


def _known(date: datetime | None) -> TypeGuard[datetime]:
    """01/01/0001 and 31/12/9999 are how some systems write "none"."""
    return date is not None and FIRST_YEAR < date.year < LAST_YEAR


def _closed(pause: Pause, at: datetime) -> Pause:
    """A pause the source left open ended when the item went on, which is when its present state became true."""
    return pause if pause.until is not None else Pause(since=pause.since, until=max(pause.since, at), reason=pause.reason)


@lru_cache(maxsize=4096)
def _edges(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local midnights that begin and end `day`, in UTC."""
    first = datetime(day.year, day.month, day.day, tzinfo=zone)
    return first.astimezone(UTC), (first + timedelta(days=1)).astimezone(UTC)
