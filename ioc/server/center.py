"""What the jobs share: the store, the sources (feed.py) with their board, the meter's latest picture, and the way to the screens.

Built by app.py, used by jobs.py and memory.py, read by http.py. Everything in it belongs to one event loop; nothing here waits or decides.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from alerts.engine import Watch
from alerts.model import Alert
from collectors.poll import PollReport
from ioc.bus import Bus
from ioc.calendar import WorkCalendar
from ioc.calendar_versions import InForce
from ioc.catalogue import Catalogue
from ioc.config import FeedersConfig
from ioc.db import Pool
from ioc.forecast.forecaster import Forecaster
from ioc.ledger import Ledger
from ioc.meter import Meter
from ioc.mirrors import Tally
from ioc.model import Kind, State, Transition
from ioc.reconcile import Report
from ioc.reported import Told
from ioc.samples import Sampler
from ioc.server.aims import Aim
from ioc.server.board import Board
from ioc.server.facts import DayFlow, Facts, Feeds
from ioc.server.feed import Feed, millis
from ioc.service_index.criteria import Criteria
from ioc.settings import RetentionConfig
from ioc.store import Store
from ioc.wire import Business, Freshness, SystemState, Tick

__all__ = ["AT_ONCE", "BUSINESS", "Center", "Feed", "millis"]

AT_ONCE = 64  # polls under way at one time
TICKS = 50  # lines of the ticker kept
NEWS = timedelta(minutes=30)  # older than this is no news: a first read brings months at once
What = Literal["received", "resolved", "overdue"]
BUSINESS: Mapping[str, Business] = {"P1": "sev", "P2": "crit", "P3": "warn"}


@dataclass(slots=True, kw_only=True)
class Center:
    """The running server's one state."""

    store: Store
    pool: Pool
    database_url: str
    bus: Bus
    calendar: WorkCalendar
    province: str
    watch: Watch
    feeds: dict[str, Feed]
    board: Board
    aims: Mapping[str, Aim]
    ledger: Ledger
    criteria: Criteria
    forecaster: Forecaster
    configured: WorkCalendar  # the calendar of the configuration; `calendar` is that in force (timekeeping.py)
    limits: FeedersConfig = field(default_factory=FeedersConfig)
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # something was stored: measure at once
    settled: asyncio.Event = field(default_factory=asyncio.Event)  # every source was read once and measured after
    catalogue: Catalogue | None = None
    in_force: InForce | None = None
    meter: Meter | None = None
    sampler: Sampler = field(default_factory=Sampler)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    fed: Feeds = field(default_factory=lambda: Feeds(kinds={}, units={}, items={}))
    facts: Facts | None = None
    past_days: tuple[datetime, Sequence[DayFlow]] | None = None  # for the hour it was read in
    alerts: Sequence[Alert] = ()
    polls: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    ask_at: Callable[[str, datetime], None] | None = None  # ask a source again then, and not before; set while this process leads
    passed: deque[tuple[str, PollReport]] = field(default_factory=deque)  # what was heard here while another process leads
    figures: dict[str, int] = field(default_factory=dict)  # source -> figures it reported
    told: Sequence[Told] = ()  # what they are, put together over the units
    figured: bool = False  # a poll brought something since they were read
    tallies: Sequence[Tally] = ()  # our dossiers held against the portal, by unit
    compared: Report | None = None  # published figures held against ours
    reported: set[str] = field(default_factory=set)  # sources that may have reported more since they were counted
    suspicious: bool = False  # records went into quarantine: look at once for codes nobody declared
    looked_at: datetime | None = None
    offices_at: datetime | None = None  # when the catalogue of units was last looked for
    called_at: datetime | None = None
    kept_at: datetime | None = None
    listened_at: datetime | None = None
    whole: bool = True  # the next publication of the sources says all there is
    polling: int = 0  # polls under way
    stored: bool = False  # one stored something since the last measure: what moved may not be the clock's doing
    ticks: deque[Tick] = field(default_factory=lambda: deque(maxlen=TICKS))
    ticked: int = 0
    leading: bool = False
    measured_at: datetime | None = None
    checked_at: datetime | None = None
    recounted_at: datetime | None = None
    db_up: bool = True
    db_since: datetime | None = None
    broken: Exception | None = None  # why measuring stopped, logged on change

    @property
    def silent(self) -> frozenset[str]:
        """Sources whose numbers can no longer be taken for the present: stale, down or stuck."""
        return self.board.silent

    def silent_units(self) -> frozenset[int]:
        """Units whose dossiers come from a source that is not heard from."""
        return self.fed.cut_off(Kind.DOSSIER, self.silent)

    def states(self) -> dict[str, Business]:
        """The worst firing alert of each unit."""
        about_units = {rule.name for rule in self.watch.rules if not rule.when.of_sources}
        worst: dict[str, Business] = {}
        for alert in self.alerts:  # most serious first
            if alert.rule in about_units:
                worst.setdefault(alert.subject, BUSINESS[alert.severity.value])
        return worst

    def freshness(self, now: datetime) -> dict[str, Freshness]:
        """Where the numbers of each kind of item come from. Age is that of the source furthest beyond its own interval."""
        bad = self.facts.bad if self.facts else {}
        return {kind: self._fresh(sorted(sources & self.feeds.keys()), bad, now) for kind, sources in self.fed.kinds.items()}

    def fresh_of(self, sources: Iterable[str], now: datetime) -> Freshness:
        """Where a number comes from that some sources bring together."""
        return self._fresh(sorted(self.feeds.keys() & set(sources)), self.facts.bad if self.facts else {}, now)

    def _fresh(self, names: list[str], bad: Mapping[str, int], now: datetime) -> Freshness:
        feeds, ours = [self.feeds[name] for name in names], set(names)
        silent = self.silent & ours
        units = [sources for sources in self.fed.units.values() if not sources.isdisjoint(ours)]
        reporting = sum(1 for sources in units if sources.isdisjoint(silent)) if silent else len(units)
        worst = max(feeds, key=lambda f: float("inf") if f.as_of is None else (now - f.as_of).total_seconds() / f.entry.every, default=None)
        as_of, obs = (worst.as_of, worst.read_at) if worst else (None, None)
        return {
            "as_of": millis(as_of), "obs": millis(obs), "src": names, "exp": max(1, round(worst.entry.every)) if worst else 86400,
            "lag": None if as_of is None or obs is None else max(0, round((obs - as_of).total_seconds())),
            "cov": (reporting, len(units)), "bad": sum(bad.get(name, 0) for name in names),
        }  # fmt: skip

    def system(self, now: datetime) -> SystemState:
        return {
            "db": self.db_up, "db_since": millis(self.db_since or now) or 0, "bus": self.bus.healthy, "bus_since": self.bus.since,
            "checked": millis(self.checked_at) or 0,
        }  # fmt: skip

    def tell(self, unit: str, what: What, n: int, now: datetime) -> None:
        """One line for the ticker; the same thing at the same unit within a minute is one line."""
        name = self.catalogue.tree[unit].name if self.catalogue and unit in self.catalogue.tree else unit
        at = millis(now) or 0
        for tick in reversed(self.ticks):
            if at - tick["at"] > 60_000:
                break
            if (tick["unit"], tick["what"]) == (name, what):
                self.ticks.remove(tick)
                n += tick["n"]
                break
        self.ticked += 1
        self.ticks.append({"id": self.ticked, "at": at, "unit": name, "what": what, "n": n})

    def learn(self, transitions: Sequence[Transition], now: datetime) -> None:
        """Take note of what a poll brought: which units a source feeds, and lines for the ticker."""
        told: dict[tuple[str, What], int] = {}
        for t in transitions:
            unit = self.store.unit_ids.get(t.unit)
            if unit is not None:
                self.fed.learn(t.source, t.kind.value, unit, new=t.was is None)
            if t.kind.value != "dossier" or now - t.happened_at > NEWS:
                continue
            if t.was in (None, State.SUBMITTED) and t.state in (State.WORKING, State.WAITING):
                told[t.unit, "received"] = told.get((t.unit, "received"), 0) + 1
            if t.was is not None and t.state is State.DONE:
                told[t.unit, "resolved"] = told.get((t.unit, "resolved"), 0) + 1
        for (unit_code, what), n in sorted(told.items(), key=lambda entry: entry[1])[-10:]:
            self.tell(unit_code, what, n, now)
