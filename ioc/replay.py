"""What was known at a past instant of everything the overview is drawn from: the wall's past can be replayed (ioc/server/replayed.py).

Items, figures, alerts and the health of sources carry when they were learned, so the past is read, never guessed. Three things are not kept
and so not told: how old each source's data were to the second, the comparison with the portal, and quarantine settled 90 days ago or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ioc.db import Connection
from ioc.meter import Totals, bounds, recount_sql
from ioc.periods import VIETNAM

KNOWN = "items_known_at(%(at)s)"

OLDEST = f"""
select unit, min(late_from) from {KNOWN} where state = 'working' and kind = 'dossier' and late_from <= %(at)s group by unit"""

FLOW = f"""
select side, floor(extract(epoch from moment - %(since)s) / extract(epoch from %(slot)s::interval))::int as n, count(*)::int
from {KNOWN} i, lateral (values (0, case when i.state not in ('submitted', 'refused') then i.received_at end),
                                (1, case when i.state = 'done' then i.closed_at end)) as event (side, moment)
where i.kind = 'dossier' and moment >= %(since)s and moment < %(until)s
group by 1, 2"""

FEEDS = f"select source, kind::text, unit, count(*)::int from {KNOWN} group by 1, 2, 3"
BAD = """
select source, count(*)::int from quarantine where first_at <= %(at)s and (resolved_at is null or resolved_at > %(at)s) group by source"""
HEALTH = """
select distinct on (source) source, state, coalesce(since, at), stuck, drift, why
from source_health where at <= %(at)s order by source, at desc"""
ALERTS = """
select subject, rule, severity from alerts where fired_at <= %(at)s and (resolved_at is null or resolved_at > %(at)s)
order by severity, started_at, subject"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a source was: its state since when, and whether it stood still or had another shape."""

    state: str
    since: datetime
    stuck: bool
    drift: bool
    why: str

    @property
    def silent(self) -> bool:
        """Whether its numbers could not be taken for the present."""
        return self.stuck or self.state in ("stale", "down")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that was known at `at`. `oldest`: unit -> since when its oldest overdue dossier was late; `feeds`: (source, kind, unit, items);
    `alerts`: (subject, rule, severity) of those firing, the most serious first."""

    at: datetime
    totals: Totals
    oldest: Mapping[int, datetime]
    feeds: Sequence[tuple[str, str, int, int]]
    bad: Mapping[str, int]
    health: Mapping[str, Health]
    alerts: Sequence[tuple[str, str, str]]

    @property
    def silent(self) -> frozenset[str]:
        return frozenset(source for source, how in self.health.items() if how.silent)


async def read(db: Connection, at: datetime, zone: ZoneInfo = VIETNAM) -> Past:
    """What was known at `at`. A batch being stored at that very instant is in it, although no screen showed it yet."""
    counted = await (
        await db.cursor(binary=True).execute(recount_sql(KNOWN).encode(), {"at": at, "now": at, **bounds(at, zone)})
    ).fetchall()
    values = {"at": at}
    return Past(
        at=at,
        totals={unit: counts for unit, *counts, _ in counted if unit is not None},
        oldest=dict(await (await db.execute(OLDEST.encode(), values)).fetchall()),
        feeds=await (await db.execute(FEEDS.encode(), values)).fetchall(),
        bad=dict(await (await db.execute(BAD, values)).fetchall()),
        health={
            source: Health(state=state, since=since, stuck=stuck, drift=drift, why=why)
            for source, state, since, stuck, drift, why in await (await db.execute(HEALTH, values)).fetchall()
        },
        alerts=await (await db.execute(ALERTS, values)).fetchall(),
    )


async def flow(db: Connection, at: datetime, since: datetime, until: datetime, slot: timedelta) -> tuple[list[int], list[int]]:
    """Dossiers received and resolved in each slot of [since, until), as known at `at`."""
    slots = round((until - since) / slot)
    counts: tuple[list[int], list[int]] = ([0] * slots, [0] * slots)
    values = {"at": at, "since": since, "until": until, "slot": slot}
    for side, n, count in await (await db.execute(FLOW.encode(), values)).fetchall():
        counts[side][n] = count
    return counts
