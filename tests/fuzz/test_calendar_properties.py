"""Promises of working time that hold for any reception, term, set of rest days and half days, and hours of Saturdays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from ioc.calendar import RestDay, WorkCalendar, rest_days
from ioc.model import Pause, Term, TermUnit

CALENDAR = WorkCalendar()
TICK = timedelta(microseconds=1)
DAY = CALENDAR.elapsed(datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC))
MORNING, AFTERNOON = (time(7, 30), time(11, 30)), (time(13), time(17))
HALVES = tuple(
    RestDay(day=date(2025, 1, 1) + timedelta(days=n * 5), kind="morning" if n % 3 else "afternoon") for n in range(140)
)  # every fifth day, whatever it would be
CALENDARS = [
    CALENDAR,
    WorkCalendar(rows=(*rest_days(), *HALVES)),
    WorkCalendar(saturday=(MORNING,)),
    WorkCalendar(saturday=((time(8), time(10)),), hours=((time(7), time(11)), (time(13, 30), time(17, 30)))),
    WorkCalendar(rows=(*rest_days(), *HALVES), saturday=(AFTERNOON,), hours=((time(6), time(9)), (time(9, 30), time(12)), AFTERNOON)),
]
UNIFORM = [CALENDAR, WorkCalendar(hours=((time(8), time(16)),))]  # every working day as long as the others

instants = st.datetimes(datetime(2018, 1, 1), datetime(2027, 6, 1)).map(lambda t: t.replace(tzinfo=UTC))
calendars = st.sampled_from(CALENDARS)
seconds = st.integers(0, 40 * 8 * 3600)
amounts = st.one_of(st.integers(0, 40), st.sampled_from([0.5, 1.25, 2.5, 7.75]))
terms = st.builds(Term, amount=amounts, unit=st.sampled_from(list(TermUnit)))
without_months = st.builds(Term, amount=amounts, unit=st.sampled_from([u for u in TermUnit if u is not TermUnit.MONTHS]))


def hours(worked: int) -> Term:
    return Term(amount=worked / 3600, unit=TermUnit.WORKING_HOURS)


def days(count: int) -> Term:
    return Term(amount=count, unit=TermUnit.WORKING_DAYS)


@st.composite
def pauses_after(draw: st.DrawFn, instant: datetime) -> list[Pause]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        since = instant + timedelta(minutes=draw(st.integers(-3000, 40000)))
        made.append(Pause(since=since, until=since + timedelta(minutes=draw(st.integers(0, 20000)))))
    return made


def stricter(calendar: WorkCalendar, day: date, kind: str) -> WorkCalendar:
    """With one day less: all of it, or (of a day that is whole) a half."""
    if kind != "rest":
        assume(calendar.hours_on(day) == calendar.hours)
    return WorkCalendar(
        rows=(*calendar.rows, RestDay(day=day, kind=kind)),  # type: ignore[arg-type]
        hours=calendar.hours,
        saturday=calendar.saturday,
    )


@given(
    data=st.data(),
    calendar=calendars,
    received=instants,
    term=without_months,
    off=st.integers(-5, 60),
    kind=st.sampled_from(["rest", "morning", "afternoon"]),
)
def test_another_rest_day_never_moves_a_due_date_earlier(
    data: st.DataObject, calendar: WorkCalendar, received: datetime, term: Term, off: int, kind: str
) -> None:
    pauses = data.draw(pauses_after(received))
    less = stricter(calendar, received.date() + timedelta(days=off), kind)
    assert less.due(received, term, pauses) >= calendar.due(received, term, pauses)


@given(calendar=calendars, received=instants, amount=amounts, off=st.integers(-5, 1300), kind=st.sampled_from(["rest", "morning"]))
def test_nor_does_it_move_a_term_in_months(calendar: WorkCalendar, received: datetime, amount: float, off: int, kind: str) -> None:
    term = Term(amount=amount, unit=TermUnit.MONTHS)
    less = stricter(calendar, received.date() + timedelta(days=off), kind)
    assert less.due(received, term) >= calendar.due(received, term)


@given(data=st.data(), calendar=calendars, received=instants, term=terms)
def test_a_pause_never_moves_a_due_date_earlier(data: st.DataObject, calendar: WorkCalendar, received: datetime, term: Term) -> None:
    pauses = data.draw(pauses_after(received))
    assert calendar.due(received, term, pauses) >= calendar.due(received, term)
    assert calendar.due(received, term, [*pauses, *pauses[:2]]) == calendar.due(received, term, pauses[::-1])


@given(data=st.data(), calendar=calendars, received=instants, term=terms)
def test_what_is_not_late_when_it_is_paused_is_not_late_when_it_goes_on(
    data: st.DataObject, calendar: WorkCalendar, received: datetime, term: Term
) -> None:
    due = calendar.due(received, term)
    pause = data.draw(st.sampled_from(data.draw(pauses_after(received)) or [Pause(since=received, until=received)]))
    assert pause.until is not None
    after = calendar.due(received, term, [pause])
    since = max(pause.since, calendar.next_opening(received))  # what lies before the counting pauses nothing
    assert after >= pause.until if since < min(due, pause.until) else after == due


@given(calendar=calendars, received=instants, later=st.integers(0, 10**6), term=terms)
def test_who_comes_later_is_due_no_earlier(calendar: WorkCalendar, received: datetime, later: int, term: Term) -> None:
    assert calendar.due(received + timedelta(seconds=later), term) >= calendar.due(received, term)


@given(calendar=calendars, received=instants, cut=st.times(time(7, 31), time(17)), term=terms)
def test_a_cut_off_never_takes_a_reception_for_an_earlier_one(calendar: WorkCalendar, received: datetime, cut: time, term: Term) -> None:
    cutting = WorkCalendar(rows=calendar.rows, saturday=calendar.saturday, cut_off=cut)
    plain = WorkCalendar(rows=calendar.rows, saturday=calendar.saturday)
    start = cutting.counts_from(received)
    assert cutting.is_open(start)
    assert start >= plain.counts_from(received) == plain.next_opening(received)
    assert start == plain.next_opening(received) or received.astimezone(plain.zone).time() > cut
    assert cutting.due(start, term) >= plain.due(received, term)


@given(calendars, instants, instants, instants)
def test_working_time_adds_up(calendar: WorkCalendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.elapsed(a, c) == calendar.elapsed(a, b) + calendar.elapsed(b, c)


@given(data=st.data(), calendar=calendars, a=instants, b=instants, c=instants)
def test_working_time_outside_pauses_adds_up(data: st.DataObject, calendar: WorkCalendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    pauses = data.draw(pauses_after(a))
    assert calendar.elapsed(a, c, pauses) == calendar.elapsed(a, b, pauses) + calendar.elapsed(b, c, pauses)
    assert calendar.elapsed(a, c, pauses) <= calendar.elapsed(a, c)


@given(calendar=calendars, received=instants, worked=seconds)
def test_working_hours_counted_forward_are_the_hours_measured(calendar: WorkCalendar, received: datetime, worked: int) -> None:
    assert abs(calendar.elapsed(received, calendar.due(received, hours(worked))) - timedelta(seconds=worked)) <= TICK


@given(calendar=calendars, start=instants, end=instants)
def test_the_hours_measured_counted_forward_end_where_they_were_measured_to(calendar: WorkCalendar, start: datetime, end: datetime) -> None:
    """elapsed, then due: back at `end`, or where the break began that `end` lies in."""
    start, end = sorted((start, end))
    worked = calendar.elapsed(start, end)
    due = calendar.due(start, Term(amount=worked / timedelta(hours=1), unit=TermUnit.WORKING_HOURS))
    assert due <= end + TICK or not worked
    assert calendar.elapsed(due, end) <= TICK


@given(calendar=st.sampled_from(UNIFORM), received=instants, count=st.integers(0, 60))
def test_working_days_counted_forward_are_the_days_measured(calendar: WorkCalendar, received: datetime, count: int) -> None:
    assert calendar.elapsed_days(received, calendar.due(received, days(count))) == count


@given(calendar=calendars, received=instants, count=st.integers(0, 60))
def test_n_working_days_later_n_days_were_worked_on(calendar: WorkCalendar, received: datetime, count: int) -> None:
    """However short they were; what is due in a half nobody works is due when the next one begins."""
    due = calendar.due(received, days(count))
    assert calendar.is_open(due)
    first, last = (t.astimezone(calendar.zone).date() for t in (calendar.next_opening(received), due))
    worked = sum(calendar.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert worked in (count, count + 1)
    assert worked == count or due == calendar.next_opening(calendar.opening(last))  # rolled to the opening of one more


@given(data=st.data(), calendar=calendars, received=instants, worked=seconds)
def test_working_hours_outside_pauses_are_the_term(data: st.DataObject, calendar: WorkCalendar, received: datetime, worked: int) -> None:
    """Piece by piece: the office hours up to the due time that lie in no pause are the term; so says `elapsed` at once."""
    pauses = data.draw(pauses_after(received))
    due = calendar.due(received, hours(worked), pauses)
    cuts = sorted({received, due, *(t for p in pauses for t in (p.since, p.until) if t is not None and received < t < due)})
    outside = [(a, b) for a, b in pairwise(cuts) if not any(p.since <= a and b <= (p.until or b) for p in pauses)]
    total = sum((calendar.elapsed(a, b) for a, b in outside), timedelta())
    assert abs(total - timedelta(seconds=worked)) <= TICK
    assert calendar.elapsed(received, due, pauses) == total


@given(calendar=calendars, instant=instants, worked=seconds)
def test_earlier_by_working_hours_is_that_much_earlier(calendar: WorkCalendar, instant: datetime, worked: int) -> None:
    earlier = calendar.before(instant, hours(worked))
    assert earlier <= instant
    assert abs(calendar.elapsed(earlier, instant) - timedelta(seconds=worked)) <= TICK


@given(calendar=st.sampled_from(UNIFORM), instant=instants, count=st.integers(0, 30))
def test_a_working_day_earlier_is_a_working_day_of_time(calendar: WorkCalendar, instant: datetime, count: int) -> None:
    assert calendar.elapsed(calendar.before(instant, days(count)), instant) == count * DAY


@given(calendar=calendars, instant=instants, later=st.integers(0, 10**6), term=terms)
def test_earlier_is_earlier_and_keeps_the_order(calendar: WorkCalendar, instant: datetime, later: int, term: Term) -> None:
    earlier = calendar.before(instant, term)
    assert earlier <= instant
    assume(term.unit is not TermUnit.MONTHS)  # 30 and 31 March are both 28 February a month before, each at its own time of day
    assert earlier <= calendar.before(instant + timedelta(seconds=later), term)


@given(calendar=calendars, instant=instants, count=st.integers(1, 60), nearby=st.integers(-2000, 2000))
def test_since_is_the_last_instant_from_which_so_many_days_have_been_worked(
    calendar: WorkCalendar, instant: datetime, count: int, nearby: int
) -> None:
    last = calendar.since(instant, days(count))
    assert calendar.elapsed_days(last, instant) == count
    assert calendar.elapsed_days(last + TICK, instant) < count
    other = last + timedelta(minutes=nearby)
    assert (calendar.elapsed_days(other, instant) >= count) == (other <= last)


@given(calendars, st.dates(date(1980, 1, 1), date(2090, 12, 31)))
def test_a_rest_day_always_says_why_and_a_working_day_its_hours(calendar: WorkCalendar, day: date) -> None:
    assert calendar.is_working(day) == (calendar.why_rest(day) is None) == bool(calendar.hours_on(day))
    midnight, next_midnight = (datetime.combine(day + timedelta(days=n), time(), calendar.zone) for n in (0, 1))
    told = (datetime.combine(day, closes) - datetime.combine(day, opens) for opens, closes in calendar.hours_on(day))
    assert calendar.elapsed(midnight, next_midnight) == sum(told, timedelta())
