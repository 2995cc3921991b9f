"""A dossier's way from a department system to a screen, on the whole program: changed there, seen here; late by itself; nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collectors.departments.onestop import Department, Fault
from tests.program import Program, Screen, program, screen

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = """code,name,level,parent,short,row,col
P,Tỉnh Thử,province,,,,
U1,P. Một,commune,P,Một,0,0
U2,X. Hai,commune,P,Hai,0,1
S1,Sở Ba,department,P,,,
"""
RULE = {"name": "late", "title": "Quá hạn theo đơn vị", "title_en": "Overdue by unit", "when": "overdue", "severity": "P2",
        "todo": "Gọi đơn vị", "owner": "Trực ban", "at_least": 1}  # fmt: skip


def utcnow() -> datetime:
    return datetime.now(UTC)


def written(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y%m%d%H%M%S")


def record(code: str, unit: str = "U1", state: str = "4", *, due: timedelta | None = timedelta(days=3), **more: str) -> dict[str, Any]:
    now = utcnow()
    return {
        "MaHoSo": code, "DonViXuLy": unit, "TrangThaiHoSo": state, "KenhThucHien": "2", "TenLinhVuc": "Đất đai", "TenTTHC": "Tách thửa",
        "NgayTiepNhan": written(now - timedelta(minutes=30)), "NgayHenTra": written(now + due) if due is not None else "",
        "ChuHoSo": "Nguyễn Văn Thử", "SoDienThoai": "0900000000", **more,
    }  # fmt: skip


@asynccontextmanager
async def province(
    tmp_path: Any,
    database_url: str,
    records: list[dict[str, Any]],
    redis_url: str = "",
    every: float = 1.0,
    source: dict[str, Any] | None = None,
    also: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> AsyncIterator[tuple[Program, Department]]:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    mapping = tmp_path / "onestop.toml"
    from tests.program import MAPPINGS

    mapping.write_text((MAPPINGS / "onestop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    department = Department(records, clock=utcnow)
    async with department.serving() as url:
        entry = {"name": "onestop", "type": "rest", "title": "Một cửa", "url": url, "mapping": "onestop.toml", "every": every,
                 "records": "result", "updated": "CapNhat", "as_of": "ThoiDiem", **(source or {})}  # fmt: skip
        raw = {"server": {"province": "Tỉnh Thử"}, "units": "units.csv", "source": [entry, *also], "rule": [RULE],
               "calendar": {"compare": "instant"}, **more}  # fmt: skip
        async with program(raw, database_url, redis_url, folder=tmp_path) as running:
            yield running, department


def ready(wall: Screen) -> bool:
    return wall.kpi("dossiers_in_progress") is not None


async def test_a_dossier_changed_in_the_department_is_on_the_screen_within_a_second_of_the_poll(tmp_path: Any, database_url: str) -> None:
    async with (
        province(tmp_path, database_url, [record("A"), record("B", "U2")]) as (server, department),
        screen(server.port) as wall,
    ):
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2)
        department.put(record("A", state="10", NgayKetThucXuLy=written(utcnow())))
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 1, within=5)
        shown = utcnow()
        polled = server.center.feeds["onestop"].read_at
        assert polled is not None
        assert shown - polled < timedelta(seconds=1)
        assert wall.kpi("dossiers_resolved") == 1
        behind = await server.get("/api/v1/items", indicator="dossiers_resolved", period="today")
        assert [i["code"] for i in behind["items"]] == ["A"]
        quality = wall.value("kpi.dossiers_in_progress")["q"]
        assert quality["src"] == ["onestop"]
        assert quality["cov"] == [2, 2]
        assert quality["exp"] == 1


async def test_a_deadline_that_passes_turns_overdue_by_itself_and_fires_its_rule(tmp_path: Any, database_url: str) -> None:
    soon = timedelta(seconds=4)
    async with (
        province(tmp_path, database_url, [record("A", due=soon), record("B", "U2")]) as (server, _),
        screen(server.port) as wall,
    ):
        due = utcnow() + soon
        await wall.until(ready)
        assert wall.kpi("dossiers_overdue") == 0
        await wall.until(lambda w: w.kpi("dossiers_overdue") == 1, within=8)
        assert utcnow() - due < timedelta(seconds=2)
        await wall.until(lambda w: w.value("attention")["rows"] != [], within=3)
        assert wall.value("attention")["rows"][0]["code"] == "U1"
        from ioc.server.jobs import watch

        await watch(server.center)
        await wall.until(lambda w: bool(w.topics.get("alerts")), within=3)
        (alert,) = wall.topics["alerts"].values()
        assert (alert["subject"], alert["count"], alert["st"]) == ("P. Một", 1, "crit")
        assert abs(alert["since"] / 1000 - due.timestamp()) < 1.5, "it is dated when it became true"
        await wall.until(lambda w: w.value("cell.U1")["st"] == "crit", within=3)


async def test_nothing_personal_is_stored_and_bad_records_are_set_aside_with_their_reason(tmp_path: Any, database_url: str) -> None:
    bad = [record("X", state="77"), record("Y", unit="U9"), {**record("Z"), "NgayTiepNhan": "20261332000000"}, {"MaHoSo": 5}]
    async with province(tmp_path, database_url, [record("A"), *bad]) as (server, _), screen(server.port) as wall:
        await wall.until(lambda w: (w.value("src.onestop", "sources") or {}).get("bad") == 4)
        assert wall.kpi("dossiers_in_progress") == 1
        assert wall.value("kpi.dossiers_in_progress")["q"]["bad"] == 4
        async with server.center.pool.connection() as db:
            reasons = [r for (r,) in await (await db.execute("select reason from quarantine order by code")).fetchall()]
            tables = [t for (t,) in await (await db.execute("select tablename from pg_tables where schemaname = 'public'")).fetchall()]
            for table in tables:
                rows = await (await db.execute(f"select t::text from {table} t".encode())).fetchall()
                text = " ".join(row for (row,) in rows)
                assert "Nguyễn Văn Thử" not in text
                assert "0900000000" not in text
    assert any("'77'" in r and "values.state" in r for r in reasons)
    assert any("unknown unit 'U9'" in r for r in reasons)
    assert any("20261332000000" in r for r in reasons)


async def test_a_department_that_goes_down_is_said_on_its_values_and_recovers_by_itself(tmp_path: Any, database_url: str) -> None:
    async with province(tmp_path, database_url, [record("A")]) as (server, department), screen(server.port) as wall:
        await wall.until(ready)
        department.fault = Fault.DOWN
        await wall.until(lambda w: w.value("src.onestop", "sources")["st"] == "late", within=15)
        await wall.until(lambda w: w.value("src.onestop", "sources")["st"] == "down", within=30)
        assert wall.value("src.onestop", "sources")["why"]
        assert wall.value("kpi.dossiers_in_progress")["v"] == 1, "the number stands, with its age"
        await wall.until(lambda w: w.value("kpi.dossiers_in_progress")["q"]["cov"] == [0, 1], within=5)
        department.fault = None
        department.put(record("B"))
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=15)
        await wall.until(lambda w: w.value("src.onestop", "sources")["st"] == "fresh", within=5)


async def test_restarted_it_goes_on_where_it_stopped_and_no_transition_comes_twice(tmp_path: Any, database_url: str) -> None:
    records = [record(f"A{n:03}") for n in range(50)]
    for _ in range(2):
        async with province(tmp_path, database_url, records) as (server, _), screen(server.port) as wall:
            await wall.until(lambda w: w.kpi("dossiers_in_progress") == 50)
            await asyncio.sleep(1.5)
            async with server.center.pool.connection() as db:
                row = await (await db.execute("select count(*) from transitions")).fetchone()
            assert row == (50,)
