"""The sets of published figures in the database, and the totals our sources report of dossiers as one set each.

A figure that comes again with the same value and dossiers changes nothing; another value is a new row, the newest is compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ioc.db import Connection
from ioc.reconcile.declared import NAMED
from ioc.reconcile.published import Published

REPORTED = tuple(name for name in NAMED if name.startswith("reported_"))
LOOKED_BACK = timedelta(days=62)  # what sources reported before is not compared every ten minutes for ever
MOST = 5_000

_LATEST = """
select distinct on (set_name, figure, period, unit, level) id, set_name, unit, level, period, figure, value, measured_in, detail, cut_off,
       exists (select from published_codes where published = id)
from published where %(sets)s::text[] is null or set_name = any(%(sets)s)
order by set_name, figure, period, unit, level, learned_at desc, id desc"""

_KEEP = """
insert into published (set_name, unit, level, period, figure, value, measured_in, detail, cut_off, learned_at)
values (%(set_name)s, %(unit)s, %(level)s, %(period)s, %(figure)s, %(value)s, %(measured_in)s, %(detail)s, %(cut_off)s, %(now)s)
returning id"""

_REPORTED = """
select distinct on (f.source, f.name, f.period, f.unit) f.source, u.code, f.name, f.period, f.value, f.measured_in,
       coalesce(f.reported_at, f.learned_at)
from figures f join units u on u.id = f.unit
where f.name = any(%(names)s) and f.learned_at > %(since)s
order by f.source, f.name, f.period, f.unit, f.learned_at desc limit %(most)s"""


async def keep(db: Connection, figures: Iterable[Published], now: datetime) -> int:
    """Keep a sheet, all or nothing; returns how many figures are new or have changed."""
    listed = list(figures)
    kept = 0
    async with db.transaction():
        before = {_place(one): one for one in await sets(db, {one.set_name for one in listed})}
        for one in listed:
            last = before.get(_place(one))
            if last is not None and _same(last, one) and await _codes(db, last) == (one.codes and tuple(sorted(one.codes))):
                continue
            row = await (await db.execute(_KEEP, _values(one, now))).fetchone()
            if one.codes and row is not None:
                async with db.cursor().copy("copy published_codes (published, code) from stdin") as copy:
                    for code in one.codes:
                        await copy.write_row((row[0], code))
            kept += 1
    return kept


async def sets(db: Connection, names: Collection[str] | None = None) -> list[Published]:
    """The newest of every figure of some sets (None: all). The dossiers their publishers counted stay in the database (`listed`)."""
    rows = await (await db.execute(_LATEST, {"sets": None if names is None else list(names)})).fetchall()
    return [
        Published(
            key=key, set_name=name, unit=unit, level=level, period=period, figure=figure, value=value, measured_in=measured_in,
            detail=detail, cut_off=cut_off, listed=listed,
        )
        for key, name, unit, level, period, figure, value, measured_in, detail, cut_off, listed in rows
    ]  # fmt: skip


async def _codes(db: Connection, one: Published) -> tuple[str, ...] | None:
    rows = await (await db.execute("select code from published_codes where published = %s", [one.key])).fetchall()
    return tuple(sorted(code for (code,) in rows)) or None


async def reported(db: Connection, now: datetime) -> list[Published]:
    """The dossier totals our sources reported lately, each counted at the instant it was reported."""
    values = {"names": list(REPORTED), "since": now - LOOKED_BACK, "most": MOST}
    return [
        Published(set_name=source, unit=unit, period=period, figure=name, value=value, measured_in=measured, cut_off=at, reported=True)
        for source, unit, name, period, value, measured, at in await (await db.execute(_REPORTED, values)).fetchall()
    ]


def _place(one: Published) -> tuple[str, ...]:
    return one.set_name, one.figure, one.period, one.unit, one.level


def _same(last: Published, one: Published) -> bool:
    """But for the dossiers."""
    return (last.value, last.cut_off, dict(last.detail), last.measured_in) == (one.value, one.cut_off, dict(one.detail), one.measured_in)


def _values(one: Published, now: datetime) -> dict[str, Any]:
    names = ("set_name", "unit", "level", "period", "figure", "value", "measured_in", "cut_off")
    return {name: getattr(one, name) for name in names} | {"detail": Jsonb(dict(one.detail)), "now": now}
