"""Golden cases of working time: the decisions of 2018-2026, the traps other systems fell into, and the rest-day table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ioc.calendar import CalendarError, Office, RestDay, TableError, WorkCalendar, rest_days
from ioc.model import Pause, Term, TermUnit

VN = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkCalendar()
MORNING = ((time(7, 30), time(11, 30)),)
HOURS = (*MORNING, (time(13), time(17)))
HALVES = WorkCalendar(
    rows=(*rest_days(), RestDay(day=date(2026, 11, 20), kind="morning"), RestDay(day=date(2026, 11, 24), kind="afternoon"))
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def days(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.WORKING_DAYS)


def hours(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.WORKING_HOURS)


def calendar_days(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.CALENDAR_DAYS)


def months(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.MONTHS)


class Unknown:
    amount, unit = 1, "weeks"


def pause(since: str, until: str) -> Pause:
    return Pause(since=at(since), until=at(until))


WORKED = [
    ("2018-12-31", False, "swapped with Saturday 05/01/2019"),
    ("2019-01-05", True, "a Saturday worked for 31/12/2018"),
    ("2019-04-15", False, "Hùng Kings on a Sunday: Monday off"),
    ("2019-04-29", False, "swapped with Saturday 04/05/2019"),
    ("2019-05-04", True, "a Saturday worked"),
    ("2024-02-08", False, "Tết 2024 begins on Thursday"),
    ("2024-02-14", False, "Tết 2024 ends on Wednesday"),
    ("2024-02-15", True, "the first day after Tết 2024"),
    ("2024-04-18", False, "Hùng Kings"),
    ("2024-04-29", False, "swapped with Saturday 04/05/2024"),
    ("2024-05-04", True, "a Saturday worked"),
    ("2024-05-11", False, "the Saturday after is an ordinary one"),
    ("2024-09-03", False, "the day beside National Day"),
    ("2025-04-26", True, "a Saturday worked for 02/05/2025"),
    ("2025-05-02", False, "swapped with Saturday 26/04/2025"),
    ("2026-01-01", False, "New Year"),
    ("2026-01-02", False, "swapped with Saturday 10/01/2026"),
    ("2026-01-10", True, "a Saturday worked"),
    ("2026-02-13", True, "the last day before Tết 2026"),
    ("2026-02-16", False, "Tết 2026, Monday"),
    ("2026-02-20", False, "Tết 2026, Friday"),
    ("2026-02-23", True, "the first day after Tết 2026"),
    ("2026-04-27", False, "Hùng Kings on a Sunday: Monday off"),
    ("2026-04-30", False, "Reunification Day"),
    ("2026-05-01", False, "Labour Day"),
    ("2026-08-22", True, "a Saturday worked for 31/08/2026"),
    ("2026-08-31", False, "swapped with Saturday 22/08/2026"),
    ("2026-09-01", False, "the day beside National Day"),
    ("2026-09-02", False, "National Day"),
    ("2026-11-24", True, "Ngày Văn hóa Việt Nam is not switched on"),
    ("2027-11-24", True, "nor in a later year"),
    ("2026-11-21", False, "an ordinary Saturday"),
    ("2026-11-22", False, "an ordinary Sunday"),
]


@pytest.mark.parametrize(("day", "worked", "why"), WORKED, ids=[f"{day} {why}" for day, _, why in WORKED])
def test_a_day_is_worked_as_decided(day: str, worked: bool, why: str) -> None:
    assert CALENDAR.is_working(date.fromisoformat(day)) is worked


DUE = [
    # the golden vectors
    ("2024-04-26T09:00", days(1), "2024-05-02T09:00", "over 29/4 (swapped), 30/4 and 1/5"),
    ("2024-04-26T09:00", days(2), "2024-05-03T09:00", "the second working day after"),
    ("2024-04-26T09:00", days(3), "2024-05-04T09:00", "the third is the make-up Saturday"),
    ("2026-02-13T10:00", days(3), "2026-02-25T10:00", "over Tết 2026"),
    ("2025-04-25T08:00", days(2), "2025-04-28T08:00", "the make-up Saturday counts as a day"),
    ("2018-12-28T10:00", days(2), "2019-01-03T10:00", "over 31/12/2018 and New Year"),
    ("2019-01-04T10:00", days(1), "2019-01-05T10:00", "due on the make-up Saturday"),
    ("2019-04-26T15:00", days(2), "2019-05-03T15:00", "over 29/4 (swapped), 30/4, 1/5"),
    ("2026-08-21T09:00", days(1), "2026-08-22T09:00", "due on the make-up Saturday"),
    ("2026-08-28T09:00", days(1), "2026-09-03T09:00", "over 31/8, 1/9 and 2/9"),
    ("2025-12-31T16:00", days(1), "2026-01-05T16:00", "over New Year and its swap"),
    # the time of day, and receptions outside it
    ("2026-11-16T07:30", days(1), "2026-11-17T07:30", "the first minute of the day keeps it"),
    ("2026-11-16T16:59:59", days(1), "2026-11-17T16:59:59", "the last second of the day keeps it"),
    ("2026-11-16T17:00", days(1), "2026-11-18T07:30", "at 17:00 sharp the office is closed"),
    ("2026-11-16T22:15", days(1), "2026-11-18T07:30", "online at night counts from the next opening"),
    ("2026-11-17T05:00", days(1), "2026-11-18T07:30", "before the opening counts from the opening"),
    ("2026-11-16T12:10", days(2), "2026-11-18T13:00", "in the lunch break counts from 13:00"),
    ("2026-11-20T18:00", days(1), "2026-11-24T07:30", "Friday evening counts from Monday"),
    ("2026-11-21T10:00", days(1), "2026-11-24T07:30", "so does Saturday"),
    ("2026-02-18T10:00", days(1), "2026-02-24T07:30", "so does a day of Tết"),
    ("2026-11-16T09:00", days(0), "2026-11-16T09:00", "no term: at once"),
    ("2026-11-21T09:00", days(0), "2026-11-23T07:30", "at once is the next opening"),
    ("2026-11-16T09:00", days(1.5), "2026-11-17T14:30", "half a working day is four hours"),
    ("2026-11-16T09:00", days(15), "2026-12-07T09:00", "three weeks"),
    # a day is a day, and hours are hours
    ("2026-11-16T08:00", days(3), "2026-11-19T08:00", "three days are not 72 working hours"),
    ("2026-11-16T07:30", hours(8), "2026-11-16T17:00", "eight hours end the same day"),
    ("2026-11-16T09:00", hours(4), "2026-11-16T14:30", "over the lunch break"),
    ("2026-11-16T16:00", hours(4), "2026-11-17T10:30", "into the next day"),
    ("2026-11-20T16:00", hours(1), "2026-11-20T17:00", "exactly to the closing"),
    ("2026-11-20T16:00", hours(1.5), "2026-11-23T08:00", "over a weekend"),
    ("2026-11-20T20:00", hours(8), "2026-11-23T17:00", "online at night: all of Monday"),
    ("2026-11-16T10:30", hours(1), "2026-11-16T11:30", "to the lunch break, not beyond"),
    ("2026-11-16T07:30", hours(24), "2026-11-18T17:00", "24 hours are three working days"),
    # calendar days
    ("2026-11-16T09:00", calendar_days(3), "2026-11-19T17:00", "to the closing of the third day"),
    ("2026-11-18T09:00", calendar_days(3), "2026-11-23T17:00", "Saturday moves to the end of Monday"),
    ("2026-11-19T09:00", calendar_days(4), "2026-11-23T17:00", "who comes a day later is due no earlier"),
    ("2026-11-06T09:00", calendar_days(15), "2026-11-23T17:00", "Saturday again"),
    ("2026-02-02T09:00", calendar_days(15), "2026-02-23T17:00", "a day of Tết moves behind Tết"),
    ("2026-11-21T09:00", calendar_days(2), "2026-11-25T17:00", "received on Saturday counts from Monday"),
    ("2024-04-26T09:00", calendar_days(8), "2024-05-04T17:00", "a make-up Saturday is no rest day"),
]


@pytest.mark.parametrize(("received", "term", "due", "why"), DUE, ids=[f"{r} {t.amount:g} {t.unit} {why}" for r, t, _, why in DUE])
def test_it_is_due(received: str, term: Term, due: str, why: str) -> None:
    assert CALENDAR.due(at(received), term) == at(due)


def test_without_the_swap_the_saturday_does_not_count() -> None:
    without = (RestDay(day=date(2025, 4, 26), kind="rest"), RestDay(day=date(2025, 5, 2), kind="work"))
    assert WorkCalendar(rows=(*rest_days(), *without)).due(at("2025-04-25T08:00"), days(2)) == at("2025-04-29T08:00")


PAUSES = [
    (days(2), [pause("2026-11-17T09:00", "2026-11-18T09:00")], "2026-11-19T09:00", "a working day given back"),
    (days(2), [pause("2026-11-16T17:00", "2026-11-17T07:30")], "2026-11-18T09:00", "a night gives nothing"),
    (days(5), [pause("2026-11-20T17:00", "2026-11-23T07:30")], "2026-11-23T09:00", "a weekend gives nothing"),
    (days(5), [pause("2026-11-20T16:00", "2026-11-23T08:30")], "2026-11-23T11:00", "over a weekend only its two working hours"),
    (days(5), [pause("2026-11-17T11:30", "2026-11-17T13:00")], "2026-11-23T09:00", "a lunch break gives nothing"),
    (
        days(3),
        [pause("2026-11-17T08:00", "2026-11-17T10:00"), pause("2026-11-17T09:00", "2026-11-17T11:00")],
        "2026-11-19T13:30",
        "overlapping pauses count once",
    ),
    (
        days(3),
        [pause("2026-11-17T09:00", "2026-11-17T10:00"), pause("2026-11-17T08:00", "2026-11-17T11:00")],
        "2026-11-19T13:30",
        "one inside the other counts once, in any order",
    ),
    (
        days(2),
        [pause("2026-11-18T08:00", "2026-11-18T10:00"), pause("2026-11-18T10:30", "2026-11-18T11:30")],
        "2026-11-18T13:30",
        "a second pause counts although it begins after the first due time",
    ),
    (days(2), [pause("2026-11-19T08:00", "2026-11-20T10:00")], "2026-11-18T09:00", "a pause after the due date gives nothing"),
    (days(2), [pause("2026-11-13T08:00", "2026-11-16T08:30")], "2026-11-18T09:00", "a pause before the reception gives nothing"),
    (days(2), [pause("2026-11-13T08:00", "2026-11-16T10:00")], "2026-11-18T10:00", "of one begun before only what lies after"),
    (days(1), [pause("2026-11-17T08:00", "2026-11-17T08:00")], "2026-11-17T09:00", "an empty pause gives nothing"),
    (hours(4), [pause("2026-11-16T10:00", "2026-11-16T11:00")], "2026-11-16T15:30", "hours get their hour back"),
    (
        calendar_days(3),
        [pause("2026-11-17T09:00", "2026-11-18T09:00")],
        "2026-11-20T17:00",
        "calendar days get the plain day back",
    ),
    (
        calendar_days(7),
        [pause("2026-11-21T00:00", "2026-11-23T00:00")],
        "2026-11-25T17:00",
        "their clock runs on a weekend, so a weekend is given back",
    ),
]


@pytest.mark.parametrize(("term", "pauses", "due", "why"), PAUSES, ids=[why for *_, why in PAUSES])
def test_a_pause_is_given_back(term: Term, pauses: list[Pause], due: str, why: str) -> None:
    assert CALENDAR.due(at("2026-11-16T09:00"), term, pauses) == at(due)


def test_a_day_given_back_keeps_the_morning() -> None:
    whole = [pause("2026-11-17T07:30", "2026-11-17T17:00")]
    halves = [pause("2026-11-17T07:30", "2026-11-17T11:30"), pause("2026-11-17T13:00", "2026-11-17T17:00")]
    for pauses in (whole, halves):
        assert CALENDAR.due(at("2026-11-15T10:00"), days(2), pauses) == at("2026-11-19T07:30")


def test_an_open_pause_is_the_callers_decision() -> None:
    with pytest.raises(CalendarError, match="still open"):
        CALENDAR.due(at("2026-11-16T09:00"), days(2), [Pause(since=at("2026-11-17T09:00"))])


ELAPSED = [
    ("2026-11-16T09:00", "2026-11-16T10:30", 1.5),
    ("2026-11-16T09:00", "2026-11-17T09:00", 8),
    ("2026-11-16T10:00", "2026-11-16T14:00", 2.5),
    ("2026-11-20T16:00", "2026-11-23T08:00", 1.5),
    ("2026-11-20T17:00", "2026-11-23T07:30", 0),
    ("2026-11-21T00:00", "2026-11-22T23:59", 0),
    ("2026-11-17T09:00", "2026-11-16T09:00", 0),
    ("2026-02-13T16:00", "2026-02-23T08:30", 2),
    ("2024-05-03T16:00", "2024-05-04T09:00", 2.5),
    ("2026-01-01T00:00", "2027-01-01T00:00", 8 * 250),
]


@pytest.mark.parametrize(("a", "b", "worked"), ELAPSED)
def test_working_time_between(a: str, b: str, worked: float) -> None:
    assert CALENDAR.elapsed(at(a), at(b)) == timedelta(hours=worked)
    assert CALENDAR.elapsed_days(at(a), at(b)) == worked / 8


BEFORE = [
    ("2026-11-20T09:00", days(1), "2026-11-19T09:00"),
    ("2026-11-23T09:00", days(1), "2026-11-20T09:00"),
    ("2026-11-20T17:00", days(1), "2026-11-19T17:00"),
    ("2026-11-21T10:00", days(1), "2026-11-19T17:00"),
    ("2026-11-20T12:00", days(1), "2026-11-19T11:30"),
    ("2026-02-23T07:30", days(1), "2026-02-12T17:00"),
    ("2026-02-23T08:00", days(1), "2026-02-13T08:00"),
    ("2024-05-06T10:00", days(1), "2024-05-04T10:00"),
    ("2026-11-20T09:00", days(1.5), "2026-11-18T14:30"),
    ("2026-11-20T09:00", hours(1.5), "2026-11-20T07:30"),
    ("2026-11-20T09:00", hours(3), "2026-11-19T15:30"),
    ("2026-11-23T09:00", calendar_days(2), "2026-11-21T09:00"),
]


@pytest.mark.parametrize(("instant", "term", "earlier"), BEFORE)
def test_earlier_by_a_term(instant: str, term: Term, earlier: str) -> None:
    assert CALENDAR.before(at(instant), term) == at(earlier)


def test_an_office_is_open_from_opening_until_closing() -> None:
    expected = {"07:29": False, "07:30": True, "11:29": True, "11:30": False, "13:00": True, "16:59": True, "17:00": False}
    assert {clock: CALENDAR.is_open(at(f"2026-11-20T{clock}")) for clock in expected} == expected
    assert CALENDAR.next_opening(at("2026-11-20T11:45")) == at("2026-11-20T13:00")
    assert CALENDAR.next_opening(at("2026-11-20T17:00")) == at("2026-11-23T07:30")
    assert CALENDAR.next_opening(at("2026-02-14T08:00")) == at("2026-02-23T07:30")
    assert CALENDAR.opening(date(2026, 11, 20)) == at("2026-11-20T07:30")
    assert CALENDAR.closing(date(2026, 11, 20)) == at("2026-11-20T17:00")


def test_a_half_day_is_open_for_its_half() -> None:
    expected = {"2026-11-20T08:00": True, "2026-11-20T13:00": False, "2026-11-24T08:00": False, "2026-11-24T13:00": True}
    assert {text: HALVES.is_open(at(text)) for text in expected} == expected
    assert HALVES.next_opening(at("2026-11-20T11:30")) == at("2026-11-23T07:30")
    assert HALVES.closing(date(2026, 11, 20)) == at("2026-11-20T11:30")
    assert HALVES.opening(date(2026, 11, 24)) == at("2026-11-24T13:00")
    assert HALVES.is_working(date(2026, 11, 20))
    assert HALVES.why_rest(date(2026, 11, 20)) is None
    assert [HALVES.hours_on(date(2026, 11, day)) for day in (19, 20, 21, 24)] == [HOURS, HOURS[:1], (), HOURS[1:]]


@pytest.mark.parametrize(
    ("a", "b", "worked"),
    [
        ("2026-11-19T00:00", "2026-11-20T00:00", 8),
        ("2026-11-20T00:00", "2026-11-21T00:00", 4),
        ("2026-11-20T09:00", "2026-11-20T16:00", 2.5),
        ("2026-11-24T10:00", "2026-11-24T14:00", 1),
        ("2026-11-19T09:00", "2026-11-25T09:00", 6.5 + 4 + 8 + 4 + 1.5),
    ],
)
def test_a_half_day_is_measured_by_its_hours(a: str, b: str, worked: float) -> None:
    assert HALVES.elapsed(at(a), at(b)) == timedelta(hours=worked)
    assert HALVES.elapsed_days(at(a), at(b)) == worked / 8


def test_a_day_before_a_half_day() -> None:
    assert HALVES.before(at("2026-11-23T10:00"), days(1)) == at("2026-11-20T10:00")
    assert HALVES.before(at("2026-11-23T15:00"), days(1)) == at("2026-11-20T11:30")  # on Friday afternoon nobody works
    assert HALVES.before(at("2026-11-23T09:00"), hours(4)) == at("2026-11-20T09:00")
    assert CALENDAR.before(at("2026-03-31T09:00"), months(1)) == at("2026-02-28T09:00")


def test_working_time_in_a_pause_is_not_elapsed() -> None:
    pauses = [
        pause("2026-11-17T09:00", "2026-11-17T11:00"),
        pause("2026-11-17T10:00", "2026-11-18T08:30"),
        pause("2026-11-20T08:00", "2026-12-01T08:00"),
    ]
    assert CALENDAR.elapsed(at("2026-11-16T09:00"), at("2026-11-19T09:00"), pauses) == timedelta(hours=24 - 7.5)
    assert CALENDAR.elapsed(at("2026-11-17T10:00"), at("2026-11-17T16:00"), pauses) == timedelta(0)


def test_since_is_measured_by_hours_too() -> None:
    assert CALENDAR.since(at("2026-11-20T10:00"), days(1)) == at("2026-11-19T10:00")
    assert CALENDAR.since(at("2026-11-21T10:00"), days(1)) == at("2026-11-20T07:30")
    assert HALVES.since(at("2026-11-23T10:00"), days(1)) == at("2026-11-19T15:30")  # two and a half hours, four and one and a half


def test_a_rest_day_says_why() -> None:
    assert CALENDAR.why_rest(date(2026, 11, 20)) is None
    assert CALENDAR.why_rest(date(2026, 11, 22)) == "weekend"
    assert CALENDAR.why_rest(date(2026, 2, 17)) == "Tết Nguyên Đán"
    assert CALENDAR.why_rest(date(2026, 8, 31)) == "Nghỉ hoán đổi, làm bù ngày 22/08/2026"


def test_any_zone_comes_in_and_utc_goes_out() -> None:
    due = CALENDAR.due(datetime(2026, 11, 16, 2, tzinfo=UTC), days(1))
    assert due == CALENDAR.due(datetime(2026, 11, 15, 21, tzinfo=timezone(timedelta(hours=-5))), days(1))
    assert due.tzinfo is UTC
    assert (due.day, due.hour) == (17, 2)


def test_hours_and_zone_are_the_administrations_own() -> None:
    early = WorkCalendar(hours=((time(7), time(11)), (time(13, 30), time(17))), zone=ZoneInfo("UTC"))
    assert early.due(datetime(2026, 11, 16, 18, tzinfo=UTC), days(1)) == datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert early.elapsed_days(datetime(2026, 11, 16, 0, tzinfo=UTC), datetime(2026, 11, 17, 0, tzinfo=UTC)) == 1
    saturdays = WorkCalendar(weekly_rest=frozenset({6}))
    assert saturdays.is_working(date(2026, 11, 21))


def test_the_province_switches_the_culture_day_on(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[day]]\ndate = 2026-11-24\nkind = "rest"\nnote = "Ngày Văn hóa Việt Nam"\nyearly = true\n', "utf-8")
    calendar = WorkCalendar(rows=rest_days(own))
    assert calendar.why_rest(date(2026, 11, 24)) == calendar.why_rest(date(2027, 11, 24)) == "Ngày Văn hóa Việt Nam"
    assert calendar.is_working(date(2025, 11, 24))
    assert calendar.due(at("2026-11-23T09:00"), days(1)) == at("2026-11-25T09:00")
    assert calendar.version != CALENDAR.version


def test_a_disabled_row_leaves_the_weekday(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[day]]\ndate = 2026-09-02\nkind = "rest"\nenabled = false\n\n[[day]]\ndate = 2026-11-22\nkind = "work"\nenabled = false\n',
        "utf-8",
    )
    calendar = WorkCalendar(rows=rest_days(own))
    assert calendar.is_working(date(2026, 9, 2))
    assert not calendar.is_working(date(2026, 11, 22))


def test_the_version_names_the_rules() -> None:
    assert WorkCalendar().version == CALENDAR.version
    others = [
        WorkCalendar(weekly_rest=frozenset({6})), WorkCalendar(saturday=MORNING), WorkCalendar(cut_off=time(15)),
        WorkCalendar(after_supplement="restart"), WorkCalendar(reception_hours=4),
        WorkCalendar(offices=(Office(units=("U",), hours=HOURS),)), WorkCalendar(rows=()),
    ]  # fmt: skip
    assert len({CALENDAR.version, *(other.version for other in others)}) == 1 + len(others)


def test_the_shipped_table_is_right_without_the_package() -> None:
    """The swaps must not depend on what the `holidays` package of the day happens to know."""
    alone = WorkCalendar(country=None)
    for row in rest_days():
        if row.enabled:
            assert alone.is_working(row.day) is (row.kind == "work")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[day]]\nkind = 'rest'", "a date and kind"),
        ("[[day]]\ndate = 2026-01-01\nkind = 'holiday'", "'rest', 'work', 'morning' or 'afternoon'"),
        ("[[day]]\ndate = '2026-01-01'\nkind = 'rest'", "must be a date"),
        ("[[day]]\ndate = 2026-01-01T08:00:00\nkind = 'rest'", "must be a date"),
        ("[[day]]\ndate = 2026-01-01\nkind = 'rest'\nenabled = 'no'", "must be a bool"),
        ("[[day]]\ndate = 2026-01-01\nkind = 'rest'\nreason = 'x'", "unknown key 'reason'"),
        ("[[day]]\ndate = 2026-01-02\nkind = 'rest'\nswapped_with = 2026-01-10", "both halves"),
        (
            "[[day]]\ndate = 2026-01-02\nkind = 'rest'\nswapped_with = 2026-01-10\n"
            "[[day]]\ndate = 2026-01-10\nkind = 'morning'\nswapped_with = 2026-01-02",
            "both halves",
        ),
        ("[[day]]\ndate = 2026-01-02\nkind = 'rest'\n[[day]]\ndate = 2026-01-02\nkind = 'work'", "two rows for 02/01/2026"),
        ("[days]\na = 1", "not a list"),
        ("day = 3", "not a list"),
        ("day = [3]", "not a list"),
        ("[[day]", "not TOML"),
    ],
)
def test_a_wrong_table_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    table = tmp_path / "own.toml"
    table.write_text(text, "utf-8")
    with pytest.raises(TableError, match=complaint) as caught:
        rest_days(table)
    assert "own.toml" in str(caught.value)


def test_half_days_are_swapped_for_half_days(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[day]]\ndate = 2026-11-20\nkind = "morning"\nswapped_with = 2026-11-21\n'
        '[[day]]\ndate = 2026-11-21\nkind = "morning"\nswapped_with = 2026-11-20\n',
        "utf-8",
    )
    calendar = WorkCalendar(rows=rest_days(own))
    assert calendar.elapsed(at("2026-11-20T00:00"), at("2026-11-22T00:00")) == timedelta(hours=8)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        rest_days(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "question",
    [
        lambda: CALENDAR.due(datetime(2026, 11, 16, 9), days(1)),  # naive on purpose
        lambda: CALENDAR.due(at("2026-11-16T09:00"), days(-1)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), days(float("nan"))),
        lambda: CALENDAR.due(at("2098-11-16T09:00"), days(1000)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), calendar_days(1e7)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), calendar_days(1e300)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), months(900)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), months(1e6)),
        lambda: CALENDAR.due(datetime(9999, 12, 31, 23, tzinfo=UTC), days(1)),
        lambda: CALENDAR.before(at("2026-11-16T09:00"), calendar_days(1e6)),
        lambda: CALENDAR.before(at("2026-11-16T09:00"), months(700)),
        lambda: CALENDAR.due(at("2026-11-16T09:00"), Unknown()),
        lambda: CALENDAR.is_working(date(1900, 1, 1)),
        lambda: CALENDAR.elapsed(at("2026-11-16T09:00"), at("9000-01-01T00:00")),
        lambda: WorkCalendar(weekly_rest=frozenset(range(7))),
        lambda: WorkCalendar(hours=()),
        lambda: WorkCalendar(hours=((time(13), time(17)), (time(7), time(11)))),
        lambda: WorkCalendar(saturday=((time(11), time(7)),)),
        lambda: WorkCalendar(cut_off=time(7, 30)),
        lambda: WorkCalendar(cut_off=time(0)),
        lambda: WorkCalendar(hours=((time(8), time(16)),), rows=(RestDay(day=date(2026, 11, 20), kind="afternoon"),)),
    ],
)
def test_what_cannot_be_answered_is_an_error(question: Callable[[], object]) -> None:
    with pytest.raises(CalendarError):
        question()
