"""Two servers before one database: one does the jobs, both show the same, and when the one goes the other takes over."""

from __future__ import annotations

import asyncio
from typing import Any

from ioc.db import lock_number
from tests.acceptance.test_journey import province, ready, record
from tests.program import Screen, screen


def same(one: Screen, other: Screen) -> bool:
    keys = ("kpi.dossiers_in_progress", "cell.U1", "attention")
    return all(one.value(key) is not None and one.value(key) == other.value(key) for key in keys)


async def test_both_show_the_same_and_one_takes_over_from_the_other(tmp_path: Any, database_url: str, redis_url: str) -> None:
    async with province(tmp_path, database_url, [record("A")], redis_url) as (first, department), screen(first.port) as one:
        await one.until(ready)
        async with first.again() as second, screen(second.port) as other:
            await other.until(ready, within=15)
            assert (first.center.leading, second.center.leading) == (True, False)
            department.put(record("B"))
            await one.until(lambda w: w.kpi("dossiers_in_progress") == 2)
            await other.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=5)
            await other.until(lambda w: w.value("src.onestop", "sources")["st"] == "fresh", within=5)
            assert [s["st"] for s in (await second.get("/api/v1/sources"))["sources"]] == ["fresh"]
            async with first.center.pool.connection() as db:  # as when its host loses the database, and only it
                held = "select pid from pg_locks where locktype = 'advisory' and granted and objid = %s::bigint"
                for (pid,) in await (await db.execute(held, [lock_number("jobs") & 0xFFFFFFFF])).fetchall():
                    await db.execute("select pg_terminate_backend(%s)", [pid])
            department.put(record("C"))
            await one.until(lambda w: w.kpi("dossiers_in_progress") == 3, within=20)
            await other.until(lambda w: w.kpi("dossiers_in_progress") == 3, within=20)
            async with asyncio.timeout(5):  # the one that lost its connection notices at its next measure
                while first.center.leading is second.center.leading:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            async with second.center.pool.connection() as db:
                row = await (await db.execute("select count(*) from transitions")).fetchone()
            assert row == (3,)
