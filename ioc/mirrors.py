"""The same dossiers in two systems held against each other: the province's own, and the national portal's picture of them (Kind.MIRROR).

A difference is a fact about data quality, never a silent merge: nothing here changes an item. Called for the KPI and for the list behind
it; both are one definition. One join over all dossiers and mirrors, so ask every few minutes, not every second.

    missing_there   ours is not on the portal
    missing_here    the portal has a dossier nobody here knows
    trap            ours waits for the applicant, the portal shows it as done: what systems do that send 5, 6 and 8 as 9
    other_state     any other difference of state
    other_due       the return dates lie a day or more apart, or only one of the two has one

A dossier may differ in state and in return date. What changed within the grace may still be on its way and is no difference yet. A
dossier that was never received (submitted, refused) is missed on neither side.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ioc.db import Connection
from ioc.model import State

GRACE = timedelta(hours=2)  # a dossier that is this new, or changed this lately, may still be on its way to the portal


class DifferenceKind(StrEnum):
    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    TRAP = "trap"
    OTHER_STATE = "other_state"
    OTHER_DUE = "other_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One dossier that two systems show differently; what is None or "" on one side is not there."""

    kind: DifferenceKind
    code: str
    unit: str
    received_at: datetime
    source: str
    state: State | None
    due_at: datetime | None
    mirror_source: str
    mirror_state: State | None
    mirror_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One unit's dossiers held against the portal. `expected`: those that should be there; `found`: those of them that are;
    `same`: those found without any difference. A count by kind of difference; none of one kind is 0."""

    expected: int
    found: int
    same: int
    missing_there: int
    missing_here: int
    trap: int
    other_state: int
    other_due: int


# One row a dossier. Each side is cut to what is compared first: the hash of the join then stays in memory.
_BOTH = """
both_sides as (
    select coalesce(o.code, m.code) as code, coalesce(o.unit, m.unit) as unit, coalesce(o.received_at, m.received_at) as received_at,
           o.source, o.state, o.appointed_at as due_at, m.source as mirror_source, m.state as mirror_state, m.appointed_at as mirror_due_at,
           o.received and o.received_at <= %(settled)s as expected,
           o.code is not null and m.code is not null as found,
           m.received and m.received_at <= %(settled)s as there,
           greatest(o.happened_at, m.happened_at) <= %(settled)s as settled
    from (select code, unit, source, state, received_at, happened_at, appointed_at, state not in ('submitted', 'refused') as received
          from items where kind = 'dossier' and (%(since)s::timestamptz is null or received_at >= %(since)s)) o
    full join (select code, unit, source, state, received_at, happened_at, appointed_at, state not in ('submitted', 'refused') as received
               from items where kind = 'mirror' and (%(since)s::timestamptz is null or received_at >= %(since)s)) m using (code)
    where exists (select from items where kind = 'mirror')
), judged as (
    select *,
           expected and mirror_source is null as missing_there,
           there and source is null as missing_here,
           found and settled and state = 'waiting' and mirror_state = 'done' as trap,
           found and settled and state <> mirror_state and not (state = 'waiting' and mirror_state = 'done') as other_state,
           found and settled and (num_nulls(due_at, mirror_due_at) = 1
                                  or abs(extract(epoch from due_at - mirror_due_at)) >= 86400) as other_due
    from both_sides
)"""

COUNT = f"""
with {_BOTH}
select unit, count(*) filter (where expected), count(*) filter (where expected and found),
       count(*) filter (where expected and found and not (trap or other_state or other_due is true)),
       count(*) filter (where missing_there), count(*) filter (where missing_here), count(*) filter (where trap),
       count(*) filter (where other_state), count(*) filter (where other_due)
from judged group by unit"""

LIST = f"""
with {_BOTH}, different as materialized (
    select * from judged where missing_there or missing_here or trap or other_state or other_due
)
select k.kind, j.code, u.code, j.received_at, coalesce(j.source, ''), j.state::text, j.due_at,
       coalesce(j.mirror_source, ''), j.mirror_state::text, j.mirror_due_at
from different j join units u on u.id = j.unit
cross join lateral (values ('missing_there', j.missing_there), ('missing_here', j.missing_here), ('trap', j.trap),
                           ('other_state', j.other_state), ('other_due', j.other_due)) as k (kind, holds)
where k.holds and (%(kind)s::text is null or k.kind = %(kind)s) and (%(units)s::int[] is null or j.unit = any(%(units)s))
order by j.received_at, j.code, k.kind limit %(limit)s"""


async def differences(
    db: Connection,
    now: datetime,
    *,
    units: Collection[int] | None = None,
    kind: DifferenceKind | None = None,
    limit: int | None = None,
    since: datetime | None = None,
) -> list[Difference]:
    """The differences as of `now`, the oldest dossiers first: of some units (their keys) or all, of one kind or all.

    `since`: dossiers received before are not compared, for a portal that is read from some day on. Without a single mirror nothing is
    compared and nothing differs.
    """
    values = {
        "settled": now - GRACE,
        "since": since,
        "units": None if units is None else list(units),
        "kind": kind,
        "limit": limit,
    }
    rows = await (await db.execute(LIST.encode(), values)).fetchall()
    return [
        Difference(
            kind=DifferenceKind(found),
            code=code,
            unit=unit,
            received_at=received,
            source=source,
            state=State(state) if state else None,
            due_at=due,
            mirror_source=mirror,
            mirror_state=State(mirror_state) if mirror_state else None,
            mirror_due_at=mirror_due,
        )
        for found, code, unit, received, source, state, due, mirror, mirror_state, mirror_due in rows
    ]


async def counts(db: Connection, now: datetime, *, since: datetime | None = None) -> dict[int, Tally]:
    """What `differences` lists, counted: unit's key -> Tally; empty without a single mirror."""
    rows = await (await db.execute(COUNT.encode(), {"settled": now - GRACE, "since": since})).fetchall()
    names = ("expected", "found", "same", *DifferenceKind)
    return {unit: Tally(**dict(zip(map(str, names), numbers, strict=True))) for unit, *numbers in rows}
