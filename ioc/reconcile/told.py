"""Published figures that our sources report too: what was reported of a unit for the very period, or made up of its months or days.

The same rules of adding up as on the wall (ioc/figures.py); a period nobody reported is no number, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ioc import figures
from ioc.db import Connection
from ioc.indicators import rate
from ioc.periods import Period, PeriodError, period
from ioc.reconcile.declared import Ours
from ioc.reconcile.place import Place

_NEWEST = """
select distinct on (source, name, period, unit) source, name, period, unit, value from figures
where name = any(%(names)s) and unit = any(%(units)s) order by source, name, period, unit, learned_at desc"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The newest value of one figure of one source, unit and period."""

    source: str
    name: str
    span: Period
    unit: int
    value: float


async def value(db: Connection, ours: Ours, place: Place, within: Period, now: datetime) -> float | None:
    """What the sources report of a figure; None where nothing is known of one of its parts."""
    share = figures.RATES[ours.share] if ours.share else None
    names = {*ours.told, *((*share.parts, *share.whole) if share else ())}
    found = await (await db.execute(_NEWEST, {"names": list(names), "units": [*place.keys, place.key]})).fetchall()
    rows = list(_rows(found, now))
    known = {name: together(name, [row for row in rows if row.name == name], within, place.key) for name in names}
    if any(number is None for number in known.values()):
        return None
    if share is None:
        return sum(known[name] or 0 for name in ours.told)
    return rate(round(sum(known[name] or 0 for name in share.parts)), round(sum(known[name] or 0 for name in share.whole)))


def _rows(found: Iterable[tuple[str, str, str, int, float]], now: datetime) -> Iterable[Row]:
    for source, name, text, unit, number in found:
        try:
            yield Row(source=source, name=name, span=period(text, now), unit=unit, value=number)
        except PeriodError:
            continue


def together(name: str, rows: Sequence[Row], within: Period, own: int) -> float | None:
    """One figure of a period: the very period where it was reported, else its longest pieces (months before days)."""
    declared = figures.BY_NAME[name]
    of_it = [row for row in rows if (row.span.since, row.span.until) == (within.since, within.until)]
    if not of_it:
        inside = [row for row in rows if within.since <= row.span.since and row.span.until <= within.until]
        longest = max((row.span.until - row.span.since for row in inside), default=timedelta())
        of_it = [row for row in inside if row.span.until - row.span.since > longest - timedelta(days=4)]  # months have 28 to 31 days
        if declared.over_days == "last":
            last = max((row.span.until for row in inside), default=within.since)
            of_it = [row for row in inside if row.span.until == last]
    values = [row.value for row in of_it if declared.over_units != "own" or row.unit == own]
    if not values:
        return None
    return sum(values) if declared.over_units == "sum" else max(values)
