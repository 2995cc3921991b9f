"""Reported figures as numbers: what a province's units reported for a day, a month or lately, added up as ioc/figures.py declares.

The query brings each figure's newest value per source and period, already put together over the units; what that makes for a span is pure.
A period nobody reported is no number, never 0. Called by the measure job for the wall and by the HTTP interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ioc.db import Connection
from ioc.figures import BY_NAME, FIGURE_RATES, FIGURES
from ioc.indicators import rate
from ioc.periods import END, VIETNAM, Period, PeriodError, period

Span = Literal["today", "month", "newest"]
YEARS_BACK = 3  # of the yearly ones

LATEST = """
with latest as (
    select distinct on (source, name, period, unit) source, name, period, unit, value, reported_at, learned_at
    from figures
    where (name = any(%(lasting)s) and period >= %(first_year)s or name = any(%(passing)s) and period >= %(month)s)
      and (%(units)s::int[] is null or unit = any(%(units)s)) and learned_at <= %(known_at)s
    order by source, name, period, unit, learned_at desc
)
select source, name, period, sum(value), max(value), (array_agg(value) filter (where unit = %(root)s))[1],
       count(*)::int, max(coalesce(reported_at, learned_at))
from latest group by source, name, period"""

LASTING = [figure.name for figure in FIGURES if figure.over_units == "own" or figure.name.startswith("procedures_")]
PASSING = [figure.name for figure in FIGURES if figure.name not in LASTING]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One figure of one source and period, put together over its units: `total`, `most`, and `own` of the unit asked for."""

    source: str
    name: str
    period: str
    total: float
    most: float
    own: float | None
    units: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What a span has of a figure. `period`: the one it is of; `before`: the value of the period before, where figures last; `at`: when the
    newest part was reported; `behind`: what it was put together from."""

    value: float
    period: str
    sources: frozenset[str]
    at: datetime
    units: int = 0
    before: float | None = None
    behind: tuple[Told, ...] = field(default=(), compare=False)


async def read(
    db: Connection,
    now: datetime,
    root: int,
    units: Sequence[int] | None = None,
    zone: ZoneInfo = VIETNAM,
    *,
    known_at: datetime = END,
) -> list[Told]:
    """Everything told lately of some units (None: all), as known at `known_at`; `root`: the unit whose own figures speak for the whole."""
    day = now.astimezone(zone).date()
    values = {
        "lasting": LASTING, "passing": PASSING, "first_year": f"{day.year - YEARS_BACK:04}", "month": f"{day:%Y-%m}", "root": root,
        "units": None if units is None else list(units), "known_at": known_at,
    }  # fmt: skip
    rows: list[tuple[Any, ...]] = await (await db.execute(LATEST, values)).fetchall()
    return [
        Told(source=source, name=name, period=span, total=total, most=most, own=own, units=count, at=at)
        for source, name, span, total, most, own, count, at in rows
    ]


def numbers(told: Iterable[Told], now: datetime, span: Span | str, zone: ZoneInfo = VIETNAM) -> dict[str, Number]:
    """Each figure's number within a span: today, this month (days add up where they do), the newest period that has begun, or a period
    by its own name: 2026-10."""
    by_name: dict[str, list[Told]] = {}
    for one in told:
        if one.name in BY_NAME and _value(one) is not None:
            by_name.setdefault(one.name, []).append(one)
    day = now.astimezone(zone).date()
    wanted = {"today": f"{day}", "month": f"{day:%Y-%m}"}.get(span, span)
    found = {name: _newest(rows, now, zone) if span == "newest" else _within(name, rows, wanted) for name, rows in by_name.items()}
    return {name: number for name, number in found.items() if number is not None}


def rates(known: Mapping[str, Number]) -> dict[str, Number]:
    """The declared rates of which every part and something to divide by is known."""
    made = {}
    for one in FIGURE_RATES:
        names = [*one.parts, *one.whole]
        if any(name not in known for name in names) or not (whole := sum(known[name].value for name in one.whole)):
            continue
        value = rate(round(sum(known[name].value for name in one.parts)), round(whole))
        if value is not None:
            parts = [known[name] for name in names]
            made[one.name] = Number(
                value=value, period=parts[0].period, sources=frozenset().union(*(p.sources for p in parts)), at=max(p.at for p in parts)
            )  # fmt: skip
    return made


def _value(one: Told) -> float | None:
    """What a figure says for all its units together."""
    match BY_NAME[one.name].over_units:
        case "sum":
            return one.total
        case "max":
            return one.most
        case _:
            return one.own


def _within(name: str, rows: Sequence[Told], span: str) -> Number | None:
    """The figure of one period. A source that reported the very period is taken at its word; else the longest parts of it, none twice."""
    whole = [one for one in rows if one.period == span]
    told_whole = {one.source for one in whole}
    days = [one for one in rows if one.source not in told_whole and one.period.startswith(f"{span}-")]
    if BY_NAME[name].over_days == "last":
        newest = {source: max((d for d in days if d.source == source), key=lambda d: d.period) for source in {d.source for d in days}}
        days = list(newest.values())
    else:
        days = _apart(days)
    return _together(name, [*whole, *days], span)


def _apart(rows: Iterable[Told]) -> list[Told]:
    """Of each source the longest stretches that do not overlap: a month that was reported is not added to its days."""
    taken: dict[str, list[Period]] = {}
    spans, kept = [], []
    for row in rows:
        try:
            spans.append((row, period(row.period, row.at)))
        except PeriodError:
            continue
    for one, span in sorted(spans, key=lambda pair: pair[1].since - pair[1].until):  # the longest first
        mine = taken.setdefault(one.source, [])
        if all(span.until <= other.since or other.until <= span.since for other in mine):
            mine.append(span)
            kept.append(one)
    return kept


def _newest(rows: Sequence[Told], now: datetime, zone: ZoneInfo) -> Number | None:
    """The figure of the newest period that has begun, with that of the one before it."""
    begun = {}
    for one in rows:
        try:
            span = period(one.period, now, zone)
        except PeriodError:
            continue
        if span.since <= now:
            begun[one.period] = span
    order = sorted(begun, key=lambda name: (begun[name].until, begun[name].since))
    if not order:
        return None
    made = _together(rows[0].name, [one for one in rows if one.period == order[-1]], order[-1])
    before = _together(rows[0].name, [one for one in rows if one.period == order[-2]], order[-2]) if len(order) > 1 else None
    if made is None or before is None:
        return made
    return Number(
        value=made.value, period=made.period, sources=made.sources, at=made.at, units=made.units, before=before.value,
        behind=made.behind,
    )  # fmt: skip


def _together(name: str, rows: Sequence[Told], span: str) -> Number | None:
    """Several sources' parts of one figure: votes of kiosk and portal add up, of several scores the one told last counts."""
    values = [(one, value) for one in rows if (value := _value(one)) is not None]
    if not values:
        return None
    over = BY_NAME[name].over_units
    latest = max(values, key=lambda pair: pair[0].at)
    value = sum(v for _, v in values) if over == "sum" else max(v for _, v in values) if over == "max" else latest[1]
    used = [one for one, _ in values] if over != "own" else [latest[0]]
    return Number(
        value=value, period=span, sources=frozenset(one.source for one in used), at=max(one.at for one in used),
        units=max(one.units for one in used), behind=tuple(used),
    )  # fmt: skip
