"""The jobs of the server. Read this file first.

    collect(source)   a department's answer into the store                    every source at its own interval
    heard(source)     what became of it, or of a push: health and news        after every poll, by whoever takes a push
    measure()         the totals up to now, to the screens                    every second, and at once after a batch
    watch()           the alert rules against the facts                       every 15 seconds

lead.py says who does them and when, rounds.py has the slow ones. They return nothing and publish what changed. This is the only file that
asks for the time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from alerts.conditions import phrase
from alerts.engine import tick as evaluate_rules
from alerts.model import Alert
from collectors import breaker
from collectors.poll import PollReport, poll
from ioc import metrics
from ioc.indicators import unclosed_sums
from ioc.meter import NAMES, PERIODS, Meter
from ioc.server import facts, memory
from ioc.server.center import BUSINESS, Center, millis
from ioc.server.offices import take_up
from ioc.server.overview import Picture, overview
from ioc.server.timekeeping import go_by_calendar
from ioc.server.told import read_told, told_kpis
from ioc.wire import AlertLine, Measured, SourceState

log = structlog.get_logger("ioc.jobs")

RECOUNT = timedelta(minutes=10)
FACTS = timedelta(seconds=5)  # between two readings of the facts while nothing moves
LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, ConnectionError, TimeoutError)
OVERDUE = NAMES.index("dossiers_overdue")


def utcnow() -> datetime:
    return datetime.now(UTC)


def clock() -> int:
    """Milliseconds since the epoch: the time every screen sets itself by."""
    return time.time_ns() // 1_000_000


# --- collect ----------------------------------------------------------------------------------------------------------


async def collect(center: Center, name: str) -> None:
    """One round over one source. A database that is away is not the source's fault: nothing is lost, the cursor stands where it stood."""
    feed = center.feeds[name]
    async with center.polls:
        started = utcnow()
        if feed.due_at is not None:
            metrics.POLL_LAG.labels(feed.entry.type).observe(max(0.0, (started - feed.due_at).total_seconds()))
        center.polling += 1
        try:
            with metrics.POLL_SECONDS.labels(feed.entry.type).time():
                report = await poll(
                    feed.source, center.store, started, retries=breaker.retries(feed.failures), tell=lambda at: _read_on(center, name, at)
                )  # fmt: skip
        except LOST as error:
            log.warning("not stored, the database is away", source=name, error=brief(error))
            return
        except psycopg.Error as error:  # the store refused the batch: the source stands still until somebody looks, and the wall says so
            log.exception("not stored", source=name)
            report = PollReport(source=name, started=started, ended=utcnow(), ok=False, error=f"not stored: {brief(error)}")
        finally:
            center.polling -= 1
    heard(center, name, report)


def _read_on(center: Center, name: str, at: datetime) -> None:
    """A poll got one batch further; only of a source never read before does that change anything."""
    if center.feeds[name].read_at is None:
        center.feeds[name].read_on(at)
        center.board.touch([name])


def heard(center: Center, name: str, report: PollReport) -> None:
    """What a poll or a push brought, to whom it matters. While another process leads it is passed on to that one."""
    metrics.POLLS.labels(name, "ok" if report.ok else "refused" if report.refused else "unavailable").inc()
    metrics.ITEMS_READ.labels(name).inc(report.read)
    metrics.TRANSITIONS.labels(name).inc(len(report.transitions))
    metrics.QUARANTINED.labels(name).inc(report.quarantined)
    if report.quarantined:
        log.warning("records quarantined", source=name, records=report.quarantined)
    if not center.leading:
        center.passed.append((name, report))
        return
    feed = center.feeds[name]
    feed.hear(report)
    if feed.next_at is not None and center.ask_at is not None:
        center.ask_at(name, feed.next_at)
    if report.changed:
        center.reported.add(name)
        center.figured = True
    center.suspicious |= report.quarantined > 0 or (report.changed > 0 and bool(feed.codes))
    center.board.touch([name])
    center.stored |= report.changed > 0
    center.learn(report.transitions, report.ended)
    center.wake.set()


async def show_sources(center: Center, now: datetime, changed: Mapping[str, SourceState] | None = None) -> None:
    """What changed about the sources, and how this server itself is; after a break all there is."""
    whole, center.whole = center.whole and changed is not None, center.whole and changed is None
    await center.bus.publish("sources", {**(changed or {}), "system": center.system(now)}, whole=whole)


# --- measure ----------------------------------------------------------------------------------------------------------


async def measure(center: Center, now: datetime) -> None:
    """Bring the totals to `now`, keep the samples of the borders passed, and tell the screens what changed."""
    meter = center.meter
    assert meter is not None
    with metrics.TICK_SECONDS.time():
        before = {unit: totals[OVERDUE] for unit, totals in meter.totals.items()}
        moved = await center.sampler.pass_borders(meter, now) | await meter.tick(now)
        center.stored |= await go_by_calendar(center, meter.db)  # what another calendar moves is no news
    if center.recounted_at and now - center.recounted_at > RECOUNT:
        await recount(center, now)
    await _read_facts(center, now, moved=bool(moved) or center.wake.is_set())
    await memory.look(center, meter.db, now)
    center.measured_at = now
    changed = center.board.look(now, center.facts.bad if center.facts else {}, center.fed.items, center.figures)
    if center.catalogue is not None and center.facts is not None:
        await _show(center, meter, moved & before.keys() & meter.totals.keys(), before, now)
    await memory.write(center, meter.db, now)  # first written, then shown: the rules read what is written
    await show_sources(center, now, changed)


async def _show(center: Center, meter: Meter, moved: set[int], before: dict[int, int], now: datetime) -> None:
    """The overview and the ticker. What fell due by the clock alone is told there; what a batch moved is not the clock's doing."""
    assert center.catalogue is not None
    stored, center.stored = center.stored or center.polling > 0, False
    for unit in () if stored else moved:
        if (more := meter.totals[unit][OVERDUE] - before[unit]) > 0 and unit in center.catalogue.codes:
            center.tell(center.catalogue.codes[unit], "overdue", more, now)
    if not center.settled.is_set() and all(feed.tried or feed.how == "push" for feed in center.feeds.values()):
        center.settled.set()
    measured: Measured = {"at": (meter.at or now).isoformat(), "seen": meter.seen}
    await center.bus.publish("overview", {"measured": measured, **overview(picture(center, meter, now))}, whole=True)
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
    await take_up(center, center.meter.db, now)
    if center.catalogue is None or not (moved or center.facts is None or center.measured_at is None or _grown_old(now, center.measured_at)):
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    days = center.past_days[1] if center.past_days and center.past_days[0] == hour else None
    root = center.catalogue.ids[center.catalogue.offices().top]
    center.facts = await facts.read(center.meter.db, now, days)
    if not center.told or center.figured or _grown_old(now, center.measured_at or now):
        center.figured = False
        await read_told(center, center.meter.db, now, root)
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
        told=told_kpis(center, now),
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
    vi, en = phrase(rule, alert.count, days, now - (alert.oldest_from or now))
    subject = _named(center, alert.subject, of_source=rule.when.of_sources)
    state = BUSINESS[alert.severity.value]
    return {
        "id": alert.id or 0, "st": state, "rule": rule.name, "title_vi": rule.title, "title_en": rule.title_en, "subject": subject,
        "text_vi": vi, "text_en": en, "count": alert.count, "since": millis(alert.started_at) or 0, "frozen": alert.frozen,
    }  # fmt: skip


def _named(center: Center, subject: str, *, of_source: bool) -> str:
    """What people call a unit or a source."""
    if of_source:
        return center.feeds[subject].title if subject in center.feeds else subject
    tree = center.catalogue.tree if center.catalogue else None
    return tree[subject].name if tree and subject in tree else subject


def brief(error: BaseException | None) -> str:
    return "" if error is None else (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
