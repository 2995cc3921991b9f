"""The unit catalogue in the database: read it as a tree, ask whose items make up a unit's number. Written by ioc/unit_book.py.

Used by the server, the command line and everything that answers for a unit. Both readings of history are asked for here: `keys`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from ioc.db import Connection
from ioc.units import DayTree, Level, Unit, UnitTree

# One row a stretch, in one statement: a catalogue is never read half old and half new.
LOAD = """
select u.id, u.code, v.name, v.short, v.level::text, p.code, v.valid_from, v.valid_to, u.grid_row, u.grid_col, u.alt_codes,
       case when v.newest then array(select s.code from unit_successors x join units s on s.id = x.successor where x.unit = u.id) end,
       u.listed, (select max(at) from unit_changes)
from units u cross join lateral (
    select name, short, level, parent, valid_from, valid_to, false as newest from unit_versions where unit = u.id
    union all
    select u.name, u.short, u.level, u.parent, coalesce((select max(valid_to) from unit_versions where unit = u.id), u.valid_from),
           u.valid_to, true) v
left join units p on p.id = v.parent order by u.id, v.valid_to"""

CHANGED_AT = "select max(at) from unit_changes"
WITH_ITEMS = """
select id from unnest(%(units)s::int[]) as id
where exists (select from items where unit = id and (received_at <= %(at)s or submitted_at <= %(at)s))"""

Reading = Literal["now", "then"]  # by today's offices, or by those there were


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The tree, and the database's key of every unit (`ids` by code, `codes` by key).

    `today`: the day whose offices are "now"; None: those after all known changes. `changed_at`: when the last catalogue was applied.
    `brought`: units no catalogue lists, which a source's mapping brought along.
    """

    tree: UnitTree
    ids: Mapping[str, int]
    codes: Mapping[int, str]
    today: date | None = None
    changed_at: datetime | None = None
    brought: frozenset[str] = frozenset()

    def offices(self, reading: Reading = "now", day: date | None = None) -> DayTree:
        """The tree a number is read by: today's, or ("then") that of `day`, the local day of the instant asked about."""
        return self.tree.at((day if reading == "then" else None) or self.today or date.max)

    def keys(self, code: str, reading: Reading = "now", day: date | None = None) -> frozenset[int]:
        """The keys of the units whose items make up a unit's number: what it holds, with all below it. Raises UnitError."""
        return frozenset(self.ids[one] for one in self.offices(reading, day).counted(code))


async def load(db: Connection, today: date | None = None) -> Catalogue | None:
    """What the database holds; None while it holds no unit. Give `today`, or changes announced for a later day count already."""
    rows = await (await db.execute(LOAD)).fetchall()
    if not rows:
        return None
    keys = {row[1]: row[0] for row in rows}
    return Catalogue(
        tree=UnitTree(_unit(row) for row in rows), ids=keys, codes={key: code for code, key in keys.items()}, today=today,
        changed_at=rows[0][-1], brought=frozenset(row[1] for row in rows if not row[-2]),
    )  # fmt: skip


def _unit(found: tuple[Any, ...]) -> Unit:
    _, code, name, short, level, parent, valid_from, valid_to, row, col, alt_codes, successors, _, _ = found
    return Unit(
        code=code, name=name, short=short, level=Level(level), parent=parent, valid_from=valid_from, valid_to=valid_to, row=row, col=col,
        alt_codes=tuple(alt_codes), successors=tuple(successors or ()),
    )  # fmt: skip


async def changed_at(db: Connection) -> datetime | None:
    """When a catalogue last changed something; None: none ever was applied."""
    row = await (await db.execute(CHANGED_AT)).fetchone()
    return row[0] if row else None


async def undivided(db: Connection, catalogue: Catalogue, code: str, reading: Reading, day: date, at: datetime) -> list[str]:
    """The units that had items at an instant which belong to this one in part and cannot be divided: see DayTree.undivided. Sorted."""
    keys = [catalogue.ids[one] for one in catalogue.offices(reading, day).undivided(code)]
    rows = await (await db.execute(WITH_ITEMS, {"units": keys, "at": at})).fetchall() if keys else []
    return sorted(catalogue.codes[key] for (key,) in rows)
