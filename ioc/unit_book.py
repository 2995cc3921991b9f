"""Write a unit catalogue into the database, all or nothing: `ioc units`, and the server for the one its configuration names.

A unit is never deleted, so its items and figures stay readable. A catalogue that has no line for a unit with items is refused; one without
items stays as it is. The same catalogue again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from ioc.catalogue import load
from ioc.db import Connection, lock_number
from ioc.unit_changes import LEAVING, Change, changes
from ioc.unit_files import digest
from ioc.units import Unit, UnitError, UnitTree

SAVE = """
insert into units as u (code, name, short, level, valid_from, valid_to, alt_codes, grid_row, grid_col)
values (%(code)s, %(name)s, %(short)s, %(level)s::text::unit_level, %(since)s, %(valid_to)s, %(alt_codes)s, %(row)s, %(col)s)
on conflict (code) do update set name = excluded.name, short = excluded.short, level = excluded.level, valid_from = excluded.valid_from,
       valid_to = excluded.valid_to, alt_codes = excluded.alt_codes, grid_row = excluded.grid_row, grid_col = excluded.grid_col"""

LINK = "update units set parent = (select id from units where code = %(parent)s) where code = %(code)s"
FORGET_VERSIONS = "delete from unit_versions v using units u where u.id = v.unit and u.code = any(%s)"
FORGET_SUCCESSORS = "delete from unit_successors s using units u where u.id = s.unit and u.code = any(%s)"
KEEP_VERSION = """
insert into unit_versions (unit, valid_from, valid_to, name, short, level, parent)
select id, %(valid_from)s, %(valid_to)s, %(name)s, %(short)s, %(level)s::text::unit_level, (select id from units where code = %(parent)s)
from units where code = %(code)s"""
KEEP_SUCCESSOR = "insert into unit_successors select u.id, s.id from units u, units s where u.code = %s and s.code = %s"
LISTED = "update units set listed = true where code = any(%s) and not listed"

NOTE = """
insert into unit_changes (at, digest, note, changes)
select greatest(%(now)s, max(at) + interval '1 microsecond'), %(digest)s, %(note)s, %(changes)s from unit_changes"""

STANDING = """
select u.code, (select count(*) from items where unit = u.id),
       (select count(*) from items where unit = u.id and state in ('submitted', 'working', 'waiting')),
       (select count(distinct (source, name, period)) from figures where unit = u.id)
from units u where u.code = any(%s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands at a unit: items, how many of them are not closed, and published figures."""

    items: int
    open: int
    figures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a catalogue changes about the one there is, and what stands at the units that end by it or that it forgets."""

    changes: tuple[Change, ...]
    standing: Mapping[str, Standing]

    @property
    def refused(self) -> tuple[str, ...]:
        """The units it may not forget."""
        return tuple(c.code for c in self.changes if c.what == "forgotten" and self.standing[c.code].items)


async def compare(db: Connection, listed: Sequence[Unit]) -> Revision:
    """Hold a catalogue against the one there is. Nothing is written. Raises UnitError for one that is no tree."""
    held = await load(db)
    before = [unit for one in held.tree for unit in held.tree.stretches(one.code)] if held else []
    brought = held.brought if held else frozenset()
    codes = frozenset(unit.code for unit in listed)
    UnitTree(listed)  # its own mistakes first, they are easier to understand
    found = changes(before, [*listed, *(unit for unit in before if unit.code not in codes)], codes | brought)
    leaving = [change.code for change in found if change.what in LEAVING]
    rows = await (await db.execute(STANDING, [leaving])).fetchall() if leaving else []
    standing = {code: Standing(items=items, open=still, figures=figures) for code, items, still, figures in rows}
    return Revision(changes=found, standing=standing)


async def apply(db: Connection, listed: Sequence[Unit], now: datetime, *, note: str = "") -> Revision:
    """Write a catalogue. Raises UnitError for one that is no tree, or that forgets a unit which has items; nothing was changed then."""
    async with db.transaction():
        await db.execute("select pg_advisory_xact_lock(%s)", [lock_number("units")])
        revision = await compare(db, listed)
        if revision.refused:
            code = revision.refused[0]
            raise UnitError(
                f"the catalogue has no line for {len(revision.refused)} units that have items: {', '.join(revision.refused[:5])}; give"
                f" {code!r} its line, with valid_to and a successor if it has ended ({revision.standing[code].items} items)"
            )
        changed = {change.code for change in revision.changes if change.what != "forgotten"}
        codes = list(dict.fromkeys(unit.code for unit in listed))
        await _write(db, [code for code in codes if code in changed], UnitTree(listed))
        await db.execute(LISTED, [codes])
        if changed:
            told = [_plain(change) for change in revision.changes]
            await db.execute(NOTE, {"now": now, "digest": digest(listed), "note": note, "changes": Jsonb(told)})
    return revision


async def apply_once(db: Connection, listed: Sequence[Unit], now: datetime) -> Revision | None:
    """The catalogue a configuration names, at a start. One that was applied before is left alone (None): what came later stands."""
    rows = await (await db.execute("select 1 from unit_changes where digest = %s limit 1", [digest(listed)])).fetchall()
    return None if rows else await apply(db, listed, now, note="configuration")


async def _write(db: Connection, codes: Sequence[str], tree: UnitTree) -> None:
    """Write some units of a tree, whose parents and successors are among them or there already."""
    lives = [tree.stretches(code) for code in codes]
    await _each(db, SAVE, ({**_values(life[-1]), "since": life[0].valid_from} for life in lives))
    await _each(db, LINK, (_values(life[-1]) for life in lives))
    await db.execute(FORGET_VERSIONS, [codes])
    await _each(db, KEEP_VERSION, (_values(stretch) for life in lives for stretch in life[:-1]))
    await db.execute(FORGET_SUCCESSORS, [codes])
    await _each(db, KEEP_SUCCESSOR, ((life[-1].code, heir) for life in lives for heir in life[-1].successors))


async def _each(db: Connection, statement: str, values: Iterable[Mapping[str, Any] | tuple[Any, ...]]) -> None:
    async with db.cursor() as cursor:
        await cursor.executemany(statement.encode(), values)


def _values(unit: Unit) -> dict[str, Any]:
    return asdict(unit) | {"level": unit.level.value, "alt_codes": list(unit.alt_codes)}


def _plain(change: Change) -> dict[str, Any]:
    return asdict(change) | {"day": change.day.isoformat() if change.day else None}
