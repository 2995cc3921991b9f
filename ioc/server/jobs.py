"""The jobs of the server. Read this file first.

    collect(source)   a department's answer into the store                    every source at its own interval
    measure()         the totals up to now, to the screens                    every second, and at once after a batch
    watch()           the alert rules against the facts                       every 15 seconds
    tidy()            what was kept long enough goes                          once a night

lead.py says who does them and when. They return nothing and publish what changed. This is the only file that asks for the time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from alerts.conditions import phrase
from alerts.engine import tick as evaluate_rules
from alerts.model import Alert
from collectors.health import health
from collectors.poll import PollReport, Retries, poll
from ioc import metrics, samples
from ioc.catalogue import load
from ioc.indicators import unclosed_sums
from ioc.meter import NAMES, PERIODS, Meter
from ioc.server import facts
from ioc.server.center import BUSINESS, Center, millis
from ioc.server.overview import Picture, overview
from ioc.wire import AlertLine

log = structlog.get_logger("ioc.jobs")

RECOUNT = timedelta(minutes=10)
FACTS = timedelta(seconds=5)  # between two readings of the facts while nothing moves
RETRIES = Retries(tries=3, first=0.5, longest=5.0, obey=30.0)
LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, ConnectionError, TimeoutError)
KEPT_BAD = timedelta(days=90)
OVERDUE = NAMES.index("dossiers_overdue")


def utcnow() -> datetime:
    return datetime.now(UTC)


def clock() -> int:
    """Milliseconds since the epoch: the time every screen sets itself by."""
    return time.time_ns() // 1_000_000


# --- collect ----------------------------------------------------------------------------------------------------------


async def collect(center: Center, name: str) -> None:
    """One round over one source. A database that is away is not the source's fault: nothing is lost, the cursor stands where it stood."""
    feed, started = center.feeds[name], utcnow()
    center.polling += 1
    try:
        report = await poll(feed.source, center.store, started, retries=RETRIES)
    except LOST as error:
        log.warning("not stored, the database is away", source=name, error=brief(error))
        return
    except psycopg.Error as error:  # the store refused the batch: the source stands still until somebody looks, and the wall says so
        log.exception("not stored", source=name)
        report = PollReport(source=name, started=started, ended=utcnow(), ok=False, error=f"not stored: {brief(error)}")
    finally:
        center.polling -= 1
    feed.health = health(feed.health, report, fresh=feed.fresh)
    if report.ok:
        feed.read_at, feed.as_of = report.ended, report.as_of or report.started
    if feed.health.changed:
        (log.info if report.ok else log.warning)(f"source {feed.health.state}", source=name, why=feed.health.why)
    metrics.POLLS.labels(name, "ok" if report.ok else "refused" if report.refused else "unavailable").inc()
    metrics.ITEMS_READ.labels(name).inc(report.read)
    metrics.TRANSITIONS.labels(name).inc(len(report.transitions))
    metrics.QUARANTINED.labels(name).inc(report.quarantined)
    if report.quarantined:
        log.warning("records quarantined", source=name, records=report.quarantined)
    center.stored |= report.changed > 0
    center.learn(report.transitions, report.ended)
    center.wake.set()


async def show_sources(center: Center, now: datetime) -> None:
    bad = center.facts.bad if center.facts else {}
    states: dict[str, Any] = {
        f"src.{name}": feed.state(now, bad.get(name, 0), center.fed.items.get(name, 0)) for name, feed in center.feeds.items()
    }
    for name, feed in center.feeds.items():
        if feed.as_of:
            metrics.SOURCE_AGE.labels(name).set((now - feed.as_of).total_seconds())
    await center.bus.publish("sources", {**states, "system": center.system(now)}, whole=True)


# --- measure ----------------------------------------------------------------------------------------------------------


async def measure(center: Center, now: datetime) -> None:
    """Bring the totals to `now`, keep the half hour's sample when one has passed, and tell the screens what changed."""
    meter = center.meter
    assert meter is not None
    with metrics.TICK_SECONDS.time():
        if meter.at and center.catalogue and (half := samples.boundary(now)) > meter.at:
            await meter.tick(half)
            await samples.write(meter.db, half, meter.totals, center.catalogue)
        before = {unit: totals[OVERDUE] for unit, totals in meter.totals.items()}
        moved = await meter.tick(now)
    if center.recounted_at and now - center.recounted_at > RECOUNT:
        await recount(center, now)
    await _read_facts(center, now, moved=bool(moved) or center.wake.is_set())
    center.measured_at = now
    if center.catalogue is not None and center.facts is not None:
        await _show(center, meter, moved & before.keys(), before, now)
    await show_sources(center, now)


async def _show(center: Center, meter: Meter, moved: set[int], before: dict[int, int], now: datetime) -> None:
    """The overview and the ticker. What fell due by the clock alone is told there; what a batch moved is not the clock's doing."""
    assert center.catalogue is not None
    stored, center.stored = center.stored or center.polling > 0, False
    for unit in () if stored else moved:
        if (more := meter.totals[unit][OVERDUE] - before[unit]) > 0 and unit in center.catalogue.codes:
            center.tell(center.catalogue.codes[unit], "overdue", more, now)
    if all(feed.read_at for feed in center.feeds.values()):
        center.settled.set()
    await center.bus.publish("overview", overview(picture(center, meter, now)), whole=True)
    await center.bus.publish("ticker", {f"tick.{t['id']}": t for t in center.ticks}, whole=True)


async def recount(center: Center, now: datetime) -> None:
    """Count everything again. Totals that were not what they should be are a bug: said, counted, and the recount wins."""
    assert center.meter is not None
    first = center.recounted_at is None
    if not first:
        await center.meter.tick(now)
    wrong = await center.meter.recount(now)
    metrics.RECOUNTS.inc()
    center.recounted_at = now
    center.fed = await facts.Feeds.count(center.meter.db)
    if wrong and not first:
        metrics.DRIFT.inc(len(wrong))
        log.error("running totals differed from the recount", units=len(wrong))


async def _read_facts(center: Center, now: datetime, *, moved: bool) -> None:
    """The small queries, when something moved or their last reading grows old. Units are learned when one is met that is not known."""
    assert center.meter is not None
    if center.catalogue is None or center.meter.totals.keys() - center.catalogue.codes.keys():
        center.catalogue = await load(center.meter.db)
    if center.catalogue is None or not (moved or center.facts is None or center.measured_at is None or _grown_old(now, center.measured_at)):
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    days = center.past_days[1] if center.past_days and center.past_days[0] == hour else None
    root = center.catalogue.ids[center.catalogue.tree.root]
    center.facts = await facts.read(center.meter.db, now, root, days)
    if center.settled.is_set():  # a first read brings the past weeks only bit by bit
        center.past_days = (hour, center.facts.days)


def _grown_old(now: datetime, before: datetime) -> bool:
    """Whether a new stretch of FACTS has begun since."""
    return int(now.timestamp() / FACTS.total_seconds()) != int(before.timestamp() / FACTS.total_seconds())


def picture(center: Center, meter: Meter, now: datetime) -> Picture:
    assert center.catalogue is not None
    assert center.facts is not None
    everyone = frozenset(meter.totals)
    sums = {span: meter.of(everyone, span) for span in PERIODS}
    for span, counts in sums.items():
        for problem in unclosed_sums(counts):
            metrics.IDENTITY.inc()
            log.error("classes do not add up", period=span, problem=problem)
    return Picture(
        now=now, totals=meter.totals, sums=sums, facts=center.facts, catalogue=center.catalogue, calendar=center.calendar,  # type: ignore[arg-type]
        province=center.province, fresh=center.freshness(now), silent_units=center.silent_units(), states=center.states(), aims=center.aims,
    )  # fmt: skip


# --- watch ------------------------------------------------------------------------------------------------------------


async def watch(center: Center) -> None:
    """The rules against the facts, and the strip on the wall."""
    now = utcnow()
    try:
        async with center.pool.connection() as db:
            center.alerts = await evaluate_rules(db, center.watch, center.silent, now)
    except LOST as error:
        log.warning("rules not checked, the database is away", error=brief(error))
        return
    center.checked_at = now
    lines = {f"alert.{alert.id}": _line_of(center, alert, now) for alert in center.alerts}
    await center.bus.publish("alerts", lines, whole=True)
    center.wake.set()


def _line_of(center: Center, alert: Alert, now: datetime) -> AlertLine:
    rule = next(rule for rule in center.watch.rules if rule.name == alert.rule)
    days = None if alert.oldest_from is None else center.calendar.elapsed_days(alert.oldest_from, now)
    vi, en = phrase(rule, alert.count, days)
    tree = center.catalogue.tree if center.catalogue else None
    subject = tree[alert.subject].name if tree and alert.subject in tree else alert.subject
    state = BUSINESS[alert.severity.value]
    return {
        "id": alert.id or 0, "st": state, "rule": rule.name, "title_vi": rule.title, "title_en": rule.title_en, "subject": subject,
        "text_vi": vi, "text_en": en, "count": alert.count, "since": millis(alert.started_at) or 0, "frozen": alert.frozen,
    }  # fmt: skip


# --- tidy -------------------------------------------------------------------------------------------------------------


async def tidy(center: Center) -> None:
    """Records in quarantine that were settled long ago go; what items and numbers were stays."""
    try:
        async with center.pool.connection() as db:
            done = await db.execute("delete from quarantine where resolved_at < %s", [utcnow() - KEPT_BAD])
        log.info("tidied", quarantine=done.rowcount)
    except LOST as error:
        log.warning("not tidied, the database is away", error=brief(error))


def brief(error: BaseException | None) -> str:
    return "" if error is None else (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
