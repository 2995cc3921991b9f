"""The numbers as they were measured, kept for curves and comparisons: each unit's own, by the minute, and at the end of every local day.

Written by the measure job as its clock passes the borders. At a full minute only what changed is kept, at a half hour everything; the end
of a day is kept for ever. What is missing (a first start, a night switched off) `fill` and `fill_days` count from history, and mark it.
A unit's row is of its own items alone: what stands together is added up when it is asked for (ioc/history.py), by the tree of that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from ioc.db import Connection
from ioc.meter import NAMES, Meter, Totals, bounds, recount_sql
from ioc.periods import VIETNAM

ALL = 0  # the unit that stands for all of them together
MINUTE = timedelta(minutes=1)
EVERY = timedelta(minutes=30)  # between two whole samples
INSTANT = timedelta(microseconds=1)  # the resolution of the store's clock
OLDEST_DAY = 400  # days back that are still counted from history

Numbers = dict[str, int]

WRITE = """
insert into samples (at, unit, numbers, whole, counted_at)
select %(at)s, *, %(whole)s, %(counted_at)s::timestamptz from unnest(%(units)s::int[], %(numbers)s::jsonb[])
on conflict (unit, at) do nothing"""
WRITE_DAY = """
insert into daily_samples (day, unit, numbers, counted_at)
select %(day)s, *, %(counted_at)s::timestamptz from unnest(%(units)s::int[], %(numbers)s::jsonb[])
on conflict (unit, day) do nothing"""
DROP = "select count(*) from drop_chunks('samples', older_than => %(now)s::timestamptz - make_interval(months => %(months)s))"


def border(now: datetime, every: timedelta = EVERY) -> datetime:
    """The last half hour (or minute) that has begun."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(every.total_seconds()), UTC)


def midnight(now: datetime, zone: ZoneInfo = VIETNAM) -> datetime:
    """When the local day of `now` began."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def whole(totals: Mapping[int, Sequence[int]]) -> dict[int, Numbers]:
    """Everything of every unit and of all together, zeros left out."""
    rows = {unit: {name: n for name, n in zip(NAMES, numbers, strict=True) if n} for unit, numbers in totals.items()}
    rows[ALL] = {name: n for name, n in zip(NAMES, _together(totals), strict=True) if n}
    return rows


def changes(before: Mapping[int, Sequence[int]], after: Mapping[int, Sequence[int]]) -> dict[int, Numbers]:
    """What is another number now, zeros too; units and names that stayed are left out, and all of it when nothing moved."""
    nothing = [0] * len(NAMES)
    pairs = {unit: (before.get(unit, nothing), after.get(unit, nothing)) for unit in before.keys() | after.keys()}
    if all(old == new for old, new in pairs.values()):
        return {}
    pairs[ALL] = (_together(before), _together(after))
    rows = {unit: {name: b for name, a, b in zip(NAMES, old, new, strict=True) if a != b} for unit, (old, new) in pairs.items()}
    return {unit: numbers for unit, numbers in rows.items() if numbers or unit == ALL}


def _together(totals: Mapping[int, Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*totals.values(), strict=True)] or [0] * len(NAMES)


@dataclass(slots=True, kw_only=True)
class Sampler:
    """Keeps the numbers of one meter as its clock passes the borders. `last`: the totals kept last, `whole_at`: when all of them were."""

    zone: ZoneInfo = VIETNAM
    last: Totals = field(default_factory=dict)
    whole_at: datetime | None = None

    async def pass_borders(self, meter: Meter, now: datetime) -> set[int]:
        """Bring the meter to every border since its last instant, and keep the numbers there. Returns the units whose totals moved."""
        moved: set[int] = set()
        if meter.at is None:
            return moved
        half, minute, begun = border(now), border(now, MINUTE), midnight(now, self.zone)
        if begun > meter.at:
            moved |= await meter.tick(begun - INSTANT)
            await write_day(meter.db, (begun - INSTANT).astimezone(self.zone).date(), meter.totals)
        for at in sorted({half, minute}):
            if at > meter.at:
                moved |= await meter.tick(at)
                partly = self.whole_at is not None and self.whole_at >= half
                await write(meter.db, at, changes(self.last, meter.totals) if partly else whole(meter.totals), partly=partly)
                self.last, self.whole_at = _copied(meter.totals), self.whole_at if partly else at
        return moved


def _copied(totals: Totals) -> Totals:
    return {unit: list(numbers) for unit, numbers in totals.items()}


async def write(
    db: Connection, at: datetime, rows: Mapping[int, Numbers], *, partly: bool = False, counted_at: datetime | None = None
) -> None:
    """Keep the numbers of units as of `at`; what was kept for that instant already stays. `partly`: only what changed is in them."""
    if rows:
        values = {
            "at": at,
            "whole": not partly,
            "counted_at": counted_at,
            "units": list(rows),
            "numbers": [Jsonb(n) for n in rows.values()],
        }
        await db.execute(WRITE, values)


async def write_day(db: Connection, day: date, totals: Mapping[int, Sequence[int]], counted_at: datetime | None = None) -> None:
    """Keep the closing numbers of a local day; what was kept for it already stays."""
    rows = whole(totals)
    values = {"day": day, "counted_at": counted_at, "units": list(rows), "numbers": [Jsonb(n) for n in rows.values()]}
    await db.execute(WRITE_DAY, values)


def wanted(now: datetime, days: int, zone: ZoneInfo = VIETNAM) -> list[datetime]:
    """The half hours of the last `days` local days (today among them) up to `now`, newest first."""
    first = midnight(now.astimezone(zone) - timedelta(days=days - 1), zone)
    last = border(now)
    return [last - n * EVERY for n in range(int((last - first) / EVERY) + 1)]


async def fill(db: Connection, instants: Sequence[datetime], now: datetime, zone: ZoneInfo = VIETNAM) -> int:
    """Count and keep the samples of those instants that are missing, as we know them now; returns how many were."""
    rows = await (await db.execute("select at from samples where unit = %s and whole and at = any(%s)", [ALL, list(instants)])).fetchall()
    missing = [at for at in instants if at not in {known for (known,) in rows}]
    for at in missing:
        await write(db, at, whole(await _counted(db, at, zone)), counted_at=now)
    return len(missing)


async def missing_days(db: Connection, now: datetime, zone: ZoneInfo = VIETNAM) -> list[date]:
    """The local days that have ended without their closing numbers, newest first, since anything was received (at most OLDEST_DAY back)."""
    today = now.astimezone(zone).date()
    row = await (
        await db.execute("select min(received_at) from items where received_at >= %s", [now - timedelta(days=OLDEST_DAY)])
    ).fetchone()
    if row is None or row[0] is None:
        return []
    known = {day for (day,) in await (await db.execute("select day from daily_samples where unit = %s", [ALL])).fetchall()}
    first = row[0].astimezone(zone).date()
    days = [today - timedelta(days=n) for n in range(1, (today - first).days + 1)]
    return [day for day in days if day not in known]


async def fill_days(db: Connection, days: Sequence[date], now: datetime, zone: ZoneInfo = VIETNAM) -> int:
    """Count and keep the closing numbers of days that are missing, as we know them now; returns how many days were."""
    for day in days:
        end = midnight(datetime.combine(day + timedelta(days=1), time(12), zone), zone) - INSTANT
        await write_day(db, day, await _counted(db, end, zone), counted_at=now)
    return len(days)


async def _counted(db: Connection, at: datetime, zone: ZoneInfo) -> Totals:
    """Every unit's numbers at a past instant, as we know it now."""
    query = recount_sql("items_true_at(%(now)s)").encode()
    rows = await (await db.cursor(binary=True).execute(query, {"now": at, **bounds(at, zone)})).fetchall()
    return {unit: counts for unit, *counts, _ in rows if unit is not None}


async def forget(db: Connection, now: datetime, months: int) -> int:
    """Drop the samples that are older than so many months, whole chunks at a time; days and transitions stay. Returns how many chunks."""
    row = await (await db.execute(DROP, {"now": now, "months": months})).fetchone()
    return row[0] if row else 0
