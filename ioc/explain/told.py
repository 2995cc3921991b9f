"""A reported number as of an instant: the figures it is made of, and what it came to. Figures are only added, so the past stands.

The rows are read here, what they make is decided by ioc/reported.py, the same as for the wall.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ioc.db import Connection
from ioc.explain.definition import Definition
from ioc.figures import BY_NAME as FIGURE_BY_NAME
from ioc.periods import VIETNAM
from ioc.reported import LASTING, YEARS_BACK, Number, Told, numbers, rates

NEWEST = "newest"

ROWS = """
select distinct on (f.source, f.name, f.period, f.unit) f.source, f.name, f.period, u.code, f.value, f.reported_at, f.learned_at
from figures f join units u on u.id = f.unit
where f.name = any(%(names)s) and f.learned_at <= %(known)s and (%(units)s::int[] is null or f.unit = any(%(units)s))
  and case when %(period)s::text is null then f.period >= case when f.name = any(%(lasting)s) then %(first_year)s else %(month)s end
           else f.period = %(period)s or starts_with(f.period, %(period)s || '-') end
order by f.source, f.name, f.period, f.unit, f.learned_at desc"""

EVER = """
select count(distinct unit)::int from figures
where name = any(%(names)s) and learned_at <= %(known)s and (%(units)s::int[] is null or unit = any(%(units)s))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure as one source reported it of one unit and period, the newest word of it that was known."""

    source: str
    name: str
    period: str
    unit: str
    value: float
    reported_at: datetime | None
    learned_at: datetime

    @property
    def at(self) -> datetime:
        return self.reported_at or self.learned_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`known`: the number and the figures it is made of, by name; `rows`: those that went into them; `units`: units that ever reported."""

    known: dict[str, Number]
    rows: tuple[Row, ...]
    units: int


async def read(
    db: Connection, made: Definition, period: str, at: datetime, known: datetime, root: str, units: Collection[int] | None,
    zone: ZoneInfo = VIETNAM,
) -> Reported:  # fmt: skip
    """A figure or a rate of figures within `period` (NEWEST: the newest that has begun at `at`), as known at `known`.

    `root`: the code of the unit whose own figures speak for the whole.
    """
    wanted = sorted({*made.parts, *made.whole} or {made.name})
    day = at.astimezone(zone).date()
    values = {
        "names": wanted, "known": known, "units": None if units is None else sorted(units), "lasting": LASTING,
        "period": None if period == NEWEST else period, "first_year": f"{day.year - YEARS_BACK:04}", "month": f"{day:%Y-%m}",
    }  # fmt: skip
    fetched = await (await db.execute(ROWS, values)).fetchall()
    rows = [Row(**dict(zip(Row.__slots__, row, strict=True))) for row in fetched]
    found = numbers(together(rows, root), at, period, zone)
    ever: tuple[Any, ...] | None = await (await db.execute(EVER, values)).fetchone()
    return Reported(known=found | rates(found), rows=behind(rows, found, wanted, root), units=ever[0] if ever else 0)


def together(rows: Iterable[Row], root: str) -> list[Told]:
    """Rows put together over the units, as ioc/reported.py reads them for the wall."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.source, row.name, row.period), []).append(row)
    return [
        Told(
            source=source, name=name, period=period, total=sum(row.value for row in listed), most=max(row.value for row in listed),
            own=next((row.value for row in listed if row.unit == root), None), units=len(listed), at=max(row.at for row in listed),
        )
        for (source, name, period), listed in grouped.items()
    ]  # fmt: skip


def behind(rows: Iterable[Row], found: dict[str, Number], wanted: Sequence[str], root: str) -> tuple[Row, ...]:
    """The rows that went into the numbers wanted: their values add up to them, where a figure adds up at all."""
    used = {(told.source, name, told.period) for name in wanted if name in found for told in found[name].behind}
    own = {name for name in wanted if name in found and FIGURE_BY_NAME[name].over_units == "own"}
    return tuple(row for row in rows if (row.source, row.name, row.period) in used and (row.name not in own or row.unit == root))
