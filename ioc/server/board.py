"""What is shown of the sources, brought up to date at little cost: only those are judged again of which something was heard or whose next
flip has come. Called by the measure job each second, however many sources there are; told by the jobs through `touch`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from collectors import breaker
from ioc import metrics
from ioc.hearing import Flip
from ioc.server.feed import Feed
from ioc.wire import SourceState

log = structlog.get_logger("ioc.sources")
WELL = ("never", "fresh")


@dataclass(slots=True, kw_only=True)
class Board:
    """`flips`: those not written down yet. `silent`: sources whose numbers can no longer be taken for the present."""

    feeds: Mapping[str, Feed]
    flips: list[Flip] = field(default_factory=list)
    silent: frozenset[str] = frozenset()
    _touched: set[str] = field(default_factory=set)
    _ahead: list[tuple[datetime, str]] = field(default_factory=list)  # a heap: when to judge whom again
    _bad: Mapping[str, int] = field(default_factory=dict)

    def touch(self, names: Iterable[str]) -> None:
        """Something was heard of these, or became known about them."""
        self._touched.update(names)

    def look(self, now: datetime, bad: Mapping[str, int], items: Mapping[str, int], figures: Mapping[str, int]) -> dict[str, SourceState]:
        """Judge whom it is time to judge; returns what is to be shown of them. `bad`, `items`, `figures`: how many, by source."""
        while self._ahead and self._ahead[0][0] <= now:
            at, name = heapq.heappop(self._ahead)
            judged = self.feeds[name].health
            if judged is not None and judged.until == at:  # else something was heard since, and another instant holds
                self._touched.add(name)
        if bad is not self._bad:
            self._touched.update(name for name in bad.keys() | self._bad.keys() if bad.get(name) != self._bad.get(name))
            self._bad = bad
        touched = [name for name in self._touched if name in self.feeds and self.feeds[name].heard is not None]
        self._touched.clear()
        shown = {}
        for name in touched:
            feed = self.feeds[name]
            self._judge(feed, now)
            shown[f"src.{name}"] = feed.state(bad.get(name, 0), items.get(name, 0), figures.get(name, 0))
        return shown

    def _judge(self, feed: Feed, now: datetime) -> None:
        was, name = feed.told, feed.entry.name
        flip = feed.judge(now)
        if feed.health and feed.health.until:
            heapq.heappush(self._ahead, (feed.health.until, name))
        if flip is None:
            return
        self.flips.append(flip)
        self.silent = self.silent | {name} if feed.silent else self.silent - {name}
        metrics.SOURCE_FLIPS.labels(name, flip.state).inc()
        if was is not None:
            well = flip.state in WELL and not flip.stuck and not flip.drift
            (log.info if well else log.warning)(
                f"source {flip.state}", source=name, was=was.state, since=flip.at.isoformat(), stuck=flip.stuck is not None,
                drift=flip.drift is not None, why=flip.why,
            )  # fmt: skip


def measured(feeds: Mapping[str, Feed], bad: Mapping[str, int], now: datetime) -> None:
    """The gauges of all sources, set when they are asked for; what a process knew while it led is forgotten with that."""
    for gauge in (metrics.SOURCE_AGE, metrics.SOURCE_STATE, metrics.SOURCE_STUCK, metrics.SOURCE_DRIFT, metrics.SOURCE_FAILURES,
                  metrics.SOURCE_SKEW, metrics.BREAKER_OPEN, metrics.QUARANTINE_OPEN):  # fmt: skip
        gauge.clear()
    for name, feed in feeds.items():
        if feed.heard is None:
            continue
        if feed.as_of:
            metrics.SOURCE_AGE.labels(name).set((now - feed.as_of).total_seconds())
        if feed.health:
            metrics.SOURCE_STATE.labels(name, feed.health.state.value).set(1)
            metrics.SOURCE_STUCK.labels(name).set(feed.health.stuck is not None)
        metrics.SOURCE_DRIFT.labels(name).set(sum(1 for drift in feed.drift if drift.holds))
        metrics.SOURCE_FAILURES.labels(name).set(feed.failures)
        metrics.SOURCE_SKEW.labels(name).set(feed.heard.skew)
        metrics.BREAKER_OPEN.labels(name).set(breaker.is_open(feed.failures))
        metrics.QUARANTINE_OPEN.labels(name).set(bad.get(name, 0))
