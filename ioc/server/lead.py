"""Who does the jobs, and when: one process at a time, the one that holds the advisory lock "jobs".

It holds the lock on the very connection it measures with. When that breaks, the lock falls with it: another process takes over, or this
one does when the database is back, beginning with a full count. All others only serve screens what the bus brings them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ioc import metrics, samples
from ioc.db import Connection, connect, only_one
from ioc.meter import Meter, prepare
from ioc.server.center import Center
from ioc.server.jobs import LOST, brief, clock, collect, measure, recount, show_sources, tidy, utcnow, watch
from ioc.wire import HEARTBEAT

log = structlog.get_logger("ioc.lead")

MEASURE = 1.0  # seconds between two measures
PAUSE = 0.2  # and at least so many between two that were woken
WATCH = 15.0


async def lead(center: Center) -> None:
    """Do the jobs whenever this process is the one to do them, for as long as it runs."""
    while True:
        try:
            async with await connect(center.database_url) as db, only_one(db, "jobs") as ours:
                _database(center, up=True)
                if ours:
                    log.info("leading", sources=len(center.feeds))
                    await _serve_jobs(center, db)
        except LOST as error:
            center.broken = error
            _database(center, up=False)
            metrics.MEASURE_FAILED.inc()
            await show_sources(center, utcnow())
        except Exception:  # whatever it was: a wall whose numbers stand still for ever is the one thing that must not happen
            metrics.JOBS_FAILED.inc()
            log.exception("the jobs broke off and begin anew")
        center.leading = False
        await asyncio.sleep(1)


def _database(center: Center, *, up: bool) -> None:
    if center.db_up is not up or center.db_since is None:
        center.db_up, center.db_since = up, utcnow()
        metrics.DATABASE_UP.set(up)
        (log.info if up else log.error)("database answers" if up else "database is away", error=brief(center.broken) if not up else None)


async def _serve_jobs(center: Center, db: Connection) -> None:
    """Until the connection breaks: a full count, the scheduler, and a measure every second."""
    center.meter, center.recounted_at, center.leading = Meter(await prepare(db), center.calendar.zone), None, True
    await _recall(center, db)
    await recount(center, utcnow())
    async with scheduled(center):
        while True:
            began = time.monotonic()
            center.wake.clear()
            await measure(center, utcnow())
            await _until(center.wake, began + MEASURE, began + PAUSE)


async def _until(wake: asyncio.Event, latest: float, earliest: float) -> None:
    """Wait for `latest`, or for the wake-up, but not less than until `earliest`: a busy hour must not measure without a pause."""
    try:
        async with asyncio.timeout(max(0.0, latest - time.monotonic())):  # wait_for may swallow a cancellation before Python 3.12
            await wake.wait()
    except TimeoutError:
        return
    await asyncio.sleep(max(0.0, earliest - time.monotonic()))


async def _recall(center: Center, db: Connection) -> None:
    """What is known of the sources from before the start."""
    now = utcnow()
    known: dict[str, datetime] = dict(await (await db.execute("select source, learned_at from cursors")).fetchall())
    for name, feed in center.feeds.items():
        feed.started = feed.started or now
        feed.read_at = feed.read_at or known.get(name)
        feed.as_of = feed.as_of or feed.read_at


@asynccontextmanager
async def scheduled(center: Center) -> AsyncIterator[None]:
    """The scheduler for as long as this process leads: one run of a job at a time, missed runs made once, sources spread by jitter."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    options: dict[str, Any] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": 60}
    for n, (name, feed) in enumerate(center.feeds.items()):
        every = feed.entry.every
        soon = utcnow() + timedelta(seconds=0.1 + 0.3 * n)
        scheduler.add_job(collect, "interval", [center, name], seconds=every, jitter=every / 10, next_run_time=soon, id=name, **options)
    soon = utcnow() + timedelta(seconds=1)
    scheduler.add_job(watch, "interval", [center], seconds=WATCH, next_run_time=soon, id="watch", **options)
    scheduler.add_job(tidy, "cron", [center], hour=20, minute=30, id="tidy", **options)  # 03:30 in Vietnam
    filling = asyncio.create_task(_fill_samples(center))
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        filling.cancel()


async def _fill_samples(center: Center) -> None:
    """Samples missing since yesterday are counted from history, once things have settled, a few at a time beside the measuring."""
    await center.settled.wait()
    assert center.catalogue is not None
    instants = samples.wanted(utcnow(), days=2, zone=center.calendar.zone)
    filled = 0
    for n in range(0, len(instants), 4):
        try:
            async with center.pool.connection() as db:
                filled += await samples.fill(db, instants[n : n + 4], center.catalogue, center.calendar.zone)
        except LOST:
            return
    if filled:
        log.info("samples counted from history", samples=filled)


async def heartbeat(beat: Callable[[int], None]) -> None:
    """A sign of life to every screen; `beat` takes the time in milliseconds."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        try:
            beat(clock())
        except Exception:
            log.exception("a heartbeat failed")
