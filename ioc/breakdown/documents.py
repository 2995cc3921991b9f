"""The picture of documents (văn bản, screen W3): is paper flow moving, and where does it stop?

All of it is of one question, so no ratio mixes instants. The funnel is of the documents that came in within the period, each stage holding
the next; how far one is, its step says as it is known now (or at `known_at`): of a past instant only "done" is certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ioc.answers import Only, Question, indicators, local_day
from ioc.breakdown.dimensions import DIMENSIONS, STAGES, URGENCIES
from ioc.breakdown.split import Counted, counted_by, looked_at, split, told, zone_of
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.indicators import QUANTILE_BY_NAME
from ioc.meter import predicate
from ioc.offices import Office, in_alphabet, offices
from ioc.quantiles import NOTHING, Spread, quantiles_at

FEW = 5  # handled documents; a unit with fewer is shown apart and not ranked (screens.md W3-02)
WEEKS = 4  # whose working days the usual flow is the mean of
STEPS = 8  # shown; the rest is "others"
MEDIAN, P90 = "documents_handling_median", "documents_handling_p90"
BY_UNIT = ("documents_in", "documents_open", "documents_overdue", "documents_done")
PENDING = ("documents_open", "documents_overdue")
HOURS = """
select (received_at at time zone %(zone)s)::date, extract(hour from received_at at time zone %(zone)s)::int, outgoing, count(*)::int
{items_of} and kind = 'document' and received_at >= %(first)s and received_at <= %(now)s group by 1, 2, 3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An office by how long it holds documents. `rank` 1 holds longest; None: nothing to rank by, or `small`."""

    unit: str
    only: Only
    name: str
    median: float | None
    p90: float | None
    n: int
    counts: Mapping[str, int]
    small: bool
    rank: int | None = None


async def documents(db: Connection, asked: Question, now: datetime, calendar: WorkCalendar | None = None) -> dict[str, Any]:
    """Numbers, funnel, urgency ladder, the offices that hold longest, steps of what is pending, and the flow by hour of the day."""
    answer = await indicators(db, asked, now, calendar)
    urgencies = await counted_by(db, PENDING, DIMENSIONS["urgency"].sql, asked, now, calendar)
    stages = await counted_by(db, ["documents_in"], DIMENSIONS["stage"].sql, asked, now, calendar)
    steps = await split(db, "documents_open", DIMENSIONS["step"], asked, now, top=STEPS, calendar=calendar)
    catalogue = await load(db, local_day(now))
    items_of, values = looked_at(catalogue, asked, now, calendar)
    oldest = await _oldest(db, items_of, values)
    return {
        **{key: answer[key] for key in ("as_of", "unit", "period", "reading", "known_at")},
        "numbers": {name: entry for name, entry in answer["indicators"].items() if name.startswith("documents_")},
        "funnel": funnel({stage: counts["documents_in"] for stage, counts in stages.items()}),
        "stages_as": "known now" if asked.as_of and not asked.known_at else "known at the instant",
        "urgency": ladder(urgencies, oldest),
        "holders": [_shown(one) for one in await _holders(db, catalogue, asked, now, calendar)],
        "steps": told(steps),
        "hours": await _hours(db, items_of, values, calendar or WorkCalendar()),
    }


def funnel(standing: Mapping[str | None, int]) -> list[dict[str, Any]]:
    """From how many documents stand at each stage to how many have come so far: never more than at the stage before. Pure."""
    stages = list(STAGES)
    return [
        {
            "stage": stage, "vi": STAGES[stage].vi if n else "Văn bản đến", "en": STAGES[stage].en if n else "Documents in",
            "value": sum(standing.get(later, 0) for later in stages[n:]), "standing": standing.get(stage, 0),
        }
        for n, stage in enumerate(stages)
    ]  # fmt: skip


def ladder(counted: Counted, oldest: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """What is pending by urgency, the most urgent first, with when the oldest of each came. Pure."""
    return [
        {
            "urgency": key, "vi": words.vi, "en": words.en, **(counted.get(key) or dict.fromkeys(PENDING, 0)),
            "oldest": oldest[key].isoformat() if key in oldest else None,
        }
        for key, words in URGENCIES.items()
    ]  # fmt: skip


def holders(parts: Sequence[Office], counted: Counted, spreads: Mapping[str, Mapping[str, Spread]]) -> list[Holder]:
    """The offices with any document: those that hold longest first, ties sharing a rank, then the ones of too few to rank. Pure."""
    found = [one for office in parts if any((one := _holder(office, counted, spreads.get(_group(office), {}))).counts.values())]
    longest = sorted((one for one in found if not one.small), key=lambda one: (-(one.median or 0), in_alphabet(one.name)))
    places = [1 + sum(1 for other in longest if (other.median or 0) > (one.median or 0)) for one in longest]
    ranked = [replace(one, rank=place) for one, place in zip(longest, places, strict=True)]
    return [*ranked, *sorted((one for one in found if one.small), key=lambda one: in_alphabet(one.name))]


def _holder(office: Office, counted: Counted, spread: Mapping[str, Spread]) -> Holder:
    mine = [counted[str(key)] for key in office.keys if str(key) in counted]
    median, p90 = spread.get(MEDIAN, NOTHING), spread.get(P90, NOTHING)
    sums = {name: sum(counts[name] for counts in mine) for name in BY_UNIT}
    return Holder(
        unit=office.unit, only=office.only, name=office.name, median=median.hours, p90=p90.hours, n=median.n, counts=sums,
        small=median.n < FEW,
    )  # fmt: skip


def _shown(one: Holder) -> dict[str, Any]:
    return {
        "unit": one.unit, "only": one.only, "name": one.name, "rank": one.rank, "small": one.small, "median": one.median, "p90": one.p90,
        "n": one.n, **one.counts,
    }  # fmt: skip


def _group(office: Office) -> str:
    return f"{office.unit}/{office.only}"


async def _holders(
    db: Connection, catalogue: Catalogue | None, asked: Question, now: datetime, calendar: WorkCalendar | None
) -> list[Holder]:
    if catalogue is None:
        return []
    span, at = asked.span(now)
    parts = offices(catalogue, asked, at)[0]
    groups = {key: _group(office) for office in parts for key in office.keys}
    wanted = (QUANTILE_BY_NAME[MEDIAN], QUANTILE_BY_NAME[P90])
    spreads = await quantiles_at(
        db, at, span, groups=groups, wanted=wanted, known_at=asked.known_at, seen=asked.seen, compare=asked.compare
    )  # fmt: skip
    return holders(parts, await counted_by(db, BY_UNIT, DIMENSIONS["unit"].sql, asked, now, calendar), spreads)


async def _oldest(db: Connection, items_of: str, values: Mapping[str, Any]) -> dict[str, datetime]:
    """When the oldest pending document of each urgency came."""
    query = f"select urgency::text, min(received_at) {items_of} and ({predicate('documents_open')}) group by 1"
    rows = await (await db.execute(query.encode(), values)).fetchall()
    return dict(rows)


async def _hours(db: Connection, items_of: str, values: Mapping[str, Any], calendar: WorkCalendar) -> list[dict[str, Any]]:
    at: datetime = values["now"]
    today = at.astimezone(calendar.zone).date()
    first = at - timedelta(weeks=WEEKS, days=1)
    query = HOURS.format(items_of=items_of)
    rows = await (await db.execute(query.encode(), {**values, "first": first, "zone": zone_of(calendar)})).fetchall()
    return flow(rows, today, calendar)


def flow(rows: Sequence[tuple[date, int, bool, int]], today: date, calendar: WorkCalendar) -> list[dict[str, Any]]:
    """In and out by hour of `today`, beside the mean of the weeks' working days before. `rows`: (day, hour, outgoing, count). Pure."""
    before = [today - timedelta(days=n) for n in range(1, 7 * WEEKS + 1)]
    usual = {day for day in before if calendar.is_working(day)}
    hours = []
    for hour in range(24):
        told: dict[str, Any] = {"hour": hour}
        for outgoing, key in ((False, "in"), (True, "out")):
            mine = [(day, count) for day, its_hour, out, count in rows if its_hour == hour and out == outgoing]
            told[key] = sum(count for day, count in mine if day == today)
            told[f"{key}_usual"] = round(sum(count for day, count in mine if day in usual) / len(usual), 1) if usual else 0
        hours.append(told)
    return hours
