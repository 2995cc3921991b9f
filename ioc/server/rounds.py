"""The slow rounds beside the jobs: the feeder ledger, corrections that came late, and what was kept long enough. Scheduled by lead.py.

keep_ledger()        who delivered by the cut-off, and who did not      once a minute
look_back(source)    its last days once more, for late corrections      every `lookback_every` hours
compare_mirrors()    our dossiers against the portal's picture          every two minutes
compare_published()  published and reported totals against ours         every ten minutes
learn()              what the forecast goes by                         at a start, and once a night
tidy()               what was kept long enough goes                     once a night
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from collectors.backfill import walk
from ioc import ledger, metrics, mirrors, pushes, samples
from ioc.backfills import Backfills, Span
from ioc.feeders import verdict
from ioc.model import Kind
from ioc.reconcile import Report, reconcile, reported, sets
from ioc.server.center import Center
from ioc.server.jobs import LOST, brief, utcnow

log = structlog.get_logger("ioc.jobs")

KEPT_BAD = timedelta(days=90)
OLD_FLIPS = """
delete from source_health h where at < %s and exists (select from source_health n where n.source = h.source and n.at > h.at)"""
KEPT_HEALTH = timedelta(days=400)  # a year and a month: reports look back that far


async def keep_ledger(center: Center) -> None:
    """Judge the cut-offs that have passed, and fill in what came late."""
    now = utcnow()
    if center.catalogue is None or not center.ledger.feeders:
        return
    try:
        async with center.pool.connection() as db:
            judged = await center.ledger.judge(db, center.catalogue, now)
            missing = await ledger.missed_today(db, now, center.calendar)
    except LOST as error:
        log.warning("ledger not kept, the database is away", error=brief(error))
        return
    for feeder in center.ledger.feeders:
        metrics.FEEDERS_MISSED.labels(feeder.source).set(missing.get(feeder.source, 0))
    if judged:
        log.info("deliveries judged", due=len(judged), missed=sum(1 for delivery in judged if verdict(delivery) == "missed"))


async def look_back(center: Center, name: str) -> None:
    """The last days of a source once more, beside the live poll: somebody may have corrected what was read already."""
    now, feed = utcnow(), center.feeds[name]
    span = Span(since=now - timedelta(days=feed.entry.lookback), until=now)
    try:
        report = await walk(feed.source, Backfills(center.store), span, now)
    except LOST as error:
        log.warning("not looked back, the database is away", source=name, error=brief(error))
        return
    center.wake.set()
    (log.info if report.ok else log.warning)(
        "looked back", source=name, days=feed.entry.lookback, read=report.read, corrected=report.changed, why=report.error
    )


async def compare_mirrors(center: Center) -> None:
    """What the portal shows otherwise than we do. One join over all dossiers and mirrors, so not every second."""
    now = utcnow()
    if Kind.MIRROR not in center.fed.kinds:
        return
    try:
        async with center.pool.connection() as db:
            center.tallies = list((await mirrors.counts(db, now)).values())
    except LOST as error:
        log.warning("portal not compared, the database is away", error=brief(error))


async def published_report(center: Center, now: datetime) -> Report:
    """Every kept sheet of published figures, and what sources report of dossiers, held against ours."""
    async with center.pool.connection() as db:
        return await reconcile(db, [*await sets(db), *await reported(db, now)], now, zone=center.calendar.zone)


async def compare_published(center: Center) -> None:
    """How many published numbers differ from ours and nobody knows why; not before every source was read."""
    await center.settled.wait()
    try:
        center.compared = await published_report(center, utcnow())
    except LOST as error:
        log.warning("published figures not compared, the database is away", error=brief(error))
        return
    metrics.UNEXPLAINED.set(center.compared.unexplained)
    if center.compared.unexplained:
        log.warning("published figures differ", unexplained=center.compared.unexplained, compared=center.compared.compared)


async def learn(center: Center) -> None:
    """The forecast learns anew, once every source was read: a first read brings the past only bit by bit."""
    await center.settled.wait()
    now = utcnow()
    try:
        async with center.pool.connection() as db:
            model = await center.forecaster.learn(db, now, anew=True)
        log.info("forecast learned", dossiers=model.dossiers, late=model.late, seconds=round((utcnow() - now).total_seconds(), 2))
    except LOST as error:
        log.warning("forecast not learned, the database is away", error=brief(error))


async def tidy(center: Center) -> None:
    """Records in quarantine settled long ago, old flips, calls taken and samples go; what items were stays, and every day's numbers."""
    now = utcnow()
    try:
        async with center.pool.connection() as db:
            bad = await db.execute("delete from quarantine where resolved_at < %s", [now - KEPT_BAD])
            flips = await db.execute(OLD_FLIPS, [now - KEPT_HEALTH])
            calls = await pushes.forget(db, now)
            chunks = await samples.forget(db, now, center.retention.samples_months)
        log.info("tidied", quarantine=bad.rowcount, flips=flips.rowcount, calls=calls, samples=chunks)
    except LOST as error:
        log.warning("not tidied, the database is away", error=brief(error))
