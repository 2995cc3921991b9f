"""A department's own PostgreSQL database: a table, a view over it, and a role that may read that view and nothing else.

`async with cabinet(admin_url, columns, ...) as it` makes the schema in the database of an address that may make roles, and drops both at
the end; `await it.put(records)` keeps rows in step, one a key; `it.url` is the address for the reading role. It is no server of its
own, so its knobs turn the view: slow, silent, frozen at an instant, a column renamed, dropped or added.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from collectors.dates import read_instant
from collectors.departments.dialects import VIETNAM
from collectors.departments.knobs import Knobs

ROW = "dong"  # the row's own number, which the view shows too
SILENCE = 3600  # seconds a silent view lets its reader wait


@dataclass(slots=True, kw_only=True)
class Cabinet:
    """An open cabinet. `columns`: name -> SQL type; `key` is unique among them, `changed` is when a row last changed (timestamptz).

    `twice`: a key may come more than once, as it does where a view joins what it should not; then `put` only adds.
    """

    db: AsyncConnection[Any]
    url: str
    schema: str
    view: str
    role: str
    columns: Mapping[str, str]
    key: str
    changed: str
    twice: bool = False
    knobs: Knobs = field(default_factory=Knobs)
    frozen_at: datetime | None = None

    async def put(self, records: Iterable[Mapping[str, Any]]) -> None:
        """New and changed rows; what a record leaves out is NULL. All of them become visible at once."""
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        holes = sql.SQL(", ").join(sql.SQL("%s::{}").format(sql.SQL(kind)) for kind in self.columns.values())
        insert = sql.SQL("insert into {} ({}) values ({})").format(self._table, names, holes)
        if not self.twice:
            changes = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in self.columns)
            insert += sql.SQL(" on conflict ({}) do update set {}").format(sql.Identifier(self.key), changes)
        rows = [[_cell(record.get(name), kind) for name, kind in self.columns.items()] for record in records]
        async with self.db.transaction(), self.db.cursor() as cursor:
            await cursor.executemany(insert, rows)

    async def turn(self, changes: Mapping[str, Any], now: datetime) -> None:
        """Turn knobs: delay, silent, yesterday, renamed (codes of a column), dropped and added. Raises KnobError."""
        self.knobs = self.knobs.turned(changes)
        self.frozen_at = (self.frozen_at or now) if self.knobs.yesterday else None
        await self.show()

    async def show(self, instead: str = "") -> None:
        """Make the view anew, as the knobs are turned; or over another query, where something is to go wrong with it."""
        async with self.db.transaction():
            await self.db.execute(sql.SQL("drop view if exists {}").format(self._view))
            query = sql.SQL(instead) if instead else self._query()
            await self.db.execute(sql.SQL("create view {} as {}").format(self._view, query))
            await self.db.execute(sql.SQL("grant select on {} to {}").format(self._view, sql.Identifier(self.role)))

    async def revoke(self) -> None:
        """The role may no longer read the view."""
        await self.db.execute(sql.SQL("revoke select on {} from {}").format(self._view, sql.Identifier(self.role)))

    @property
    def _table(self) -> sql.Composed:
        return sql.SQL("{}.{}").format(sql.Identifier(self.schema), sql.Identifier(f"bang_{self.view}"))

    @property
    def _view(self) -> sql.Composed:
        return sql.SQL("{}.{}").format(sql.Identifier(self.schema), sql.Identifier(self.view))

    def _query(self) -> sql.Composed:
        knobs = self.knobs
        shown = [sql.Identifier(ROW), *(self._shown(name) for name in self.columns if name not in knobs.dropped)]
        shown += [sql.SQL("{} as {}").format(sql.Literal(str(value)), sql.Identifier(name)) for name, value in knobs.added.items()]
        query = sql.SQL("select {} from {} t").format(sql.SQL(", ").join(shown), self._table)
        wait = SILENCE if knobs.silent else knobs.delay
        if wait:  # waited for once a reading, and never folded away because it is volatile
            query += sql.SQL(" cross join (select pg_sleep({}) offset 0) s").format(sql.Literal(wait))
        if self.frozen_at is not None:
            query += sql.SQL(" where {} <= {}").format(sql.Identifier(self.changed), sql.Literal(self.frozen_at))
        return query

    def _shown(self, name: str) -> sql.Composable:
        codes = self.knobs.renamed.get(name)
        if not codes:
            return sql.Identifier(name)
        cases = [sql.SQL("when {} then {}").format(sql.Literal(old), sql.Literal(new)) for old, new in codes.items()]
        return sql.SQL("case {0}::text {1} else {0}::text end as {0}").format(sql.Identifier(name), sql.SQL(" ").join(cases))


@asynccontextmanager
async def cabinet(
    admin_url: str,
    columns: Mapping[str, str],
    *,
    key: str,
    changed: str,
    password: str,
    schema: str = "so",
    view: str = "v_ho_so",
    role: str = "ioc_doc",
    twice: bool = False,
) -> AsyncIterator[Cabinet]:
    """A cabinet, emptied and taken away at the end. `password`: the reading role's."""
    async with await AsyncConnection.connect(admin_url, autocommit=True, connect_timeout=5) as db:
        made = Cabinet(
            db=db, url=reading_url(admin_url, role, password), schema=schema, view=view, role=role, columns=columns, key=key,
            changed=changed, twice=twice,
        )  # fmt: skip
        await _clear(db, schema, role)
        try:
            await _make(made, password)
            yield made
        finally:
            await _clear(db, schema, role)


async def _make(made: Cabinet, password: str) -> None:
    db, schema, role = made.db, sql.Identifier(made.schema), sql.Identifier(made.role)
    columns = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in made.columns.items()]
    own = sql.SQL("{} bigint generated always as identity").format(sql.Identifier(ROW))
    async with db.transaction():
        await db.execute(sql.SQL("create role {} login password {}").format(role, sql.Literal(password)))
        await db.execute(sql.SQL("create schema {}").format(schema))
        await db.execute(sql.SQL("create table {} ({})").format(made._table, sql.SQL(", ").join([own, *columns])))
        if not made.twice:
            await db.execute(sql.SQL("create unique index on {} ({})").format(made._table, sql.Identifier(made.key)))
        order = sql.SQL(", ").join(map(sql.Identifier, (made.changed, ROW)))
        await db.execute(sql.SQL("create index on {} ({})").format(made._table, order))
        await db.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
    await made.show()


async def _clear(db: AsyncConnection[Any], schema: str, role: str) -> None:
    """Nothing of an earlier cabinet is left, be it one that was killed; readers still connected are sent away."""
    found = await db.execute("select exists (select from pg_roles where rolname = %s)", [role])
    row = await found.fetchone()
    await db.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [role])
    await db.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
    if row and row[0]:
        await db.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
        await db.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def reading_url(admin_url: str, role: str, password: str) -> str:
    """The same database, for the reading role."""
    parts = conninfo_to_dict(admin_url)
    host, port = quote(str(parts.get("host", "127.0.0.1")), safe=""), parts.get("port", 5432)
    return f"postgresql://{quote(role)}:{quote(password, safe='')}@/{parts['dbname']}?host={host}&port={port}"


def _cell(value: Any, kind: str) -> Any:
    """A value as its column takes it: a time in any of the shapes systems write, a list or an object as JSON."""
    if isinstance(value, str) and kind.startswith("timestamp"):
        return read_instant(value, VIETNAM) if value else None
    return Jsonb(value) if isinstance(value, list | dict) else value
