"""The published figures of seed-figures.json: what can be counted is counted from items, and whatever is missing is named.

Tiền Giang's 281,821 dossiers go in through the store; those of the other provinces are written beside them, with the printed outcomes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from ioc import answers
from ioc.answers import Question
from ioc.db import Connection
from ioc.model import Batch, Figure, Gone, Item, State, Way
from ioc.periods import period
from ioc.reconcile import Report, Verdict, keep, published, reconcile, sets
from ioc.store import Store
from ioc.unit_book import apply as apply_units
from ioc.units import Level, Unit
from tests.conftest import ROOT
from tests.factories import item
from tests.world import UNITS

FIGURES = json.loads((ROOT / "tests" / "data" / "seed-figures.json").read_text(encoding="utf-8"))
PRINTED = {f["figure"]: f["value"] for f in FIGURES if f["unit"] == "Tiền Giang" and f["period"] == "2024-H1"}
HALF = period("2024-H1", datetime(2024, 8, 1, tzinfo=UTC))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
MISSED = [f"TG-{n:06}" for n in (7, 70_007, 140_014, 210_021, 281_820)]  # early, early, early, early; the last is still worked on
OTHERS = {"QN": "Quảng Ninh", "PT": "Phú Thọ", "HN": "Hà Nam", "BG": "Bắc Giang"}
# Dossiers of other provinces: unit, how many resolved in the period, how many of them late (domain.md section 6: implied by the rates)
RESOLVED = (
    ("QN-S", "2016-01-02", 24_747, 742),
    ("QN-H", "2016-01-02", 115_773, 2_779),
    ("PT-S", "2017-01-01", 5_000, 1),
    ("PT-H", "2017-01-01", 1_000, 39),
)
DOCUMENTS = (("TG", "2024-01-02", 1_100_001, 0.951), ("QN", "2016-01-02", 2_000, 0.955))
# What nothing of ours derives: shares of an economy, counts of offices and procedures, official indices.
SHOWN = {
    "procedures_province", "procedures_district", "procedures_commune", "procedures_online_level_3", "procedures_time_cut",
    "procedures_reviewed", "procedures_to_simplify", "documents_electronic_at_least", "signing_agencies_rate", "satisfaction_target",
    "digital_economy_share", "smedx_share", "noncash_social_payments", "communes", "residential_areas", "par_index_rank", "par_index",
    "sipas", "pci", "pci_rank", "service_index_766_rank",
}  # fmt: skip
FILL = """
insert into items (source, code, kind, unit, field, procedure, step, channel, state, outgoing, signed, received_at, appointed_at, closed_at,
                   early_before, late_from, happened_at, learned_at)
select 'by_date', %(code)s || 9000000 + n, %(kind)s::item_kind, (select id from units where code = %(unit)s), '', '', '', 'counter', 'done',
       %(kind)s = 'document', n <= %(signed)s, day, day + interval '9 day', day + interval '8 day',
       case when n > %(late)s then day + interval '9 day' else day end, case when n > %(late)s then day + interval '10 day' else day end,
       day, %(now)s
from generate_series(1, %(count)s) n, lateral (select %(since)s::timestamptz + n %% 100 * interval '1 day' as day) d"""


def generated() -> list[Item]:
    """Dossiers with the printed outcomes, spread over the half year; the rest is still being worked on."""
    outcomes = [(State.DONE, timedelta(days=-2))] * PRINTED["dossiers_early"]
    outcomes += [(State.DONE, timedelta(hours=-1))] * PRINTED["dossiers_on_time"]
    outcomes += [(State.DONE, timedelta(days=2))] * PRINTED["dossiers_late"]
    outcomes += [(State.WORKING, timedelta(0))] * PRINTED["dossiers_in_progress"]
    span = (HALF.until - HALF.since - timedelta(days=12)) / len(outcomes)
    made = []
    for n, (state, ahead) in enumerate(outcomes):
        received = HALF.since + n * 7919 % len(outcomes) * span
        due = (received + timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0)  # 16:00 in Vietnam
        closed = due + ahead if state is State.DONE else None
        channel = Way.ONLINE if n < len(outcomes) * PRINTED["online_rate"] / 100 else Way.COUNTER
        made.append(
            item(
                f"TG-{n:06}",
                unit=UNITS[n % 12],
                state=state,
                received_at=received,
                due_at=due,
                closed_at=closed,
                channel=channel,
                happened_at=closed or received,
            )
        )
    return made


async def offices(store: Store, db: Connection) -> None:
    """The five provinces of the figures below one root, with desks of the province and of the districts where figures tell them apart."""
    root = Unit(code="root", name="Việt Nam", level=Level.PROVINCE)
    provinces = [Unit(code=code, name=name, level=Level.PROVINCE, parent="root") for code, name in {"TG": "Tiền Giang", **OTHERS}.items()]
    desks = [
        Unit(code=f"{code}-{kind}", name=f"{code}-{kind}", level=level, parent=code)
        for code in ("QN", "PT")
        for kind, level in (("S", Level.DEPARTMENT), ("H", Level.DISTRICT))
    ]
    listed = [Unit(code=code, name=code, level=Level.DEPARTMENT, parent="TG") for code in UNITS]
    await apply_units(db, [root, *provinces, *desks, *listed], NOW)
    store.unit_ids.clear()
    store.unit_codes.clear()


async def others(store: Store, db: Connection) -> None:
    """What the other provinces printed, as items where it can be counted, and as reports where systems only report it."""
    await db.execute("drop index items_unit_received, items_unit_closed")  # nobody looks these million up one by one
    for unit, since, count, late in RESOLVED:
        values = {
            "code": f"{unit}-",
            "kind": "dossier",
            "unit": unit,
            "since": since,
            "count": count,
            "late": late,
            "signed": 0,
            "now": NOW,
        }
        await db.execute(FILL, values)
    for unit, since, count, share in DOCUMENTS:
        values = {"code": f"{unit}-V", "kind": "document", "unit": unit, "since": since, "count": count, "late": 0, "now": NOW}
        await db.execute(FILL, values | {"signed": round(count * share)})

    def told(unit: str, span: str, **values: float) -> list[Figure]:
        return [Figure(unit=unit, period=span, name=name, value=value) for name, value in values.items()]

    months = [
        figure for n in range(1, 8) for figure in (*told("QN-S", f"2016-0{n}", visits=5_715), *told("QN-H", f"2016-0{n}", visits=25_800))
    ]
    await store.apply(
        "by_date",
        Batch(
            position="figures",
            figures=[
                *told("TG", "2024-06", procedures_info=86, procedures_partial=486, procedures_full=1_215),
                *told("BG", "2023-06", procedures_info=16, procedures_partial=700, procedures_full=1_073),
                *told("QN", "2016-01/2016-07", votes_very_satisfied=800, votes_satisfied=190, votes_unsatisfied=10),
                *told("PT", "2020", votes_very_satisfied=800, votes_satisfied=160, votes_unsatisfied=40),
                *months,
            ],
        ),
        NOW,
    )


def named(report: Report, figure: str) -> tuple[Verdict, dict[str, list[str]]]:
    (line,) = [line for line in report.lines if line.published.figure == figure and line.published.unit == "Tiền Giang"]
    return line.verdict, {effect.cause.value: sorted(dossier.code for dossier in effect.dossiers) for effect in line.causes}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_printed_figures_are_reproduced_to_the_last_dossier_and_five_that_are_missing_are_named(
    store: Store, db: Connection
) -> None:
    await offices(store, db)
    for fresh in ("items", "published_codes"):  # as before their first analyze: how much is in them must not decide how long it takes
        await db.execute(f"alter table {fresh} set (autovacuum_enabled = false)".encode())
    items = generated()
    codes = [one.code for one in items]
    missed = [one for one in items if one.code in MISSED]
    items = [one for one in items if one.code not in MISSED]
    for n in range(0, len(items), 20000):
        await store.apply("by_date", Batch(position=str(n), items=items[n : n + 20000]), NOW)

    sheet = [{**f, "codes": codes} if f["figure"] == "dossiers_received" and f["unit"] == "Tiền Giang" else f for f in FIGURES]
    assert await keep(db, published(sheet, NOW), NOW) == len(FIGURES) == 52
    kept = await sets(db)
    listed = [one for one in kept if one.listed]

    # five were never read: the publisher's list names them
    assert named(await reconcile(db, listed, NOW), "dossiers_received") == (Verdict.EXPLAINED, {"never_read": MISSED})

    # all there: every figure is equal or shown, every sum closes
    await store.apply("by_date", Batch(position="missed", items=missed), NOW)
    answer = await answers.indicators(db, Question(unit="TG", period="2024-H1"), NOW)
    values = {name: entry["value"] for name, entry in answer["indicators"].items()}
    for name in ("received", "resolved", "in_progress", "early", "on_time", "late"):
        assert values[f"dossiers_{name}"] == PRINTED[f"dossiers_{name}"], name
    for name in ("early_rate", "on_time_rate", "late_rate", "online_rate"):
        assert values[name] == PRINTED[name], name
    assert values["early_and_on_time_rate"] == 98.77
    assert answer["checks"] == []
    await others(store, db)
    report = await reconcile(db, kept, NOW)
    assert report.tally == {"equal": 29, "explained": 0, "unexplained": 0, "shown": 23, "not_comparable": 0}
    assert {line.published.figure for line in report.lines if line.verdict is Verdict.SHOWN} == SHOWN
    assert [check.about for check in report.checks if not check.holds] == []
    assert len(report.checks) == 9

    # their source takes the five back: named without anybody's list
    await store.apply("by_date", Batch(position="gone", items=[Gone(code=code, happened_at=NOW) for code in MISSED]), NOW)
    counted = [one for one in kept if one.unit == "Tiền Giang" and one.figure.startswith("dossiers_")]
    report = await reconcile(db, counted, NOW)
    assert report.unexplained == 0
    assert named(report, "dossiers_received") == (Verdict.EXPLAINED, {"gone": MISSED})
    assert named(report, "dossiers_early") == (Verdict.EXPLAINED, {"gone": MISSED[:-1]})
    assert named(report, "dossiers_in_progress") == (Verdict.EXPLAINED, {"gone": MISSED[-1:]})
    assert named(report, "dossiers_late") == (Verdict.EQUAL, {})
