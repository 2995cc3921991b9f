"""Quantiles of the working hours that items took, at any instant: of everything, or of groups of units side by side.

A quantile is the time of one real item (percentile_disc), never a mean of two, so somebody can be shown which. Called by ioc/answers.py and
ioc/breakdown. What a source's dates leave without a handling time is in no quantile; `n` says how many are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import BY_NAME, QUANTILES, Quantile
from ioc.meter import judged, past
from ioc.periods import Period, period


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`hours` of working time, one decimal; None where there is no item. `n` items have a handling time."""

    hours: float | None
    n: int


NOTHING = Spread(hours=None, n=0)


def hours(minutes: int) -> float:
    """Minutes as hours, half up to one decimal."""
    return float((Decimal(minutes) / 60).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


async def quantiles_at(
    db: Connection,
    at: datetime,
    span: Period | None = None,
    *,
    groups: Mapping[int, str] | None = None,
    wanted: tuple[Quantile, ...] = QUANTILES,
    known_at: datetime | None = None,
    seen: str | None = None,
    compare: Compare | None = None,
) -> dict[str, dict[str, Spread]]:
    """{group: {quantile: Spread}} of a past instant. `groups`: which group each unit's key belongs to (None: all are one, called "").

    A group without any item is left out.
    """
    relation, values = past(at, known_at, seen)
    within = span or period("all", at)
    values |= {"since": within.since, "until": within.until}
    told = ", ".join(
        f"percentile_disc({one.share:g}) within group (order by handled_minutes) filter (where {where}),"
        f" count(handled_minutes) filter (where {where})"
        for one in wanted
        for where in [BY_NAME[one.of].sql()]
    )
    grouped, joined = "''", ""
    if groups is not None:
        grouped, joined = "grouped.name", "join unnest(%(keys)s::int[], %(names)s::text[]) as grouped (unit, name) using (unit)"
        values |= {"keys": list(groups), "names": list(groups.values())}
    query = f"select {grouped}, {told} from {judged(relation, compare)} {joined} group by 1"
    rows = await (await db.execute(query.encode(), values)).fetchall()
    return {
        name: {one.name: _spread(*pair) for one, pair in zip(wanted, zip(numbers[::2], numbers[1::2], strict=True), strict=True)}
        for name, *numbers in rows
    }


def _spread(minutes: int | None, n: int) -> Spread:
    return Spread(hours=None if minutes is None else hours(minutes), n=n)
