"""Which systems, units and calendars the items behind a number come from. One walk over the items of its kinds, with its own predicates.

Called by answer.py within its transaction, so that everything it says is of one moment of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import BY_NAME, QUANTILE_BY_NAME
from ioc.meter import ages, judged, past
from ioc.periods import Period
from ioc.quantiles import NOTHING, quantiles_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Items as somebody asked to see them: judged at `at`, within a period, as stored or known then, under a comparison; `units`: keys.

    `live`: `seen` is what this very transaction sees, so the present rows are the same and quicker.
    """

    at: datetime
    within: Period
    known_at: datetime | None = None
    seen: str | None = None
    live: bool = False
    compare: Compare | None = None
    calendar: WorkCalendar | None = None
    units: Collection[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one source, unit and calendar have of a number: `brought` items of its kinds, `counts` of them by part, `counted` by any part,
    of which `suspect`."""

    source: str
    unit: int
    calendar: str | None
    brought: int
    counted: int
    suspect: int
    counts: tuple[int, ...]


async def shares(db: Connection, parts: Sequence[str], kinds: Collection[str], asked: Judged) -> list[Share]:
    """Who has what of the counts named `parts`. The sum over all of `counts[n]` is the n-th count, exactly as the lists have it."""
    relation, values = ("items", {"now": asked.at}) if asked.live else past(asked.at, asked.known_at, asked.seen)
    wheres = [f"({BY_NAME[part].sql()})" for part in parts]
    counts = ", ".join(f"count(*) filter (where {where})" for where in wheres)
    counted = " or ".join(wheres)
    query = f"""
select source, unit, calendar, count(*), count(*) filter (where {counted}),
       count(*) filter (where ({counted}) and suspect is not null), {counts}
from {judged(relation, asked.compare)}
where kind = any(%(kinds)s::item_kind[]) and (%(units)s::int[] is null or unit = any(%(units)s))
group by source, unit, calendar order by source, unit, calendar"""
    values |= {"since": asked.within.since, "until": asked.within.until, **ages(asked.at, asked.calendar), "kinds": sorted(kinds)}
    rows = await (await db.execute(query.encode(), values | {"units": None if asked.units is None else sorted(asked.units)})).fetchall()
    return [
        Share(source=source, unit=unit, calendar=calendar, brought=brought, counted=any_part, suspect=suspect, counts=tuple(each))
        for source, unit, calendar, brought, any_part, suspect, *each in rows
    ]


async def time_taken(db: Connection, name: str, asked: Judged) -> float | None:
    """A quantile of the working hours the items took; None where none did."""
    groups = None if asked.units is None else dict.fromkeys(asked.units, "")
    found = await quantiles_at(
        db, asked.at, asked.within, groups=groups, wanted=(QUANTILE_BY_NAME[name],), known_at=asked.known_at, seen=asked.seen,
        compare=asked.compare,
    )  # fmt: skip
    return found.get("", {name: NOTHING})[name].hours
