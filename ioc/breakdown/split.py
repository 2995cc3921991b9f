"""A count split: one query that counts by part, the parts put together so that they sum to the number, and the list behind each.

By unit the parts are the rows of a board: the offices directly below, and what the unit holds itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ioc.answers import Only, Question, items, keys_of, local_day, measured_in
from ioc.breakdown.dimensions import UNIT, Dimension, DimensionError
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.indicators import BY_NAME, QUANTILE_BY_NAME, RATE_BY_NAME, unknown
from ioc.meter import ages, judged, past, predicate
from ioc.offices import in_alphabet, offices
from ioc.periods import VIETNAM

Counted = dict[str | None, dict[str, int]]  # part -> {indicator: count}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a number. `key`: the dimension's value (None: not stated), or a unit's code with `only` as ioc/answers.py has it."""

    key: str | None
    vi: str
    en: str
    value: int
    only: Only = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`shown` and the `others` (so many parts with so much in all) together are `total`."""

    asked: Question
    at: datetime
    by: Dimension
    name: str
    total: int
    shown: Sequence[Part]
    others: tuple[int, int] = (0, 0)


def looked_at(catalogue: Catalogue | None, asked: Question, now: datetime, calendar: WorkCalendar | None) -> tuple[str, dict[str, Any]]:
    """The "from ... where ..." of a question's items, to go on with `and`, and its values with those of every predicate and dimension."""
    span, at = asked.span(now)
    keys = keys_of(catalogue, asked, at)
    relation, values = past(at, asked.known_at, asked.seen)
    values |= {"since": span.since, "until": span.until, "zone": zone_of(calendar), **ages(at, calendar)}
    if keys is None:
        return f"from {judged(relation, asked.compare)} where true", values
    return f"from {judged(relation, asked.compare)} where unit = any(%(units)s)", values | {"units": sorted(keys)}


async def counted_by(
    db: Connection, names: Sequence[str], sql: str, asked: Question, now: datetime, calendar: WorkCalendar | None = None
) -> Counted:
    """Several counts by one expression, in one pass. Parts of which nothing is counted are left out. Raises IndicatorError, UnitError."""
    wheres = [f"({predicate(name)})" for name in names]
    items_of, values = looked_at(await load(db, local_day(now)), asked, now, calendar)
    sums = ", ".join(f"count(*) filter (where {where})" for where in wheres)
    query = f"select nullif({sql}, ''), {sums} {items_of} and ({' or '.join(wheres)}) group by 1"
    rows = await (await db.execute(query.encode(), values)).fetchall()
    return {part: dict(zip(names, numbers, strict=True)) for part, *numbers in rows}


async def split(
    db: Connection,
    name: str,
    by: Dimension,
    asked: Question,
    now: datetime,
    *,
    top: int | None = None,
    calendar: WorkCalendar | None = None,
) -> Parts:
    """A count by one dimension, at most `top` parts shown. Raises IndicatorError, DimensionError (a rate or quantile), UnitError."""
    if name in RATE_BY_NAME or name in QUANTILE_BY_NAME:
        sides = (*RATE_BY_NAME[name].parts, RATE_BY_NAME[name].whole) if name in RATE_BY_NAME else (QUANTILE_BY_NAME[name].of,)
        raise DimensionError(f"{name!r} has no parts that add up; split {', '.join(sides)}")
    if name not in BY_NAME:
        raise unknown(name)
    span, at = asked.span(now)
    found = await counted_by(db, [name], by.sql, asked, now, calendar)
    if by.name == UNIT:
        catalogue = await load(db, local_day(now))
        parts = by_unit(catalogue, asked, at, {int(key or 0): numbers[name] for key, numbers in found.items()})
    else:
        parts = [Part(key=key, vi=by.of(key).vi, en=by.of(key).en, value=numbers[name]) for key, numbers in found.items()]
    shown, others = cut(in_order(parts, by), top)
    total = sum(numbers[name] for numbers in found.values())
    asked = replace(asked, as_of=at, period=span.name)
    return Parts(asked=asked, at=at, by=by, name=name, total=total, shown=shown, others=others)


def by_unit(catalogue: Catalogue | None, asked: Question, at: datetime, own: Mapping[int, int]) -> list[Part]:
    """Each unit's own count put together by the offices directly below the one asked about. Pure."""
    if catalogue is None:
        return [Part(key=str(key), vi=str(key), en=str(key), value=value) for key, value in own.items()]
    parts = [
        Part(key=one.unit, vi=one.name, en=one.name, value=sum(own.get(key, 0) for key in one.keys), only=one.only)
        for one in offices(catalogue, replace(asked, only=""), at)[0]
    ]
    return [part for part in parts if part.value]


def in_order(parts: Sequence[Part], by: Dimension) -> list[Part]:
    """The largest first, or as the dimension has its own order; what is not stated comes last there."""
    if by.dated:
        return sorted(parts, key=lambda part: (part.key is None, part.key))
    if by.order:
        place = {key: n for n, key in enumerate(by.order)}
        return sorted(parts, key=lambda part: place.get(part.key or "", len(place)))
    return sorted(parts, key=lambda part: (-part.value, in_alphabet(part.vi)))


def cut(parts: Sequence[Part], top: int | None) -> tuple[Sequence[Part], tuple[int, int]]:
    """The first `top`, and how many others there are with how much in all."""
    if top is None or len(parts) <= top:
        return parts, (0, 0)
    return parts[:top], (len(parts) - top, sum(part.value for part in parts[top:]))


async def listed(
    db: Connection,
    name: str,
    by: Dimension,
    part: str | None,
    asked: Question,
    now: datetime,
    *,
    calendar: WorkCalendar | None = None,
    limit: int | None = None,
    after: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The items of one part (None: those of which it is not stated), as ioc/answers.py lists them."""
    if by.name == UNIT:
        raise DimensionError("the list of a unit's part is that of the number with this unit: ask /api/v1/items with its unit and only")
    narrowed = (f"nullif({by.sql}, '') is not distinct from %(part)s", {"part": part or None, "zone": zone_of(calendar)})
    return await items(db, name, asked, now, narrowed=narrowed, calendar=calendar, limit=limit, after=after)


def zone_of(calendar: WorkCalendar | None) -> str:
    return str(calendar.zone if calendar else VIETNAM)


def told(one: Parts) -> dict[str, Any]:
    """As JSON. The list behind a part: /api/v1/breakdown/items with `part`, or by unit /api/v1/items with its unit and only."""
    number, words = BY_NAME[one.name], one.by.words
    return {
        "indicator": one.name, "vi": number.words.vi, "en": number.words.en, "measured_in": measured_in(one.name), "value": one.total,
        "by": one.by.name, "by_vi": words.vi, "by_en": words.en, "unit": one.asked.unit, "period": one.asked.period,
        "as_of": one.at.isoformat(),
        "parts": [
            {"part": part.key, "only": part.only, "vi": part.vi, "en": part.en, "value": part.value} for part in one.shown
        ],
        "others": {"parts": one.others[0], "value": one.others[1]} if one.others[0] else None,
    }  # fmt: skip
