"""How a source is: a function of what was heard of it and the clock. Pure; called after every poll and at every instant a state may flip.

never   it has not once been read
fresh   what it says is no older than its period
late    older, but within its grace: its numbers stand, dated
stale   beyond its grace, although it answers
down    beyond its grace and it does not answer; or it refused us, and a person must act

Age is counted from the instant its data are true for, and never grows while we ourselves were not listening. `stuck` is another matter: it
answers, but nothing has changed through so much working time; nights, rest days and holidays do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from collectors.poll import PollReport
from ioc.calendar import WorkCalendar
from ioc.hearing import NOTHING, Heard
from ioc.model import Term, TermUnit

SKEW = 5.0  # seconds a clock may be ahead of ours without being told: requests take time
JUST_AFTER = timedelta(microseconds=1)  # the first instant at which a limit is passed


class HealthState(StrEnum):
    NEVER = "never"
    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a source is judged by. `stuck_after` in working hours; 0: it may stay unchanged for ever."""

    period: timedelta
    grace: timedelta
    stuck_after: float
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`since`: the instant the state became true. `stuck`: since when it is. `until`: when the clock alone may change any of it."""

    state: HealthState
    since: datetime
    stuck: datetime | None = None
    why: str = ""
    until: datetime | None = None

    @property
    def silent(self) -> bool:
        """Its numbers can no longer be taken for the present."""
        return self.state in (HealthState.STALE, HealthState.DOWN) or self.stuck is not None


def after(heard: Heard, report: PollReport, zone: ZoneInfo) -> Heard:
    """What is heard of a source after one more poll. `zone`: whose days its answers belong to."""
    moved = report.ended if report.changed or heard.moved_at is None else heard.moved_at
    if not report.ok:
        return replace(
            heard,
            failures=heard.failures + 1,
            turned_at=heard.turned_at if heard.failures else report.ended,
            refused_at=(heard.refused_at or report.ended) if report.refused else None,
            error=report.error,
            moved_at=moved if report.changed else heard.moved_at,
        )
    said = report.as_of or report.started
    ahead = (said - report.ended).total_seconds()
    as_of = min(said, report.ended)
    known_day = heard.as_of is not None and heard.as_of.astimezone(zone).date() == as_of.astimezone(zone).date()
    return Heard(
        started=heard.started,
        resumed=heard.resumed,
        first_at=heard.first_at or report.ended,
        read_at=report.ended,
        as_of=as_of,
        said_at=heard.said_at if heard.as_of == as_of else report.ended,
        day_at=heard.day_at if known_day and heard.day_at else report.ended,
        moved_at=moved,
        turned_at=heard.turned_at if heard.turned_at and not heard.failures else report.ended,
        skew=round(ahead) if ahead > SKEW else 0,
    )


def resumed(heard: Heard, alive_at: datetime, now: datetime) -> Heard:
    """The same after a stretch from `alive_at` to `now` in which nobody listened: it is not charged to the source."""
    away = now - max(alive_at, heard.as_of or heard.started)
    return replace(heard, resumed=now, spared=heard.spared + max(NOTHING, away))


def reading(heard: Heard, at: datetime) -> Heard:
    """The same when a first read, which may bring years, got one batch further at `at`: a source that answers is not silent."""
    return heard if heard.read_at is not None else replace(heard, spared=max(heard.spared, at - heard.started))


def health(heard: Heard, now: datetime, rule: Rule, before: Health | None = None) -> Health:
    """How it is at `now`. `before` is how it was: a state that goes on keeps its beginning."""
    late_at = (heard.as_of or heard.started) + heard.spared + rule.period
    out_at = late_at + rule.grace
    state = _state(heard, now, late_at, out_at)
    since = before.since if before and before.state is state else min(now, _since(state, heard, late_at, out_at))
    stuck_at = _stuck_at(heard, rule)
    stuck = stuck_at if stuck_at and _seen_stuck(heard, stuck_at, now) else None
    limits = [late_at + JUST_AFTER, out_at + JUST_AFTER, *([stuck_at] if stuck_at and heard.failures == 0 else [])]
    return Health(
        state=state,
        since=since,
        stuck=stuck,
        why=heard.error or _why(state, heard, rule),
        until=min((limit for limit in limits if limit > now), default=None),
    )


def _state(heard: Heard, now: datetime, late_at: datetime, out_at: datetime) -> HealthState:
    if heard.refused_at is not None:
        return HealthState.DOWN
    if heard.read_at is None:
        return HealthState.DOWN if now > out_at else HealthState.NEVER
    if now <= late_at:
        return HealthState.FRESH
    if now <= out_at:
        return HealthState.LATE
    return HealthState.DOWN if heard.failures else HealthState.STALE


def _since(state: HealthState, heard: Heard, late_at: datetime, out_at: datetime) -> datetime:
    """When the state became true: a limit was passed, or an answer came (or failed to) that put it there."""
    said = heard.said_at or heard.started
    answered = max(said, heard.turned_at) if heard.turned_at and heard.failures == 0 else said
    match state:
        case HealthState.FRESH:
            return answered
        case HealthState.LATE:
            return max(late_at, answered)
        case HealthState.STALE:
            return max(out_at, answered)
        case HealthState.DOWN:
            failing = heard.turned_at if heard.read_at and heard.turned_at else out_at
            return heard.refused_at or max(out_at, failing)
        case HealthState.NEVER:
            return heard.started


def _stuck_at(heard: Heard, rule: Rule) -> datetime | None:
    """When so much working time has passed since the last change; None where that is no sign of anything."""
    if not rule.stuck_after or heard.moved_at is None or heard.read_at is None:
        return None
    return rule.calendar.due(heard.moved_at, Term(amount=rule.stuck_after, unit=TermUnit.WORKING_HOURS))


def _seen_stuck(heard: Heard, stuck_at: datetime, now: datetime) -> bool:
    """Only who listened and got answers can say that nothing changed; one failing later does not unsay it."""
    assert heard.read_at is not None
    return heard.read_at >= stuck_at or (heard.failures == 0 and heard.read_at >= heard.resumed and now >= stuck_at)


def _why(state: HealthState, heard: Heard, rule: Rule) -> str:
    if state not in (HealthState.LATE, HealthState.STALE) or heard.as_of is None:
        return ""
    return f"its data are of {heard.as_of:%Y-%m-%d %H:%M:%S} UTC; {_long(rule.period)} old is allowed"


def _long(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
