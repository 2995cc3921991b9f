"""P2: two million records of three dialects, 1 % of them rubbish, read by a collector that is killed -9 twenty times at random.

Against: what was sent. stored = sent - quarantined, each quarantined record has its reason, no transition is written twice, and a second
full run changes nothing.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from typing import Any

import psycopg

from ioc.db import connect, migrate
from ioc.store import create_units
from tests.bench.flood import UNITS, WRITERS, sent
from tests.bench.processes import database, running, services
from tests.bench.table import Result

COUNT = int(os.environ.get("IOC_BENCH_RECORDS", "2000000")) // len(WRITERS)
KILLS = 20


def one(db: psycopg.Connection[Any], query: str) -> int:
    row = db.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def stored(db: psycopg.Connection[Any]) -> int:
    return one(db, "select count(*) from items")


async def life(db_url: str, url: str) -> str:
    """The collector to its own end; returns what it said."""
    async with running("-m", "tests.bench.collector", db_url, url) as process:
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        assert await process.wait() == 0, "the collector failed by itself"
        return said


async def killed(db: psycopg.Connection[Any], db_url: str, url: str, target: int, delay: float) -> int:
    """The collector until `target` records are stored and `delay` seconds more, then kill -9; returns how many were stored."""
    async with running("-m", "tests.bench.collector", db_url, url) as process:
        while process.returncode is None and stored(db) < target:  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.02)
        await asyncio.sleep(delay)
        assert process.returncode is None, "the collector ended before it was killed"
        process.kill()
        await process.wait()
        return stored(db)


async def run() -> Result:
    with services() as urls, database(urls["IOC_DATABASE_URL"]) as db_url:
        await migrate(db_url)
        async with await connect(db_url) as db:
            await create_units(db, [f"U{n:02}" for n in range(UNITS)])
        async with running("-m", "tests.bench.flood", str(COUNT)) as flood:
            assert flood.stdout is not None
            url = (await flood.stdout.readline()).decode().strip()
            return await story(db_url, url)


async def story(db_url: str, url: str) -> Result:
    good, bad = (len(WRITERS) * n for n in sent(COUNT))
    draw = random.Random(20)
    targets = sorted(draw.sample(range(1, round(0.96 * good)), KILLS))
    with psycopg.connect(db_url, autocommit=True) as db:
        began = time.monotonic()
        reached = [await killed(db, db_url, url, target, draw.uniform(0, 0.2)) for target in targets]
        read_on = await life(db_url, url)
        took = time.monotonic() - began
        facts: dict[str, Any] = {
            "sent": good + bad, "rubbish": bad, "kills": len(reached), "seconds": round(took, 1), "stored_before_each_kill": reached,
            "stored": one(db, "select count(*) from items"), "transitions": one(db, "select count(*) from transitions"),
            "quarantined": one(db, "select count(*) from quarantine where resolved_at is null"),
            "without_reason": one(db, "select count(*) from quarantine where reason = '' or fault = ''"),
        }  # fmt: skip
        db.execute(b"truncate cursors")
        began = time.monotonic()
        again = (await life(db_url, url)).split()
        facts |= {"second_run_seconds": round(time.monotonic() - began, 1)}
        facts |= {"second_run_read": int(again[1]), "second_run_changed": int(again[2])}
        facts["quarantined_after"] = one(db, "select count(*) from quarantine where resolved_at is null")
    met = (
        bool(read_on) and facts["stored"] == facts["transitions"] == good and facts["quarantined"] == facts["quarantined_after"] == bad
        and facts["without_reason"] == 0 and facts["second_run_changed"] == 0 and facts["second_run_read"] >= good + bad
    )  # fmt: skip
    facts["records_per_second"] = round(facts["second_run_read"] / facts["second_run_seconds"])
    ratio = (facts["stored"] + facts["quarantined"]) / (good + bad)
    what = f"{good + bad:,} records, {len(reached)} kills -9"
    return Result(id="P2", what=what, against="what was sent", ratio=ratio, must=1.0, stretch=1.0, met=met, facts=facts)
