"""Migrations: twice is once, two at the same time wait, a newer database is refused, a failed step leaves nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ioc import db as database
from ioc.db import Connection, MigrationError, connect, migrate, only_one


async def test_a_migrated_database_has_nothing_to_do_and_a_newer_one_is_refused(database_url: str, db: Connection) -> None:
    assert await migrate(database_url) == []
    await db.execute("insert into migrations (number, name) values (999, 'tomorrow')")
    with pytest.raises(MigrationError, match=r"999.*newer version"):
        await migrate(database_url)


async def test_two_at_once_do_each_step_once(database_url: str, db: Connection) -> None:
    await db.execute("drop schema public cascade")
    await db.execute("drop extension if exists timescaledb cascade")
    await db.execute("create schema public")
    done = await asyncio.gather(*(migrate(database_url) for _ in range(3)))
    assert sorted(map(len, done)) == [0, 0, len(database.migrations())]


async def test_a_step_that_fails_leaves_nothing_of_itself(database_url: str, db: Connection, tmp_path: Path, monkeypatch: Any) -> None:
    for path in database.MIGRATIONS.glob("*.sql"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "900_wrong.sql").write_text("create table half (n int); select 1 / 0;", encoding="utf-8")
    monkeypatch.setattr(database, "MIGRATIONS", tmp_path)
    with pytest.raises(psycopg.Error):
        await migrate(database_url)
    assert await (await db.execute("select to_regclass('half')")).fetchone() == (None,)


async def test_only_one_holds_a_name_and_a_lost_connection_lets_it_go(database_url: str) -> None:
    first, second = await connect(database_url), await connect(database_url)
    async with second:
        async with only_one(first, "jobs") as ours, only_one(second, "jobs") as theirs, only_one(second, "other") as other:
            assert (ours, theirs, other) == (True, False, True)
            await first.close()
        for _ in range(50):
            async with only_one(second, "jobs") as again:
                if again:
                    break
            await asyncio.sleep(0.05)
        assert again
