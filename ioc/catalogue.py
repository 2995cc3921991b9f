"""The unit catalogue in the database: load it as a tree, write a catalogue into it. Used by the server, the command line and the demo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ioc.db import Connection
from ioc.units import Level, Unit, UnitTree

SAVE = """
insert into units as u (code, name, short, level, valid_from, valid_to, alt_codes, grid_row, grid_col)
values (%(code)s, %(name)s, %(short)s, %(level)s::text::unit_level, %(valid_from)s, %(valid_to)s, %(alt_codes)s, %(row)s, %(col)s)
on conflict (code) do update set name = excluded.name, short = excluded.short, level = excluded.level, valid_from = excluded.valid_from,
       valid_to = excluded.valid_to, alt_codes = excluded.alt_codes, grid_row = excluded.grid_row, grid_col = excluded.grid_col"""

LINK = """
update units set parent = (select id from units where code = %(parent)s), successor = (select id from units where code = %(successor)s)
where code = %(code)s"""

LOAD = """
select u.id, u.code, u.name, u.short, u.level::text, p.code, u.valid_from, u.valid_to, s.code, u.alt_codes, u.grid_row, u.grid_col
from units u left join units p on p.id = u.parent left join units s on s.id = u.successor order by u.id"""


Reading = Literal["now", "then"]  # by today's offices, or by those there were


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The tree, and the database's key of every unit (`ids` by code, `codes` by key)."""

    tree: UnitTree
    ids: Mapping[str, int]
    codes: Mapping[int, str]

    def keys(self, code: str) -> frozenset[int]:
        """The keys of a unit and all below it. Raises UnitError for an unknown code."""
        return frozenset(self.ids[one] for one in self.tree.subtree(code))


async def save(db: Connection, units: Iterable[Unit]) -> None:
    """Write units, new or changed, all or nothing. A unit is never deleted: its items and history stay readable."""
    listed = list(units)
    UnitTree(listed)  # a catalogue that is no tree is refused whole
    async with db.transaction():
        for unit in listed:
            values = {name: getattr(unit, name) for name in Unit.__slots__} | {
                "alt_codes": list(unit.alt_codes),
                "level": unit.level.value,
            }
            await db.execute(SAVE, values)
        for unit in listed:
            await db.execute(LINK, {"code": unit.code, "parent": unit.parent, "successor": unit.successor})


async def load(db: Connection) -> Catalogue | None:
    """What the database holds; None while it holds no unit."""
    rows = await (await db.execute(LOAD)).fetchall()
    if not rows:
        return None
    units = [
        Unit(
            code=code, name=name, short=short, level=Level(level), parent=parent, valid_from=valid_from, valid_to=valid_to,
            successor=successor, alt_codes=tuple(alt_codes), row=row, col=col,
        )
        for _, code, name, short, level, parent, valid_from, valid_to, successor, alt_codes, row, col in rows
    ]  # fmt: skip
    keys = {row[1]: row[0] for row in rows}
    return Catalogue(tree=UnitTree(units), ids=keys, codes={key: code for code, key in keys.items()})
