"""Records nobody could read: pushed aside with their reason, looked at, tried again, or dropped. Called by the store and by the commands.

A record is known by the hash of what was received, so the same one again only counts. It leaves when its code comes well, when it is read
well after the mapping was mended, when a newer bad record of the same code takes its place, or when a person drops it; its row stays
until tidy() removes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from ioc.db import Connection
from ioc.item_rows import storable
from ioc.model import BadRow, Fault, Figure, Gone, Item
from ioc.privacy import LONGEST, kept, masked, told

ITEM, FIGURE = "$item", "$figure"  # a record that was read well, but that the store could not keep

SETTLE = """
update quarantine q set resolved_at = %(now)s, resolved = 'came well'
from incoming n where q.source = %(source)s and q.resolved_at is null and q.code = n.code"""

SETTLE_CODES = """
update quarantine set resolved_at = %(now)s, resolved = 'came well'
where source = %(source)s and resolved_at is null and code = any(%(codes)s)"""

# What a person dropped stays dropped when the source sends it again.
PUSH_ASIDE = """
insert into quarantine as q (source, raw_hash, code, reason, fault, record, first_at, last_at)
select %(source)s, bad.*, %(now)s, %(now)s
from unnest(%(hashes)s::text[], %(codes)s::text[], %(reasons)s::text[], %(faults)s::text[], %(records)s::jsonb[]) as bad
on conflict (source, raw_hash) do update
   set last_at = excluded.last_at, times = q.times + 1, reason = excluded.reason, fault = excluded.fault,
       record = coalesce(excluded.record, q.record),
       resolved_at = case when q.resolved = 'dropped' then q.resolved_at end,
       resolved    = case when q.resolved = 'dropped' then q.resolved end"""

# One dossier sent badly in two versions misses once, not twice.
REPLACE = """
update quarantine set resolved_at = %(now)s, resolved = 'replaced'
where source = %(source)s and resolved_at is null and code = any(%(codes)s) and not raw_hash = any(%(hashes)s)"""

LISTED = "source, raw_hash, code, fault, reason, first_at, last_at, times, resolved_at, resolved, dropped_why"
LIST = f"""
select {LISTED} from quarantine
where (%(source)s::text is null or source = %(source)s) and (%(everything)s or resolved_at is null)
order by last_at desc, source, raw_hash limit %(limit)s"""
SHOW = f"select {LISTED}, record from quarantine where starts_with(raw_hash, %(start)s) order by last_at desc limit 2"
OPEN = """
select raw_hash, code, record from quarantine
where source = %s and resolved_at is null and record is not null order by first_at, raw_hash"""
LACKING = "select count(*) from quarantine where source = %s and resolved_at is null and record is null"
DROP = """
update quarantine set resolved_at = %(now)s, resolved = 'dropped', dropped_why = %(why)s
where source = %(source)s and raw_hash = any(%(hashes)s) and resolved_at is null"""
# Storing what was read again has just settled its code; it left because somebody tried again, and that is what its row shall say.
RETRIED = """
update quarantine set resolved_at = %(now)s, resolved = 'retried'
where source = %(source)s and raw_hash = any(%(hashes)s) and coalesce(resolved, 'came well') = 'came well'"""
EXPLAIN = """
update quarantine q set reason = bad.reason, fault = bad.fault
from unnest(%(hashes)s::text[], %(reasons)s::text[], %(faults)s::text[]) as bad (raw_hash, reason, fault)
where q.source = %(source)s and q.raw_hash = bad.raw_hash and q.resolved_at is null"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An open record and what was kept of it."""

    raw_hash: str
    code: str | None
    record: dict[str, Any]


def refused(what: Item | Gone | Figure, problem: str, fault: Fault) -> BadRow:
    """What was read well but cannot be kept, so that it can be tried again when the unit is known."""
    code = what.code if isinstance(what, Item | Gone) else f"{what.name}/{what.unit}/{what.period}"
    digest = hashlib.sha256(f"{code}\0{problem}".encode("utf-8", "surrogatepass")).hexdigest()
    plain = msgspec.to_builtins(what, str_keys=True)
    safe = None if isinstance(what, Gone) else kept(plain, plain)
    if safe is not None and isinstance(what, Figure):
        safe |= {"value": what.value}  # an amount of money has as many digits as an identity card
    record = None if safe is None else {ITEM if isinstance(what, Item) else FIGURE: safe}
    return BadRow(reason=problem, raw_hash=digest, code=told(code), fault=fault, record=record)


def again(record: dict[str, Any]) -> Item | Figure | None:
    """What `refused` kept, as it was; None for a record that its mapping must read."""
    try:
        if ITEM in record:
            return msgspec.convert(record[ITEM], Item)
        return msgspec.convert(record[FIGURE], Figure) if FIGURE in record else None
    except msgspec.ValidationError:
        return None


async def put_aside(db: Connection, source: str, bad: Iterable[BadRow], now: datetime) -> int:
    """Keep bad rows within the caller's transaction; returns how many there are."""
    rows = {row.raw_hash: row for row in bad}
    if not rows:
        return 0
    values = {
        "source": source,
        "now": now,
        "hashes": list(rows),
        "codes": [storable(row.code or "") or None for row in rows.values()],
        "reasons": [storable(row.reason) for row in rows.values()],
        "faults": [row.fault.value for row in rows.values()],
        "records": [None if row.record is None else Jsonb(dict(row.record)) for row in rows.values()],
    }
    await db.execute(REPLACE, values)
    await db.execute(PUSH_ASIDE, values)
    return len(rows)


async def listing(db: Connection, source: str | None, *, everything: bool = False, limit: int = 100) -> list[dict[str, Any]]:
    """Records in quarantine, the latest seen first; `everything`: those that left it too."""
    rows = await (await db.execute(LIST.encode(), {"source": source, "everything": everything, "limit": limit})).fetchall()
    return [dict(zip(LISTED.split(", "), row, strict=True)) for row in rows]


async def show(db: Connection, start: str) -> list[dict[str, Any]]:
    """The records whose hash begins so, at most two (two: the beginning is too short), with what was kept of them."""
    rows = await (await db.execute(SHOW.encode(), {"start": storable(start)})).fetchall()
    return [dict(zip((*LISTED.split(", "), "record"), row, strict=True)) for row in rows]


async def waiting(db: Connection, source: str) -> list[Kept]:
    """The open records of a source of which enough was kept to try again."""
    rows = await (await db.execute(OPEN.encode(), [source])).fetchall()
    return [Kept(raw_hash=raw_hash, code=code, record=record) for raw_hash, code, record in rows]


async def lacking(db: Connection, source: str) -> int:
    """How many open records can only be sent again by the source, because nothing of them could be kept."""
    row = await (await db.execute(LACKING, [source])).fetchone()
    return int(row[0]) if row else 0


async def drop(db: Connection, source: str, hashes: Sequence[str], why: str, now: datetime) -> int:
    """Let records leave because a person says so, also when the source sends them again. Returns how many were still open."""
    values = {"source": source, "hashes": list(hashes), "why": storable(masked(why[:LONGEST])), "now": now}
    return (await db.execute(DROP, values)).rowcount


async def retried(db: Connection, source: str, hashes: Sequence[str], now: datetime) -> int:
    """Let records leave that were read again and stored. Returns how many did."""
    return (await db.execute(RETRIED, {"source": source, "hashes": list(hashes), "now": now})).rowcount


async def explain(db: Connection, source: str, still: Mapping[str, tuple[str, Fault]]) -> None:
    """Why records could not be read this time, by their hash. That does not count as seen again."""
    reasons, faults = [storable(reason) for reason, _ in still.values()], [fault.value for _, fault in still.values()]
    await db.execute(EXPLAIN, {"source": source, "hashes": list(still), "reasons": reasons, "faults": faults})
