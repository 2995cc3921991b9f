"""The way to PostgreSQL: pools, one-of-a-kind locks and migrations. Used by the store, the meter, the alerts and the command line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

MIGRATIONS = Path(__file__).parent / "sql"
Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]

# A statement that hangs longer than this is cut by the server; the meter's look-back relies on it (see LONGEST in meter.py).
LONGEST_TRANSACTION = "1h"


class MigrationError(Exception):
    """The database cannot be brought to this program's version; the message says which step and what to do."""


async def prepare(db: Connection) -> None:
    """What every connection needs once. In UTC, times come as timezone.utc: ZoneInfo ones are 2.6 times dearer to write back."""
    await db.set_autocommit(True)
    await db.execute("set timezone = 'UTC'")
    await db.execute(f"set transaction_timeout = '{LONGEST_TRANSACTION}'")


def pool(url: str, *, size: int = 8, name: str = "ioc") -> Pool:
    """A pool not yet opened. Waiting for a connection is bounded, so a lost database is an error within seconds, not a hang."""
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=size,
        timeout=5,
        open=False,
        name=name,
        configure=prepare,
        check=AsyncConnectionPool.check_connection,
        reconnect_timeout=3600,
        kwargs={"connect_timeout": 5, "application_name": name},
    )


async def connect(url: str) -> Connection:
    """One connection of its own, prepared like those of the pool."""
    db = await AsyncConnection.connect(url, autocommit=True, connect_timeout=5, application_name="ioc")
    await prepare(db)
    return db


def lock_number(name: str) -> int:
    """The advisory lock of a job: stable between versions and processes, apart from other programs' by its high half."""
    return (0x10C << 32) | crc32(name.encode())


@asynccontextmanager
async def only_one(db: Connection, name: str) -> AsyncIterator[bool]:
    """True inside when no other process holds `name` now; the lock falls with the connection, so a killed holder frees it."""
    number = lock_number(name)
    cursor = await db.execute("select pg_try_advisory_lock(%s)", [number])
    row = await cursor.fetchone()
    held = bool(row and row[0])
    try:
        yield held
    finally:
        if held and not db.closed and not db.broken:
            await db.execute("select pg_advisory_unlock(%s)", [number])


def migrations() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of every step, in order."""
    steps = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        matched = re.fullmatch(r"(\d{3})_(\w+)\.sql", path.name)
        if not matched:
            raise MigrationError(f"{path.name}: a migration is named NNN_what_it_does.sql")
        steps.append((int(matched[1]), matched[2], path.read_text(encoding="utf-8")))
    return steps


OLDEST_SERVER = 170000  # MERGE ... RETURNING


async def _suitable(db: Connection) -> None:
    """Raises MigrationError where this PostgreSQL cannot carry the store."""
    row = await (
        await db.execute("select current_setting('server_version'), (select 1 from pg_available_extensions where name = 'timescaledb')")
    ).fetchone()
    version, timescale = row or ("?", None)
    if db.info.server_version < OLDEST_SERVER:
        raise MigrationError(f"this is PostgreSQL {version}; use version 17 or newer")
    if not timescale:
        raise MigrationError(f"this PostgreSQL {version} has no TimescaleDB; install its package (the Apache edition is enough)")


async def reachable(url: str, patience: float, tell: Callable[[], None]) -> None:
    """Wait until the database answers, at most `patience` seconds; `tell` is called once if there is a wait at all."""
    loop = asyncio.get_running_loop()
    until, told = loop.time() + patience, False
    while True:
        try:
            async with await connect(url):
                return
        except OperationalError:
            if loop.time() > until:
                raise
        if not told:
            tell()
            told = True
        await asyncio.sleep(1)


async def migrate(url: str) -> list[str]:
    """Bring the database to this version; returns the names of the steps done. Each step is one transaction; two at once wait."""
    done = []
    async with await connect(url) as db:
        await _suitable(db)
        await db.execute("select pg_advisory_lock(%s)", [lock_number("migrate")])
        await db.execute(
            "create table if not exists migrations (number int primary key, name text not null, at timestamptz not null default now())"
        )
        rows = await (await db.execute("select number from migrations")).fetchall()
        known = {number for (number,) in rows}
        steps = migrations()
        if ahead := known - {number for number, _, _ in steps}:
            raise MigrationError(
                f"the database has step {max(ahead)}, this program ends at {steps[-1][0]}: start the newer version, or restore a backup"
            )
        for number, name, sql in steps:
            if number in known:
                continue
            async with db.transaction():
                await db.execute(sql.encode())
                await db.execute("insert into migrations (number, name) values (%s, %s)", [number, name])
            done.append(f"{number:03} {name}")
        await db.execute("select pg_advisory_unlock(%s)", [lock_number("migrate")])
    return done
