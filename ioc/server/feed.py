"""One source under collection, with everything this process knows of it. Changed by the jobs, judged and shown by board.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from collectors import breaker
from collectors.drift import Drift, Refused, drifts, held_since, learned
from collectors.health import Health, HealthState, Rule, after, health, reading
from collectors.poll import PollReport
from collectors.source import Source
from ioc.calendar import WorkCalendar
from ioc.config import SourceEntry
from ioc.hearing import Flip, Heard, KnownField
from ioc.wire import SourceState

DAILY, MANUAL = 43200.0, 86400.0  # seconds between two polls from which on nobody expects live numbers
How = Literal["poll", "push", "daily", "manual"]


def rule_of(entry: SourceEntry, calendar: WorkCalendar) -> Rule:
    """What a source is judged by. One that is read once a day stands still between two readings: that says nothing unless asked for."""
    period = entry.period if entry.period is not None else 2 * entry.every
    grace = entry.grace if entry.grace is not None else 3 * entry.every
    watched = entry.every < DAILY or "stuck_after" in entry.model_fields_set
    stuck_after = entry.stuck_after if watched else 0.0
    return Rule(period=timedelta(seconds=period), grace=timedelta(seconds=grace), stuck_after=stuck_after, calendar=calendar)


def how_of(entry: SourceEntry) -> How:
    """How its numbers come."""
    if entry.type == "push":
        return "push"
    if entry.type == "files" and entry.every >= MANUAL:
        return "manual"
    return "daily" if entry.every >= DAILY else "poll"


@dataclass(slots=True, kw_only=True)
class Feed:
    """`heard` None: the jobs have not begun here. `told`: how it was when that was last written down. `next_at`: while it fails, when it
    is asked again. `due_at`: when the poll under way was to begin. `unsaved`: fields to be written down."""

    entry: SourceEntry
    source: Source
    rule: Rule
    how: How = "poll"
    heard: Heard | None = None
    health: Health | None = None
    told: Flip | None = None
    known: Mapping[str, KnownField] = field(default_factory=dict)
    unsaved: dict[str, KnownField] = field(default_factory=dict)
    codes: tuple[Refused, ...] = ()
    drift: tuple[Drift, ...] = ()
    next_at: datetime | None = None
    due_at: datetime | None = None
    tried: bool = False

    @property
    def read_at(self) -> datetime | None:
        return self.heard.read_at if self.heard else None

    @property
    def as_of(self) -> datetime | None:
        return self.heard.as_of if self.heard else None

    @property
    def failures(self) -> int:
        return self.heard.failures if self.heard else 0

    @property
    def title(self) -> str:
        return self.entry.title or self.entry.name

    @property
    def silent(self) -> bool:
        return self.health is not None and self.health.silent

    def hear(self, report: PollReport) -> None:
        """Take note of one more poll or push."""
        self.tried = True
        self.heard = after(self.heard or Heard(started=report.started, resumed=report.started), report, self.rule.calendar.zone)
        self.next_at = breaker.next_at(self.failures, self.entry.every, report)
        known = learned(self.known, report, self.source.mapping.declared)
        if known is not self.known:
            self.unsaved.update((name, one) for name, one in known.items() if one is not self.known.get(name))
            self.known = known

    def read_on(self, at: datetime) -> None:
        """Take note that a poll under way got one batch further."""
        self.heard = reading(self.heard or Heard(started=at, resumed=at), at)

    def judge(self, now: datetime) -> Flip | None:
        """How it is at `now`; a flip when that is not what was told last."""
        assert self.heard is not None
        self.health = health(self.heard, now, self.rule, self.health)
        self.drift = drifts(self.known, self.codes)
        held, was = held_since(self.drift), self.told
        flip = Flip(
            source=self.entry.name, at=now, state=self.health.state.value, since=self.health.since, stuck=self.health.stuck, drift=held,
            why=self.health.why,
        )  # fmt: skip
        if was is not None and (was.state, bool(was.stuck), bool(was.drift)) == (flip.state, bool(flip.stuck), bool(flip.drift)):
            return None
        self.told = replace(flip, at=min(now, _became(was, flip, now)))
        return self.told

    def state(self, bad: int, items: int, figures: int) -> SourceState:
        """What screens are shown."""
        assert self.heard is not None
        assert self.health is not None
        heard, how = self.heard, self.health
        return {
            "name": self.entry.name, "title": self.title, "type": self.entry.type, "kind": self.how, "as_of": millis(heard.as_of),
            "obs": millis(heard.read_at), "exp": max(1, round(self.entry.every)), "period": round(self.rule.period.total_seconds()),
            "grace": round(self.rule.grace.total_seconds()), "st": how.state.value, "since": millis(how.since) or 0,
            "stuck": millis(how.stuck),
            "drift": [{"what": d.what, "name": d.name, "n": d.records, "since": millis(d.since) or 0} for d in self.drift],
            "skew": heard.skew, "next": millis(self.next_at), "why": how.why, "bad": bad, "items": items, "figures": figures,
        }  # fmt: skip


def _became(was: Flip | None, now_so: Flip, now: datetime) -> datetime:
    """When what is new in a flip became true; the end of being stuck or drifting is when it is seen."""
    if was is None or was.state != now_so.state:
        return now_so.since
    begun = [at for at, before in ((now_so.stuck, was.stuck), (now_so.drift, was.drift)) if at and not before]
    return min(begun, default=now)


def recalled(told: Flip) -> Health:
    """How it was when this was told, for a process that begins."""
    return Health(state=HealthState(told.state), since=told.since, stuck=told.stuck, why=told.why)


def millis(at: datetime | None) -> int | None:
    """Milliseconds since the epoch, as screens are told instants."""
    return None if at is None else round(at.timestamp() * 1000)
