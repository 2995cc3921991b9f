"""Published figures against a real store: equal, explained dossier by dossier, or unexplained; what is not there is not compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ioc.catalogue import load
from ioc.db import Connection
from ioc.model import BadRow, Batch, Figure, Gone, Item, Kind, State, Way
from ioc.reconcile import Line, Published, Verdict, keep, plain, reconcile, reported, sets
from ioc.reconcile.causes import Cause
from ioc.store import Store
from ioc.unit_book import apply as apply_units
from ioc.units import Level, Unit
from tests.factories import item

NOW = datetime(2026, 11, 20, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, 3, tzinfo=UTC)
READ = datetime(2024, 6, 30, 10, tzinfo=UTC)  # before the month ends: 17:00 in Vietnam
LATER = datetime(2024, 7, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def dossiers(count: int = 20, **facts: Any) -> list[Item]:
    """Every second one closed three days after it came, a day ahead of its deadline."""
    made = []
    for n in range(count):
        received = JUNE + n * DAY
        closed = received + 3 * DAY if n % 2 else None
        state = {"state": State.DONE, "closed_at": closed, "happened_at": closed} if closed else {}
        made.append(item(f"H-{n:03}", received_at=received, due_at=received + 4 * DAY, channel=Way.ONLINE, **state, **facts))
    return made


async def read(store: Store, items: list[Item | Gone], at: datetime = READ, source: str = "by_date") -> None:
    await store.apply(source, Batch(position=f"{at}", items=items), at)
    if at == READ:  # and once more after the month, which brought nothing
        await store.apply(source, Batch(position="more"), LATER - DAY)


def told(figure: str, value: float, **facts: Any) -> Published:
    return Published(unit="root", period="2024-06", figure=figure, value=value, set_name="bulletin", **facts)


async def judged(db: Connection, *listed: Published) -> list[Line]:
    return list((await reconcile(db, listed, NOW)).lines)


async def named(db: Connection, one: Published) -> dict[str, list[str]]:
    """The causes of one difference with the dossiers of each; it must be explained to the last."""
    (line,) = await judged(db, one)
    assert (line.verdict, line.rest) == (Verdict.EXPLAINED, 0), line
    return {effect.cause.value: [dossier.code for dossier in effect.dossiers] for effect in line.causes}


async def test_what_is_printed_and_what_is_counted_are_equal_to_two_decimals(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    lines = await judged(
        db, told("dossiers_received", 20), told("dossiers_resolved", 10), told("early_rate", 100), told("dossiers_received_at_least", 15),
        told("online_rate", 100), told("dossiers_in_progress", 10), told("digital_economy_share", 6.68), told("par_index_rank", 50),
    )  # fmt: skip
    assert [line.verdict for line in lines] == [Verdict.EQUAL] * 6 + [Verdict.SHOWN] * 2
    assert {line.published.figure: line.ours for line in lines}["dossiers_received_at_least"] == 20


async def test_what_we_hold_nothing_of_is_not_compared_and_counts_as_neither(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    other = Published(unit="Quảng Ninh", period="2024-06", figure="dossiers_received", value=24747)
    report = await reconcile(
        db, [other, told("documents_processed_at_least", 1_100_000), told("visits_at_least", 40_000)], NOW
    )  # fmt: skip
    assert report.tally == {"equal": 0, "explained": 0, "unexplained": 0, "shown": 0, "not_comparable": 3}
    assert all(line.vi and line.en for line in report.lines)


async def test_dossiers_that_a_source_took_back_are_named_without_the_publishers_list(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    await read(store, [Gone(code=f"H-{n:03}", happened_at=LATER) for n in (1, 3, 4)], LATER)
    assert await named(db, told("dossiers_received", 20)) == {"gone": ["H-001", "H-003", "H-004"]}
    assert await named(db, told("dossiers_resolved", 10)) == {"gone": ["H-001", "H-003"]}


async def test_with_the_publishers_list_each_dossier_has_its_cause(store: Store, db: Connection) -> None:
    codes = tuple(one.code for one in dossiers())
    await read(store, dossiers()[2:])
    await read(store, [Gone(code="H-005", happened_at=LATER)], LATER)
    bad = BadRow(reason="date", raw_hash="0" * 64, code="H-001")
    await store.apply("by_date", Batch(position="bad", bad=[bad]), LATER)
    await read(store, [item("H-900", received_at=JUNE + 2 * DAY)], LATER + DAY)
    await keep(db, [told("dossiers_received", 20, codes=codes)], NOW)
    (one,) = await sets(db)
    causes = await named(db, one)
    assert causes == {"gone": ["H-005"], "lag": ["H-900"], "quarantined": ["H-001"], "never_read": ["H-000"]}


async def test_a_number_nothing_makes_up_stays_unexplained_with_its_rest(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    (line,) = await judged(db, told("dossiers_received", 27))
    assert (line.verdict, line.difference, line.rest, line.causes) == (Verdict.UNEXPLAINED, 7, 7, ())


async def test_a_dossier_only_we_count_that_was_always_here_is_not_explained_away(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    await keep(db, [told("dossiers_received", 19, codes=tuple(one.code for one in dossiers() if one.code != "H-010"))], NOW)
    (line,) = await judged(db, *await sets(db))
    assert (line.verdict, line.rest) == (Verdict.UNEXPLAINED, -1)


async def test_what_came_or_changed_after_the_cut_off_is_told_apart(store: Store, db: Connection) -> None:
    await read(store, dossiers()[:-1])
    closed = READ - DAY
    corrected = item("H-004", received_at=JUNE + 4 * DAY, state=State.DONE, closed_at=closed, happened_at=closed, due_at=JUNE + 8 * DAY)
    await read(store, [dossiers()[-1], corrected], LATER)
    assert await named(db, told("dossiers_resolved", 9)) == {"lag": ["H-019"], "changed": ["H-004"]}


async def test_waiting_counted_as_done_is_known_as_another_mapping_of_states(store: Store, db: Connection) -> None:
    waits = [item(f"W-{n}", state=State.WAITING, received_at=JUNE + n * DAY, happened_at=JUNE + (n + 1) * DAY) for n in range(3)]
    await read(store, [*dossiers(), *waits])
    assert await named(db, told("dossiers_resolved", 13)) == {"states": ["W-0", "W-1", "W-2"]}


async def test_what_only_the_portal_shows_otherwise_is_explained_by_it(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    shown = [item(one.code, kind=Kind.MIRROR, received_at=one.received_at, due_at=one.due_at) for one in dossiers()[:18]]
    await read(store, [*shown], source="by_instant")
    assert await named(db, told("dossiers_received", 18)) == {"portal": ["H-018", "H-019"]}


async def test_the_border_day_and_the_other_comparison_are_causes(store: Store, db: Connection) -> None:
    last = datetime(2024, 6, 30, 3, tzinfo=UTC)
    late = item("L-1", received_at=JUNE, due_at=JUNE + DAY, state=State.DONE, closed_at=JUNE + DAY + timedelta(hours=2))
    await read(store, [*dossiers(), item("B-1", received_at=last), item("B-2", received_at=last), late])
    assert await named(db, told("dossiers_received", 21)) == {"border": ["B-1", "B-2"]}
    assert await named(db, told("dossiers_late", 1)) == {"comparison": ["L-1"]}


async def test_merged_offices_are_counted_by_both_readings(store: Store, db: Connection) -> None:
    new = Unit(code="NEW", name="Xã Mới", level=Level.COMMUNE, parent="root", valid_from=datetime(2025, 7, 1).date())
    old = Unit(code="OLD", name="Xã Cũ", level=Level.COMMUNE, parent="root", valid_to=datetime(2025, 7, 1).date(), successors=("NEW",))
    root = Unit(code="root", name="Tỉnh", level=Level.PROVINCE)
    known = [Unit(code=f"U{n:02}", name=f"U{n:02}", level=Level.DEPARTMENT, parent="root") for n in range(12)]
    await apply_units(db, [root, new, old, *known], NOW)
    store.unit_ids.clear(), store.unit_codes.clear()
    await read(store, [*dossiers(3, unit="NEW"), *(item(f"O-{n}", unit="OLD", received_at=JUNE + n * DAY) for n in range(2))])
    (three, five) = await judged(
        db, *(Published(unit="xã mới", period="2024-06", figure="dossiers_received", value=value) for value in (3, 5))
    )  # fmt: skip
    both = {three.verdict, five.verdict}
    assert both == {Verdict.EQUAL, Verdict.EXPLAINED}
    (explained,) = [line for line in (three, five) if line.verdict is Verdict.EXPLAINED]
    assert [(effect.cause, {d.code for d in effect.dossiers}) for effect in explained.causes] == [(Cause.UNIT_TREE, {"O-0", "O-1"})]


async def test_totals_a_source_reports_are_compared_at_the_instant_it_reported_them(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    at = LATER - DAY + timedelta(minutes=1)
    figures = [
        Figure(unit="root", period="2024-06", name=name, value=value, reported_at=at)
        for name, value in (("reported_received", 20), ("reported_on_time", 10), ("reported_resolved", 12))
    ]
    await store.apply("by_instant", Batch(position="f", figures=figures), at)
    lines = await judged(db, *await reported(db, LATER + DAY))
    assert [line.verdict for line in lines] == [Verdict.NOT_YET, Verdict.EQUAL, Verdict.EQUAL], "our last read is older than that count"
    await read(store, [], at + DAY)
    first, *_ = await judged(db, *await reported(db, LATER + DAY))
    assert (first.published.figure, first.verdict, first.rest) == ("reported_resolved", Verdict.UNEXPLAINED, 2)


async def test_rates_are_explained_by_the_way_of_counting_that_prints_them(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    await read(store, [Gone(code="H-001", happened_at=LATER)], LATER)
    await read(store, [item("H-004", received_at=JUNE, state=State.DONE, closed_at=JUNE + 9 * DAY, due_at=JUNE + DAY)], LATER)
    (line,) = await judged(db, told("early_rate", 100))
    assert (line.ours, line.verdict, [effect.cause for effect in line.causes]) == (90, Verdict.EXPLAINED, [Cause.LAG])


async def test_figures_reported_month_by_month_make_up_the_published_one(store: Store, db: Connection) -> None:
    months = [Figure(unit="U01", period=f"2016-0{n}", name="visits", value=6000) for n in range(1, 8)]
    await store.apply("by_date", Batch(position="v", figures=months), LATER)
    more = Published(unit="root", period="2016-01/2016-07", figure="visits_at_least", value=40_000)
    (reached,) = await judged(db, more)
    assert (reached.verdict, reached.ours) == (Verdict.EQUAL, 42_000)


async def test_a_sheet_kept_twice_changes_nothing_and_a_correction_is_compared(store: Store, db: Connection) -> None:
    first = told("dossiers_received", 20, detail={"rank": 3.0}, codes=("A", "B"))
    assert [await keep(db, [first], NOW), await keep(db, [first], NOW + DAY)] == [1, 0]
    assert await keep(db, [told("dossiers_received", 21)], NOW + 2 * DAY) == 1
    (one,) = await sets(db, ["bulletin"])
    assert (one.value, one.listed) == (21, False)
    assert await sets(db, ["another"]) == []


async def test_a_report_as_json_leads_to_the_lists_and_names_no_more_than_a_hundred(store: Store, db: Connection) -> None:
    await read(store, dossiers(130))
    await read(store, [Gone(code=f"H-{n:03}", happened_at=LATER) for n in range(130) if n < 29], LATER)
    report = await reconcile(db, [told("dossiers_received", 30)], NOW)
    catalogue = await load(db)
    assert catalogue is not None
    (figure,) = plain(report, catalogue.codes)["figures"]
    assert figure["verdict"] == "explained"
    assert figure["lists"]["dossiers_received"].startswith(
        "/api/v1/items?indicator=dossiers_received&unit=root&period=2024-06&as_of=2024-06-30T"
    )
    (cause,) = figure["causes"]
    assert (cause["more"], len(cause["missing_here"]), cause["missing_here"][0]["code"]) == (29, 29, "H-000")
    assert cause["missing_here"][0]["gone_at"].startswith("2024-07-05")


@pytest.mark.parametrize("value", [19, 21])
async def test_every_dossier_missing_one_way_or_the_other_leaves_no_difference_in_silence(store: Store, db: Connection, value: int) -> None:
    await read(store, dossiers())
    (line,) = await judged(db, told("dossiers_received", value))
    assert line.rest == value - 20 - sum(effect.change for effect in line.causes)
    assert line.verdict in (Verdict.EXPLAINED, Verdict.UNEXPLAINED)


async def test_quarantined_records_explain_what_was_received_and_are_only_possible_for_other_numbers(store: Store, db: Connection) -> None:
    await read(store, dossiers())
    bad = [BadRow(reason="date", raw_hash=f"{n:064}", code=f"Q-{n}") for n in range(4)]
    await store.apply("by_date", Batch(position="bad", bad=bad), LATER)
    assert await named(db, told("dossiers_received", 24)) == {"quarantined": ["Q-0", "Q-1", "Q-2", "Q-3"]}
    (line,) = await judged(db, told("dossiers_resolved", 14))
    assert (line.verdict, line.rest) == (Verdict.UNEXPLAINED, 4)
    assert Cause.QUARANTINED in {effect.cause for effect in line.possible}
