"""The demo province: its offices, its figures at any hour, its life for days, and that nothing personal leaves its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from collectors.departments.province import history, stand
from collectors.departments.province_arrivals import arrivals, late_rates, slow_units, systems
from collectors.departments.province_cases import System, calendar
from collectors.departments.province_dialects import code_of
from collectors.departments.province_events import Change, Silence
from collectors.departments.province_life import Life
from collectors.departments.province_names import GRID, units
from collectors.departments.province_papers import papers
from collectors.departments.province_procedures import COMMUNE, PROCEDURES
from collectors.departments.province_words import EMAIL, ID_NUMBER, PEOPLE, PHONE, Record
from ioc.deadline import Compare, fold
from ioc.model import BadRow, Item, Kind, State, Way
from ioc.units import Level, UnitTree
from tests.unit.collectors.province_reading import read_all

VN = ZoneInfo("Asia/Ho_Chi_Minh")
TREE = UnitTree(units())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


HERE = tuple(system for system in System if system is not System.PORTAL)
FRIDAY = at("2026-11-20T14:05:32")
ANY_HOUR = {
    "Friday afternoon": FRIDAY,
    "at night": at("2026-11-20T03:00"),
    "Tết": at("2026-02-18T10:00"),
    "a make-up Saturday": at("2026-08-22T16:59"),
}


@dataclass(slots=True)
class Figures:
    """What the indicators would count."""

    items: list[Item] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    late_by_unit: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)  # of the last 30 days


def figures(records: Mapping[str, Iterable[Record]], now: datetime, compare: Compare = "date") -> Figures:
    """Of everything but the portal, which shows the same dossiers once more."""
    made = Figures()
    for system, each in records.items():
        if system == System.PORTAL:
            continue
        read = read_all(system, each, now)
        made.items += [item for item in read.items if isinstance(item, Item)]
        made.bad += read.bad
    for item in made.items:
        _count(made, item, now, compare)
    return made


def _count(made: Figures, item: Item, now: datetime, compare: Compare) -> None:
    folded = fold(item, calendar(), compare, VN)
    made.count[f"{item.kind} {item.state}"] += 1
    if item.state is State.WORKING and folded.late_from and folded.late_from <= now:
        made.count[f"{item.kind} overdue"] += 1
        if item.kind is Kind.DOSSIER:
            made.late_by_unit[TREE.resolve(item.unit)] += 1
    elif item.state is State.WORKING and folded.soon_at and folded.soon_at <= now:
        made.count[f"{item.kind} soon"] += 1
    if item.kind is Kind.DOSSIER and item.state is State.DONE and item.closed_at and item.closed_at > now - timedelta(days=30):
        made.outcomes[_outcome(item.closed_at, folded.early_before, folded.late_from)] += 1


def _outcome(closed: datetime, early_before: datetime | None, late_from: datetime | None) -> str:
    if early_before is None or late_from is None:
        return "on time"
    return "early" if closed < early_before else "on time" if closed < late_from else "late"


@lru_cache(maxsize=1)
def friday() -> dict[str, list[Record]]:
    return history(FRIDAY, days=60)


@lru_cache(maxsize=4)
def figures_at(when: str) -> Figures:
    """Read once for all tests: a province takes seconds to read."""
    now = ANY_HOUR[when]
    return figures(friday() if now == FRIDAY else stand(now, 60).records(HERE), now)


def test_the_catalogue_is_one_tree_with_a_map() -> None:
    assert Counter(unit.level for unit in units()) == {Level.PROVINCE: 1, Level.DEPARTMENT: 20, Level.COMMUNE: 151}
    places = [(unit.row, unit.col) for unit in units() if unit.level is Level.COMMUNE]
    assert len(set(places)) == 151
    assert all(row is not None and col is not None and 0 <= row < GRID[1] and 0 <= col < GRID[0] for row, col in places)
    assert len({unit.name for unit in units()}) == 172
    assert all(1 <= len(unit.short.replace(" ", "")) <= 7 for unit in units())
    assert TREE["99153"].name == "P. Tân Hòa"


def test_every_procedure_has_a_place_and_a_code_of_its_own() -> None:
    assert len({procedure.code for procedure in PROCEDURES}) == len(PROCEDURES) >= 60
    assert 12 <= len({procedure.field for procedure in PROCEDURES}) <= 15
    departments = {unit.code for unit in units() if unit.level is Level.DEPARTMENT}
    assert {procedure.at for procedure in PROCEDURES} - {COMMUNE} <= departments


def test_what_is_late_gathers_in_about_forty_offices() -> None:
    assert 36 <= len(slow_units()) <= 41
    assert sum(slow_units().values()) == pytest.approx(1)
    assert set(late_rates()) == set(slow_units())


def test_a_day_is_the_same_whenever_it_is_asked_for() -> None:
    day = date(2026, 11, 19)
    first, again = arrivals(day, 7), arrivals(day, 7)
    assert [(c.code, c.received, c.due, c.ends) for c in first] == [(c.code, c.received, c.due, c.ends) for c in again]
    assert [c.code for c in papers(day, 7)] == [c.code for c in papers(day, 7)]
    assert [c.received for c in arrivals(day, 8)] != [c.received for c in first]


@pytest.mark.parametrize("day", [date(2026, 11, 19), date(2026, 11, 22), date(2026, 2, 17)])
def test_counters_take_dossiers_within_working_hours_only(day: date) -> None:
    made = arrivals(day, 7)
    at_counters = [case for case in made if case.way is not Way.ONLINE]
    assert all(calendar().is_open(case.received) for case in at_counters)
    assert bool(at_counters) is calendar().is_working(day)
    assert len(made) < 200 or calendar().is_working(day)
    assert len({case.code for case in made}) == len(made)
    assert all(case.code.startswith(f"{case.unit}-{day:%y%m%d}-") for case in made)
    assert [case.received for case in made] == sorted(case.received for case in made)


def test_the_same_seed_gives_the_same_province() -> None:
    assert history(FRIDAY, days=3, seed=5) == history(FRIDAY, days=3, seed=5)
    assert history(FRIDAY, days=3, seed=5) != history(FRIDAY, days=3, seed=6)


def test_its_systems_share_the_province() -> None:
    records = friday()
    assert set(records) == {system.value for system in System}
    dossiers = sum(len(records[name]) for name in ("onestop", "commune", "land", "education"))
    assert 41_000 <= dossiers <= 53_000  # of sixty days
    assert 7500 <= len(records["land"]) <= 10_500
    assert 400 <= len(records["education"]) <= 800
    assert 18_500 <= len(records["documents"]) <= 22_500
    assert 2500 <= len(records["axis"]) <= 4500  # what is finished is kept there for a month only
    assert 150 <= len(records["tasks"]) <= 270
    for name, each in records.items():
        codes = [code_of(System(name), record) for record in each]
        assert len(set(codes)) == len(codes)


def test_every_record_can_be_read_and_nothing_personal_is_kept() -> None:
    records = friday()
    read = figures_at("Friday afternoon")
    assert read.bad == []
    assert [item.suspect for item in read.items if item.suspect] == []
    assert all(TREE.resolve(item.unit) for item in read.items)
    said, kept = str([each[:500] for each in records.values()]), str(read.items[::10])
    for personal in (*PEOPLE, ID_NUMBER, PHONE):
        assert personal in said
        assert personal not in kept
    assert EMAIL in said
    assert EMAIL not in kept


def test_no_dossier_is_kept_by_the_wrong_system() -> None:
    for record in friday()["onestop"][:5000]:
        assert systems()[record["DonViXuLy"]] is System.ONESTOP
    for record in friday()["commune"][:5000]:
        assert systems()[TREE.resolve(record["coQuanId"])] is System.COMMUNE
    assert {record["processingOrganId"] for record in friday()["land"]} == {"H99.14"}
    assert {record["ma_don_vi"] for record in friday()["education"]} == {"H99.10"}


@pytest.mark.slow
@pytest.mark.parametrize("when", ANY_HOUR)
def test_the_figures_are_right_at_any_hour(when: str) -> None:
    found = figures_at(when)
    count, closed = found.count, found.outcomes.total()
    assert count["dossier working"] + count["dossier waiting"] == pytest.approx(8400, abs=60)
    assert count["dossier waiting"] == pytest.approx(640, abs=40)
    assert 140 <= count["dossier overdue"] <= 190
    assert 270 <= count["dossier soon"] <= 310
    assert 34 <= len(found.late_by_unit) <= 41
    (_, worst), (_, second), (_, third) = found.late_by_unit.most_common(3)
    assert worst > 1.3 * second >= 1.1 * third
    assert found.outcomes["early"] / closed == pytest.approx(0.895, abs=0.012)
    assert found.outcomes["on time"] / closed == pytest.approx(0.093, abs=0.01)
    assert found.outcomes["late"] / closed == pytest.approx(0.012, abs=0.003)
    assert 20 <= count["document overdue"] <= 30
    assert 3 <= count["task overdue"] <= 7
    received = [item for item in found.items if item.kind is Kind.DOSSIER]
    assert sum(item.channel is Way.ONLINE for item in received) / len(received) == pytest.approx(0.62, abs=0.025)
    sent = [item for item in found.items if item.outgoing]
    assert 0.96 <= sum(item.signed for item in sent) / len(sent) <= 0.975


@pytest.mark.parametrize("when", ["Friday afternoon", "Tết"])
def test_overdue_does_not_hang_on_how_dates_are_compared(when: str) -> None:
    by_date, by_instant = figures_at(when), Figures()
    for item in by_date.items:
        _count(by_instant, item, ANY_HOUR[when], "instant")
    for number in ("dossier overdue", "dossier soon"):
        assert by_date.count[number] == by_instant.count[number] > 0


def test_nothing_has_happened_after_now() -> None:
    for item in figures_at("Friday afternoon").items:
        assert item.received_at <= FRIDAY
        assert item.happened_at <= FRIDAY
        assert item.closed_at is None or item.received_at <= item.closed_at <= FRIDAY


@dataclass(slots=True)
class Lived:
    """A province that lived on, and what was counted every two hours."""

    end: datetime
    records: dict[str, dict[str, Record]]
    events: list[Change | Silence]
    seen: list[tuple[datetime, Figures]]


@lru_cache(maxsize=1)
def lived() -> Lived:
    """From Friday afternoon over a weekend to Wednesday noon."""
    stood = stand(FRIDAY, 60)
    life = Life(stood)
    records = {name: {code_of(System(name), r): r for r in each} for name, each in stood.records().items()}
    made = Lived(end=at("2026-11-25T12:00"), records=records, events=[], seen=[])
    while life.now < made.end:
        for event in life.step(life.now + timedelta(minutes=15)):
            made.events.append(event)
            if isinstance(event, Change):
                _put(records[event.system], event)
        if life.now.minute < 15 and life.now.hour % 8 == 3:
            # only what is open counts here: reading all of it each time would take minutes
            opened = {name: [r for r in each.values() if not _closed(r)] for name, each in records.items()}
            made.seen.append((life.now, figures(opened, life.now)))
    return made


def _put(records: dict[str, Record], change: Change) -> None:
    """A letter that takes the place of another removes it, as the store does."""
    for code in change.record.get("Replaces", ()):
        records.pop(code, None)
    records[code_of(change.system, change.record)] = change.record


def _closed(record: Record) -> bool:
    return any(record.get(name) for name in ("NgayKetThucXuLy", "ngayTra", "ngayHoanThanh", "finishedDate", "ngay_cap", "Finished"))


@pytest.mark.slow
def test_several_things_happen_every_minute_of_the_day_and_night() -> None:
    changes = [event for event in lived().events if isinstance(event, Change) and event.system is not System.PORTAL]
    tuesday = [event.at.astimezone(VN) for event in changes if event.at.astimezone(VN).date() == date(2026, 11, 24)]
    by_hour = Counter(moment.hour for moment in tuesday)
    rates = {hour: by_hour[hour] / 60 for hour in range(24)}
    assert all(5 <= rates[hour] <= 12 for hour in (8, 9, 10, 14, 15, 16)), rates
    assert all(2 <= rates[hour] <= 4.5 for hour in (0, 1, 2, 3, 4, 5, 6, 18, 19, 20, 21, 22, 23)), rates
    sunday = [event for event in changes if event.at.astimezone(VN).date() == date(2026, 11, 22)]
    assert 2 <= len(sunday) / 1440 <= 4


@pytest.mark.slow
def test_the_stock_stays_as_it_is() -> None:
    assert len(lived().seen) >= 14
    for now, found in lived().seen:
        count = found.count
        assert count["dossier working"] == pytest.approx(7760, rel=0.03), now
        assert count["dossier waiting"] == pytest.approx(640, rel=0.08), now
        assert 135 <= count["dossier overdue"] <= 195, now
        assert 150 <= count["dossier soon"] <= 360, now
        assert 33 <= len(found.late_by_unit) <= 46, now
        assert 18 <= count["document overdue"] <= 34, now
        assert 2 <= count["task overdue"] <= 9, now


@pytest.mark.slow
def test_as_many_are_closed_as_come_in_and_as_well() -> None:
    found = figures({name: each.values() for name, each in lived().records.items()}, lived().end)
    since = at("2026-11-23T00:00")
    closed = [item for item in found.items if item.kind is Kind.DOSSIER and item.closed_at and item.closed_at >= since]
    came = [item for item in found.items if item.kind is Kind.DOSSIER and item.received_at >= since]
    assert len(closed) == pytest.approx(len(came), rel=0.15)
    total = found.outcomes.total()
    assert found.outcomes["early"] / total == pytest.approx(0.895, abs=0.012)
    assert found.outcomes["late"] / total == pytest.approx(0.012, abs=0.003)
    assert [item.suspect for item in found.items if item.suspect] == []


@pytest.mark.slow
def test_wrong_records_come_and_are_corrected() -> None:
    wrong: dict[str, datetime] = {}
    corrected = 0
    for event in lived().events:
        if isinstance(event, Change) and event.system is not System.PORTAL:
            read = read_all(event.system, [event.record], lived().end)
            code = code_of(event.system, event.record)
            corrected += bool(read.items) and wrong.pop(code, None) is not None
            if read.bad:
                wrong[code] = event.at
    assert corrected >= 30
    assert len(wrong) <= 5
    assert all(lived().end - moment < timedelta(minutes=25) for moment in wrong.values())


@pytest.mark.slow
def test_a_system_falls_silent_now_and_then_for_minutes() -> None:
    silences = [event for event in lived().events if isinstance(event, Silence)]
    assert 10 <= len(silences) <= 45
    assert all(timedelta(minutes=3) <= event.until - event.at <= timedelta(minutes=7) for event in silences)


def test_events_come_in_order_and_the_same_life_twice() -> None:
    stood = stand(FRIDAY, 20)
    events = Life(stood).step(FRIDAY + timedelta(hours=1))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(FRIDAY <= event.at <= FRIDAY + timedelta(hours=1) for event in events)
    assert events == Life(stand(FRIDAY, 20)).step(FRIDAY + timedelta(hours=1))
    assert Life(stand(FRIDAY, 20)).step(FRIDAY) == []


def test_life_over_midnight_takes_each_dossier_once() -> None:
    evening = at("2026-11-19T23:30")
    stood = stand(evening, 20)
    known = {case.code for case in stood.cases}
    events = Life(stood).step(evening + timedelta(hours=10))
    came = Counter(
        event.record["MaHoSo"]
        for event in events
        if isinstance(event, Change) and event.system is System.ONESTOP and event.record["MaHoSo"] not in known
    )
    both_days = (*arrivals(date(2026, 11, 19), stood.seed), *arrivals(date(2026, 11, 20), stood.seed))
    planned = {case.code for case in both_days if case.sent <= evening + timedelta(hours=10)}
    assert set(came) == {code for code in planned if systems()[code.rsplit("-", 2)[0]] is System.ONESTOP} - known
