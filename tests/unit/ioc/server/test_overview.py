"""What the wall is told, from totals and facts: states by target and alert, shapes in their window, coverage, an honest dash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue
from ioc.indicators import INDICATORS
from ioc.meter import NAMES
from ioc.server.aims import Aim
from ioc.server.facts import SLOTS, DayFlow, Facts, window
from ioc.server.overview import RANKED, Picture, overview
from ioc.units import Level, Unit, UnitTree
from ioc.wire import Freshness

FRESH: Freshness = {"as_of": 1, "obs": 2, "src": ["onestop"], "lag": 0, "exp": 60, "cov": (3, 3), "bad": 0}
UNITS = [
    Unit(code="P", name="Tỉnh", level=Level.PROVINCE),
    Unit(code="C1", name="P. Một", level=Level.COMMUNE, parent="P", short="Một", row=0, col=0),
    Unit(code="C2", name="X. Hai", level=Level.COMMUNE, parent="P", row=1, col=4),
    Unit(code="S1", name="Văn phòng đăng ký đất đai", level=Level.DEPARTMENT, parent="P", short="VPĐK"),
]
IDS = {unit.code: n for n, unit in enumerate(UNITS, 1)}
NO_FLOW = DayFlow(came=[0] * SLOTS, went=[0] * SLOTS)


def totals(**numbers: int) -> list[int]:
    return [numbers.get(name.replace(".", "__"), 0) for name in NAMES]


def picture(now: datetime, **more: Any) -> Picture:
    counts = dict.fromkeys((i.name for i in INDICATORS), 0)
    counts |= {"dossiers_overdue": 4, "dossiers_in_progress": 9, "dossiers_waiting": 1}
    defaults: dict[str, Any] = {
        "totals": {IDS["C1"]: totals(dossiers_overdue=3, dossiers_in_progress=9), IDS["S1"]: totals(dossiers_overdue=1)},
        "sums": dict.fromkeys(("today", "month", "year"), counts),
        "facts": Facts(oldest={IDS["C1"]: now - timedelta(days=2)}, today=NO_FLOW, days=[NO_FLOW] * 4, shapes={}, ghosts={}, bad={}),
        "catalogue": Catalogue(tree=UnitTree(UNITS), ids=IDS, codes={n: code for code, n in IDS.items()}),
        "calendar": WorkCalendar(), "province": "Tỉnh Thử", "fresh": {"dossier": FRESH},
    }  # fmt: skip
    return Picture(now=now, **(defaults | more))


def test_only_numbers_of_kinds_that_some_source_brings_are_told(now: datetime) -> None:
    keys = overview(picture(now)).keys()
    assert "kpi.dossiers_overdue" in keys
    assert not {"kpi.documents_in", "kpi.tasks_overdue"} & keys


def test_the_hero_says_how_many_units_and_how_old_in_working_days(now: datetime) -> None:
    kpi = overview(picture(now, aims={"dossiers_overdue": Aim(v=3, dir="max", st="crit")}))["kpi.dossiers_overdue"]
    assert (kpi["v"], kpi["st"], kpi["tgt"]) == (4, "crit", {"v": 3, "dir": "max"})
    assert kpi["parts"] == {"units": 2, "oldest": 2.0}
    assert kpi["q"] is FRESH


@pytest.mark.parametrize(("value", "state"), [(3, ""), (3.5, "warn"), (None, "na")])
def test_a_target_is_missed_beyond_it_not_at_it(value: float | None, state: str) -> None:
    assert Aim(v=3, dir="max").state(value) == state


def test_a_rate_of_nothing_is_unknown_not_zero(now: datetime) -> None:
    kpi = overview(picture(now, aims={"early_and_on_time_rate": Aim(v=98, dir="min")}))["kpi.early_and_on_time_rate"]
    assert (kpi["v"], kpi["st"], kpi["period"]) == (None, "na", "2026-11")


def test_shapes_stand_in_a_fixed_window_and_the_last_point_is_the_live_number(now: datetime) -> None:
    since, until = window(now)
    assert (since.hour, until.hour) == (7, 18)
    facts = picture(now).facts
    shapes = {n: {"dossiers_overdue": 10 + n} for n in range(14)}
    spark = overview(picture(now, facts=replace(facts, shapes=shapes, ghosts={0: {"dossiers_overdue": 7}})))["spark.dossiers_overdue"]
    assert spark["n"] == SLOTS + 1
    assert spark["y"] == [*range(10, 24), 4]  # 14:05 lies in the slot of 14:00
    assert spark["ghost"][:2] == [7, None]


@pytest.mark.parametrize(("local_hour", "known"), [(6, 0), (7, 1), (12, 11), (18, 22), (23, 22)])
def test_the_future_of_the_flow_is_empty_never_zero(local_hour: int, known: int) -> None:
    at = datetime(2026, 11, 20, local_hour, 10, tzinfo=WorkCalendar().zone).astimezone(UTC)
    flow = overview(picture(at))["flow"]
    assert [came is not None for came in flow["came"]] == [True] * known + [False] * (SLOTS - known)
    assert len(flow["gcame"]) == SLOTS


def test_units_carry_their_worst_alert_and_the_rest_is_counted(now: datetime) -> None:
    told = overview(picture(now, states={"C1": "sev"}, silent_units=frozenset({IDS["C2"]})))
    assert (told["cell.C1"]["st"], told["cell.C1"]["over"], told["cell.C1"]["short"]) == ("sev", 3, "Một")
    assert (told["cell.C2"]["old"], told["cell.C2"]["st"]) == (True, "")
    rows = told["attention"]["rows"]
    assert [(row["name"], row["st"], row["over"]) for row in rows] == [("P. Một", "sev", 3), ("VPĐK", "", 1)]
    assert told["day"]["grid"] == (5, 2)


def test_beyond_the_rows_sent_units_are_a_remainder_with_their_sum(now: datetime) -> None:
    units = [UNITS[0], *(Unit(code=f"X{n:02}", name=f"X. {n:02}", level=Level.COMMUNE, parent="P") for n in range(RANKED + 5))]
    ids = {unit.code: n for n, unit in enumerate(units, 1)}
    catalogue = Catalogue(tree=UnitTree(units), ids=ids, codes={n: code for code, n in ids.items()})
    told = overview(picture(now, catalogue=catalogue, totals={n: totals(dossiers_overdue=1) for code, n in ids.items() if code != "P"}))
    assert (len(told["attention"]["rows"]), told["attention"]["rest_units"], told["attention"]["rest_over"]) == (RANKED, 5, 5)
    assert told["day"]["located"] is False
    places = {(cell["r"], cell["c"]) for key, cell in told.items() if key.startswith("cell.")}
    assert len(places) == RANKED + 5


def test_a_rest_day_says_why(now: datetime) -> None:
    assert overview(picture(now))["day"]["rest_day"] is None
    assert overview(picture(now + timedelta(days=1)))["day"]["rest_day"] == "weekend"


def test_what_stands_at_a_merged_unit_is_shown_at_its_heir_once(now: datetime) -> None:
    day = now.date() - timedelta(days=30)
    units = [*UNITS, Unit(code="C0", name="X. Không", level=Level.COMMUNE, parent="P", valid_to=day, successors=("C1",)),
             Unit(code="D1", name="H. Cũ", level=Level.DISTRICT, parent="P", valid_to=day)]  # fmt: skip
    ids = {unit.code: n for n, unit in enumerate(units, 1)}
    plain = picture(now)
    catalogue = Catalogue(tree=UnitTree(units), ids=ids, codes={n: code for code, n in ids.items()})
    told = overview(picture(
        now, catalogue=catalogue, states={"C0": "sev", "C1": "warn"},
        totals={**plain.totals, ids["C0"]: totals(dossiers_overdue=2, dossiers_in_progress=5), ids["D1"]: totals(dossiers_overdue=1)},
        facts=replace(plain.facts, oldest={ids["C1"]: now - timedelta(days=2), ids["C0"]: now - timedelta(days=4)}),
        silent_units=frozenset({ids["C0"]}),
    ))  # fmt: skip
    assert {key for key in told if key.startswith("cell.")} == {"cell.C1", "cell.C2"}
    assert (told["cell.C1"]["open"], told["cell.C1"]["over"], told["cell.C1"]["st"], told["cell.C1"]["old"]) == (14, 5, "sev", True)
    rows = told["attention"]["rows"]
    assert [(row["code"], row["over"]) for row in rows] == [("C1", 5), ("P", 1), ("S1", 1)], "a district's own counts at who was above it"
    assert rows[0]["oldest"] == overview(picture(now, facts=replace(plain.facts, oldest={IDS["C1"]: now - timedelta(days=4)})))[
        "kpi.dossiers_overdue"]["parts"]["oldest"]  # fmt: skip
    assert told["kpi.dossiers_overdue"]["parts"]["units"] == 3
