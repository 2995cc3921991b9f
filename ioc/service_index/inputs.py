"""The numbers of all units which the service index is made of: counts of items and reported figures, within a period, as known then.

Called by answer.py. One query over the items and one over the figures, whatever the number of units. What nobody reports stays None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ioc.answers import Question
from ioc.db import Connection
from ioc.figures import BY_NAME as FIGURES
from ioc.indicators import BY_NAME as COUNTS
from ioc.meter import count_at
from ioc.periods import Period, PeriodError, period

FIGURE_ROWS = """
select distinct on (source, name, period, unit) source, name, period, unit, value, coalesce(reported_at, learned_at)
from figures where name = any(%(names)s) and learned_at <= %(known_at)s
order by source, name, period, unit, learned_at desc"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One reported figure of one unit."""

    source: str
    name: str
    unit: int
    span: Period
    value: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Counts by unit, and the figures told; `said`: the names of which anything at all is known in the period."""

    counts: Mapping[int, Mapping[str, int]]
    told: Mapping[str, tuple[Told, ...]]
    said: frozenset[str]

    def of(self, units: frozenset[int], names: Iterable[str], root: int) -> dict[str, float | None]:
        """The values of some units together; `root` speaks for them where a figure is each unit's own."""
        return {name: self._count(name, units) if name in COUNTS else self._figure(name, units, root) for name in names}

    def _count(self, name: str, units: frozenset[int]) -> float | None:
        if name not in self.said:
            return None
        return sum(self.counts[unit][name] for unit in units if unit in self.counts)

    def _figure(self, name: str, units: frozenset[int], root: int) -> float | None:
        over = FIGURES[name].over_units
        values = [one.value for one in self.told.get(name, ()) if one.unit in units and (over != "own" or one.unit == root)]
        if not values:
            return None
        return sum(values) if over == "sum" else max(values)


async def gather(db: Connection, names: frozenset[str], asked: Question, now: datetime) -> Inputs:
    """Everything `names` need, of all units, for the period and instant of the question."""
    within, at = asked.span(now)
    counts = await count_at(db, at, within, known_at=asked.known_at, compare=asked.compare)
    figures = [name for name in names if name in FIGURES]
    values = {"names": figures, "known_at": asked.known_at or now}
    rows = await (await db.execute(FIGURE_ROWS, values)).fetchall()
    told = {name: tuple(_in_period(name, mine, within)) for name, mine in _by_name(rows, at).items()}
    return Inputs(counts=counts, told=told, said=frozenset(name for name in names if _said(name, counts)))


def _said(name: str, counts: Mapping[int, Mapping[str, int]]) -> bool:
    """Whether a count is known at all. A trait, or a second system's picture, that nobody ever states is missing, not zero."""
    if name not in COUNTS:
        return False
    if "traits" in COUNTS[name].where or "mirror" in COUNTS[name].where:
        return any(mine[name] for mine in counts.values())
    return True


def _by_name(rows: Iterable[tuple[Any, ...]], at: datetime) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    spans: dict[str, Period | None] = {}
    for source, name, text, unit, value, reported in rows:
        if text not in spans:
            try:
                spans[text] = period(text, at)
            except PeriodError:
                spans[text] = None
        span = spans[text]
        if span is not None:
            found.setdefault(name, []).append(Told(source=source, name=name, unit=unit, span=span, value=value, at=reported))
    return found


def _in_period(name: str, rows: list[Told], within: Period) -> list[Told]:
    """The figures that make a period's: of each source and unit the longest reported stretches inside it that do not overlap, or, of a
    stock, the newest one that began before its end."""
    by_teller: dict[tuple[str, int], list[Told]] = {}
    for one in rows:
        by_teller.setdefault((one.source, one.unit), []).append(one)
    chosen: list[Told] = []
    for mine in by_teller.values():
        if FIGURES[name].over_days == "last":
            begun = [one for one in mine if one.span.since < within.until]
            chosen += [max(begun, key=lambda one: (one.span.until, one.span.since))] if begun else []
        else:
            chosen += _longest(mine, within)
    return chosen


def _longest(rows: list[Told], within: Period) -> list[Told]:
    inside = [one for one in rows if within.since <= one.span.since and one.span.until <= within.until]
    taken: list[Told] = []
    for one in sorted(inside, key=lambda one: (one.span.since - one.span.until, one.span.since)):  # the longest first
        if all(one.span.until <= other.span.since or other.span.until <= one.span.since for other in taken):
            taken.append(one)
    return taken
