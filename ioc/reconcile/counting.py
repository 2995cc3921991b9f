"""One way to count: which items, of which units, within which period, judged when, known when. Two ways are held against each other here.

Every hypothesis about a difference is another `Basis`; what it would change is the list of dossiers it counts and ours does not, and the
other way round. Called by explain.py; the predicates are those of the indicators, so a list is as long as its number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import BY_NAME
from ioc.item_rows import FACTS
from ioc.meter import ages, judged, past
from ioc.periods import Period

LISTED = 1_000  # dossiers named on each side of a difference

_COLUMNS = ("source", "code", *FACTS, "happened_at", "learned_at")
# What sources took back, as it was then, judged at %(now)s like items_true_at; learned_at is when we learned that it is gone.
_REWOUND = {
    "state": "case when was_state in ('submitted', 'refused') or was_closed_at <= %(now)s then was_state"
    " when was_pauses @> %(now)s then 'waiting' else 'working' end::item_state",
    "closed_at": "case when was_closed_at <= %(now)s then was_closed_at end",
}
_GONE = f"""
select source, code, {", ".join(f"{_REWOUND.get(f, f'was_{f}')} as {f}" for f in FACTS)}, was_happened_at as happened_at, learned_at
from (select distinct on (source, code) * from transitions where to_state is null order by source, code, learned_at desc) last
where was_received_at <= %(now)s and not exists (select from items i where i.source = last.source and i.code = last.code)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """`units` None: all. `source`: of that system alone. `portal`: what the national portal shows of the dossiers instead of our own.
    `gone`: with what its source has taken back since."""

    span: Period
    at: datetime
    units: tuple[int, ...] | None = None
    known_at: datetime | None = None
    compare: Compare | None = None
    source: str = ""
    portal: bool = False
    gone: bool = False

    def relation(self) -> tuple[str, dict[str, Any]]:
        """The judged items as a subquery, and its parameters."""
        relation, values = past(self.at, self.known_at)
        if self.gone:
            columns = ", ".join(_COLUMNS)
            relation = f"(select {columns} from {relation} union all {_GONE})"
        values |= {"since": self.span.since, "until": self.span.until, **ages(self.at)}
        conditions = ["true"]
        if self.units is not None:
            conditions.append("unit = any(%(units)s)")
            values["units"] = list(self.units)
        if self.source:
            conditions.append("source = %(source)s")
            values["source"] = self.source
        return f"(select * from {judged(relation, self.compare)} where {' and '.join(conditions)})", values

    def where(self, names: Sequence[str]) -> str:
        """The items that any of these indicators counts."""
        text = " or ".join(f"({BY_NAME[name].sql()})" for name in names)
        return text.replace("kind = 'dossier'", "kind = 'mirror'") if self.portal else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One dossier of a difference, as the side holds it that counts it."""

    code: str
    source: str = ""
    unit: int | None = None
    state: str = ""
    received_at: datetime | None = None
    closed_at: datetime | None = None
    learned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What another way of counting adds and leaves out: how many, and at most LISTED of each by name."""

    more: int
    fewer: int
    added: tuple[Dossier, ...] = ()
    left_out: tuple[Dossier, ...] = ()

    @property
    def change(self) -> int:
        return self.more - self.fewer

    @property
    def listed(self) -> bool:
        """Whether every dossier is named."""
        return self.more == len(self.added) and self.fewer == len(self.left_out)


async def counts(db: Connection, basis: Basis, names: Collection[str]) -> dict[str, int]:
    """How many items each indicator counts."""
    listed = list(names)
    relation, values = basis.relation()
    sums = ", ".join(f"count(*) filter (where {basis.where([name])})" for name in listed)
    row = await (await db.execute(f"select {sums} from {relation} i".encode(), values)).fetchone()
    return dict(zip(listed, row or (), strict=True))


async def anything(db: Connection, basis: Basis, kind: str) -> bool:
    """Whether there is any item of a kind that came within the period, or was still open in it."""
    relation, values = basis.relation()
    came = "received_at < %(until)s and (received_at >= %(since)s or closed_at is null or closed_at >= %(since)s)"
    asked = f"kind = %(kind)s::item_kind and {came}"
    row = await (await db.execute(f"select exists (select from {relation} i where {asked})".encode(), {**values, "kind": kind})).fetchone()
    return bool(row and row[0])


_NAMED = "code, source, unit, state::text, received_at, closed_at, learned_at"


async def difference(db: Connection, ours: Basis, our_names: Sequence[str], other: Basis, other_names: Sequence[str]) -> Difference:
    """What the other way counts and ours does not, and the reverse. A portal's picture is the same dossier by its code alone."""
    left, values = ours.relation()
    right, more = other.relation()
    same = "o.code = t.code" if other.portal else "(o.source, o.code) = (t.source, t.code)"
    query = f"""
with ours as (select {_NAMED} from {left} i where {ours.where(our_names)}),
     others as (select {_NAMED} from {right.replace("%(", "%(o_")} i where {other.where(other_names).replace("%(", "%(o_")}),
     apart as (
         select true as added, t.* from others t where not exists (select from ours o where {same})
         union all select false, o.* from ours o where not exists (select from others t where {same})),
     numbered as (select *, count(*) over side as many, row_number() over (side order by source, code) as nth from apart
                  window side as (partition by added))
select added, many, {_NAMED} from (select * from numbered where nth <= {LISTED}) named order by added, source, code"""
    return _sides(await _held_against(db, query, {**values, **{f"o_{name}": value for name, value in more.items()}}))


async def against_codes(db: Connection, basis: Basis, names: Sequence[str], key: int) -> Difference:
    """The dossiers a publisher counted (`key` in published_codes) and we do not, and those we count and it does not."""
    relation, values = basis.relation()
    query = f"""
with ours as (select {_NAMED} from {relation} i where {basis.where(names)}),
     theirs as (select code from published_codes where published = %(published)s),
     apart as (
         select true as added, code, ''::text as source, null::int as unit, ''::text as state, null::timestamptz as received_at,
                null::timestamptz as closed_at, null::timestamptz as learned_at
         from theirs t where not exists (select from ours o where o.code = t.code)
         union all select false, o.* from ours o where not exists (select from theirs t where t.code = o.code)),
     numbered as (select *, count(*) over side as many, row_number() over (side order by code) as nth from apart
                  window side as (partition by added))
select added, many, {_NAMED.replace("state::text", "state")} from numbered where nth <= {LISTED} order by added, code"""
    return _sides(await _held_against(db, query, {**values, "published": key}))


async def _held_against(db: Connection, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Two large sets held against each other by hash. The planner cannot know how large they are; where it guesses "few", as before a fresh
    table's first analyze, it would hold each against each, for hours."""
    async with db.transaction():
        await db.execute("set local enable_nestloop = off")
        return await (await db.execute(query.encode(), values)).fetchall()


def _sides(rows: Sequence[tuple[Any, ...]]) -> Difference:
    sides: dict[bool, list[Dossier]] = {True: [], False: []}
    many = {True: 0, False: 0}
    for added, count, code, source, unit, state, received, closed, learned in rows:
        many[added] = count
        sides[added].append(
            Dossier(code=code, source=source, unit=unit, state=state, received_at=received, closed_at=closed, learned_at=learned)
        )
    return Difference(more=many[True], fewer=many[False], added=tuple(sides[True]), left_out=tuple(sides[False]))


async def counted_of(db: Connection, basis: Basis, names: Sequence[str], codes: Collection[str]) -> dict[str, Dossier]:
    """Those of some dossiers that a way of counting counts."""
    relation, values = basis.relation()
    query = f"select {_NAMED} from {relation} i where code = any(%(codes)s) and ({basis.where(names)})"
    return _by_code(await (await db.execute(query.encode(), {**values, "codes": list(codes)})).fetchall())


async def held(db: Connection, codes: Collection[str]) -> dict[str, Dossier]:
    """What we hold now under some codes, whatever it is counted as."""
    query = f"select {_NAMED} from items where kind = 'dossier' and code = any(%s)"
    return _by_code(await (await db.execute(query.encode(), [list(codes)])).fetchall())


async def known_before(db: Connection, at: datetime, dossiers: Collection[Dossier]) -> set[tuple[str, str]]:
    """Those of which we knew anything at an instant."""
    these = "select s, c from unnest(%(sources)s::text[], %(codes)s::text[]) as k (s, c)"
    query = f"select source, code from items_known_at(%(at)s) where (source, code) in ({these})".encode()
    values: Mapping[str, Any] = {"at": at, "sources": [one.source for one in dossiers], "codes": [one.code for one in dossiers]}
    return {(source, code) for source, code in await (await db.execute(query, values)).fetchall()}


def _by_code(rows: Sequence[tuple[Any, ...]]) -> dict[str, Dossier]:
    names = ("code", "source", "unit", "state", "received_at", "closed_at", "learned_at")
    return {row[0]: Dossier(**dict(zip(names, row, strict=True))) for row in rows}
