"""The composition root: build(config) wires everything and returns the application; its lifespan starts and stops it in order.

Start: database, sources, bus, jobs. Stop: the reverse, by one AsyncExitStack. No logic lives here. `prepare` checks a configuration as a
whole without starting anything: `ioc check` is that alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from alerts.engine import Watch
from alerts.model import Rule, RuleError, rules
from collectors.http import connections_kept
from collectors.source import Source, SourceError
from collectors.sources import build as build_source
from ioc import __version__, office_hours, unit_book
from ioc.bus import Bus, MemoryBus, RedisBus, Take, running
from ioc.calendar import CalendarError, WorkCalendar, rest_days
from ioc.config import Config, ConfigError, SourceEntry, secret, service_url
from ioc.db import connect, migrate, pool, reachable
from ioc.feeders import Feeder
from ioc.forecast.forecaster import Forecaster
from ioc.hub import Hub
from ioc.ledger import Ledger
from ioc.server import jobs, lead, timekeeping
from ioc.server.aims import Aim
from ioc.server.auth import Access, Entry
from ioc.server.board import Board
from ioc.server.center import Center
from ioc.server.feed import Feed, how_of, rule_of
from ioc.server.live import live
from ioc.server.overview import SHOWN
from ioc.server.pages import built
from ioc.server.routes import add_routes
from ioc.server.tiles import TILES
from ioc.server.told import SYNC, UNEXPLAINED
from ioc.service_index import criteria
from ioc.service_index.criteria import Criteria, CriteriaError
from ioc.store import Profile, Store
from ioc.unit_files import units_from_csv
from ioc.units import Unit, UnitError, UnitTree
from ioc.wire import TOPICS
from ioc.yearly import INDICES

log = structlog.get_logger("ioc.app")
CONNECTIONS = 24  # to the database, at most: more polls than that wait for each other only while they store
SLACK = timedelta(hours=1)  # after a cut-off a source that is seldom read is waited for no longer
PATIENCE = 120.0  # seconds a database may take to come up after us, as after a power cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A configuration that was checked: everything made that can be made without starting."""

    config: Config
    database_url: str
    redis_url: str
    calendar: WorkCalendar
    units: tuple[Unit, ...]
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    aims: dict[str, Aim]
    criteria: Criteria
    access: Access
    feeders: tuple[Feeder, ...] = ()


def prepare(config: Config) -> Plan:
    """Check a configuration with everything it names. Raises ConfigError with every problem found."""
    problems: list[str] = []

    def attempt(make: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return make()
        except ConfigError as error:
            problems.extend(error.problems)
        except (SourceError, RuleError, CalendarError, UnitError, CriteriaError) as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{error.filename}: cannot be read ({error.strerror}); correct the path")
        return otherwise

    folder = config.folder
    units = attempt(lambda: tuple(units_from_csv(folder / config.units)) if config.units else (), ())
    codes = frozenset(u.code for u in attempt(lambda: UnitTree(units) if units else (), ())) or None
    plan = Plan(
        config=config,
        database_url=attempt(lambda: service_url(config.database, "IOC_DATABASE_URL", folder), ""),
        redis_url=attempt(lambda: service_url(config.redis, "IOC_REDIS_URL", folder), ""),
        calendar=attempt(lambda: calendar_of(config), None),
        units=units,
        sources=tuple(made for entry in config.source if (made := attempt(lambda entry=entry: build_source(entry, folder), None))),  # type: ignore[misc]
        rules=attempt(lambda: rules(config.rule, codes), ()),
        aims=attempt(lambda: _aims(config), {}),
        criteria=attempt(lambda: _criteria(config), None),
        access=Access(attempt(lambda: [_entry(config, n) for n in range(len(config.access))], [])),
        feeders=attempt(lambda: _feeders(config, codes), ()),
    )
    if problems:
        raise ConfigError(problems)
    return plan


def calendar_of(config: Config) -> WorkCalendar:
    """The working calendar a configuration declares. Raises CalendarError, or UnitError or OSError for its table or catalogue."""
    given, folder = config.calendar, config.folder
    rows = rest_days(folder / given.table) if given.table else rest_days()
    return office_hours.calendar_of(given, rows, units_from_csv(folder / config.units) if given.office and config.units else ())


def _entry(config: Config, n: int) -> Entry:
    given = config.access[n]
    token = secret(f"access.{given.name}", env=given.token_env, file=given.token_file, folder=config.folder)
    return Entry(name=given.name, token=token, role=given.role)


def _criteria(config: Config) -> Criteria:
    own = config.service_index.criteria
    return criteria.read(config.folder / own) if own else criteria.read()


def _aims(config: Config) -> dict[str, Aim]:
    known = [*(shown.name for shown in (*SHOWN, *TILES)), SYNC, UNEXPLAINED, *(f"{index}_rank" for index in INDICES)]
    aims = {}
    for target in config.target:
        if target.kpi not in known:
            raise ConfigError([f"target.kpi = {target.kpi!r}: there is no such number on the wall; known: {', '.join(known)}"])
        if target.max is not None:
            aims[target.kpi] = Aim(v=target.max, dir="max", st=target.severity)
        elif target.min is not None:
            aims[target.kpi] = Aim(v=target.min, dir="min", st=target.severity)
    return aims


def _feeders(config: Config, known: frozenset[str] | None) -> tuple[Feeder, ...]:
    """What units must deliver. Raises ConfigError for a unit nobody knows."""
    entries = {entry.name: entry for entry in config.source}
    for given in config.feeder:
        for code in given.units if known is not None and not isinstance(given.units, str) else ():
            if code not in known:  # type: ignore[operator]
                raise ConfigError([f"feeder.units: unknown unit {code!r} of source {given.source!r}; use codes of the unit catalogue"])
    return tuple(
        Feeder(
            given=given,
            title=entries[given.source].title or given.source,
            slack=min(SLACK, timedelta(seconds=2 * entries[given.source].every)),
        )
        for given in config.feeder
    )


def build(plan: Plan) -> FastAPI:
    """The application of a plan. Nothing runs before its lifespan begins."""
    hub = Hub(TOPICS)
    bus = _bus(plan.redis_url, hub.take)
    center = _center(plan, bus)
    place, ui = built()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await reachable(plan.database_url, PATIENCE, lambda: log.warning("waiting for the database"))
            await migrate(plan.database_url)
            await stack.enter_async_context(center.pool)
            await _declare(plan, center)
            await stack.enter_async_context(running(bus))
            await stack.enter_async_context(connections_kept())
            for work in (lead.lead(center), lead.heartbeat(hub.heartbeat)):
                stack.push_async_callback(_stop, asyncio.create_task(work))
            yield

    app = FastAPI(title="IOC", version=__version__, lifespan=lifespan, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.state.hub, app.state.who, app.state.clock, app.state.ui, app.state.version = (
        hub,
        plan.access.who,
        jobs.clock,
        ui,
        __version__,
    )
    app.state.center = center
    app.router.routes.append(WebSocketRoute("/live", live))
    add_routes(app, center, plan.access, place)
    return app


def _bus(url: str, take: Take) -> Bus:
    return RedisBus(url, take, clock=jobs.clock) if url else MemoryBus(take, clock=jobs.clock)


def _center(plan: Plan, bus: Bus) -> Center:
    connections = pool(plan.database_url, size=min(8 + len(plan.sources), CONNECTIONS))
    tree = UnitTree(plan.units) if plan.units else None
    entries = {entry.name: entry for entry in plan.config.source}
    feeds = {
        source.name: Feed(entry=entry, source=source, rule=rule_of(entry, plan.calendar), how=how_of(entry))
        for source in plan.sources
        for entry in (entries[source.name],)
    }
    return Center(
        store=Store(connections),
        pool=connections,
        database_url=plan.database_url,
        bus=bus,
        calendar=plan.calendar,
        province=plan.config.server.province,
        watch=Watch(rules=plan.rules, calendar=plan.calendar, tree=tree),
        feeds=feeds,
        board=Board(feeds=feeds),
        aims=plan.aims,
        ledger=Ledger(feeders=plan.feeders, calendar=plan.calendar),
        criteria=plan.criteria,
        forecaster=Forecaster(calendar=plan.calendar),
        configured=plan.calendar,
        limits=plan.config.feeders,
        retention=plan.config.retention,
    )


def profile_of(source: Source, entry: SourceEntry, config: Config, calendar: WorkCalendar) -> Profile:
    """What the store must know of a source; the same wherever it is read from, because another one folds its items anew."""
    return Profile(
        name=source.name,
        title=entry.title or source.mapping.title,
        calendar=calendar,
        zone=source.mapping.zone,
        compare=config.calendar.compare,
        create_units=source.mapping.create_units,
    )


async def _declare(plan: Plan, center: Center) -> None:
    """The catalogue and the sources, known to the database before anything is read."""
    if plan.units:
        async with await connect(plan.database_url) as db:
            if await unit_book.apply_once(db, plan.units, jobs.utcnow()) is None:
                log.info("this catalogue of units was applied before and is left alone", file=plan.config.units)
    async with await connect(plan.database_url) as db:
        await timekeeping.begin(center, db, jobs.utcnow())
    for source in plan.sources:
        entry = center.feeds[source.name].entry
        await center.store.declare(profile_of(source, entry, plan.config, center.calendar))


async def _stop(task: asyncio.Task[None]) -> None:
    """End a task for good: some libraries swallow a cancellation that comes together with what they waited for."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1)
