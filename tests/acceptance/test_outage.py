"""Database gone, Redis gone: the screens say so, recover by themselves, and nothing is lost or doubled. On services of the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from ioc.db import Connection
from tests.acceptance.test_journey import province, ready, record, utcnow, written
from tests.conftest import ROOT
from tests.program import Program, screen


class Own:
    """A PostgreSQL and a Redis of this test alone, in its own folder, sharing the unpacked programs."""

    def __init__(self, home: Path, programs: str) -> None:
        self.environment = {**os.environ, "IOC_HOME": str(home), "IOC_SERVICES_ROOT": programs}
        self.home = home

    def call(self, *words: str) -> str:
        script = str(ROOT / "scripts" / "services")
        return subprocess.run([script, *words], env=self.environment, check=True, capture_output=True, text=True, timeout=90).stdout

    def start(self) -> dict[str, str]:
        self.call("start", "--while", str(os.getpid()))
        return dict(line.split("=", 1) for line in self.call("urls").split())


@pytest.fixture
def own(open_folder: Path, services: dict[str, str]) -> Iterator[Own]:
    made = Own(open_folder, str(ROOT / ".ioc" / "services" / "root"))
    yield made
    made.call("destroy")


def _pid(url: str) -> int:
    """The server process behind an address."""
    with psycopg.connect(url) as db:
        row = db.execute("select pg_backend_pid()").fetchone()
    assert row
    return int(Path(f"/proc/{row[0]}/stat").read_text().split()[3])


async def test_without_its_database_the_wall_says_so_and_goes_on_when_it_is_back(tmp_path: Any, own: Own) -> None:
    url = own.start()["IOC_DATABASE_URL"]
    async with province(tmp_path, url, [record("A"), record("B")]) as (server, department), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2)
        os.kill(_pid(url), signal.SIGKILL)
        await wall.until(lambda w: w.value("system", "sources")["db"] is False, within=15)
        assert wall.kpi("dossiers_in_progress") == 2, "the last value stands"
        assert (await server.get("/api/v1/indicators"))["code"] == "database_away"
        department.put(record("C"))
        department.put(record("A", state="9", NgayKetThucXuLy=written(utcnow())))
        own.start()
        await wall.until(lambda w: w.value("system", "sources")["db"] is True, within=20)
        await wall.until(lambda w: (w.kpi("dossiers_in_progress"), w.kpi("dossiers_resolved")) == (2, 1), within=20)
        async with server.center.pool.connection() as db:
            rows = await (await db.execute("select code, count(*) from transitions group by code order by code")).fetchall()
        assert rows == [("A", 2), ("B", 1), ("C", 1)]


async def test_without_redis_this_process_goes_on_and_says_that_others_may_not(tmp_path: Any, own: Own, database_url: str) -> None:
    urls = own.start()
    async with (
        province(tmp_path, database_url, [record("A")], urls["IOC_REDIS_URL"]) as (server, department),
        screen(server.port) as wall,
    ):
        await wall.until(ready)
        await wall.until(lambda w: w.value("system", "sources")["bus"] is True, within=10)
        port = redis.Redis.from_url(urls["IOC_REDIS_URL"])
        pid = int(port.info("server")["process_id"])
        port.close()
        os.kill(pid, signal.SIGKILL)
        await wall.until(lambda w: w.value("system", "sources")["bus"] is False, within=15)
        department.put(record("B"))
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=10)
        own.start()
        await wall.until(lambda w: w.value("system", "sources")["bus"] is True, within=20)
        with redis.Redis.from_url(urls["IOC_REDIS_URL"]) as again:
            keys = {key.decode() for key in again.keys("*overview*")}
        assert keys, "what was published meanwhile is written whole"


async def test_a_batch_the_store_refuses_is_seen_on_its_source_until_mended(tmp_path: Any, database_url: str, db: Connection) -> None:
    async with province(tmp_path, database_url, [record("A")]) as (server, department), screen(server.port) as wall:
        await wall.until(ready)
        await db.execute("alter table items add constraint no_such_field check (field <> 'Lạ')")
        department.put(record("B", TenLinhVuc="Lạ"))
        await wall.until(lambda w: "not stored" in w.value("src.onestop", "sources")["why"], within=10)
        assert wall.kpi("dossiers_in_progress") == 1
        await db.execute("alter table items drop constraint no_such_field")
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=10)
        await wall.until(lambda w: w.value("src.onestop", "sources")["st"] == "fresh", within=5)


async def test_jobs_that_break_off_for_any_reason_begin_anew(tmp_path: Any, database_url: str, db: Connection) -> None:
    async with province(tmp_path, database_url, [record("A")]) as (server, department), screen(server.port) as wall:
        await wall.until(ready)
        await db.execute("alter table quarantine rename to mislaid")
        department.put(record("B"))
        await broken_more_often(server, 0)
        await asyncio.sleep(1.5)  # so that B lies well before what is remembered wrongly, as after another process has led
        server.center.store.cursors["onestop"] = json.dumps({"mark": written(utcnow())})
        await broken_more_often(server, await broken_off(server))
        await db.execute("alter table mislaid rename to quarantine")
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=15)


async def broken_more_often(server: Program, than: float) -> None:
    async with asyncio.timeout(20):
        while await broken_off(server) <= than:  # noqa: ASYNC110
            await asyncio.sleep(0.5)


async def broken_off(server: Program) -> float:
    """How often the jobs broke off, as the metrics say."""
    line = next(line for line in (await server.text("/metrics")).splitlines() if line.startswith("ioc_jobs_failures_total"))
    return float(line.split()[1])
