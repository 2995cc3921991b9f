"""What the overview needs beyond the meter's totals: a few small queries, each along an index. Called by the measure job.

`Facts` is one reading of them; overview.py turns it, with the totals, into what screens show.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ioc.db import Connection
from ioc.periods import END, VIETNAM
from ioc.samples import ALL

OPENS, CLOSES = 7, 18  # the window of every shape on the wall, local hours
SLOT = timedelta(minutes=30)
SLOTS = (CLOSES - OPENS) * 2

OLDEST = """
select unit, min(late_from) from items where state = 'working' and kind = 'dossier' and late_from <= %(now)s group by unit"""

# One short walk along (unit, received_at) and one along (unit, closed_at) per unit: no index of its own is needed.
FLOW = """
select 0, floor(extract(epoch from i.received_at - %(since)s) / %(slot)s)::int as n, count(*)::int
from units u, lateral (select received_at from items where unit = u.id and received_at >= %(since)s and received_at < %(until)s
                       and kind = 'dossier' and state not in ('submitted', 'refused')) i group by n
union all
select 1, floor(extract(epoch from i.closed_at - %(since)s) / %(slot)s)::int as n, count(*)::int
from units u, lateral (select closed_at from items where unit = u.id and closed_at >= %(since)s and closed_at < %(until)s
                       and kind = 'dossier' and state = 'done') i group by n"""

SAMPLES = """
select at, numbers from samples where unit = %(unit)s and whole and at >= %(since)s and at < %(until)s
  and at = date_bin(%(slot)s, at, %(since)s) and (counted_at is null or counted_at <= %(known_at)s) order by at"""

FEEDS = """
select source, kind::text, unit, count(*)::int from items where %(sources)s::text[] is null or source = any(%(sources)s) group by 1, 2, 3"""

BAD = "select source, count(*)::int from quarantine where resolved_at is null group by source"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlow:
    """Dossiers received and resolved per slot of one local day's window."""

    came: Sequence[int]
    went: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`oldest`: unit -> since when its oldest overdue dossier is late. `days`: flows of the last four same weekdays."""

    oldest: Mapping[int, datetime]
    today: DayFlow
    days: Sequence[DayFlow]
    shapes: Mapping[int, Mapping[str, float]]  # today, slot -> sampled numbers of the whole province
    ghosts: Mapping[int, Mapping[str, float]]  # yesterday
    bad: Mapping[str, int]  # source -> records in quarantine


def window(now: datetime, days_ago: int = 0, zone: ZoneInfo = VIETNAM) -> tuple[datetime, datetime]:
    """07:00 and 18:00 of a local day."""
    day = (now.astimezone(zone) - timedelta(days=days_ago)).replace(minute=0, second=0, microsecond=0)
    return day.replace(hour=OPENS), day.replace(hour=CLOSES)


async def day_flow(db: Connection, since: datetime, until: datetime) -> DayFlow:
    values = {"since": since, "until": until, "slot": SLOT.total_seconds()}
    counts: tuple[list[int], list[int]] = ([0] * SLOTS, [0] * SLOTS)
    for side, n, count in await (await db.execute(FLOW, values)).fetchall():
        counts[side][n] = count
    return DayFlow(came=counts[0], went=counts[1])


async def sampled(db: Connection, unit: int, since: datetime, until: datetime, known_at: datetime = END) -> dict[int, dict[str, float]]:
    """The whole samples of one unit within a window by slot (the closing of the window is the last slot), as known at `known_at`."""
    rows: list[tuple[datetime, dict[str, Any]]]
    values = {"unit": unit, "since": since, "until": until + SLOT, "slot": SLOT, "known_at": known_at}
    rows = await (await db.execute(SAMPLES, values)).fetchall()
    return {round((at - since) / SLOT): numbers for at, numbers in rows}


async def read(db: Connection, now: datetime, days: Sequence[DayFlow] | None) -> Facts:
    """One reading at `now`. `days`: the past flows if they are known already (they hardly change)."""
    since, until = window(now)
    oldest = await (await db.execute(OLDEST, {"now": now})).fetchall()
    past = days if days is not None else [await day_flow(db, *window(now, 7 * week)) for week in (1, 2, 3, 4)]
    return Facts(
        oldest={unit: at for unit, at in oldest},  # noqa: C416  the rows are untyped
        today=await day_flow(db, since, until),
        days=past,
        shapes=await sampled(db, ALL, since, until),
        ghosts=await sampled(db, ALL, *window(now, 1)),
        bad=dict(await (await db.execute(BAD)).fetchall()),
    )


@dataclass(slots=True, kw_only=True)
class Feeds:
    """Which sources bring which kinds, and feed which units; learned by counting once and from every batch after."""

    kinds: dict[str, set[str]]  # kind -> sources
    units: dict[int, set[str]]  # unit -> sources
    items: dict[str, int]  # source -> items

    @classmethod
    async def count(cls, db: Connection) -> Feeds:
        feeds = cls(kinds={}, units={}, items={})
        await feeds.recount(db)
        return feeds

    async def recount(self, db: Connection, sources: Sequence[str] | None = None) -> None:
        """Count what these sources (None: all) brought, as when another process took it in."""
        items: dict[str, int] = {}
        values = {"sources": None if sources is None else list(sources)}
        for source, kind, unit, count in await (await db.execute(FEEDS, values)).fetchall():
            self.kinds.setdefault(kind, set()).add(source)
            self.units.setdefault(unit, set()).add(source)
            items[source] = items.get(source, 0) + count
        self.items |= items

    def cut_off(self, kind: str, silent: Collection[str]) -> frozenset[int]:
        """Units of which items of a kind come from a source that is not heard from; what else such a unit gets does not matter here."""
        missed = self.kinds.get(kind, set()) & set(silent)
        return frozenset(unit for unit, sources in self.units.items() if sources & missed) if missed else frozenset()

    def learn(self, source: str, kind: str, unit: int, *, new: bool) -> None:
        self.kinds.setdefault(kind, set()).add(source)
        self.units.setdefault(unit, set()).add(source)
        self.items[source] = self.items.get(source, 0) + new
