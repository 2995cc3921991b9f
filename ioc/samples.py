"""The numbers as they were measured, kept for curves and comparisons: one row a half hour and unit, the unit and all below it together.

Written by the measure job at each half hour; `fill` counts the ones that are missing (a first start, a night switched off) from history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from ioc.catalogue import Catalogue
from ioc.db import Connection
from ioc.meter import NAMES, bounds, recount_sql
from ioc.periods import VIETNAM

EVERY = timedelta(minutes=30)

WRITE = "insert into samples (at, unit, numbers) values (%s, %s, %s) on conflict (unit, at) do nothing"


def boundary(now: datetime) -> datetime:
    """The last half hour that has begun."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(EVERY.total_seconds()), UTC)


async def write(db: Connection, at: datetime, totals: Mapping[int, Sequence[int]], catalogue: Catalogue) -> None:
    """Keep the totals of all units as of `at`; what was kept for that instant already stays."""
    by_code = {catalogue.codes[unit]: numbers for unit, numbers in totals.items() if unit in catalogue.codes}
    rows = []
    for code, numbers in catalogue.tree.roll_up(by_code).items():
        named = {name: number for name, number in zip(NAMES, numbers, strict=True) if number}
        rows.append((at, catalogue.ids[code], Jsonb(named)))
    async with db.transaction(), db.cursor() as cursor:
        await cursor.executemany(WRITE, rows)


def wanted(now: datetime, days: int, zone: ZoneInfo = VIETNAM) -> list[datetime]:
    """The half hours of the last `days` local days (today among them) up to `now`, newest first."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = (midnight - timedelta(days=days - 1)).astimezone(UTC)
    last = boundary(now)
    return [last - n * EVERY for n in range(int((last - first) / EVERY) + 1)]


async def fill(db: Connection, instants: Sequence[datetime], catalogue: Catalogue, zone: ZoneInfo = VIETNAM) -> int:
    """Count and keep the samples of those instants that are missing, as we know them now; returns how many were."""
    root = catalogue.ids[catalogue.tree.root]
    rows = await (await db.execute("select at from samples where unit = %s and at = any(%s)", [root, list(instants)])).fetchall()
    missing = [at for at in instants if at not in {known for (known,) in rows}]
    query = recount_sql("items_true_at(%(now)s)").encode()
    for at in missing:
        counted = await (await db.cursor(binary=True).execute(query, {"now": at, **bounds(at, zone)})).fetchall()
        await write(db, at, {unit: counts for unit, *counts, _ in counted if unit is not None}, catalogue)
    return len(missing)
