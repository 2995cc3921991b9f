"""The overview as it was known at a past instant: drawn by the same overview(), from what ioc/replay.py reads. For history_routes.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ioc import replay, reported
from ioc.catalogue import Catalogue
from ioc.db import Connection
from ioc.indicators import INDICATORS
from ioc.meter import NAMES, PERIODS
from ioc.samples import ALL, INSTANT
from ioc.server.center import BUSINESS, Center
from ioc.server.facts import SLOT, DayFlow, Facts, Feeds, sampled, window
from ioc.server.feed import millis
from ioc.server.overview import Picture, overview
from ioc.server.tiles import Basis, kpis
from ioc.wire import Business, Freshness


async def replayed(center: Center, db: Connection, catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """{"replayed": true, "at", "topics": [{"n": "overview", "set"}], "sources"}: the content of the topic, as a screen takes it."""
    zone = center.calendar.zone
    past = await replay.read(db, at, zone)
    facts = await _facts(db, past)
    fed = Feeds(kinds={}, units={}, items={})
    for source, kind, unit, _ in past.feeds:
        fed.learn(source, kind, unit, new=False)
    told = await reported.read(db, at, catalogue.ids[catalogue.offices().top], zone=zone, known_at=at)
    basis = Basis(now=at, fresh=lambda sources: _fresh(center, past, fed, sources), aims=center.aims, zone=zone)
    picture = Picture(
        now=at, totals=past.totals, sums={span: _sums(past, span) for span in PERIODS}, facts=facts, catalogue=catalogue,  # type: ignore[misc]
        calendar=center.calendar, province=center.province, aims=center.aims, told=kpis(told, basis), states=_states(center, past),
        fresh={kind: _fresh(center, past, fed, sources) for kind, sources in fed.kinds.items()},
        silent_units=fed.cut_off("dossier", past.silent),
    )  # fmt: skip
    sources = {name: {"st": how.state, "since": millis(how.since), "stuck": how.stuck, "drift": how.drift, "why": how.why}
               for name, how in past.health.items()}  # fmt: skip
    return {"replayed": True, "at": at.isoformat(), "topics": [{"n": "overview", "set": overview(picture)}], "sources": sources}


async def _facts(db: Connection, past: replay.Past) -> Facts:
    at, (since, until) = past.at, window(past.at)
    flows = [await replay.flow(db, at, *window(at, days), SLOT) for days in (0, 7, 14, 21, 28)]
    today, *days = [DayFlow(came=came, went=went) for came, went in flows]
    shapes = await sampled(db, ALL, since, min(until, at - SLOT + INSTANT), at)
    return Facts(oldest=past.oldest, today=today, days=days, shapes=shapes, ghosts=await sampled(db, ALL, *window(at, 1), at), bad=past.bad)


def _sums(past: replay.Past, span: str) -> Mapping[str, int]:
    """The whole province, by indicator, within one of the running periods."""
    together = dict(zip(NAMES, map(sum, zip(*past.totals.values(), strict=True)), strict=False))
    return {i.name: together.get(f"{i.name}.{span}" if i.per_period else i.name, 0) for i in INDICATORS if i.running}


def _states(center: Center, past: replay.Past) -> dict[str, Business]:
    """The worst alert that fired of each unit. Rules that are no more are taken for rules about units: no source is called like a unit."""
    of_sources = {rule.name for rule in center.watch.rules if rule.when.of_sources}
    worst: dict[str, Business] = {}
    for subject, rule, severity in past.alerts:
        if rule not in of_sources:
            worst.setdefault(subject, BUSINESS[severity])
    return worst


def _fresh(center: Center, past: replay.Past, fed: Feeds, sources: Iterable[str]) -> Freshness:
    """Where a number came from. How old it was to the second is not kept, so no screen is told an age."""
    names = sorted(set(sources) & center.feeds.keys())
    units = [mine for mine in fed.units.values() if not mine.isdisjoint(names)]
    reporting = sum(1 for mine in units if not mine & past.silent & set(names))
    every = max((center.feeds[name].entry.every for name in names), default=86400.0)
    return {
        "as_of": None, "obs": None, "src": names, "exp": max(1, round(every)), "lag": None, "cov": (reporting, len(units)),
        "bad": sum(past.bad.get(name, 0) for name in names),
    }  # fmt: skip
