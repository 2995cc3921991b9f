"""What holds of the clocks of any item a source can send: nothing raises, they stand in order, and counting anew takes nothing away."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ioc.calendar import WorkCalendar
from ioc.deadline import Deadlines, fold
from ioc.model import Item, Pause, Reason, State, Term, TermUnit

VN = ZoneInfo("Asia/Ho_Chi_Minh")
RESUME = WorkCalendar(saturday=((time(7, 30), time(11, 30)),))
RESTART = replace(RESUME, after_supplement="restart")
CUTTING = replace(RESTART, cut_off=time(15))

anything = st.datetimes(datetime.min, datetime.max).map(lambda t: t.replace(tzinfo=UTC))
usual = st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 1)).map(lambda t: t.replace(tzinfo=UTC))
whenever = st.one_of(usual, anything)
amounts = st.one_of(st.floats(), st.integers(0, 30), st.sampled_from([0.5, 1e300, -1]))


def items(when: st.SearchStrategy[datetime], amount: st.SearchStrategy[Any]) -> st.SearchStrategy[Item]:
    maybe = st.one_of(st.none(), when)
    pauses = st.builds(Pause, since=when, until=maybe, reason=st.sampled_from(Reason))
    return st.builds(
        Item,
        code=st.just("1"),
        unit=st.just("U"),
        state=st.sampled_from(State),
        received_at=when,
        happened_at=when,
        due_at=maybe,
        first_due_at=maybe,
        submitted_at=maybe,
        closed_at=maybe,
        term=st.one_of(st.none(), st.builds(Term, amount=amount, unit=st.sampled_from(TermUnit))),
        pauses=st.lists(pauses, max_size=4).map(tuple),
    )


@given(item=items(whenever, amounts), calendar=st.sampled_from([RESUME, CUTTING]), by_date=st.booleans())
def test_whatever_is_sent_is_folded_and_its_clocks_stand_in_order(item: Item, calendar: WorkCalendar, by_date: bool) -> None:
    found = fold(item, calendar, "date" if by_date else "instant", VN)
    for name in (one.name for one in fields(Deadlines) if one.name != "handled_minutes"):
        clock = getattr(found, name)
        assert clock is None or clock.tzinfo is UTC
    assert found.handled_minutes is None or 0 <= found.handled_minutes < 2**31
    due, four = found.due_at, (found.soon_at, found.early_before, found.late_from, found.apology_due_at)
    if due is None:
        assert four == (None,) * 4
        assert found.counted_from is None
    else:
        soon, early_before, late_from, _ = four
        assert soon is not None
        assert early_before is not None
        assert late_from is not None
        assert soon <= due < late_from
        assert early_before <= due


@given(item=items(usual, st.integers(0, 30)))
def test_counting_anew_is_never_earlier_than_going_on(item: Item) -> None:
    working = replace(item, state=State.WORKING, due_at=None)
    anew, on = fold(working, RESTART, "date", VN), fold(working, RESUME, "date", VN)
    assert on.counted_from is None
    if anew.counted_from is None:
        assert anew == on
        return
    assert any(p.reason is Reason.SUPPLEMENT and anew.counted_from in (p.until, item.happened_at) for p in item.pauses)
    assert anew.due_at is not None
    assert on.due_at is not None
    if item.term and item.term.unit is not TermUnit.MONTHS:  # a month counted from the 31st is shorter than one from the 30th
        assert anew.due_at >= on.due_at
    assert anew.due_at >= anew.counted_from


@given(item=items(usual, st.integers(0, 30)), hours=st.integers(0, 400))
def test_handling_time_is_no_more_than_what_was_worked_and_grows_with_the_closing(item: Item, hours: int) -> None:
    pauses = tuple(replace(p, until=p.until or p.since + timedelta(days=1)) for p in item.pauses)
    closed = item.received_at + timedelta(hours=hours)
    done = replace(item, state=State.DONE, closed_at=closed, pauses=pauses)
    taken = fold(done, RESUME, "date", VN).handled_minutes
    later = fold(replace(done, closed_at=closed + timedelta(hours=5)), RESUME, "date", VN).handled_minutes
    assert taken is not None
    assert later is not None
    assert 0 <= taken <= RESUME.elapsed(item.received_at, closed) / timedelta(minutes=1)
    assert taken <= later <= taken + 300
