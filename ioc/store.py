"""The store: apply() puts one batch of a source into the database, in one transaction with its cursor. Called by the poll.

Promises: the same batch again changes nothing; a kill at any point loses nothing and doubles nothing; a row that cannot be kept is
quarantined with its reason and never stops the rest; one source has one writer at a time (its cursor row is the lock and the clock).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.multirange import TimestamptzMultirange
from psycopg.types.range import TimestamptzRange

from ioc.calendar import WorkCalendar
from ioc.db import Connection, Pool
from ioc.deadline import Compare, fold
from ioc.metrics import APPLY_SECONDS
from ioc.model import Applied, BadRow, Batch, Gone, Item, Kind, Pause, State, Transition
from ioc.periods import VIETNAM

# What an item can differ by, with the type its column is compared as. Order: `incoming`, COPY and history alike.
FACTS = {
    "kind": "item_kind", "unit": "int4", "field": "text", "procedure": "text", "step": "text", "channel": "item_channel",
    "state": "item_state", "outgoing": "bool", "signed": "bool", "received_at": "timestamptz", "appointed_at": "timestamptz",
    "due_at": "timestamptz", "soon_at": "timestamptz", "early_before": "timestamptz", "late_from": "timestamptz",
    "closed_at": "timestamptz", "pauses": "tstzmultirange", "suspect": "text",
}  # fmt: skip
ENUMS = {name for name, kind in FACTS.items() if kind.startswith("item_")}
COPIED = {
    "code": "text",
    **{n: "text" if n in ENUMS else t for n, t in FACTS.items()},
    "happened_at": "timestamptz",
    "gone": "bool",
}

# Kept for the connection's life: making it anew each time would grow the catalog by 3.5 kB a batch. Enums travel as text.
_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in COPIED.items())
INCOMING = f"create temp table if not exists incoming ({_COLUMNS}) on commit delete rows"

# Takes the source's lock and moves its cursor in one round trip; undone with the transaction.
MOVE_CURSOR = """
insert into cursors as c values (%(source)s, %(position)s, %(now)s)
on conflict (source) do update
   set position = excluded.position, learned_at = greatest(excluded.learned_at, c.learned_at + interval '1 microsecond')
returning learned_at"""


def _list(pattern: str) -> str:
    return ", ".join(pattern.format(name, cast=f"::{FACTS[name]}" if name in ENUMS else "") for name in FACTS)


CHANGE = f"""
with change as (
    merge into items as i
    using (
        select n.code, n.gone, n.happened_at, {_list("n.{0}{cast} as {0}")},
               o.learned_at as was_learned_at, o.happened_at as was_happened_at, {_list("o.{0} as was_{0}")}
        from incoming n left join items o on o.source = %(source)s and o.code = n.code
        where case when n.gone then o.code is not null
                   else o.code is null or ({_list("o.{0}")}) is distinct from ({_list("n.{0}{cast}")}) end
    ) as n
    on i.source = %(source)s and i.code = n.code
    when matched and n.gone then delete
    when matched then update set {_list("{0} = n.{0}")}, happened_at = n.happened_at, learned_at = %(learned_at)s
    when not matched then insert (source, code, {_list("{0}")}, happened_at, learned_at)
        values (%(source)s, n.code, {_list("n.{0}")}, n.happened_at, %(learned_at)s)
    returning n.*
), logged as (
    insert into transitions (learned_at, happened_at, source, code, to_state, was_learned_at, was_happened_at, {_list("was_{0}")})
    select %(learned_at)s, happened_at, %(source)s, code, case when not gone then state end, was_learned_at,
           was_happened_at, {_list("was_{0}")}
    from change
)
select code, coalesce(kind, was_kind)::text, coalesce(unit, was_unit), was_state::text, case when not gone then state end::text,
       happened_at
from change"""

SETTLE = """
update quarantine q set resolved_at = %(now)s
from incoming n where q.source = %(source)s and q.resolved_at is null and q.code = n.code"""

PUSH_ASIDE = """
insert into quarantine as q (source, raw_hash, code, reason, first_at, last_at)
select %(source)s, bad.*, %(now)s, %(now)s from unnest(%(hashes)s::text[], %(codes)s::text[], %(reasons)s::text[]) as bad
on conflict (source, raw_hash) do update
   set last_at = excluded.last_at, times = q.times + 1, reason = excluded.reason, resolved_at = null"""

KEEP_FIGURE = """
insert into figures (source, unit, name, period, value, measured_in, learned_at)
select %(source)s, %(unit)s, %(name)s, %(period)s, %(value)s, %(measured_in)s, %(now)s
where %(value)s is distinct from (select value from figures where source = %(source)s and unit = %(unit)s and name = %(name)s
                                  and period = %(period)s order by learned_at desc limit 1)"""


REFOLD = """
update items set early_before = early_before(appointed_at, %(compare)s, %(zone)s),
                 late_from = late_from(appointed_at, %(compare)s, %(zone)s)
where source = %(name)s"""


async def prepare(db: Connection) -> None:
    """What a connection needs before it can apply."""
    await db.execute(INCOMING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one source's items are read: its days (`zone`), its comparison of deadlines, its working time."""

    name: str
    title: str
    calendar: WorkCalendar
    zone: ZoneInfo = VIETNAM
    compare: Compare = "date"
    create_units: bool = False


@dataclass(slots=True)
class Store:
    """Writes of all sources of this process. `unit_ids` answers a unit's code with its key in the database."""

    pool: Pool
    profiles: dict[str, Profile] = field(default_factory=dict)
    unit_ids: dict[str, int] = field(default_factory=dict)
    unit_codes: dict[int, str] = field(default_factory=dict)

    async def declare(self, profile: Profile) -> int:
        """Make a source known. If its zone or comparison changed since last time its items are folded anew; returns how many."""
        values = {"name": profile.name, "title": profile.title, "zone": profile.zone.key, "compare": profile.compare}
        self.profiles[profile.name] = profile
        async with self.pool.connection() as db, db.transaction():
            cursor = await db.execute("select zone, compare::text from sources where name = %(name)s for update", values)
            before = await cursor.fetchone()
            await db.execute(
                "insert into sources values (%(name)s, %(title)s, %(zone)s, %(compare)s) on conflict (name) do update"
                " set title = excluded.title, zone = excluded.zone, compare = excluded.compare",
                values,
            )
            if before in (None, (profile.zone.key, profile.compare)):
                return 0
            return (await db.execute(REFOLD, values)).rowcount

    async def cursor(self, source: str) -> str | None:
        """Where the last stored read of a source ended; None: never read."""
        async with self.pool.connection() as db:
            row = await (await db.execute("select position from cursors where source = %s", [source])).fetchone()
            return row[0] if row else None

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied:
        """Store what differs, append a transition for each difference, quarantine what cannot be kept, move the cursor."""
        profile = self.profiles[source]
        async with self.pool.connection() as db:
            with APPLY_SECONDS.time():
                await prepare(db)
                async with db.transaction():
                    return await self._apply(db, profile, batch, now)

    async def _apply(self, db: Connection, profile: Profile, batch: Batch, now: datetime) -> Applied:
        source = profile.name
        row = await (await db.execute(MOVE_CURSOR, {"source": source, "position": batch.position, "now": now})).fetchone()
        assert row is not None
        learned_at: datetime = row[0]
        await self._know_units(db, batch, profile)
        rows, refused = self._rows(batch.items, profile)
        async with db.cursor().copy("copy incoming from stdin (format binary)") as copy:
            copy.set_types(list(COPIED.values()))
            for line in rows:
                await copy.write_row(line)
        # planned each time: the best join for 100 rows is not the best for 50 000
        changes = await (await db.execute(CHANGE.encode(), {"source": source, "learned_at": learned_at}, prepare=False)).fetchall()
        await db.execute(SETTLE, {"source": source, "now": learned_at})
        bad = {one.raw_hash: one for one in (*batch.bad, *refused)}
        if bad:
            columns = {
                "hashes": list(bad),
                "codes": [_storable(b.code or "") or None for b in bad.values()],
                "reasons": [_storable(b.reason) for b in bad.values()],
            }
            await db.execute(PUSH_ASIDE, {"source": source, "now": learned_at, **columns})
        for figure in batch.figures:
            values = {"source": source, "unit": self.unit_ids[figure.unit], "now": learned_at, "name": figure.name}
            values |= {"period": figure.period, "value": figure.value, "measured_in": figure.measured_in}
            await db.execute(KEEP_FIGURE, values)
        return Applied(
            read=len(batch.items) + len(batch.bad),
            changed=len(changes),
            transitions=[self._transition(source, learned_at, *change) for change in changes if change[3] != change[4]],
            quarantined=len(bad),
            suspect=sum(1 for line in rows if line[-3]),
        )

    async def _know_units(self, db: Connection, batch: Batch, profile: Profile) -> None:
        """Learn the keys of units not met before; create them where the source's mapping says so."""
        wanted = {i.unit for i in batch.items if isinstance(i, Item)} | {f.unit for f in batch.figures}
        if self.unit_codes and wanted <= self.unit_ids.keys():
            return
        if profile.create_units:
            await create_units(db, sorted(wanted - self.unit_ids.keys()))
        for key, code, others in await (await db.execute("select id, code, alt_codes from units")).fetchall():
            self.unit_codes[key] = code
            self.unit_ids.update(dict.fromkeys((code, *others), key))

    def _rows(self, items: Iterable[Item | Gone], profile: Profile) -> tuple[list[tuple[Any, ...]], list[BadRow]]:
        """The rows to copy, the later of one code only, and the items that cannot be kept."""
        rows: dict[str, tuple[Any, ...]] = {}
        refused = []
        for item in items:
            problem = _problem(item, self.unit_ids)
            if problem:
                digest = hashlib.sha256(f"{item.code}\0{problem}".encode("utf-8", "surrogatepass")).hexdigest()
                refused.append(BadRow(reason=problem, raw_hash=digest, code=item.code))
            elif isinstance(item, Gone):
                rows[item.code] = (item.code, *[None] * len(FACTS), item.happened_at, True)
            else:
                rows[item.code] = _row(item, profile, self.unit_ids[item.unit])
        return list(rows.values()), refused

    def _transition(self, source: str, learned_at: datetime, code: str, kind: str, unit: int, was: str | None, state: str | None,
                    happened_at: datetime) -> Transition:  # fmt: skip
        return Transition(
            source=source, code=code, unit=self.unit_codes.get(unit, str(unit)), kind=Kind(kind), was=State(was) if was else None,
            state=State(state) if state else None, happened_at=happened_at, learned_at=learned_at,
        )  # fmt: skip


def _problem(item: Item | Gone, units: dict[str, int]) -> str:
    """Why an item cannot be kept; "" when it can. One such row would otherwise fail its whole batch."""
    if isinstance(item, Gone):
        return f"code holds {wrong}; the source must repair it" if (wrong := _unstorable(item.code)) else ""
    if item.unit not in units:
        return f"unknown unit {item.unit!r}; add it to the unit catalogue, or let the mapping create units"
    for name in ("code", "field", "procedure", "step", "suspect"):
        if wrong := _unstorable(getattr(item, name)):
            return f"{name} holds {wrong}; the source must repair it"
    return ""


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _unstorable(text: str) -> str:
    """What PostgreSQL cannot keep in a text."""
    if "\0" in text:
        return "a NUL character"
    return "" if text.isascii() or _storable(text) == text else "half a surrogate pair"


def _row(item: Item, profile: Profile, unit: int) -> tuple[Any, ...]:
    """One item as its columns. A closing before the reception becomes the reception and is marked: else the sums could not close."""
    closed, suspect = (item.closed_at or item.happened_at) if item.state.closed else None, item.suspect
    if closed is not None and closed < item.received_at:
        suspect = suspect or f"closed {closed.isoformat()} before received {item.received_at.isoformat()}; taken as closed when received"
        closed = item.received_at
    # A stopped clock hides the effective deadline only: the rest stays, so that instants before the pause can still be judged.
    waiting = item.state is State.WAITING
    folded = fold(replace(item, state=State.WORKING) if waiting else item, profile.calendar, profile.compare, profile.zone)
    facts = (
        item.kind.value, unit, item.field, item.procedure, item.step, item.channel.value, item.state.value, item.outgoing, item.signed,
        item.received_at, folded.due_at, None if waiting else folded.due_at, folded.soon_at, folded.early_before, folded.late_from, closed,
        _multirange(item), suspect or None,
    )  # fmt: skip
    return (item.code, *facts, item.happened_at, False)


def _multirange(item: Item) -> TimestamptzMultirange | None:
    pauses: Sequence[Pause] = item.pauses
    if item.state is State.WAITING and not any(p.until is None for p in pauses):
        pauses = (*pauses, Pause(since=max(item.happened_at, item.received_at)))
    ranges = [TimestamptzRange(p.since, p.until) for p in pauses if p.until is None or p.until > p.since]
    return TimestamptzMultirange(ranges) if ranges else None


CREATE_UNITS = """
with root as (
    insert into units (code, name, level) select 'root', 'root', 'province' where not exists (select from units where parent is null)
    returning id
)
insert into units (code, name, level, parent)
select code, code, 'department', coalesce((select id from root), (select min(id) from units where parent is null))
from unnest(%s::text[]) as code on conflict (code) do nothing"""


async def create_units(db: Connection, codes: list[str]) -> None:
    """Units a mapping lets its file bring along, under the root (made if the catalogue is empty)."""
    await db.execute(CREATE_UNITS, [codes])
