"""/api/v1/explain and `ioc explain`: one number, what it means, what it was counted from, and the lists behind it.

Everything is read in one transaction that sees one moment of the database, and the lists carry that moment: a list fetched later is as long
as the number was. Without an instant the answer is of now; with the `as_of` and `seen` a screen's numbers carry it is what that screen
showed, to the item. Of the past it is what is known of it now, and beside it what was known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ioc.answers import Question, keys_of, local_day
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.explain import figure, links, mirrored, origin
from ioc.explain.counted import Judged, Share, shares, time_taken
from ioc.explain.definition import Definition, define
from ioc.explain.origin import Fed
from ioc.explain.shape import described, head, iso
from ioc.indicators import rate

ONE_MOMENT = "set transaction isolation level repeatable read, read only"
MADE = "select version, made_at from calendars where version = any(%s)"
MOMENT = timedelta(microseconds=1)  # two batches applied at one instant are learned this far apart


async def explain(
    db: Connection, name: str, asked: Question, now: datetime, fed: Mapping[str, Fed] | None = None, calendar: WorkCalendar | None = None
) -> dict[str, Any]:
    """Where a number comes from. `fed`: what the configuration says of the sources. Raises IndicatorError, PeriodError, UnitError."""
    made = define(name)
    async with db.transaction():
        await db.execute(ONE_MOMENT)
        catalogue = await load(db, local_day(now))
        if made.sort in ("figure", "figure_rate"):
            return await figure.explained(db, made, asked, now, catalogue, fed or {})
        if made.sort == "comparison":
            return await mirrored.explained(db, made, asked, now, keys_of(catalogue, asked, now), fed or {})
        return await _counted(db, made, asked, now, catalogue, fed or {}, calendar)


async def _counted(
    db: Connection, made: Definition, asked: Question, now: datetime, catalogue: Catalogue | None, fed: Mapping[str, Fed],
    calendar: WorkCalendar | None,
) -> dict[str, Any]:  # fmt: skip
    """A count, a rate of counts, or a time."""
    within, at = asked.span(now)
    past = not asked.seen and at < now
    frozen = replace(asked, known_at=asked.known_at or now) if past else replace(asked, seen=asked.seen or await _seen(db))
    of = Judged(
        at=at, within=within, known_at=frozen.known_at, seen=frozen.seen, live=not past and not asked.seen, compare=asked.compare,
        calendar=calendar, units=keys_of(catalogue, asked, at),
    )  # fmt: skip
    parts = _parts(made)
    found = await shares(db, parts, made.kinds, of)
    counts = _counts(parts, found)
    brought = [share for share in found if share.brought]
    known = await origin.read(db, {share.source for share in brought}, at, fed)
    instants = origin.one_instant({source: one.as_of for source, one in known.heard.items()})
    answer = head(made, asked, at) | {
        "known_at": iso(asked.known_at), "seen": frozen.seen, "value": await _value(db, made, counts, of),
        "definition": described(made), "parts": _listed(made, counts, frozen, at),
        "inputs": origin.inputs(brought, known), "coverage": origin.coverage(brought, known), "instant": instants,
        "mixed": bool(made.parts) and instants["same"] is not True, "quarantined": sum(known.bad.values()),
        "suspect": sum(share.suspect for share in found), "calendars": await _calendars(db, found),
        "again": links.explained(made.name, frozen, at),
    }  # fmt: skip
    if past and asked.known_at is None:
        then = replace(of, known_at=at + MOMENT)
        told = _counts(parts, await shares(db, parts, made.kinds, then))
        answer["known_then"] = {"value": await _value(db, made, told, then), "known_at": iso(then.known_at)}
    return answer


def _parts(made: Definition) -> tuple[str, ...]:
    """The counts a number is made of; of a count itself."""
    return (*made.parts, *made.whole) if made.parts else (made.of or made.name,)


def _counts(parts: Sequence[str], found: Sequence[Share]) -> dict[str, int]:
    return {part: sum(share.counts[n] for share in found) for n, part in enumerate(parts)}


async def _value(db: Connection, made: Definition, counts: Mapping[str, int], of: Judged) -> float | None:
    if made.parts:
        return rate(sum(counts[part] for part in made.parts), sum(counts[part] for part in made.whole))
    return await time_taken(db, made.name, of) if made.of else counts[made.name]


def _listed(made: Definition, counts: Mapping[str, int], frozen: Question, at: datetime) -> list[dict[str, Any]]:
    """Every count with its list, and of a rate the two sides as one list each."""
    listed = [_list(part, "of" if made.of else "part" if part in made.parts or not made.parts else "whole", counts[part],
                    links.listed(part, frozen, at)) for part in counts]  # fmt: skip
    if not made.parts:
        return listed
    above, below = sum(counts[part] for part in made.parts), sum(counts[part] for part in made.whole)
    sides = [_list(made.name, "numerator", above, links.listed(made.name, frozen, at)),
             _list(made.name, "denominator", below, links.listed(made.name, frozen, at, "whole"))]  # fmt: skip
    return [*sides, *listed]


def _list(indicator: str, side: str, count: int, href: str) -> dict[str, Any]:
    words = define(indicator).words
    return {"indicator": indicator, "side": side, "vi": words.vi, "en": words.en, "count": count, "items": href}


async def _calendars(db: Connection, found: Sequence[Share]) -> list[dict[str, Any]]:
    """The versions of the working calendar that set the clocks of the items counted, the most used first."""
    counted: dict[str, int] = {}
    for share in found:
        if share.counted:
            counted[share.calendar or ""] = counted.get(share.calendar or "", 0) + share.counted
    made: dict[str, datetime] = dict(await (await db.execute(MADE, [list(counted)])).fetchall())
    order = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"version": version or None, "items": items, "made_at": iso(made.get(version))} for version, items in order]


async def _seen(db: Connection) -> str:
    """What this transaction sees, so that a list can see the same later."""
    row = await (await db.execute("select pg_current_snapshot()::text")).fetchone()
    assert row is not None
    return str(row[0])
