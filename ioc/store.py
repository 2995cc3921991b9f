"""The store: apply() puts one batch of a source into the database, in one transaction with its cursor. Called by the poll.

Promises: the same batch again changes nothing; a kill at any point loses nothing and doubles nothing; a row that cannot be kept is
quarantined with its reason and never stops the rest; one source has one writer at a time (its cursor row is the lock and the clock).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ioc import calendar_versions, quarantine
from ioc.db import Connection, Pool
from ioc.item_rows import COPIED, ENUMS, FACTS, SUSPECT, Profile, problem
from ioc.item_rows import row as item_row
from ioc.metrics import APPLY_SECONDS
from ioc.model import Applied, BadRow, Batch, Fault, Figure, Gone, Item, Kind, State, Transition
from ioc.privacy import masked

__all__ = ["Profile", "Store", "create_units", "prepare"]

# Kept for the connection's life: making it anew each time would grow the catalog by 3.5 kB a batch. Enums travel as text.
_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in COPIED.items())
INCOMING = f"create temp table if not exists incoming ({_COLUMNS}) on commit delete rows"

# Takes the source's lock and moves its cursor (no position: only the lock) in one round trip; undone with the transaction.
MOVE_CURSOR = """
insert into cursors as c (source, position, learned_at) values (%(source)s, coalesce(%(position)s::text, ''), %(now)s)
on conflict (source) do update
   set position = coalesce(%(position)s::text, c.position),
       learned_at = greatest(excluded.learned_at, c.learned_at + interval '1 microsecond')
returning learned_at"""

MOVE_BACKFILL = """
update backfills set position = %(position)s, read = read + %(read)s, changed = changed + %(changed)s, moved_at = %(now)s
where id = %(backfill)s"""


def _list(pattern: str) -> str:
    return ", ".join(pattern.format(name, cast=f"::{FACTS[name]}" if name in ENUMS else "") for name in FACTS)


CHANGE = f"""
with change as (
    merge into items as i
    using (
        select n.code, n.gone, n.happened_at, {_list("n.{0}{cast} as {0}")},
               n.calendar, o.learned_at as was_learned_at, o.happened_at as was_happened_at, o.calendar as was_calendar,
               {_list("o.{0} as was_{0}")}
        from incoming n left join items o on o.source = %(source)s and o.code = n.code
        where not (%(old)s and o.happened_at > n.happened_at) is true
          and case when n.gone then o.code is not null
                   else o.code is null or ({_list("o.{0}")}) is distinct from ({_list("n.{0}{cast}")}) end
    ) as n
    on i.source = %(source)s and i.code = n.code
    when matched and n.gone then delete
    when matched then update set {_list("{0} = n.{0}")}, calendar = n.calendar, happened_at = n.happened_at,
                                   learned_at = %(learned_at)s
    when not matched then insert (source, code, {_list("{0}")}, calendar, happened_at, learned_at)
        values (%(source)s, n.code, {_list("n.{0}")}, n.calendar, n.happened_at, %(learned_at)s)
    returning n.*
), logged as (
    insert into transitions (learned_at, happened_at, source, code, to_state, was_learned_at, was_happened_at, was_calendar,
                             {_list("was_{0}")})
    select %(learned_at)s, happened_at, %(source)s, code, case when not gone then state end, was_learned_at,
           was_happened_at, was_calendar, {_list("was_{0}")}
    from change
)
select code, coalesce(kind, was_kind)::text, coalesce(unit, was_unit), was_state::text, case when not gone then state end::text,
       happened_at
from change"""

KEEP_FIGURES = """
insert into figures (source, unit, name, period, value, measured_in, reported_at, learned_at)
select %(source)s, n.*, %(now)s
from unnest(%(units)s::int[], %(names)s::text[], %(periods)s::text[], %(amounts)s::float8[], %(measures)s::text[],
            %(reported)s::timestamptz[]) as n (unit, name, period, value, measured_in, reported_at)
left join lateral (select value from figures f where f.source = %(source)s and f.unit = n.unit and f.name = n.name
                   and f.period = n.period order by f.learned_at desc limit 1) last on true
where n.value is distinct from last.value"""

REFOLD = """
update items set early_before = early_before(appointed_at, %(compare)s, %(zone)s),
                 late_from = late_from(appointed_at, %(compare)s, %(zone)s)
where source = %(name)s"""


async def prepare(db: Connection) -> None:
    """What a connection needs before it can apply."""
    await db.execute(INCOMING)


@dataclass(slots=True)
class Store:
    """Writes of all sources of this process. `unit_ids` answers a unit's code with its key in the database."""

    pool: Pool
    profiles: dict[str, Profile] = field(default_factory=dict)
    unit_ids: dict[str, int] = field(default_factory=dict)
    unit_codes: dict[int, str] = field(default_factory=dict)
    cursors: dict[str, str | None] = field(default_factory=dict)

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
        """Where the last stored read of a source ended; None: never read. Kept in memory: only the process that leads moves cursors."""
        if source not in self.cursors:
            async with self.pool.connection() as db:
                row = await (await db.execute("select position from cursors where source = %s", [source])).fetchone()
                self.cursors[source] = row[0] if row and row[0] else None
        return self.cursors[source]

    async def apply(self, source: str, batch: Batch, now: datetime, *, backfill: int | None = None) -> Applied:
        """Store what differs, append a transition for each difference, quarantine what cannot be kept, move the cursor.

        With `backfill` (a key of the table backfills) that place moves instead of the cursor, and what the live read knows better is kept.
        """
        profile = self.profiles[source]
        async with self.pool.connection() as db:
            with APPLY_SECONDS.time():
                await prepare(db)
                async with db.transaction():
                    applied = await self._apply(db, profile, batch, now, backfill)
        if backfill is None and batch.position is not None:
            self.cursors[source] = batch.position
        return applied

    async def _apply(self, db: Connection, profile: Profile, batch: Batch, now: datetime, backfill: int | None) -> Applied:
        source = profile.name
        position = batch.position if backfill is None else None
        row = await (await db.execute(MOVE_CURSOR, {"source": source, "position": position, "now": now})).fetchone()
        assert row is not None
        learned_at: datetime = row[0]
        profile = await self._by_calendar_in_force(db, profile)
        await self._know_units(db, batch, profile)
        rows, refused_items = self._rows(batch.items, profile)
        if rows:
            async with db.cursor().copy("copy incoming from stdin (format binary)") as copy:
                copy.set_types(list(COPIED.values()))
                for line in rows:
                    await copy.write_row(line)
        # planned each time: the best join for 100 rows is not the best for 50 000
        values = {"source": source, "learned_at": learned_at, "old": backfill is not None}
        changes = await (await db.execute(CHANGE.encode(), values, prepare=False)).fetchall() if rows else []
        if rows:
            await db.execute(quarantine.SETTLE, {"source": source, "now": learned_at})
        figures, refused_figures = await self._keep_figures(db, source, batch.figures, learned_at)
        refused = [*refused_items, *refused_figures]
        applied = Applied(
            read=len(batch.items) + len(batch.figures) + len(batch.bad),
            changed=len(changes) + figures,
            transitions=[self._transition(source, learned_at, *change) for change in changes if change[3] != change[4]],
            quarantined=await quarantine.put_aside(db, source, (*batch.bad, *refused), learned_at),
            suspect=sum(1 for line in rows if line[SUSPECT]),
            refused=refused,
        )
        if backfill is not None:
            moved = {"backfill": backfill, "position": batch.position, "read": applied.read, "changed": applied.changed, "now": now}
            await db.execute(MOVE_BACKFILL, moved)
        return applied

    async def _by_calendar_in_force(self, db: Connection, profile: Profile) -> Profile:
        """The profile with the calendar in force, which another process may have changed while this one waited for the source's lock."""
        version = await calendar_versions.newest(db)
        if version is None or version == profile.calendar.version:
            return profile
        found = await calendar_versions.in_force(db)
        assert found is not None
        calendar = calendar_versions.rebuilt(found.rules)
        self.profiles = {name: replace(one, calendar=calendar) for name, one in self.profiles.items()}
        return self.profiles[profile.name]

    async def _keep_figures(self, db: Connection, source: str, figures: Sequence[Figure], now: datetime) -> tuple[int, list[BadRow]]:
        """How many figures are new or have another value, and those of units nobody knows."""
        if not figures:
            return 0, []
        # by the unit's key: one answer may call a unit by its code and by what another system calls it
        known = {(self.unit_ids[f.unit], f.name, f.period): f for f in figures if f.unit in self.unit_ids}
        unknown = [f for f in figures if f.unit not in self.unit_ids]
        listed = list(known.values())
        values = {
            "source": source, "now": now, "units": [self.unit_ids[f.unit] for f in listed], "names": [f.name for f in listed],
            "periods": [f.period for f in listed], "amounts": [float(f.value) for f in listed], "measures": [f.measured_in for f in listed],
            "reported": [f.reported_at for f in listed],
        }  # fmt: skip
        changed = (await db.execute(KEEP_FIGURES, values)).rowcount
        codes = [code for f in listed for code in (f"{f.name}/{f.unit}/{f.period}", f"{f.unit}/{f.period}")]
        await db.execute(quarantine.SETTLE_CODES, {"source": source, "now": now, "codes": codes})
        remedy = "add it to the unit catalogue, or let the mapping create units"
        return changed, [quarantine.refused(f, f"unknown unit {masked(f.unit)!r} of {f.name}; {remedy}", Fault.UNIT) for f in unknown]

    async def _know_units(self, db: Connection, batch: Batch, profile: Profile) -> None:
        """Learn the keys of units not met before; create them where the source's mapping says so."""
        wanted = {i.unit for i in batch.items if isinstance(i, Item)} | {f.unit for f in batch.figures}
        if self.unit_codes and wanted <= self.unit_ids.keys():
            return
        if profile.create_units:
            await create_units(db, sorted(wanted - self.unit_ids.keys()))
        await self.learn_units(db)

    async def learn_units(self, db: Connection) -> None:
        """The codes of all units, anew: another catalogue may call another unit by one of them."""
        rows = await (await db.execute("select id, code, alt_codes from units")).fetchall()
        self.unit_codes = {key: code for key, code, _ in rows}
        self.unit_ids = {code: key for key, own, others in rows for code in (own, *others)}

    def _rows(self, items: Iterable[Item | Gone], profile: Profile) -> tuple[list[tuple[Any, ...]], list[BadRow]]:
        """The rows to copy, the later of one code only, and the items that cannot be kept."""
        rows: dict[str, tuple[Any, ...]] = {}
        refused = []
        for item in items:
            if wrong := problem(item, self.unit_ids):
                unknown = isinstance(item, Item) and item.unit not in self.unit_ids
                refused.append(quarantine.refused(item, wrong, Fault.UNIT if unknown else Fault.VALUE))
            elif isinstance(item, Gone):
                rows[item.code] = (item.code, *[None] * len(FACTS), None, item.happened_at, True)
            else:
                rows[item.code] = item_row(item, profile, self.unit_ids[item.unit])
        return list(rows.values()), refused

    def _transition(self, source: str, learned_at: datetime, code: str, kind: str, unit: int, was: str | None, state: str | None,
                    happened_at: datetime) -> Transition:  # fmt: skip
        return Transition(
            source=source, code=code, unit=self.unit_codes.get(unit, str(unit)), kind=Kind(kind), was=State(was) if was else None,
            state=State(state) if state else None, happened_at=happened_at, learned_at=learned_at,
        )  # fmt: skip


CREATE_UNITS = """
with root as (
    insert into units (code, name, level, listed)
    select 'root', 'root', 'province', false where not exists (select from units where parent is null)
    returning id
)
insert into units (code, name, level, parent, valid_from, listed)
select n.code, n.code, 'department', top.id, top.valid_from, false
from unnest(%s::text[]) as n (code), (
    select id, null::date as valid_from from root
    union all
    select id, valid_from from units u where parent is null and not exists (select from unit_successors where unit = u.id) limit 1) top
on conflict (code) do nothing"""


async def create_units(db: Connection, codes: list[str]) -> None:
    """Units a mapping lets its file bring along, under the root (made if the catalogue is empty) and as long in force as that."""
    await db.execute(CREATE_UNITS, [codes])
