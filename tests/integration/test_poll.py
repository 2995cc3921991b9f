"""poll() from a department's server into the real store: complete, exactly once, whoever is killed on the way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.departments.dialects import ONESTOP
from collectors.departments.onestop import Department
from collectors.health import HealthState, Rule, after, health
from collectors.poll import PollReport, Retries, poll
from collectors.source import Source
from collectors.sources import build
from ioc.config import SourceEntry
from ioc.hearing import Heard
from ioc.model import State
from ioc.store import Profile, Store, create_units
from tests.conftest import CALENDAR

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
RECEIPT = ROOT / "tests" / "data" / "receipt.csv"
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)

# A collector as a process of its own: one poll, then the end. argv: database, address of the department.
COLLECTOR = """
import asyncio, sys
from tests.integration import test_poll

asyncio.run(test_poll.collect_once(sys.argv[1], sys.argv[2]))
"""


@asynccontextmanager
async def department_process(port: int = 0) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`python -m collectors.departments` with the real file; yields the process and its address."""
    command = [sys.executable, "-m", "collectors.departments", "--data", str(RECEIPT), "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process, (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def receipt_source(url: str, size: int = 50) -> Source:
    options = {"url": url, "updated": "time:timestamp", "size": size, "max_size": size}
    entry = {"name": "receipt", "type": "rest", "mapping": "examples/mappings/receipt.toml", **options}
    return build(SourceEntry.model_validate(entry), ROOT)


def receipt_profile() -> Profile:
    return Profile(name="receipt", title="receipt", calendar=CALENDAR, zone=ZoneInfo("Europe/Amsterdam"), create_units=True)


async def collect_once(database_url: str, url: str) -> None:
    """What the collector process does."""
    from ioc.db import pool

    async with pool(database_url) as connections:
        store = Store(connections)
        await store.declare(receipt_profile())
        await poll(receipt_source(url), store, NOW)


async def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    async with store.pool.connection() as db:
        return await (await db.execute(query.encode())).fetchall()


async def facts(store: Store) -> list[tuple[Any, ...]]:
    """Everything stored of the items that does not depend on when it was learned."""
    columns = "code, unit, state, channel, step, received_at, appointed_at, closed_at, suspect, happened_at"
    return await rows(store, f"select {columns} from items where source = 'receipt' order by code")


async def stored(store: Store) -> int:
    ((count,),) = await rows(store, "select count(*) from items")
    return int(count)


async def polled(source: Source, store: Store, **options: Any) -> PollReport:
    return await poll(source, store, NOW, **{"retries": Retries(tries=1), **options})


async def test_the_real_file_over_http_is_stored_once_and_polling_again_changes_nothing(store: Store) -> None:
    await store.declare(receipt_profile())
    async with department_process() as (_, url):
        first = await polled(receipt_source(url), store)
        assert (first.ok, first.changed, first.quarantined, first.suspect) == (True, 1434, 0, 2)
        assert len(first.transitions) == 1434
        again = await polled(receipt_source(url), store)
        assert (again.ok, again.changed, len(again.transitions)) == (True, 0, 0)
    assert await rows(store, "select state::text, count(*) from items group by 1 order by 1") == [("done", 1329), ("working", 105)]
    units = await rows(store, "select u.code, count(*) from items i join units u on u.id = i.unit group by 1 order by 1")
    assert units == [("Customer contact", 29), ("Experts", 15), ("General", 1390)]


async def test_a_collector_killed_anywhere_leaves_a_store_that_the_next_one_completes(store: Store, database_url: str) -> None:
    await store.declare(receipt_profile())
    async with department_process() as (_, url):
        for reached in (1, 400, 900):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", COLLECTOR, database_url, url, cwd=ROOT)
            while process.returncode is None and await stored(store) < reached:  # noqa: ASYNC110  it is another process
                await asyncio.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
            assert reached <= await stored(store) < 1434
        assert (await polled(receipt_source(url), store)).ok
        killed = await facts(store)
        assert len(killed) == 1434
        assert await rows(store, "select count(*), count(distinct code) from transitions") == [(1434, 1434)]
        await rows(store, "with a as (delete from items returning 1), b as (delete from cursors returning 1) select 1")
        store.cursors.clear()
        await polled(receipt_source(url), store)
        assert await facts(store) == killed


async def test_a_department_killed_in_the_middle_is_down_then_back_and_nothing_is_missing(store: Store) -> None:
    await store.declare(receipt_profile())
    async with department_process() as (process, url):
        port = int(url.split(":")[2].split("/")[0])
        walk = receipt_source(url).fetch(None, NOW)
        for _ in range(3):
            await store.apply("receipt", await anext(aiter(walk)), NOW)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await walk.aclose()  # type: ignore[attr-defined]
        half = await stored(store)
        assert 0 < half < 1434
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        down = await polled(receipt_source(url), store, retries=Retries(tries=3), sleep=sleep)
        assert (down.ok, down.refused, len(waits), await stored(store)) == (False, False, 2, half)
    async with department_process(port) as (_, url):
        back = await polled(receipt_source(url), store)
    assert (back.ok, len(await facts(store))) == (True, 1434)
    minute = timedelta(minutes=1)
    rule = Rule(period=minute, grace=minute, stuck_after=0, calendar=CALENDAR)
    failing = after(Heard(started=NOW, resumed=NOW), down, CALENDAR.zone)
    assert (health(failing, NOW + 3 * minute, rule).state, failing.failures) == (HealthState.DOWN, 1)
    again = after(failing, back, CALENDAR.zone)
    assert (health(again, back.ended, rule).state, again.failures, again.error) == (HealthState.FRESH, 0, "")


@dataclass(slots=True)
class Clock:
    now: datetime = NOW - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


def dossier(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "MaHoSo": f"H99.14-260915-{number:04}", "DonViXuLy": "U01", "KenhThucHien": "2", "TrangThaiHoSo": "4",
        "NgayTiepNhan": "20260901083000", "NgayHenTra": "20260920170000", "NgayKetThucXuLy": "",
        "ChuHoSo": "Nguyễn Văn Thử", "SoGiayToChuHoSo": "000000000001", "SoDienThoai": "0900000000", **changes,
    }  # fmt: skip


@pytest.fixture
async def onestop(store: Store) -> AsyncIterator[tuple[Department, Source, Clock]]:
    """A one-stop system with ten dossiers, and the source that reads it."""
    clock = Clock()
    await store.declare(Profile(name="onestop", title="onestop", calendar=CALENDAR))
    async with store.pool.connection() as db:
        await create_units(db, ["U01"])
    department = Department([dossier(n) for n in range(10)], ONESTOP, clock=clock)
    async with department.serving() as url:
        entry = {
            "name": "onestop",
            "type": "rest",
            "mapping": "examples/mappings/onestop.toml",
            "url": url,
            "updated": "CapNhat",
            "size": 4,
        }
        yield department, build(SourceEntry.model_validate(entry), ROOT), clock


async def test_a_change_at_the_department_is_one_transition_dated_when_it_became_true(
    store: Store, onestop: tuple[Department, Source, Clock]
) -> None:
    department, source, clock = onestop
    await polled(source, store)
    clock.now += timedelta(minutes=5)
    department.put(dossier(3, TrangThaiHoSo="10", NgayKetThucXuLy="20260914160000"))
    report = await polled(source, store)
    (turn,) = report.transitions
    assert (turn.code, turn.was, turn.state) == ("H99.14-260915-0003", State.WORKING, State.DONE)
    assert turn.happened_at == datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
    assert turn.learned_at >= NOW


async def test_a_bad_record_is_quarantined_until_the_department_repairs_it(store: Store, onestop: tuple[Department, Source, Clock]) -> None:
    department, source, clock = onestop
    department.put(dossier(10, TrangThaiHoSo="11"))
    department.put(dossier(11, DonViXuLy="nowhere"))
    report = await polled(source, store)
    assert (report.ok, report.changed) == (True, 10)
    open_ones = "select code, reason from quarantine where resolved_at is null order by code"
    (unknown, nowhere) = await rows(store, open_ones)
    assert unknown == ("H99.14-260915-0010", "unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]")
    assert nowhere[0] == "H99.14-260915-0011"
    assert "unknown unit 'nowhere'" in nowhere[1]
    clock.now += timedelta(minutes=5)
    department.put(dossier(10, TrangThaiHoSo="3", NgayTuChoi="20260914160000"))
    await polled(source, store)
    assert [code for code, _ in await rows(store, open_ones)] == ["H99.14-260915-0011"]


async def test_no_citizen_reaches_the_database(store: Store, onestop: tuple[Department, Source, Clock]) -> None:
    department, source, _ = onestop
    department.put(dossier(10, TrangThaiHoSo="11"))
    await polled(source, store)
    tables = await rows(store, "select tablename from pg_tables where schemaname = 'public'")
    assert {"items", "transitions", "quarantine"} <= {name for (name,) in tables}
    for (table,) in tables:
        for (line,) in await rows(store, f"select t::text from {table} t"):
            assert not any(personal in line for personal in ("Thử", "000000000001", "0900000000")), table
