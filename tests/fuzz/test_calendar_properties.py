"""Promises of working time that hold for any reception, term and set of rest days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ioc.calendar import RestDay, WorkCalendar, rest_days
from ioc.model import Pause, Term, TermUnit

CALENDAR = WorkCalendar()
DAY = CALENDAR.elapsed(datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC))

instants = st.datetimes(datetime(2018, 1, 1), datetime(2027, 6, 1)).map(lambda t: t.replace(tzinfo=UTC))
seconds = st.integers(0, 40 * 8 * 3600)
terms = st.builds(
    Term,
    amount=st.one_of(st.integers(0, 40), st.sampled_from([0.5, 1.25, 2.5, 7.75])),
    unit=st.sampled_from(list(TermUnit)),
)


@st.composite
def pauses_after(draw: st.DrawFn, instant: datetime) -> list[Pause]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        since = instant + timedelta(minutes=draw(st.integers(-3000, 40000)))
        made.append(Pause(since=since, until=since + timedelta(minutes=draw(st.integers(0, 20000)))))
    return made


@given(data=st.data(), received=instants, term=terms, off=st.integers(-5, 60))
def test_another_rest_day_never_moves_a_due_date_earlier(data: st.DataObject, received: datetime, term: Term, off: int) -> None:
    pauses = data.draw(pauses_after(received))
    day = received.date() + timedelta(days=off)
    stricter = WorkCalendar(rows=(*rest_days(), RestDay(day=day, kind="rest")))
    assert stricter.due(received, term, pauses) >= CALENDAR.due(received, term, pauses)


@given(data=st.data(), received=instants, term=terms)
def test_a_pause_never_moves_a_due_date_earlier(data: st.DataObject, received: datetime, term: Term) -> None:
    pauses = data.draw(pauses_after(received))
    assert CALENDAR.due(received, term, pauses) >= CALENDAR.due(received, term)


@given(received=instants, later=st.integers(0, 10**6), term=terms)
def test_who_comes_later_is_due_no_earlier(received: datetime, later: int, term: Term) -> None:
    assert CALENDAR.due(received + timedelta(seconds=later), term) >= CALENDAR.due(received, term)


@given(instants, instants, instants)
def test_working_time_adds_up(a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert CALENDAR.elapsed(a, c) == CALENDAR.elapsed(a, b) + CALENDAR.elapsed(b, c)


@given(received=instants, worked=seconds)
def test_working_hours_counted_forward_are_the_hours_measured(received: datetime, worked: int) -> None:
    term = Term(amount=worked / 3600, unit=TermUnit.WORKING_HOURS)
    assert abs(CALENDAR.elapsed(received, CALENDAR.due(received, term)) - timedelta(seconds=worked)) <= timedelta(microseconds=1)


@given(received=instants, count=st.integers(0, 60))
def test_working_days_counted_forward_are_the_days_measured(received: datetime, count: int) -> None:
    due = CALENDAR.due(received, Term(amount=count, unit=TermUnit.WORKING_DAYS))
    assert CALENDAR.elapsed_days(received, due) == count
    assert CALENDAR.is_open(due)


@given(data=st.data(), received=instants, worked=seconds)
def test_working_hours_outside_pauses_are_the_term(data: st.DataObject, received: datetime, worked: int) -> None:
    """Minute by minute: the office hours up to the due time that lie in no pause are the term."""
    pauses = data.draw(pauses_after(received))
    due = CALENDAR.due(received, Term(amount=worked / 3600, unit=TermUnit.WORKING_HOURS), pauses)
    cuts = sorted({received, due, *(t for p in pauses for t in (p.since, p.until) if t is not None and received < t < due)})
    outside = [(a, b) for a, b in pairwise(cuts) if not any(p.since <= a and b <= (p.until or b) for p in pauses)]
    total = sum((CALENDAR.elapsed(a, b) for a, b in outside), timedelta())
    assert abs(total - timedelta(seconds=worked)) <= timedelta(microseconds=1)


@given(instant=instants, worked=seconds)
def test_earlier_by_working_hours_is_that_much_earlier(instant: datetime, worked: int) -> None:
    earlier = CALENDAR.before(instant, Term(amount=worked / 3600, unit=TermUnit.WORKING_HOURS))
    assert earlier <= instant
    assert abs(CALENDAR.elapsed(earlier, instant) - timedelta(seconds=worked)) <= timedelta(microseconds=1)


@given(instant=instants, count=st.integers(0, 30))
def test_a_working_day_earlier_is_a_working_day_of_time(instant: datetime, count: int) -> None:
    earlier = CALENDAR.before(instant, Term(amount=count, unit=TermUnit.WORKING_DAYS))
    assert CALENDAR.elapsed(earlier, instant) == count * DAY


@given(st.dates(date(1980, 1, 1), date(2090, 12, 31)))
def test_a_rest_day_always_says_why(day: date) -> None:
    assert CALENDAR.is_working(day) == (CALENDAR.why_rest(day) is None)
