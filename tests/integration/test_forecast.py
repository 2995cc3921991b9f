"""The forecast on the store and on the whole program: its slots are the counts behind the numbers, by unit, by name, with their reasons."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ioc.catalogue import Catalogue
from ioc.db import Connection
from ioc.forecast.forecaster import Forecaster
from ioc.forecast.reading import heirs_of
from ioc.meter import items_behind
from ioc.model import Batch, Item, Pause, State
from ioc.store import Store
from ioc.units import Level, Unit, UnitError, UnitTree
from tests.acceptance.test_journey import province, ready, record
from tests.acceptance.test_receipt import ioc
from tests.conftest import CALENDAR
from tests.factories import item
from tests.program import screen

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def past(now: datetime) -> list[Item]:
    """Half a year of "Tách thửa" at U01, late three times in ten, and of "Khai sinh" at U02, never late."""
    made = []
    for k in range(300):
        due = now - (6 + k // 2) * DAY
        slow = k % 2 == 0
        closed = due + (2 * DAY if slow and k % 20 < 6 else -HOUR)
        made.append(
            item(
                f"P{k:03}", unit="U01" if slow else "U02", procedure="Tách thửa" if slow else "Khai sinh", received_at=due - 14 * DAY,
                due_at=due, state=State.DONE, closed_at=closed, happened_at=closed,
            )
        )  # fmt: skip
    return made


def present(now: datetime) -> list[Item]:
    """Open on Friday 20/11 at 14:05: due today, on Monday, on Tuesday; late; waiting; without a deadline."""
    open_ = [
        item(f"N{k}", unit=unit, procedure=procedure, received_at=now - 5 * DAY, due_at=now + wait)
        for k, (unit, procedure, wait) in enumerate(
            (
                ("U01", "Tách thửa", HOUR), ("U02", "Khai sinh", HOUR), ("U01", "Tách thửa", 3 * DAY - 4 * HOUR),
                ("U02", "Khai sinh", 3 * DAY), ("U02", "Khai sinh", 4 * DAY),
            )
        )
    ]  # fmt: skip
    pause = (Pause(since=now - DAY),)
    return [
        *open_,
        item("L1", received_at=now - 9 * DAY, due_at=now - DAY),
        item("W1", received_at=now - 9 * DAY, due_at=now + HOUR, state=State.WAITING, pauses=pause),
        item("U1", received_at=now - 9 * DAY, due_at=None),
    ]


@pytest.fixture
async def kept(store: Store, now: datetime) -> Store:
    for batch in (past(now), present(now)):
        await store.apply("by_date", Batch(position="1", items=batch), now - HOUR)
    return store


async def test_slots_hold_what_falls_due_and_the_list_adds_up_to_them(kept: Store, db: Connection, now: datetime) -> None:
    answer = await Forecaster(calendar=CALENDAR).forecast(db, now, None, "hours")
    assert {slot["vi"]: slot["certain"] for slot in answer["slots"]} == {
        "hôm nay 15:00": 0, "hôm nay 17:00": 2, "T2 23/11 09:30": 0, "T2 23/11 11:30": 1, "T2 23/11 15:00": 1, "T2 23/11 17:00": 0,
    }  # fmt: skip
    assert [sum(item["slot"] == n for item in answer["items"]) for n in range(6)] == [slot["certain"] for slot in answer["slots"]]
    for n, slot in enumerate(answer["slots"]):
        expected = sum(item["probability"] for item in answer["items"] if item["slot"] == n)
        assert slot["likely"]["value"] == pytest.approx(expected, abs=0.02)
        assert slot["likely"]["text"].startswith("≈ ")
    behind = {row["code"] for row in await items_behind(db, "dossiers_within_time", None, now, live=True)}
    assert {item["code"] for item in answer["items"]} <= behind
    assert len(behind) == len(answer["items"]) + answer["later"] + answer["beside"]["undated"]
    assert answer["beside"] == {"overdue": 1, "waiting": 1, "undated": 1}
    assert answer["totals"]["next_24_hours"]["certain"] == 2
    assert answer["totals"]["all_slots"]["certain"] == 4
    learned = {"state": "ready", "quality": "est", "dossiers": 301, "late": 46, "trained_at": now}  # L1 has its end too: it is late
    assert answer["model"] == learned


async def test_the_most_endangered_come_first_and_each_says_why(kept: Store, db: Connection, now: datetime) -> None:
    answer = await Forecaster(calendar=CALENDAR).forecast(db, now, None, "days")
    chances = [item["probability"] for item in answer["items"]]
    assert chances == sorted(chances, reverse=True)
    slow, quick = (next(item for item in answer["items"] if item["code"] == code) for code in ("N2", "N3"))
    assert slow["probability"] > 0.2 > 0.1 > quick["probability"]
    assert slow["why_vi"] == "45 trong 150 hồ sơ tương tự (cùng thủ tục, đơn vị) khi còn 1 ngày làm việc đã trễ hạn"
    assert slow["why_en"].startswith("45 of 150 similar dossiers (same procedure and unit)")
    assert quick["basis"] == {"depth": 2, "remaining": 1.0, "dossiers": 150, "late": 0}


async def test_a_unit_has_its_own_and_pages_and_slots_cut_the_list(kept: Store, db: Connection, now: datetime) -> None:
    forecaster = Forecaster(calendar=CALENDAR)
    whole = await forecaster.forecast(db, now, "root", "days")
    parts = [await forecaster.forecast(db, now, unit, "days") for unit in ("U01", "U02")]
    assert [part["totals"]["all_slots"]["certain"] for part in parts] == [2, 3]
    assert whole["totals"]["all_slots"]["certain"] == 5
    assert {item["unit"] for item in parts[0]["items"]} == {"U01"}
    codes: list[str] = []
    skip: int | None = 0
    while skip is not None:
        page = await forecaster.forecast(db, now, None, "days", limit=2, skip=skip)
        codes += [item["code"] for item in page["items"]]
        skip = page["next"]
    assert codes == [item["code"] for item in whole["items"]]
    monday = await forecaster.forecast(db, now, None, "days", only=1)
    assert {item["code"] for item in monday["items"]} == {"N2", "N3"}
    with pytest.raises(UnitError, match="U99"):
        await forecaster.forecast(db, now, "U99", "days")


async def test_it_learns_once_a_day_and_says_when_it_knows_too_little(store: Store, db: Connection, now: datetime) -> None:
    await store.apply("by_date", Batch(position="1", items=present(now)), now - HOUR)
    forecaster = Forecaster(calendar=CALENDAR)
    thin = await forecaster.forecast(db, now, None, "hours")
    assert thin["model"]["state"] == "not_enough"
    assert "1 hồ sơ" in thin["model"]["vi"]
    assert thin["totals"]["all_slots"] | {"until": None} == {"until": None, "certain": 4, "likely": None}
    assert {item["probability"] for item in thin["items"]} == {None}
    assert await forecaster.test(db, now) is None
    await store.apply("by_date", Batch(position="2", items=past(now)), now)
    for later, dossiers in ((timedelta(minutes=1), 1), (timedelta(minutes=6), 301), (timedelta(hours=23), 301)):
        assert (await forecaster.learn(db, now + later)).dossiers == dossiers
    trained = forecaster.model.trained_at if forecaster.model else None
    assert (await forecaster.learn(db, now + timedelta(hours=25))).trained_at > now + DAY
    assert trained == now + timedelta(minutes=6)


def test_the_history_of_merged_offices_speaks_for_their_heir(now: datetime) -> None:
    """Two communes became one on 1 July 2026: what is learned of them is learned of it."""
    merged = date(2026, 7, 1)
    units = [
        Unit(code="P", name="Tỉnh", level=Level.PROVINCE),
        *(Unit(code=code, name=code, level=Level.COMMUNE, parent="P", valid_to=merged, successors=("C",)) for code in "AB"),
        Unit(code="C", name="C", level=Level.COMMUNE, parent="P", valid_from=merged),
    ]
    keys = {unit.code: n for n, unit in enumerate(units)}
    catalogue = Catalogue(tree=UnitTree(units), ids=keys, codes={n: code for code, n in keys.items()}, today=now.date())
    assert heirs_of(catalogue) == {0: 0, 1: 3, 2: 3, 3: 3}
    assert heirs_of(None) == {}


def test_the_command_line_says_the_same(kept: Store, database_url: str) -> None:
    said = json.loads(ioc(database_url, "forecast", "--slots", "days", "--json").stdout)
    assert len(said["slots"]) == 10
    shown = ioc(database_url, "forecast").stdout
    assert "chắc chắn" in shown
    assert ioc(database_url, "forecast", "--unit", "U99", check=False).returncode == 2


async def test_over_http_certain_is_said_while_likely_is_not_known_and_bad_questions_are_refused(tmp_path: Any, database_url: str) -> None:
    records = [record(f"A{n}", "U1" if n % 2 else "U2") for n in range(6)]
    async with province(tmp_path, database_url, records) as (server, _), screen(server.port) as wall:
        await wall.until(ready)
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 6)
        async with asyncio.timeout(20):
            while server.center.forecaster.model is None:  # noqa: ASYNC110  learned at the start, without being asked
                await asyncio.sleep(0.05)
        whole = await server.get("/api/v1/forecast", slots="days")
        assert whole["totals"]["all_slots"]["certain"] == 6 == len(whole["items"])
        assert whole["model"]["state"] == "not_enough"
        assert whole["model"]["quality"] == "est"
        part = await server.get("/api/v1/forecast", slots="days", unit="U2", reading="then")
        assert (part["unit"], part["reading"], part["totals"]["all_slots"]["certain"]) == ("U2", "then", 3)
        assert "U9" in (await server.get("/api/v1/forecast", unit="U9"))["en"]
        assert "detail" in await server.get("/api/v1/forecast", slots="weeks")
        assert (await server.get("/api/v1/forecast/backtest"))["state"] == "not_enough"
        assert "Nguyễn" not in json.dumps(whole, ensure_ascii=False)
