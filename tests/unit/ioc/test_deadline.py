"""The deadline columns of an item: which due date counts, when the clock runs, and what early, late and due soon compare with."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest

from ioc.calendar import WorkCalendar
from ioc.deadline import Compare, Deadlines, fold
from ioc.model import Item, Kind, Pause, State, Term, TermUnit

VN = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


def days(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.WORKING_DAYS)


ITEM = Item(
    code="H99.14-261116-0001",
    unit="H99.14",
    state=State.WORKING,
    received_at=at("2026-11-12T09:00"),
    happened_at=at("2026-11-12T09:00"),
    due_at=at("2026-11-20T15:00"),
)


def folded(item: Item, compare: Compare = "date") -> Deadlines:
    return fold(item, CALENDAR, compare, VN)


def test_by_date_the_whole_due_day_is_on_time() -> None:
    assert folded(ITEM) == Deadlines(
        due_at=at("2026-11-20T15:00"),
        soon_at=at("2026-11-19T15:00"),
        early_before=at("2026-11-20T00:00"),
        late_from=at("2026-11-21T00:00"),
        apology_due_at=at("2026-11-19T15:00"),
    )


def test_by_instant_only_the_due_instant_is_on_time() -> None:
    assert folded(ITEM, "instant") == Deadlines(
        due_at=at("2026-11-20T15:00"),
        soon_at=at("2026-11-19T15:00"),
        early_before=at("2026-11-20T15:00"),
        late_from=at("2026-11-20T15:00:00.000001"),
        apology_due_at=at("2026-11-19T15:00"),
    )


def test_the_local_day_decides_not_the_utc_day() -> None:
    night = folded(replace(ITEM, due_at=at("2026-11-20T06:30")))  # 23:30 of the 19th in UTC
    assert (night.early_before, night.late_from) == (at("2026-11-20T00:00"), at("2026-11-21T00:00"))
    elsewhere = fold(ITEM, CALENDAR, "date", ZoneInfo("UTC"))
    assert elsewhere.early_before == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_stated_due_date_wins_over_the_term() -> None:
    assert folded(replace(ITEM, term=days(1))).due_at == ITEM.due_at


def test_the_term_decides_when_nothing_is_stated() -> None:
    assert folded(replace(ITEM, due_at=None, term=days(3))).due_at == at("2026-11-17T09:00")


def test_without_both_there_is_no_deadline() -> None:
    assert folded(replace(ITEM, due_at=None)) == Deadlines()


@pytest.mark.parametrize("state", [State.WAITING, State.SUBMITTED, State.REFUSED])
@pytest.mark.parametrize("compare", ["date", "instant"])
def test_no_clock_runs_while_waiting_before_reception_or_after_refusal(state: State, compare: Compare) -> None:
    found = folded(replace(ITEM, state=state), compare)
    assert found == Deadlines(reception_due_at=found.reception_due_at)


@pytest.mark.parametrize("state", [State.DONE, State.WITHDRAWN])
def test_a_closed_item_keeps_the_deadlines_it_was_judged_by(state: State) -> None:
    closed = replace(ITEM, state=state, closed_at=at("2026-11-25T10:00"), happened_at=at("2026-11-25T10:00"))
    assert replace(folded(closed), handled_minutes=None) == folded(ITEM)


def test_a_pause_moves_the_term_but_not_the_stated_date() -> None:
    pause = Pause(since=at("2026-11-13T09:00"), until=at("2026-11-16T09:00"))  # Friday to Monday: one working day
    assert folded(replace(ITEM, due_at=None, term=days(3), pauses=(pause,))).due_at == at("2026-11-18T09:00")
    assert folded(replace(ITEM, pauses=(pause,))).due_at == ITEM.due_at


def test_a_pause_left_open_ended_when_the_item_went_on() -> None:
    left = replace(ITEM, due_at=None, term=days(3), happened_at=at("2026-11-16T09:00"), pauses=(Pause(since=at("2026-11-13T09:00")),))
    assert folded(left).due_at == at("2026-11-18T09:00")
    contradictory = replace(left, pauses=(Pause(since=at("2026-11-18T09:00")),))
    assert folded(contradictory).due_at == at("2026-11-17T09:00")


def test_due_soon_is_a_working_day_before_over_a_weekend() -> None:
    assert folded(replace(ITEM, due_at=at("2026-11-23T10:00"))).soon_at == at("2026-11-20T10:00")


def test_a_due_date_after_hours_is_soon_from_the_closing_a_day_before() -> None:
    assert folded(replace(ITEM, due_at=at("2026-11-20T23:59"))).soon_at == at("2026-11-19T17:00")
    assert folded(replace(ITEM, due_at=at("2026-11-22T12:00"))).soon_at == at("2026-11-19T17:00")


def test_a_due_day_without_a_clock_lasts_until_its_closing() -> None:
    midnight = replace(ITEM, due_at=at("2026-11-20T00:00"))
    assert folded(midnight).soon_at == at("2026-11-19T17:00")
    assert folded(midnight).late_from == at("2026-11-21T00:00")
    assert folded(midnight, "instant").soon_at == at("2026-11-18T17:00")


def test_due_soon_begins_neither_before_the_reception_nor_after_the_due_date() -> None:
    short = replace(ITEM, received_at=at("2026-11-20T14:00"))
    assert folded(short).soon_at == at("2026-11-20T14:00")
    impossible = replace(ITEM, received_at=at("2026-11-25T14:00"))
    assert folded(impossible).soon_at == ITEM.due_at


@pytest.mark.parametrize("written_for_none", ["0001-01-01T12:00", "1970-01-01T00:00", "9999-12-31T00:00", "2100-01-01T00:00"])
@pytest.mark.parametrize("compare", ["date", "instant"])
def test_a_date_no_calendar_knows_is_no_deadline(written_for_none: str, compare: Compare) -> None:
    stated = datetime.fromisoformat(written_for_none).replace(tzinfo=UTC)
    assert folded(replace(ITEM, due_at=stated), compare) == Deadlines()


def test_a_reception_or_a_term_no_calendar_knows_gives_no_deadline() -> None:
    unknown = replace(ITEM, due_at=None, term=days(3))
    assert folded(replace(unknown, received_at=datetime(1, 1, 1, 12, tzinfo=UTC))) == Deadlines()
    assert folded(replace(unknown, term=days(1e9))) == Deadlines()
    assert folded(replace(unknown, term=days(-1))) == Deadlines()


def test_what_is_sent_in_must_be_received_within_eight_working_hours() -> None:
    submitted = replace(ITEM, state=State.SUBMITTED, received_at=at("2026-11-20T16:00"))
    assert folded(submitted) == Deadlines(reception_due_at=at("2026-11-23T16:00"))
    received = replace(ITEM, submitted_at=at("2026-11-11T20:00"))
    assert folded(received).reception_due_at == at("2026-11-12T17:00")  # sent in at night: the whole of the next day
    assert folded(replace(received, state=State.REFUSED)) == Deadlines(reception_due_at=at("2026-11-12T17:00"))
    assert folded(ITEM).reception_due_at is None
    within_four = fold(received, WorkCalendar(reception_hours=4, cut_off=time_of_day(15)), "date", VN)
    assert within_four.reception_due_at == at("2026-11-12T11:30")


def test_the_apology_is_due_a_working_day_before_the_deadline_stated_first() -> None:
    extended = replace(ITEM, first_due_at=at("2026-11-16T10:00"))
    assert folded(extended).apology_due_at == at("2026-11-13T10:00")
    assert folded(extended).due_at == ITEM.due_at
    assert folded(extended).soon_at == at("2026-11-19T15:00")
    closed_late = replace(extended, state=State.DONE, closed_at=at("2026-11-24T10:00"), happened_at=at("2026-11-24T10:00"))
    assert folded(closed_late).apology_due_at == at("2026-11-13T10:00")


@pytest.mark.parametrize("kind", [Kind.DOCUMENT, Kind.TASK, Kind.MIRROR])
def test_nobody_is_owed_an_apology_but_the_applicant_of_a_dossier(kind: Kind) -> None:
    assert folded(replace(ITEM, kind=kind)).apology_due_at is None
    assert folded(replace(ITEM, kind=kind)).soon_at == folded(ITEM).soon_at


def test_the_apology_is_due_neither_before_the_reception_nor_on_a_date_that_is_none() -> None:
    at_once = replace(ITEM, first_due_at=at("2026-11-12T16:00"))
    assert folded(at_once).apology_due_at == ITEM.received_at
    nothing = replace(ITEM, first_due_at=datetime(1, 1, 1, tzinfo=UTC))
    assert folded(nothing).apology_due_at == folded(ITEM).soon_at
    midnight = replace(ITEM, first_due_at=at("2026-11-20T00:00"))
    assert folded(midnight).apology_due_at == at("2026-11-19T17:00")
    assert folded(midnight, "instant").apology_due_at == at("2026-11-18T17:00")


HANDLED = [
    ("2026-11-12T09:00", "2026-11-12T09:00", (), 0),
    ("2026-11-12T09:00", "2026-11-12T09:00:59.999999", (), 0),
    ("2026-11-12T09:00", "2026-11-12T09:01", (), 1),
    ("2026-11-12T09:00", "2026-11-13T09:00", (), 480),
    ("2026-11-13T16:00", "2026-11-16T08:00", (), 90),  # over a weekend
    ("2026-11-13T18:00", "2026-11-15T10:00", (), 0),  # on one
    ("2026-02-13T16:30", "2026-02-23T07:31", (), 31),  # over Tết
    ("2026-11-12T16:30", "2026-11-12T16:45", (), 15),  # the cut-off is for counting terms: this was worked
    ("2026-11-12T09:00", "2026-11-13T09:00", (("2026-11-12T10:00", "2026-11-12T11:00"),), 420),
    ("2026-11-12T09:00", "2026-11-13T09:00", (("2026-11-12T10:00", "2026-11-12T11:00"), ("2026-11-12T10:30", "2026-11-12T12:00")), 390),
    ("2026-11-12T09:00", "2026-11-13T09:00", (("2026-11-12T16:00", None),), 330),  # left open: it lasted until the closing
    ("2026-11-12T09:00", "2026-11-11T09:00", (), 0),  # closed before it came
]


@pytest.mark.parametrize(("received", "closed", "stretches", "minutes"), HANDLED)
def test_handling_time_is_working_time_outside_pauses(
    received: str, closed: str, stretches: tuple[tuple[str, str | None], ...], minutes: int
) -> None:
    pauses = tuple(Pause(since=at(since), until=at(until) if until else None) for since, until in stretches)
    item = replace(ITEM, state=State.DONE, received_at=at(received), closed_at=at(closed), happened_at=at(closed), pauses=pauses)
    assert fold(item, WorkCalendar(cut_off=time_of_day(15)), "date", VN).handled_minutes == minutes
    assert folded(replace(item, state=State.WITHDRAWN)).handled_minutes == minutes
    assert folded(replace(item, state=State.REFUSED)).handled_minutes is None
    assert folded(replace(item, state=State.WORKING)).handled_minutes is None


def test_a_deadline_that_cannot_be_told_takes_no_other_clock_with_it() -> None:
    done = replace(
        ITEM, state=State.DONE, due_at=None, term=days(1e9), submitted_at=at("2026-11-12T08:00"), closed_at=at("2026-11-12T10:00")
    )
    assert folded(done) == Deadlines(reception_due_at=at("2026-11-13T08:00"), handled_minutes=60)
    assert folded(replace(done, submitted_at=datetime(1, 1, 1, tzinfo=UTC))).handled_minutes == 60


@pytest.mark.parametrize("year", [1977, 2098])
def test_at_the_edges_of_the_calendar_every_date_folds(year: int) -> None:
    for month, day in ((1, 1), (12, 31)):
        due = datetime(year, month, day, 20, tzinfo=UTC)
        found = folded(replace(ITEM, received_at=due - timedelta(days=3), due_at=due))
        assert found.soon_at is not None
        assert found.soon_at <= due


def test_everything_is_in_plain_utc() -> None:
    local = replace(ITEM, due_at=datetime(2026, 11, 20, 15, tzinfo=VN), received_at=datetime(2026, 11, 20, 14, tzinfo=VN))
    found = folded(local)
    assert all(t is not None and t.tzinfo is UTC for t in (found.due_at, found.soon_at, found.early_before, found.late_from))


@pytest.mark.parametrize("compare", ["date", "instant"])
@pytest.mark.parametrize(
    "due", ["2026-11-20T15:00", "2026-11-20T00:00", "2026-11-21T10:00", "2026-11-20T23:59:59.999999", "2026-02-17T08:00"]
)
def test_the_four_instants_stand_in_order(compare: Compare, due: str) -> None:
    found = folded(replace(ITEM, due_at=at(due), received_at=at("2026-01-05T09:00")), compare)
    assert found.soon_at is not None
    assert found.due_at is not None
    assert found.early_before is not None
    assert found.late_from is not None
    assert found.soon_at <= found.due_at < found.late_from
    assert found.early_before <= found.due_at


@pytest.mark.parametrize("stated", [True, False])
def test_a_bulk_load_folds_twenty_thousand_items_a_second(stated: bool) -> None:
    item = ITEM if stated else replace(ITEM, due_at=None, term=days(15))
    items = [replace(item, received_at=item.received_at + timedelta(minutes=n)) for n in range(4000)]
    best = min(_seconds(items) for _ in range(3))
    assert len(items) / best > 20_000


def _seconds(items: list[Item]) -> float:
    began = time.perf_counter()
    for item in items:
        fold(item, CALENDAR, "date", VN)
    return time.perf_counter() - began
