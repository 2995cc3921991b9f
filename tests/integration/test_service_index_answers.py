"""The service index and the yearly indices over real rows: per unit, ranked, beside what was published, as known at an instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ioc import unit_book
from ioc.answers import Question
from ioc.db import Connection
from ioc.deadline import Compare
from ioc.model import Batch, Figure, Kind, Trait, Way
from ioc.server.aims import Aim
from ioc.service_index.answer import index, ranking
from ioc.service_index.criteria import CriteriaError, read
from ioc.store import Store
from ioc.units import Level, Unit
from ioc.yearly import yearly
from tests.factories import MORNING, item

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
CRITERIA = read()
SOURCE = "by_date"
PROVINCE = [
    Unit(code="root", name="Tỉnh", level=Level.PROVINCE),
    Unit(code="X1", name="Xã Một", level=Level.COMMUNE, parent="root"),
    Unit(code="X2", name="Xã Hai", level=Level.COMMUNE, parent="root"),
    Unit(code="X3", name="Xã Ba", level=Level.COMMUNE, parent="root"),
]


def figure(name: str, value: float, unit: str = "root", period: str = "2026-11") -> Figure:
    return Figure(unit=unit, period=period, name=name, value=value)


@pytest.fixture
async def filled(store: Store, db: Connection) -> Store:
    """Two communes with ten dossiers each, two of X2's late; the province's procedures, votes, published index."""
    await unit_book.apply(db, PROVINCE, MORNING)
    store.unit_ids.clear()
    store.unit_codes.clear()
    late = {"due_at": MORNING - timedelta(days=3), "received_at": MORNING - timedelta(days=9), "happened_at": MORNING - timedelta(days=9)}
    dossiers = [
        item(
            f"{unit}-{n}", unit=unit, channel=Way.ONLINE if n < 5 else Way.COUNTER, due_at=MORNING + timedelta(days=9),
            traits=frozenset({Trait.FEE} | ({Trait.PAID_ONLINE} if n < 2 else set())),
        )
        for unit in ("X1", "X2") for n in range(10)
    ]  # fmt: skip
    dossiers[18:] = [replace(one, **late) for one in dossiers[18:]]
    mirrors = [replace(one, kind=Kind.MIRROR) for one in dossiers[:15]]
    await store.apply(SOURCE, Batch(position="1", items=dossiers), MORNING)
    await store.apply("by_instant", Batch(position="1", items=mirrors), MORNING)
    figures = [
        figure("procedures_full", 800), figure("procedures_partial", 100), figure("procedures_info", 100),
        figure("votes_very_satisfied", 8, "X1", "2026-11-18"), figure("votes_satisfied", 1, "X1", "2026-11-18"),
        figure("votes_unsatisfied", 1, "X1", "2026-11-18"), figure("votes_unsatisfied", 9, "X1", "2026-10-31"),
        figure("index766", 84.6), figure("index766_rank", 9), figure("index766_tdgq", 18.6), figure("index766", 83, period="2026-10"),
        figure("par_index", 88.54, period="2022"), figure("par_index_rank", 4, period="2022"), figure("par_index_rank", 7, period="2021"),
        figure("par_index_rank", 5, period="2025"),
    ]  # fmt: skip
    await store.apply(SOURCE, Batch(position="2", figures=figures), MORNING)
    return store


def points(answer: dict[str, Any]) -> dict[str, float | None]:
    return {mark["id"]: mark["points"] for mark in answer["estimate"]["criteria"]}


async def test_the_estimate_counts_dossiers_and_figures_and_stands_beside_what_was_published(filled: Store, db: Connection) -> None:
    answer = await index(db, CRITERIA, Question(period="2026-11"), NOW)
    found = points(answer)
    assert (found["1.4"], found["2.1"], found["3.1"], found["3.6"]) == (4.5, 18, 2, 4)  # 15/20, 18/20, 90 %, 4 of 20 with a fee of 30 %
    assert found["3.3"] == 4.5  # half online x three quarters synchronised = 37.5 of 50 %
    assert (found["4.2"], found["5.2"]) == (None, None), "nobody says what is digitised: missing, not zero"
    assert answer["published"] == {
        "score": 84.6, "rank": 9, "period": "2026-11", "source": SOURCE, "reported_at": MORNING.isoformat(timespec="microseconds"),
        "groups": {"ckmb": None, "tdgq": 18.6, "clgq": None, "tttt": None, "mdhl": None, "mdsh": None},
    } | {"reported_at": answer["published"]["reported_at"]}  # fmt: skip
    assert answer["estimate"]["quality"] == "est"


async def test_a_unit_s_own_numbers_make_its_index_and_units_are_ranked_with_ties(filled: Store, db: Connection) -> None:
    one, two = [points(await index(db, CRITERIA, Question(period="2026-11", unit=unit), NOW)) for unit in ("X1", "X2")]
    assert (one["2.1"], two["2.1"]) == (20, 16)
    assert one["3.1"] is None, "procedures are published of the province only"
    told = await ranking(db, CRITERIA, Question(period="2026-11"), Level.COMMUNE, NOW)
    assert [(row["unit"], row["rank"]) for row in told["units"]] == [("X1", 1), ("X2", 2), ("X3", None)]
    tied = {row["unit"]: row["groups"]["tttt"]["rank"] for row in told["units"]}
    assert tied == {"X1": 1, "X2": 1, "X3": None}


async def test_days_of_another_month_and_stretches_inside_one_another_count_once(filled: Store, db: Connection) -> None:
    await filled.apply(SOURCE, Batch(position="3", figures=[figure("votes_unsatisfied", 3, "X1")]), NOW)  # the month itself, over its days
    month = await index(db, CRITERIA, Question(period="2026-11", unit="X1"), NOW)
    year = await index(db, CRITERIA, Question(period="2026", unit="X1"), NOW)
    values = [next(m for m in told["estimate"]["criteria"] if m["id"] == "5.4")["values"]["votes_unsatisfied"] for told in (month, year)]
    assert values == [3, 12]


async def test_what_was_known_before_a_correction_can_be_asked_for(filled: Store, db: Connection) -> None:
    later = MORNING + timedelta(days=1)
    await filled.apply(SOURCE, Batch(position="4", figures=[figure("procedures_info", 900)]), later)
    known = Question(period="2026-11", known_at=MORNING + timedelta(hours=1), as_of=MORNING + timedelta(minutes=30))
    assert points(await index(db, CRITERIA, Question(period="2026-11"), NOW))["3.1"] == 1.25  # 50 % of 80 %
    assert points(await index(db, CRITERIA, known, NOW))["3.1"] == 2


@pytest.mark.parametrize("compare", ["date", "instant"])
async def test_what_if_counts_with_the_change_and_changes_nothing(filled: Store, db: Connection, compare: Compare) -> None:
    asked = Question(period="2026-11", compare=compare)
    told = await index(db, CRITERIA, asked, NOW, {"dossiers_paid_online": 1})
    assert told["what_if"]["points"] == pytest.approx(told["estimate"]["points"] + 1)  # one of 20 is 5 % of 30 % of 6 points
    assert (await index(db, CRITERIA, asked, NOW))["estimate"] == told["estimate"]
    with pytest.raises(CriteriaError, match="not a number the index is made of"):
        await index(db, CRITERIA, asked, NOW, {"tasks_done": 1})
    with pytest.raises(CriteriaError, match="reported by nobody"):
        await index(db, CRITERIA, asked, NOW, {"procedures_complete": 1})


async def test_yearly_indices_are_series_with_rank_places_gained_and_target(filled: Store, db: Connection) -> None:
    told = await yearly(db, None, NOW, {"par_index_rank": Aim(v=3, dir="max")})
    (par,) = [one for one in told["series"] if one["name"] == "par_index"]
    assert [(p["year"], p["value"], p["rank"], p["of"], p["gained"]) for p in par["points"]] == [
        (2021, None, 7, 63, None), (2022, 88.54, 4, 63, 3), (2025, None, 5, 34, None),
    ]  # fmt: skip
    assert par["targets"] == {"par_index_rank": {"v": 3, "dir": "max", "missing": 2}}
