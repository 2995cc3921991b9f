"""Units with hours of their own: which units an entry of the configuration means, and that their items are counted by them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ioc.calendar import CalendarError, WorkCalendar, rest_days
from ioc.item_rows import FACTS, Profile, row
from ioc.model import Item, State, Term, TermUnit
from ioc.office_hours import calendar_of
from ioc.settings import CalendarConfig
from ioc.units import Level, Unit

VN = ZoneInfo("Asia/Ho_Chi_Minh")
CATALOGUE = (
    Unit(code="P", name="Tỉnh", level=Level.PROVINCE),
    Unit(code="D", name="Sở", level=Level.DEPARTMENT, parent="P", alt_codes=("H99.01",)),
    Unit(code="C1", name="Phường Một", level=Level.COMMUNE, parent="P", alt_codes=("H99.21",)),
    Unit(code="C2", name="Xã Hai", level=Level.COMMUNE, parent="P"),
)
COMMUNES = """
[[office]]
units = "commune"
saturday = ["07:30", "11:30"]
"""
ONE = """
[[office]]
units = ["H99.21"]
morning = ["07:00", "11:00"]
"""


def made(text: str, catalogue: tuple[Unit, ...] = CATALOGUE) -> WorkCalendar:
    return calendar_of(CalendarConfig.model_validate(tomllib.loads(text)), rest_days(), catalogue)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


def due(calendar: WorkCalendar, unit: str, received: str, term: str) -> datetime | None:
    """What is stored as the due date of an item of a unit."""
    amount, measure = term.split()
    item = Item(
        code="1",
        unit=unit,
        state=State.WORKING,
        received_at=at(received),
        happened_at=at(received),
        term=Term(amount=float(amount), unit=TermUnit(measure)),
    )
    facts = row(item, Profile(name="s", title="S", calendar=calendar), 1)
    assert facts[-3] == calendar.version  # that of the whole, whichever unit it is
    found: datetime | None = facts[1 + list(FACTS).index("due_at")]
    return found


def test_without_offices_all_work_alike() -> None:
    calendar = made("")
    assert calendar == WorkCalendar()
    assert calendar.version == WorkCalendar().version
    assert calendar.of("C1") is calendar


def test_what_is_configured_is_what_is_counted_by() -> None:
    calendar = made(
        'morning = ["08:00", "12:00"]\nsaturday = ["08:00", "10:00"]\ncut_off = "15:00"\nafter_supplement = "restart"\nreception_hours = 4'
    )
    assert calendar.hours == ((time(8), time(12)), (time(13), time(17)))
    assert calendar.saturday == ((time(8), time(10)),)
    assert (calendar.cut_off, calendar.after_supplement, calendar.reception_hours) == (time(15), "restart", 4)


def test_a_level_means_all_its_units_by_all_their_codes() -> None:
    calendar = made(COMMUNES)
    for code in ("C1", "H99.21", "C2"):
        assert due(calendar, code, "2026-11-20 10:00", "1 working_days") == at("2026-11-21 10:00")
    for code in ("P", "D", "H99.01", "unknown"):
        assert due(calendar, code, "2026-11-20 10:00", "1 working_days") == at("2026-11-23 10:00")


def test_a_unit_named_by_its_code_is_told_apart_from_its_level() -> None:
    for text in (COMMUNES + ONE, ONE + COMMUNES):
        calendar = made(text)
        for code in ("C1", "H99.21"):
            assert due(calendar, code, "2026-11-20 10:00", "2 working_hours") == at("2026-11-20 14:00")  # an hour until 11:00
            assert due(calendar, code, "2026-11-20 10:00", "1 working_days") == at("2026-11-23 10:00")  # and no Saturday
        assert due(calendar, "C2", "2026-11-20 10:00", "1 working_days") == at("2026-11-21 10:00")


def test_the_rules_of_counting_are_everybodys() -> None:
    calendar = made('cut_off = "15:00"\nreception_hours = 4\nafter_supplement = "restart"\n' + COMMUNES)
    assert due(calendar, "C2", "2026-11-20 16:00", "1 working_days") == at("2026-11-23 07:30")  # from Saturday 07:30
    closing_early = made('cut_off = "15:00"\n[[office]]\nunits = ["C2"]\nafternoon = ["12:00", "14:00"]')
    assert due(closing_early, "C2", "2026-11-20 13:30", "1 working_days") == at("2026-11-23 13:30")  # it closes before any cut-off
    its = calendar.of("C2")
    assert (its.after_supplement, its.reception_hours, its.rows) == ("restart", 4, calendar.rows)


def test_one_version_names_the_rules_of_all_offices() -> None:
    versions = {made(text).version for text in ("", COMMUNES, ONE, COMMUNES + ONE, COMMUNES.replace("11:30", "11:00"))}
    assert len(versions) == 5
    assert made(COMMUNES).version == made(COMMUNES, tuple(reversed(CATALOGUE))).version
    renamed = tuple(replace(unit, name=unit.name + " mới") for unit in CATALOGUE)
    assert made(COMMUNES).version == made(COMMUNES, renamed).version


def test_without_a_catalogue_codes_are_taken_as_given() -> None:
    calendar = made(ONE, ())
    assert calendar.of("H99.21").hours[0] == (time(7), time(11))
    assert calendar.of("C1") is calendar


@pytest.mark.parametrize(
    ("text", "catalogue", "complaint"),
    [
        (COMMUNES, (), "no unit of the level 'commune'"),
        ('[[office]]\nunits = "district"', CATALOGUE, "no unit of the level 'district'"),
        ('[[office]]\nunits = ["C9"]', CATALOGUE, "no unit 'C9'"),
        (ONE + ONE, CATALOGUE, "twice"),
        (ONE + '[[office]]\nunits = ["C1"]', CATALOGUE, "twice"),
        (COMMUNES + COMMUNES, CATALOGUE, "twice"),
        ('[[office]]\nunits = ["C1"]\nmorning = ["11:00", "07:00"]', CATALOGUE, "in order"),
        ('[[office]]\nunits = ["C1"]\nmorning = ["07:00", "14:00"]', CATALOGUE, "in order"),
        ('[[office]]\nunits = ["C1"]\nsaturday = ["11:00", "07:00"]', CATALOGUE, "in order"),
    ],
)
def test_an_office_that_cannot_be_is_an_error(text: str, catalogue: tuple[Unit, ...], complaint: str) -> None:
    with pytest.raises(CalendarError, match=complaint):
        made(text, catalogue)
