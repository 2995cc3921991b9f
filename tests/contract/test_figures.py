"""What sources of figures promise: the kind `figures` against every shape of statistics server, and `rest` with such a mapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.statistics_dialects import CENTRE, PROCEDURES, SHAPES
from collectors.poll import poll
from collectors.source import Refused, Rewinding
from ioc.model import Fault
from tests.contract.rigs.base import NOW, ONCE, Killed
from tests.contract.rigs.figures import CENTRE_ROW, SPOKEN, TODAY, YESTERDAY, Book, FiguresRig, centre, once

# --- every shape ------------------------------------------------------------------------------------------------------------------


def test_every_shape_there_is_is_spoken_here() -> None:
    assert set(SPOKEN) == set(SHAPES)


@pytest.mark.parametrize("name", sorted(SHAPES))
async def test_every_shape_is_asked_and_read_by_its_example_mapping(statistics: FiguresRig, name: str) -> None:
    shape, (period, _) = SHAPES[name], SPOKEN[name]
    given = {figure: 1_234_567 + n for n, figure in enumerate(shape.names)}
    keep = Book()
    ranked = "index766" in given  # the portal's answers hold every province: ours is one of them, and has a place
    unit, place = ("H99", {"index766_rank": 1.0}) if ranked else ("SXD", {})
    report = await once(await statistics.source({"unit": unit, **given}, shape=shape), keep)
    assert (report.ok, report.error, report.quarantined) == (True, "", 0)
    assert keep.values(period) == {(unit, figure): float(value) for figure, value in (given | place).items()}
    assert {each.period for each in statistics.asked} == {period}


async def test_an_answer_tells_when_it_was_reported_and_what_its_numbers_are_measured_in(statistics: FiguresRig) -> None:
    keep = Book()
    await once(await statistics.source(centre(0, reported_at=datetime(2026, 9, 15, 2, 30, tzinfo=UTC))), keep)
    visits = keep.figures["TT0", TODAY, "visits"]
    assert (visits.reported_at, visits.measured_in) == (datetime(2026, 9, 15, 2, 30, tzinfo=UTC), "lượt")


# --- the same promises as for items -----------------------------------------------------------------------------------------------


async def test_nothing_to_read_is_a_good_poll_with_no_figures(either: FiguresRig) -> None:
    keep = Book()
    report = await once(await either.source(**either.whole), keep)
    assert (report.ok, report.error, report.read, keep.figures) == (True, "", 0, {})


async def test_polling_twice_changes_nothing(either: FiguresRig) -> None:
    source, keep = await either.source(centre(0), centre(1), **either.whole), Book()
    assert (await once(source, keep)).changed == 8
    before = dict(keep.figures)
    report = await once(source, keep)
    assert (report.ok, report.changed, keep.figures) == (True, 0, before)


async def test_an_unchanged_answer_is_not_even_stored_again(statistics: FiguresRig) -> None:
    source, keep = await statistics.source(centre(0)), Book()
    await once(source, keep)
    statistics.clock.now += timedelta(minutes=5)  # the answer says a later time, and the same numbers
    assert (await once(source, keep)).ok
    assert (keep.applied, statistics.desk.unchanged) == (1, 0)
    assert (await once(source, keep)).ok  # not even that has changed: 304
    assert (keep.applied, statistics.desk.unchanged) == (1, 1)


async def test_a_corrected_number_is_read_by_the_next_poll(either: FiguresRig) -> None:
    source, keep = await either.source(centre(0), **either.whole), Book()
    await once(source, keep)
    either.rows[0]["visits"] = 130
    report = await once(source, keep)
    assert (report.changed, keep.values()["TT0", "visits"]) == (1, 130.0)


async def test_a_number_that_is_missing_is_no_figure_and_never_zero(either: FiguresRig) -> None:
    keep = Book()
    report = await once(await either.source(centre(0, visits=None, served="—", queue_waiting="", wait_p90=0), **either.whole), keep)
    assert (report.ok, report.quarantined) == (True, 0)
    assert keep.values() == {("TT0", "wait_p90"): 0.0}


@pytest.mark.parametrize(("wrong", "why"), [("nhiều", "no number is written so"), (-3, "below 0"), ("1.234", "two ways"), ([7], "a list")])
async def test_a_malformed_number_is_quarantined_and_the_others_of_its_record_count(either: FiguresRig, wrong: Any, why: str) -> None:
    keep = Book()
    report = await once(await either.source(centre(0, visits=wrong), centre(1), **either.whole), keep)
    assert (report.ok, report.quarantined, len(keep.figures)) == (True, 1, 7)
    (bad,) = keep.bad.values()
    assert (bad.code, bad.fault) == (f"visits/TT0/{TODAY}", Fault.VALUE)
    assert why in bad.reason
    assert "luotDen" in bad.reason


async def test_records_that_are_none_are_quarantined(either: FiguresRig) -> None:
    keep = Book()
    report = await once(await either.source("a text", 7, None, ["list"], centre(0), **either.whole), keep)
    assert (report.ok, report.quarantined, keep.values()) == (True, 4, CENTRE_ROW)


async def test_an_unknown_word_for_a_number_is_quarantined_never_guessed(statistics: FiguresRig) -> None:
    survey = SHAPES["survey"]
    shape = replace(survey, names={**survey.names, "votes": "BT"})
    keep = Book()
    await once(await statistics.source({"unit": "SXD", "votes_satisfied": 5, "votes": 3}, shape=shape), keep)
    (bad,) = keep.bad.values()
    assert (bad.code, bad.fault) == (f"SXD/{TODAY}", Fault.CODE)
    assert "unknown code 'BT' for name (field mucDo)" in bad.reason
    assert keep.values() == {("SXD", "votes_satisfied"): 5.0}


async def test_a_record_without_a_unit_is_quarantined_once_however_its_numbers_move(statistics: FiguresRig) -> None:
    source, keep = await statistics.source(centre(0), {"visits": 900}), Book()
    await once(source, keep)
    statistics.rows[1]["visits"] = 950
    statistics.rows[0]["visits"] = 150
    await once(source, keep)
    (bad,) = keep.bad.values()
    assert (bad.code, bad.fault) == (None, Fault.MISSING)


async def test_a_period_that_is_still_to_come_is_quarantined(either: FiguresRig) -> None:
    keep = Book()
    await once(await either.source(centre(0, period="2027-01-01"), centre(1), **either.whole), keep)
    (bad,) = keep.bad.values()
    assert "in the future" in bad.reason
    assert {unit for unit, _ in keep.values()} == {"TT1"}


async def test_of_a_figure_that_comes_twice_the_later_wins(either: FiguresRig) -> None:
    keep = Book()
    await once(await either.source(centre(0, visits=1), centre(0, visits=2), **either.whole), keep)
    assert keep.values()["TT0", "visits"] == 2.0


async def test_no_citizen_is_in_any_figure_or_reason(statistics: FiguresRig) -> None:
    shape = replace(CENTRE, extra={"nguoiNhap": "Nguyễn Văn Thử", "dienThoai": "0900000000"})
    source = await statistics.source(centre(0), centre(1, visits="Nguyễn Văn Thử 0900000000"), {"visits": 3}, "Nguyễn Văn Thử", shape=shape)
    said = repr([batch async for batch in source.fetch(None, NOW)])
    assert "Thử" not in said
    assert "0900000000" not in said
    assert "luotDen" in said


# --- periods, units, corrections --------------------------------------------------------------------------------------------------


async def test_yesterday_is_asked_for_too_so_that_corrections_come(statistics: FiguresRig) -> None:
    url = await statistics.start(rows=lambda asked: [centre(0, visits=7 if asked.period == YESTERDAY else 3)])
    source, keep = statistics.entry(url, back=1), Book()
    await once(source, keep)
    assert [each.period for each in statistics.asked] == [YESTERDAY, TODAY]
    assert (keep.values(YESTERDAY)["TT0", "visits"], keep.values()["TT0", "visits"]) == (7.0, 3.0)


async def test_each_unit_is_asked_for_where_the_system_wants_that(statistics: FiguresRig) -> None:
    statistics.rows = [centre(n) for n in range(5)]
    url = await statistics.start()
    params = {"ngay": "{day}", "maTrungTam": "{unit}"}
    source, keep = statistics.entry(url, params=params, units=["TT1", "TT3"], back=1), Book()
    await once(source, keep)
    assert [(each.period, each.unit) for each in statistics.asked] == [(d, u) for d in (YESTERDAY, TODAY) for u in ("TT1", "TT3")]
    assert {unit for unit, _ in keep.values()} == {"TT1", "TT3"}


async def test_the_unit_asked_for_stands_in_for_an_answer_without_one(statistics: FiguresRig, tmp_path: Path) -> None:
    mapping = tmp_path / "daily.toml"
    mapping.write_text(
        'name = "daily"\n[figures]\nunit = "@unit"\nperiod = "@period"\n[figures.values]\nreported_received = "TiepNhan"\n',
        encoding="utf-8",
    )
    shape = replace(CENTRE, unit="khac", at="", names={"reported_received": "TiepNhan"})
    url = await statistics.start(shape, rows=lambda asked: [{"unit": asked.unit, "reported_received": 5}])
    params = {"ngay": "{day}", "maTrungTam": "{unit}"}
    keep = Book()
    assert (await once(statistics.entry(url, mapping=str(mapping), params=params, units=["SXD"]), keep)).ok
    assert keep.values() == {("SXD", "reported_received"): 5.0}


async def test_a_stop_after_any_answer_resumes_and_nothing_is_missing(statistics: FiguresRig) -> None:
    url = await statistics.start(rows=lambda asked: [centre(int(asked.period[-2:]))])
    whole = Book()
    await once(statistics.entry(url, back=3), whole)
    assert whole.applied == 4
    for stop in range(4):
        source, keep = statistics.entry(url, back=3), Book(stop_after=stop)
        with pytest.raises(Killed):
            await once(source, keep)
        keep.stop_after = 1_000_000
        report = await once(source, keep)
        assert (report.ok, keep.figures, keep.applied) == (True, whole.figures, 4)


async def test_the_next_day_is_asked_for_by_itself(statistics: FiguresRig) -> None:
    source, keep = await statistics.source({"unit": "SXD", "procedures_full": 12}, shape=PROCEDURES), Book()
    await once(source, keep)
    await poll(source, keep, NOW + timedelta(days=1), retries=ONCE)
    assert keep.values() == keep.values("2026-09-16") == {("SXD", "procedures_full"): 12.0}


async def test_a_cursor_nobody_can_read_begins_anew(statistics: FiguresRig) -> None:
    source = await statistics.source(centre(0))
    for position in ('{"answers": 3}', "[", "[]", '{"from": "another version"}'):
        keep = Book(position=position)
        assert (await once(source, keep)).ok
        assert keep.values() == CENTRE_ROW


async def test_an_old_stretch_is_read_day_by_day_and_goes_on_after_any(statistics: FiguresRig) -> None:
    url = await statistics.start(rows=lambda asked: [centre(0, visits=int(asked.period[-2:]))])
    source = statistics.entry(url)
    assert isinstance(source, Rewinding)
    since, until = NOW - timedelta(days=6), NOW - timedelta(days=2)
    batches = [batch async for batch in source.fetch_between(since, until, None, NOW)]
    assert [each.period for each in statistics.asked] == [f"2026-09-{day:02}" for day in (9, 10, 11, 12, 13)]
    assert [batch.figures[0].value for batch in batches] == [9.0, 10.0, 11.0, 12.0, 13.0]
    rest = [batch.position async for batch in source.fetch_between(since, until, batches[1].position, NOW)]
    assert rest == [batch.position for batch in batches[2:]]
    assert [batch async for batch in source.fetch_between(since, until, batches[-1].position, NOW)] == []


async def test_what_is_only_known_for_the_present_cannot_be_read_back(statistics: FiguresRig) -> None:
    source = await statistics.source({"unit": "SXD", "procedures_full": 1}, shape=PROCEDURES)
    assert isinstance(source, Rewinding)
    with pytest.raises(Refused, match="the present only"):
        await anext(aiter(source.fetch_between(NOW - timedelta(days=2), NOW, None, NOW)))


async def test_a_system_that_shows_yesterday_is_seen_by_what_it_says_itself(statistics: FiguresRig) -> None:
    source, keep = await statistics.source(centre(0), as_of="thoiDiem", records="=data"), Book()
    statistics.desk.shape = replace(CENTRE, envelope=lambda records: {"data": records, "thoiDiem": records[0]["thoiDiem"]})
    statistics.desk.turn({"yesterday": True})
    statistics.clock.now += timedelta(days=1)
    report = await poll(source, keep, statistics.clock.now, retries=ONCE)
    assert (report.ok, report.as_of) == (True, NOW)


async def test_a_renamed_field_costs_its_number_and_shows_among_the_fields(statistics: FiguresRig) -> None:
    source, keep = await statistics.source(centre(0)), Book()
    statistics.desk.turn({"dropped": ["luotDen"], "added": {"soLuotDen": 7}})
    report = await once(source, keep)
    assert ("TT0", "visits") not in keep.values()
    assert "soLuotDen" in report.fields
    assert not {"luotDen", "@period", "@unit"} & report.fields
