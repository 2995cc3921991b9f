"""What the forecast reads from the store: the lives it learns from, and the dossiers that are open and in time now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ioc.catalogue import Catalogue, Reading
from ioc.db import Connection
from ioc.forecast.lives import Life, Stretch, Version
from ioc.model import State
from ioc.periods import END, VIETNAM
from ioc.units import UnitError

HISTORY = timedelta(days=731)  # deadlines older than that say little about today's offices
MOST_LIVES = 40_000  # the latest deadlines of that time; see docs/forecast.md for what they cost
PIECE = 1000  # versions

_FACTS = "{0}unit, {0}procedure, {0}step, {0}state::text, {0}received_at, {0}late_from, {0}closed_at, {0}pauses"

LIVES = f"""
with chosen as materialized (
    select source, code from items
    where kind = 'dossier' and state not in ('submitted', 'refused') and late_from > %(since)s and late_from <= %(until)s
      and received_at <= %(now)s
    order by late_from desc, source, code limit %(limit)s
)
select source, code, i.learned_at, null::timestamptz, {_FACTS.format("i.")}
from chosen join items i using (source, code)
union all
select source, code, t.was_learned_at, t.learned_at, {_FACTS.format("t.was_")}
from chosen join transitions t using (source, code) where t.was_learned_at is not null
order by 1, 2, 3"""

OPEN = """
select source, code, unit, procedure, step, field, received_at, due_at, late_from from items
where kind = 'dossier' and state = 'working' and late_from > %(now)s and (%(units)s::int[] is null or unit = any(%(units)s))
order by late_from, source, code"""

BESIDE = """
select count(*) filter (where state = 'working' and late_from <= %(now)s), count(*) filter (where state = 'waiting'),
       count(*) filter (where state = 'working' and late_from is null)
from items where kind = 'dossier' and state in ('working', 'waiting') and (%(units)s::int[] is null or unit = any(%(units)s))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One dossier being worked on, in time now."""

    source: str
    code: str
    unit: int
    procedure: str
    step: str
    field: str
    received_at: datetime
    due_at: datetime
    late_from: datetime


async def lives(db: Connection, now: datetime, heirs: Mapping[int, int], *, decided: bool = True, limit: int = MOST_LIVES) -> list[Life]:
    """The dossiers whose deadline has passed (not `decided`: or is ahead), with every version known of them; the latest `limit`.

    Read a piece at a time, so that what else the process does goes on between two pieces.
    """
    values = {"now": now, "since": now - HISTORY, "until": now if decided else END, "limit": limit}
    found: list[Life] = []
    code, versions = "", list[Version]()
    async with db.transaction(), db.cursor(name="lives") as cursor:
        cursor.itersize = PIECE
        await cursor.execute(LIVES.encode(), values)
        async for row in cursor:
            if code != (one := f"{row[0]}/{row[1]}"):
                found += [Life(code=code, versions=tuple(versions))] if versions else []
                code, versions = one, []
            versions.append(_version(row, heirs))
    return [*found, Life(code=code, versions=tuple(versions))] if versions else found


async def in_time(db: Connection, now: datetime, units: Collection[int] | None) -> list[Open]:
    """The open dossiers of some units (None: all) whose deadline is ahead and whose clock runs, the nearest deadline first."""
    rows = await (await db.execute(OPEN, {"now": now, "units": None if units is None else sorted(units)})).fetchall()
    names = Open.__slots__
    return [Open(**dict(zip(names, row, strict=True))) for row in rows]


async def beside(db: Connection, now: datetime, units: Collection[int] | None) -> dict[str, int]:
    """What is open but in no forecast: late already, waiting for the applicant (the clock stands), without a deadline."""
    row = await (await db.execute(BESIDE, {"now": now, "units": None if units is None else sorted(units)})).fetchone()
    return dict(zip(("overdue", "waiting", "undated"), row or (0, 0, 0), strict=True))


def heirs_of(catalogue: Catalogue | None) -> dict[int, int]:
    """Each unit's key -> the key of who holds its business now: a merged office's history speaks for its heir."""
    if catalogue is None:
        return {}
    homes = catalogue.offices().homes
    return {catalogue.ids[code]: catalogue.ids[home] for code, home in homes.items()}


def _version(row: tuple[Any, ...], heirs: Mapping[int, int]) -> Version:
    _, _, known_from, known_until, unit, procedure, step, state, received_at, late_from, closed_at, pauses = row
    return Version(
        known_from=known_from, known_until=known_until, unit=heirs.get(unit, unit), procedure=procedure, step=step, state=State(state),
        received_at=received_at, late_from=late_from, closed_at=closed_at, pauses=_stretches(pauses or ()),
    )  # fmt: skip


def _stretches(pauses: Iterable[Any]) -> tuple[Stretch, ...]:
    return tuple((pause.lower, pause.upper) for pause in pauses)


def keys_of(catalogue: Catalogue | None, unit: str | None, reading: Reading, now: datetime) -> frozenset[int] | None:
    """The keys of a unit with all below it; None: everything. Raises UnitError for an unknown one."""
    if unit is None:
        return None
    if catalogue is None:
        raise UnitError(f"unit {unit!r} is not known: the unit catalogue is empty; import one, or leave the unit out")
    return catalogue.keys(unit, reading, now.astimezone(VIETNAM).date())
