"""The systems of the demo province agree with each other where real ones do, and differ where real ones differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from collectors.departments import province_index, province_reports, province_sums
from collectors.departments.province import Stand, stand
from collectors.departments.province_arrivals import arrivals
from collectors.departments.province_cases import SEED, System, later, local
from collectors.departments.province_centres import PROVINCE_CENTRE, centres, kiosk_votes, queues
from collectors.departments.province_dialects import CODE_FIELDS, code_of
from collectors.departments.province_events import Change
from collectors.departments.province_land import statistic
from collectors.departments.province_life import Life
from collectors.departments.province_names import units
from collectors.departments.province_traits import lag, nationally_missing, restricted_beside
from collectors.departments.province_words import Record, by_code
from collectors.departments.statistics_shape import Asked, Row
from ioc.figures import VOTES
from ioc.model import Gone, Item, Reason, State, Trait, Way
from ioc.units import Level, UnitTree
from tests.unit.collectors.province_reading import read_all

VN = ZoneInfo("Asia/Ho_Chi_Minh")
TREE = UnitTree(units())
FRIDAY = datetime(2026, 11, 20, 14, 5, 32, tzinfo=VN).astimezone(UTC)
TODAY, YESTERDAY = "2026-11-20", "2026-11-19"
DOSSIERS = (System.ONESTOP, System.COMMUNE, System.LAND, System.EDUCATION)


@lru_cache(maxsize=1)
def province() -> tuple[Stand, dict[str, list[Record]]]:
    stood = stand(FRIDAY, 20)
    return stood, stood.records()


@lru_cache(maxsize=8)
def items(system: System) -> dict[str, Item]:
    read = read_all(system, province()[1][system], FRIDAY)
    assert read.bad == []
    return {item.code: item for item in read.items if not isinstance(item, Gone)}


@lru_cache(maxsize=1)
def dossiers() -> dict[str, Item]:
    return {code: item for system in DOSSIERS for code, item in items(system).items()}


def asked(period: str, now: datetime = FRIDAY) -> Asked:
    return Asked(period=period, now=now)


def total(rows: Iterable[Row], name: str) -> int:
    return sum(row.get(name, 0) for row in rows)


# --- the national portal --------------------------------------------------------------------------------------------------------


def test_the_portal_misses_a_few_dossiers_and_has_a_few_nobody_knows() -> None:
    stood, _ = province()
    ours = {case.code for case in stood.cases if case.system in DOSSIERS}
    fresh = {case.code for case in stood.cases if case.sent + lag(case) > FRIDAY}
    there = set(items(System.PORTAL))
    missing, strange = ours - there - fresh, there - ours
    assert missing == {case.code for case in stood.cases if case.system in DOSSIERS and nationally_missing(case)} - fresh
    assert 0.002 <= len(missing) / len(ours) <= 0.009
    assert 0.0005 <= len(strange) / len(ours) <= 0.004


def test_but_for_what_waits_it_shows_each_dossier_as_we_do() -> None:
    for code, mirrored in items(System.PORTAL).items():
        item = dossiers().get(code)
        if item is None:
            continue
        shown = State.DONE if item.state is State.WAITING else item.state  # 5, 6 and 8 are shown as 9
        assert mirrored.state is shown, code
        assert (mirrored.received_at, mirrored.due_at) == (_second(item.received_at), _second(item.due_at)), code
        assert mirrored.channel is item.channel
        assert TREE.resolve(mirrored.unit) == TREE.resolve(item.unit)
    assert sum(item.state is State.WAITING for item in dossiers().values()) > 300


def _second(instant: datetime | None) -> datetime | None:
    return instant.replace(microsecond=0) if instant else None


def test_a_moved_day_and_the_deadline_of_the_step_are_told_to_the_portal_too() -> None:
    moved = [item for item in items(System.PORTAL).values() if item.first_due_at]
    assert len(moved) > 50
    assert all(item.first_due_at and item.due_at and item.first_due_at < item.due_at for item in moved)
    steps = [item for item in items(System.PORTAL).values() if item.step_due_at and item.state is State.WORKING]
    assert len(steps) > 1000
    assert all(item.step_due_at and item.due_at and item.step_due_at <= item.due_at for item in steps)


def test_every_clock_beside_the_deadline_runs_somewhere() -> None:
    found = dossiers().values()
    slow = [item for item in found if item.submitted_at and later(item.submitted_at, 1) < item.received_at]
    assert 20 < len(slow) < 0.02 * len(found)
    assert {item.waits_for for item in found} == {Reason.SUPPLEMENT, Reason.FEE, Reason.SUSPENDED, None}
    late = [item for item in found if item.due_at and local(item.closed_at or FRIDAY).date() > local(item.due_at).date()]
    sorry = [item for item in found if item.apology_at]
    assert {item.code for item in sorry} < {item.code for item in late}
    assert 0.3 < len(sorry) / len(late) < 0.8
    too_late = [item for item in sorry if item.due_at and item.apology_at and item.apology_at > item.due_at]
    assert 0 < len(too_late) < len(sorry)
    assert all(item.apology_at and item.apology_at <= min(FRIDAY, item.closed_at or FRIDAY) for item in sorry)


@pytest.mark.parametrize("when", ["2026-11-20 14:05", "2026-11-22 12:40", "2026-11-23 02:00"])
def test_some_wait_for_their_reception_at_any_hour_and_a_few_of_them_too_long(when: str) -> None:
    now = datetime.fromisoformat(when).replace(tzinfo=VN).astimezone(UTC)
    waiting = [case for case in stand(now, 8).cases if case.state is State.SUBMITTED]
    assert 0 < sum(later(case.sent, 1) <= now for case in waiting) < 40
    assert all(case.sent <= now for case in waiting)


def test_the_portal_hears_of_a_change_some_minutes_later_and_in_order() -> None:
    life = Life(stand(FRIDAY, 5))
    ours: dict[str, datetime] = {}
    heard = Counter[str]()
    for event in life.step(FRIDAY + timedelta(minutes=50)):
        if not isinstance(event, Change):
            continue
        if event.system is System.PORTAL:
            code = event.record["MaHoSo"]
            if code in ours:
                assert timedelta(minutes=1) < event.at - ours[code] < timedelta(minutes=60)
                heard[code] += 1
        elif event.system in DOSSIERS:
            ours.setdefault(code_of(event.system, event.record), event.at)
    assert len(heard) > 50


# --- land, education, the axis, tasks -------------------------------------------------------------------------------------------


def test_the_gateways_statistic_counts_the_dossiers_it_shows() -> None:
    said = statistic(province()[1]["land"], "2026/11", "2026/11/20")
    counted = [item for item in items(System.LAND).values() if item.state not in (State.SUBMITTED, State.REFUSED)]
    november = datetime(2026, 11, 1, tzinfo=VN)
    done = [item for item in counted if item.state is State.DONE and item.closed_at and item.closed_at >= november]
    late = [item for item in done if item.due_at and item.closed_at and local(item.closed_at).date() > local(item.due_at).date()]
    assert said["newReception"] == sum(item.received_at >= november for item in counted) > 1000
    assert said["totalSolved"] == len(done) == said["solvedInTime"] + said["solvedLate"]
    assert said["solvedLate"] == len(late)
    assert said["totalPending"] == sum(not item.state.closed for item in counted)
    overdue = [i for i in counted if i.state is State.WORKING and i.due_at and local(i.due_at).date() < local(FRIDAY).date()]
    assert said["pendingLate"] == len(overdue)


def test_letters_are_in_one_system_only_and_restricted_ones_in_none() -> None:
    stood, records = province()
    secrets = [record for record in records["axis"] if record.get("Secret")]
    assert len(secrets) == sum(case.system is System.AXIS and restricted_beside(case) for case in stood.cases) > 3
    assert len(items(System.AXIS)) == len(records["axis"]) - len(secrets)
    assert not set(items(System.AXIS)) & {record["DocumentId"] for record in secrets}
    assert {case.code for case in stood.cases if case.system is System.AXIS}.isdisjoint(items(System.DOCUMENTS))
    sent = [item for item in items(System.AXIS).values() if item.outgoing]
    assert 0.3 < len(sent) / len(items(System.AXIS)) < 0.7
    assert all(item.state is State.DONE for item in sent)


def test_a_recalled_letter_is_gone_and_a_replaced_one_has_another_in_its_place() -> None:
    life = Life(stand(FRIDAY, 10))
    kinds = Counter[int]()
    for event in life.step(FRIDAY + timedelta(days=5)):
        if isinstance(event, Change) and event.system is System.AXIS and event.record.get("Replaces"):
            read = read_all(System.AXIS, [event.record], life.now)
            gone = [item.code for item in read.items if isinstance(item, Gone)]
            assert gone == event.record["Replaces"]
            assert len(read.items) == (1 if event.record["BussinessDocType"] == 1 else 2)
            kinds[event.record["BussinessDocType"]] += 1
    assert kinds[1] >= 1
    assert kinds[3] >= 1


def test_a_task_says_how_far_it_is_and_who_gave_it() -> None:
    found = items(System.TASKS)
    assert len(found) > 40
    assert all((item.progress == 100) is (item.state is State.DONE) for item in found.values())
    assert len({item.assigner for item in found.values()}) >= 3
    for record in province()[1]["tasks"]:
        shares = [result["tyLe"] for result in record["ketQua"]]
        assert shares == sorted(shares)
        assert not shares or shares[-1] <= record["tyLeHoanThanh"]


# --- totals over the same dossiers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [YESTERDAY, TODAY])
def test_payments_and_digitisation_count_the_dossiers_of_the_day(day: str) -> None:
    counted = {trait: Counter[str]() for trait in Trait}
    received = Counter[str]()
    for item in items(System.ONESTOP).values():
        if item.state not in (State.SUBMITTED, State.REFUSED) and f"{local(item.received_at):%Y-%m-%d}" == day:
            received[item.unit] += 1
            for trait in item.traits:
                counted[trait][item.unit] += 1
    paid = {str(row["unit"]): row for row in province_sums.payments(asked(day), SEED)}
    papers = {str(row["unit"]): row for row in province_sums.papers(asked(day), SEED)}
    assert sum(received.values()) > 150
    for unit, count in received.items():
        assert papers[unit]["papers_due"] == count
        assert papers[unit]["papers_digitised"] == counted[Trait.DIGITISED][unit]
        assert papers[unit]["papers_reused"] == counted[Trait.REUSED][unit]
        assert paid.get(unit, {}).get("payments", 0) == counted[Trait.FEE][unit]
        assert paid.get(unit, {}).get("payments_online", 0) == counted[Trait.PAID_ONLINE][unit]


def test_totals_only_grow_within_a_day_and_stand_still_after_it() -> None:
    hours = [datetime(2026, 11, 19, hour, tzinfo=VN).astimezone(UTC) for hour in (7, 9, 11, 14, 17)]
    hours.append(datetime(2026, 11, 20, tzinfo=VN).astimezone(UTC))
    for name, numbers in (
        ("payments", province_sums.payments), ("papers_due", province_sums.papers), ("visits", queues), ("served", queues),
        ("votes_very_satisfied", kiosk_votes), ("conference_points", province_reports.conferences),
    ):  # fmt: skip
        seen = [total(list(numbers(asked(YESTERDAY, now), SEED)), name) for now in hours]
        assert seen == sorted(seen)
        assert seen[-1] > seen[0]
        assert total(list(numbers(asked(YESTERDAY), SEED)), name) == seen[-1]


def test_visitors_are_those_who_hand_in_and_some_more() -> None:
    rows = {str(row["unit"]): row for row in queues(asked(TODAY), SEED)}
    assert set(rows) == set(centres())
    handed = Counter[str]()
    for case in arrivals(date(2026, 11, 20), SEED):
        if case.way is Way.COUNTER and case.received <= FRIDAY:
            handed[case.unit if by_code()[case.unit].level is Level.COMMUNE else PROVINCE_CENTRE] += 1
    votes = {str(row["unit"]): row for row in kiosk_votes(asked(TODAY), SEED)}
    for centre, row in rows.items():
        assert row["visits"] >= handed[centre]
        assert row["served"] + row["queue_waiting"] <= row["visits"]
        assert sum(votes[centre][name] for name in VOTES) <= row["served"]
        assert 0 <= row.get("wait_p90", 0) < 90
    assert rows[PROVINCE_CENTRE]["visits"] > 200


def test_nobody_comes_on_a_sunday_and_nobody_confers() -> None:
    assert queues(asked("2026-11-22", FRIDAY + timedelta(days=3)), SEED) == []
    assert total(province_reports.conferences(asked("2026-11-22", FRIDAY + timedelta(days=3)), SEED), "conference_sessions") == 0


def test_the_catalogue_of_procedures_is_that_of_the_published_table() -> None:
    rows = province_reports.procedures(asked(TODAY), SEED)
    sums = [total(rows, name) for name in ("procedures_full", "procedures_partial", "procedures_info")]
    assert sums == [1215, 486, 86]  # 1.787 = 86 + 486 + 1.215 (domain.md TG6)
    assert all(TREE.resolve(str(row["unit"])) for row in rows)


def test_feedback_is_answered_after_it_came_and_mostly_in_time() -> None:
    october, november = (province_reports.feedback(asked(month), SEED) for month in ("2026-10", "2026-11"))
    assert 700 < total(october, "feedback_received") < 1400
    for rows in (october, november):
        answered, on_time = total(rows, "feedback_answered"), total(rows, "feedback_on_time")
        assert 0.88 < on_time / answered < 0.98
        assert all(row["feedback_on_time"] <= row["feedback_answered"] for row in rows)
    assert total(november, "feedback_received") < total(october, "feedback_received")


def test_the_points_of_the_index_add_up_and_change_at_six_in_the_morning_only() -> None:
    (row,) = province_index.index766(asked("2026-11"), SEED)
    groups = [value for name, value in row.items() if name.startswith("index766_")]
    assert len(groups) == 6
    assert row["index766"] == pytest.approx(sum(groups), abs=0.001)
    assert 75 < row["index766"] < 95
    morning = datetime(2026, 11, 20, 6, 0, tzinfo=VN).astimezone(UTC)
    assert province_index.index766(asked("2026-11", morning), SEED) == [row]
    assert province_index.index766(asked("2026-11", morning - timedelta(seconds=1)), SEED) != [row]
    assert province_index.index766(asked("2026-12"), SEED) == []


def test_the_sheets_hold_whole_weeks_and_published_years() -> None:
    assert province_reports.fridays(FRIDAY)[0] == date(2026, 11, 13)  # today's ballots are counted at four
    assert province_reports.fridays(FRIDAY + timedelta(hours=2))[0] == date(2026, 11, 20)
    rows = province_reports.paper_votes(date(2026, 11, 13), SEED)
    assert len(rows) == province_reports.PAPER_BOXES
    assert all(len(row) == len(province_reports.VOTES_HEADER) and row[2] == "13/11/2026" for row in rows)
    years = province_reports.yearly(FRIDAY)
    assert [row[1] for row in years] == [2021, 2022, 2023, 2024, 2025]
    assert all(len(row) == len(province_reports.YEARLY_HEADER) for row in years)
    assert len(province_reports.yearly(datetime(2026, 4, 19, tzinfo=UTC))) == 4


def test_every_system_has_a_field_that_tells_its_records_apart() -> None:
    assert set(CODE_FIELDS) == set(System)
