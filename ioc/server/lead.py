"""Who does the jobs, and when: one process at a time, the one that holds the advisory lock "jobs".

It holds the lock on the very connection it measures with. When that breaks, the lock falls with it: another process takes over, or this
one does when the database is back, beginning with a full count. All others only serve screens what the bus brings them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ioc import metrics, samples
from ioc.db import Connection, connect, only_one
from ioc.meter import Meter, prepare
from ioc.server import memory
from ioc.server.center import Center, Feed
from ioc.server.jobs import LOST, brief, clock, collect, measure, recount, show_sources, utcnow, watch
from ioc.server.rounds import compare_mirrors, compare_published, keep_ledger, learn, look_back, tidy
from ioc.server.timekeeping import go_by_calendar
from ioc.wire import HEARTBEAT

log = structlog.get_logger("ioc.lead")

MEASURE = 1.0  # seconds between two measures
PAUSE = 0.2  # and at least so many between two that were woken
WATCH = 15.0
LEDGER = 60.0
COMPARE = 120.0
RECONCILE = 600.0
LOOK_BACK = 300.0  # seconds after the start: first comes what is new
SETTLING = timedelta(seconds=20)  # after a start, before the portal is compared: what is read first is one side only
PARTING = 0.8  # seconds a process that ends may take to write down what it knows


async def lead(center: Center) -> None:
    """Do the jobs whenever this process is the one to do them, for as long as it runs."""
    while True:
        try:
            async with await connect(center.database_url) as db, only_one(db, "jobs") as ours:
                _database(center, up=True)
                await go_by_calendar(center, db)
                if ours:
                    log.info("leading", sources=len(center.feeds))
                    await _serve_jobs(center, db)
                await memory.pass_on(center, db, utcnow())
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
    center.meter, center.recounted_at = Meter(await prepare(db), center.calendar.zone), None
    center.sampler = samples.Sampler(zone=center.calendar.zone)
    center.store.cursors.clear()  # another process may have moved them since we led last
    await memory.pass_on(center, db, utcnow())
    await memory.recall(center, db, utcnow())
    center.leading = True
    try:
        await recount(center, utcnow())
        async with scheduled(center):
            while True:
                began = time.monotonic()
                center.wake.clear()
                await measure(center, utcnow())
                await _until(center.wake, began + MEASURE, began + PAUSE)
    except asyncio.CancelledError:
        await _part(center)
        raise


async def _part(center: Center) -> None:
    """This process ends: the next one shall know what this one knew. On another connection: a measure may have been cut in its middle."""
    try:
        async with asyncio.timeout(PARTING), center.pool.connection() as db:
            await memory.write(center, db, utcnow(), at_once=True)
    except LOST as error:
        log.warning("what was heard last is not written down", error=brief(error))


async def _until(wake: asyncio.Event, latest: float, earliest: float) -> None:
    """Wait for `latest`, or for the wake-up, but not less than until `earliest`: a busy hour must not measure without a pause."""
    try:
        async with asyncio.timeout(max(0.0, latest - time.monotonic())):  # wait_for may swallow a cancellation before Python 3.12
            await wake.wait()
    except TimeoutError:
        return
    await asyncio.sleep(max(0.0, earliest - time.monotonic()))


@asynccontextmanager
async def scheduled(center: Center) -> AsyncIterator[None]:
    """The scheduler for as long as this process leads: one run of a job at a time, missed runs made once, sources spread by jitter."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    options: dict[str, Any] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": 60}
    asked = [feed for feed in center.feeds.values() if feed.how != "push"]
    for feed, wait in zip(asked, spread(asked), strict=True):
        name, every = feed.entry.name, feed.entry.every
        soon = utcnow() + timedelta(seconds=wait)
        scheduler.add_job(
            _ended, "interval", [collect, center, name], seconds=every, jitter=every / 10, next_run_time=soon, id=name, **options
        )
        if feed.entry.lookback:
            hours, first = feed.entry.lookback_every, utcnow() + timedelta(seconds=LOOK_BACK + wait)
            scheduler.add_job(
                _ended, "interval", [look_back, center, name], hours=hours, next_run_time=first, id=f" back {name}", **options
            )
    soon = utcnow() + timedelta(seconds=1)
    scheduler.add_job(_ended, "interval", [watch, center], seconds=WATCH, next_run_time=soon, id=" watch", **options)
    scheduler.add_job(_ended, "interval", [keep_ledger, center], seconds=LEDGER, next_run_time=soon, id=" ledger", **options)
    scheduler.add_job(
        _ended, "interval", [compare_mirrors, center], seconds=COMPARE, next_run_time=soon + SETTLING, id=" mirrors", **options
    )
    scheduler.add_job(_ended, "interval", [compare_published, center], seconds=RECONCILE, next_run_time=soon, id=" published", **options)
    scheduler.add_job(_ended, "cron", [learn, center], hour=20, minute=0, next_run_time=soon, id=" learn", **options)
    scheduler.add_job(_ended, "cron", [tidy, center], hour=20, minute=30, id=" tidy", **options)  # 03:30 in Vietnam
    scheduler.add_listener(lambda event: _submitted(center, event), EVENT_JOB_SUBMITTED)
    filling = asyncio.create_task(_fill_samples(center))
    center.ask_at = lambda name, at: scheduler.modify_job(name, next_run_time=at)
    scheduler.start()
    try:
        yield
    finally:
        center.ask_at = None
        scheduler.shutdown(wait=False)
        filling.cancel()


async def _ended(job: Callable[..., Awaitable[None]], *given: Any) -> None:
    """A job that this process's own end cuts off has not failed: what it had not stored is read again by whoever leads next."""
    with contextlib.suppress(asyncio.CancelledError):
        await job(*given)


def spread(feeds: Sequence[Feed]) -> list[float]:
    """Seconds until the first poll of each: one after the other, and all within their own intervals when there are many."""
    return [0.1 + min(0.3 * n, feed.entry.every * n / len(feeds)) for n, feed in enumerate(feeds)]


def _submitted(center: Center, event: JobSubmissionEvent) -> None:
    """Note when a poll was to begin, so that its lag can be told."""
    if event.job_id in center.feeds:
        center.feeds[event.job_id].due_at = event.scheduled_run_times[-1]


async def _fill_samples(center: Center) -> None:
    """Samples missing since yesterday, and days missing at all, are counted from history, once things have settled, a few at a time beside
    the measuring."""
    await center.settled.wait()
    now, zone = utcnow(), center.calendar.zone
    instants = samples.wanted(now, days=2, zone=zone)
    filled = days = 0
    try:
        for n in range(0, len(instants), 4):
            async with center.pool.connection() as db:
                filled += await samples.fill(db, instants[n : n + 4], utcnow(), zone)
        async with center.pool.connection() as db:
            missing = await samples.missing_days(db, now, zone)
        for n in range(0, len(missing), 4):
            async with center.pool.connection() as db:
                days += await samples.fill_days(db, missing[n : n + 4], utcnow(), zone)
    except LOST:
        return
    if filled or days:
        log.info("samples counted from history", samples=filled, days=days)


async def heartbeat(beat: Callable[[int], None]) -> None:
    """A sign of life to every screen; `beat` takes the time in milliseconds."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        try:
            beat(clock())
        except Exception:
            log.exception("a heartbeat failed")
