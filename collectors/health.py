"""health(): how a source is, judged from its polls one after the other. Pure; the collect job logs and shows what it answers.

never   it has not once been read
ok      the last poll went well and what the source said is fresh
late    the last poll failed, or the answer is older than it may be; its numbers still stand, dated
down    it failed several times in a row, or refused: a person must look
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collectors.poll import PollReport


class HealthState(StrEnum):
    NEVER = "never"
    OK = "ok"
    LATE = "late"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`since`: when this state began. `changed`: this poll is where it broke or where it came back, so log it, once.

    `read_at` is the end of the last good poll, `as_of` the last instant the source answered for. `why` is "" while all is well.
    """

    source: str
    state: HealthState
    since: datetime
    why: str = ""
    failures: int = 0
    changed: bool = False
    read_at: datetime | None = None
    as_of: datetime | None = None


def health(previous: Health | None, report: PollReport, *, fresh: timedelta | None = None, patience: int = 3) -> Health:
    """The health after one more poll. `patience` failures in a row are down; an `as_of` older than `fresh` is late."""
    read_at = report.ended if report.ok else (previous.read_at if previous else None)
    as_of = report.as_of or (previous.as_of if previous else None)
    failures = 0 if report.ok else (previous.failures if previous else 0) + 1
    why = report.error
    if report.ok and fresh is not None and as_of is not None and report.ended - as_of > fresh:
        why = f"answers, but only for {as_of:%Y-%m-%d %H:%M:%S} UTC; {_long(report.ended - as_of)} old, {_long(fresh)} allowed"
    state = _state(
        ok=report.ok, refused=report.refused, stale=report.ok and bool(why), read=read_at is not None, spent=failures >= patience
    )
    was_well = previous is None or previous.state is HealthState.OK
    return Health(
        source=report.source,
        state=state,
        since=previous.since if previous and previous.state is state else report.ended,
        why=why,
        failures=failures,
        changed=was_well is not (state is HealthState.OK),
        read_at=read_at,
        as_of=as_of,
    )


def _state(*, ok: bool, refused: bool, stale: bool, read: bool, spent: bool) -> HealthState:
    if ok:
        return HealthState.LATE if stale else HealthState.OK
    if not read:
        return HealthState.NEVER
    return HealthState.DOWN if refused or spent else HealthState.LATE


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
