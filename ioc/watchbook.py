"""The watch book: what is known of each source through restarts, its flips, the fields of its records, and when a server was listening.

Written by the process that does the jobs (and by any that takes a push), read by it when it begins, by the ledger, the rules and the
commands. Every write is one statement, however many sources there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from ioc.db import Connection
from ioc.hearing import Flip, Heard, KnownField

UNBROKEN = timedelta(seconds=30)  # one server taking over from another is no break

FACTS = {field.name: "timestamptz" for field in fields(Heard) if field.name != "resumed"} | {
    "spared": "interval", "failures": "int", "error": "text", "skew": "int",
}  # fmt: skip
_NAMES = ", ".join(FACTS)
_GIVEN = ", ".join(f"%({name})s::{kind}[]" for name, kind in FACTS.items())
_TAKEN = ", ".join(f"{name} = excluded.{name}" for name in FACTS)

# Another process may have heard more of a source that calls us: the later one stays.
KEEP = f"""
insert into source_facts as f (source, at, {_NAMES})
select source, %(now)s, {_NAMES} from unnest(%(sources)s::text[], {_GIVEN}) as n (source, {_NAMES})
on conflict (source) do update set at = excluded.at, {_TAKEN}
where coalesce(f.read_at, '-infinity') <= coalesce(excluded.read_at, '-infinity')"""

RECALL = f"select source, at, {_NAMES} from source_facts where %(sources)s::text[] is null or source = any(%(sources)s)"

# Sources that were collected before there was a watch book: when they last brought anything.
MOVED = """
select source, max(at) from (
    select source, max(learned_at) as at from transitions
    where source = any(%(sources)s) and learned_at > %(since)s and not refolded group by source
    union all
    select source, max(learned_at) from figures where source = any(%(sources)s) group by source) moved group by source"""

FLIP = """
insert into source_health (source, at, state, since, stuck, stuck_since, drift, drift_since, why)
select n.source, greatest(n.at, (select max(at) + interval '1 microsecond' from source_health h where h.source = n.source)), n.state,
       n.since, n.stuck is not null, n.stuck, n.drift is not null, n.drift, n.why
from unnest(%(sources)s::text[], %(ats)s::timestamptz[], %(states)s::text[], %(sinces)s::timestamptz[], %(stuck)s::timestamptz[],
            %(drift)s::timestamptz[], %(whys)s::text[]) as n (source, at, state, since, stuck, drift, why)"""

_FLIP = (
    "source, at, state, coalesce(since, at), case when stuck then coalesce(stuck_since, at) end,"
    " case when drift then coalesce(drift_since, at) end, why"
)
STANDING = f"""
select {_FLIP} from sources s, lateral (
    select * from source_health h where h.source = s.name and h.at <= coalesce(%(at)s::timestamptz, 'infinity') order by h.at desc limit 1
) newest"""
HISTORY = f"""
select {_FLIP} from source_health where source = %(source)s
  and at >= coalesce((select max(at) from source_health where source = %(source)s and at <= %(since)s), '-infinity')
order by at limit %(limit)s"""

FIELDS = """
select source, field, first_at, last_at, accepted_at is not null, missing, missing_since, gap from source_fields
where %(sources)s::text[] is null or source = any(%(sources)s)"""
KEEP_FIELDS = """
insert into source_fields as f (source, field, first_at, last_at, accepted_at, missing, missing_since, gap)
select %(source)s, n.field, n.first_at, n.last_at, case when n.accepted then n.first_at end, n.missing, n.missing_since, n.gap
from unnest(%(names)s::text[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[], %(accepted)s::boolean[], %(missing)s::int[],
            %(since)s::timestamptz[], %(gaps)s::int[]) as n (field, first_at, last_at, accepted, missing, missing_since, gap)
on conflict (source, field) do update set last_at = excluded.last_at, missing = excluded.missing, missing_since = excluded.missing_since,
       gap = excluded.gap, accepted_at = coalesce(f.accepted_at, excluded.accepted_at)"""
ACCEPT = "update source_fields set accepted_at = %(now)s where source = %(source)s and accepted_at is null returning field"
FORGET = "delete from source_fields where source = %(source)s and field = any(%(missing)s) returning field"

CODES = """
select source, reason, count(*)::int, min(first_at) from quarantine where resolved_at is null and fault = 'code'
group by source, reason order by min(first_at) limit 2000"""

FIGURES = "select source, count(*)::int from figures where %(sources)s::text[] is null or source = any(%(sources)s) group by source"

LISTEN = """
with going_on as (
    update listening set until = %(now)s where since = (select max(since) from listening) and until >= %(now)s::timestamptz - %(unbroken)s
    returning since)
insert into listening (since, until) select %(now)s, %(now)s where not exists (select from going_on)
on conflict (since) do nothing"""
LISTENED = "select exists (select from listening where since <= %(at)s and until >= %(at)s)"


async def keep(db: Connection, heard: Mapping[str, Heard], now: datetime) -> None:
    """Write down what is known of these sources, as of `now`."""
    if not heard:
        return
    columns = {name: [getattr(one, name) for one in heard.values()] for name in FACTS}
    await db.execute(KEEP.encode(), {"sources": list(heard), "now": now, **columns})


async def recall(db: Connection, sources: Sequence[str] | None = None) -> dict[str, tuple[datetime, Heard]]:
    """What was known, and when that was so. `resumed` is where the listening was then."""
    rows = await (await db.execute(RECALL.encode(), {"sources": None if sources is None else list(sources)})).fetchall()
    return {source: (at, Heard(resumed=at, **dict(zip(FACTS, values, strict=True)))) for source, at, *values in rows}


async def last_moves(db: Connection, sources: Sequence[str], since: datetime) -> dict[str, datetime]:
    """When each source last changed anything, as far back as `since`."""
    rows = await (await db.execute(MOVED, {"sources": list(sources), "since": since})).fetchall()
    return {source: at for source, at in rows}  # noqa: C416  the rows are untyped


async def write_flips(db: Connection, flips: Iterable[Flip]) -> None:
    """Each a row; one that says it happened before what was written last stands right after that. One source once a call."""
    listed = list(flips)
    if not listed:
        return
    values: dict[str, Any] = {"sources": [f.source for f in listed], "ats": [f.at for f in listed], "states": [f.state for f in listed]}
    values |= {"sinces": [f.since for f in listed], "stuck": [f.stuck for f in listed], "drift": [f.drift for f in listed]}
    await db.execute(FLIP, {**values, "whys": [f.why for f in listed]})


async def standing(db: Connection, at: datetime | None = None) -> dict[str, Flip]:
    """The newest flip of every source that has one; with `at` the one that held then."""
    rows = await (await db.execute(STANDING.encode(), {"at": at})).fetchall()
    return {row[0]: _flip(row) for row in rows}


async def history(db: Connection, source: str, since: datetime, limit: int) -> list[Flip]:
    """The flips since an instant, oldest first, beginning with the one that held then."""
    rows = await (await db.execute(HISTORY.encode(), {"source": source, "since": since, "limit": limit})).fetchall()
    return [_flip(row) for row in rows]


def _flip(row: Sequence[Any]) -> Flip:
    source, at, state, since, stuck, drift, why = row
    return Flip(source=source, at=at, state=state, since=since, stuck=stuck, drift=drift, why=why)


async def known_fields(db: Connection, sources: Sequence[str] | None = None) -> dict[str, dict[str, KnownField]]:
    """The fields each source's records came with."""
    found: dict[str, dict[str, KnownField]] = {}
    rows = await (await db.execute(FIELDS, {"sources": None if sources is None else list(sources)})).fetchall()
    for source, field, first_at, last_at, accepted, missing, missing_since, gap in rows:
        found.setdefault(source, {})[field] = KnownField(
            first_at=first_at, last_at=last_at, accepted=accepted, missing=missing, missing_since=missing_since, gap=gap
        )
    return found


async def keep_fields(db: Connection, source: str, known: Mapping[str, KnownField]) -> None:
    """Write down these fields of a source; one a person accepted stays accepted."""
    listed = list(known.values())
    values: dict[str, Any] = {"source": source, "names": list(known), "firsts": [f.first_at for f in listed]}
    values |= {"lasts": [f.last_at for f in listed], "accepted": [f.accepted for f in listed], "missing": [f.missing for f in listed]}
    await db.execute(KEEP_FIELDS, {**values, "since": [f.missing_since for f in listed], "gaps": [f.gap for f in listed]})


async def accept(db: Connection, source: str, missing: Sequence[str], now: datetime) -> tuple[list[str], list[str]]:
    """Take the answers of a source as they are now: (new fields accepted, `missing` ones no longer expected)."""
    async with db.transaction():
        new = await (await db.execute(ACCEPT, {"source": source, "now": now})).fetchall()
        gone = await (await db.execute(FORGET, {"source": source, "missing": list(missing)})).fetchall()
    return sorted(name for (name,) in new), sorted(name for (name,) in gone)


async def unknown_codes(db: Connection) -> list[tuple[str, str, int, datetime]]:
    """(source, reason, records, since) of what waits in quarantine because of a code nobody declared."""
    return await (await db.execute(CODES)).fetchall()


async def figures_of(db: Connection, sources: Sequence[str] | None = None) -> dict[str, int]:
    """How many figures each source has reported."""
    rows = await (await db.execute(FIGURES, {"sources": None if sources is None else list(sources)})).fetchall()
    return {source: count for source, count in rows}  # noqa: C416  the rows are untyped


async def listen(db: Connection, now: datetime) -> None:
    """Write down that the jobs are done at `now`: the last stretch goes on, or after a break another begins."""
    await db.execute(LISTEN, {"now": now, "unbroken": UNBROKEN})


async def listened(db: Connection, at: datetime) -> bool:
    """Whether any server did the jobs at an instant."""
    row = await (await db.execute(LISTENED, {"at": at})).fetchone()
    return bool(row and row[0])
