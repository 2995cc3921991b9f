"""`ioc quarantine list|show|retry|drop`: what could not be read, and what a person does about it. Tables for people, JSON for machines.

A record waits until the other side repairs it, until the mapping is mended and it is tried again, or until somebody drops it and says why.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from collectors.again import reread
from collectors.reading import Reader
from collectors.sources import build
from ioc import quarantine
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.config import Config, ConfigError, load, service_url
from ioc.db import Connection, connect, migrate, pool
from ioc.model import Batch
from ioc.periods import VIETNAM
from ioc.quarantine import Kept
from ioc.server.app import calendar_of
from ioc.server.jobs import utcnow
from ioc.store import Profile, Store

FAULTS = {
    "value": "giá trị sai", "code": "mã lạ", "missing": "thiếu trường", "shape": "không phải bản ghi", "unit": "đơn vị lạ",
}  # fmt: skip
ENDS = {"came well": "đã gửi lại đúng", "replaced": "đã có bản khác", "retried": "đã đọc lại được", "dropped": "đã bỏ"}
KNOWN_UNITS = "select code from units union select unnest(alt_codes) from units"
NEWEST = "select code, happened_at from items where source = %s and code = any(%s)"
AT_ONCE = 1000  # records tried again in one transaction


def listing(source: str | None, database: str, *, everything: bool, limit: int, as_json: bool) -> None:
    rows = asyncio.run(_asked(database, lambda db: quarantine.listing(db, source, everything=everything, limit=limit)))
    if as_json:
        say(rows)
        return
    table = Table("mã băm", "nguồn", "mã hồ sơ", "lỗi", "lý do", "lần", "từ", "gần nhất", title="Bản ghi cách ly / Quarantine")
    for row in rows:
        end = f" ({ENDS[row['resolved']]})" if row["resolved"] else ""
        times = [_local(row[at]) for at in ("first_at", "last_at")]
        table.add_row(
            row["raw_hash"][:10], row["source"], row["code"] or "—", FAULTS.get(row["fault"], row["fault"]) + end, row["reason"],
            f"{row['times']:,}".replace(",", "."), *times,
        )  # fmt: skip
    out.print(table)
    if len(rows) == limit:
        out.print(f"Chỉ hiện {limit} bản ghi gần nhất; xem thêm bằng --limit. / Only the latest {limit}; use --limit for more.")


def show(start: str, database: str, *, as_json: bool) -> None:
    row = _one(asyncio.run(_asked(database, lambda db: quarantine.show(db, start))), start)
    if as_json:
        say(row)
        return
    table = Table(show_header=False, title=f"{row['source']} · {row['code'] or '—'}")
    told = {
        "mã băm": row["raw_hash"], "lỗi": FAULTS.get(row["fault"], row["fault"]), "lý do": row["reason"], "lần gặp": str(row["times"]),
        "từ": _local(row["first_at"]), "gần nhất": _local(row["last_at"]), "kết thúc": ENDS.get(row["resolved"] or "", "còn chờ"),
    }  # fmt: skip
    for name, value in told.items():
        table.add_row(name, value)
    for name, value in (row["record"] or {}).items():
        table.add_row(f"· {name}", str(value), style="dim")
    out.print(table)


def drop(starts: Sequence[str], reason: str, database: str) -> None:
    """Records that shall not be waited for any more, also when the source sends them again."""

    async def dropping(db: Connection) -> int:
        found = [_one(await quarantine.show(db, start), start) for start in starts]
        return sum([await quarantine.drop(db, row["source"], [row["raw_hash"]], reason, utcnow()) for row in found])

    count = asyncio.run(_asked(database, dropping))
    out.print(f"Đã bỏ {count} bản ghi. / {count} records dropped.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What trying again came to. `lacking`: of so many not enough was kept; the source must send them."""

    tried: int
    kept: int
    still_bad: int
    lacking: int


def retry(source: str, config_path: Path, starts: Sequence[str], *, as_json: bool) -> None:
    """Read what was kept again with the present mapping; what reads well counts from now on."""
    config = load(config_path)
    url = engines(database_url=service_url(config.database, "IOC_DATABASE_URL", config.folder)).database_url
    outcome = asyncio.run(_retry(config, source, starts, url, utcnow()))
    told = {name: getattr(outcome, name) for name in Outcome.__slots__}
    if as_json:
        say(told)
        return
    table = Table("đọc lại", "đã tính", "vẫn lỗi", "không đủ dữ liệu", title=f"{source}: đọc lại bản ghi cách ly / retried")
    table.add_row(*(str(count) for count in told.values()))
    out.print(table)


async def _retry(config: Config, name: str, starts: Sequence[str], url: str, now: datetime) -> Outcome:
    entry = next((each for each in config.source if each.name == name), None)
    if entry is None:
        raise ConfigError([f"{name!r}: no source is called so; known: {', '.join(each.name for each in config.source)}"])
    reader = build(entry, config.folder).mapping
    await migrate(url)
    async with pool(url, size=2) as connections:
        store = Store(connections)
        await store.declare(
            Profile(
                name=name, title=entry.title or reader.title, calendar=calendar_of(config), zone=reader.zone,
                compare=config.calendar.compare, create_units=reader.create_units,
            )
        )  # fmt: skip
        async with connections.connection() as db:
            waiting = [kept for kept in await quarantine.waiting(db, name) if not starts or kept.raw_hash.startswith(tuple(starts))]
            lacking = 0 if starts else await quarantine.lacking(db, name)
        pieces = [waiting[at : at + AT_ONCE] for at in range(0, len(waiting), AT_ONCE)]
        kept = sum([await _again(store, name, reader, piece, now) for piece in pieces])
    return Outcome(tried=len(waiting), kept=kept, still_bad=len(waiting) - kept, lacking=lacking)


async def _again(store: Store, name: str, reader: Reader, piece: Sequence[Kept], now: datetime) -> int:
    """Store what reads well now, note why the others do not. Returns how many were kept."""
    async with store.pool.connection() as db:
        units = None if reader.create_units else frozenset(code for (code,) in await (await db.execute(KNOWN_UNITS)).fetchall())
        codes = [kept.code for kept in piece if kept.code]
        newest: dict[str, datetime] = dict(await (await db.execute(NEWEST, [name, codes])).fetchall())
    again = reread(piece, reader, units, newest, now)
    if again.items or again.figures:
        await store.apply(name, Batch(position=None, items=again.items, figures=again.figures), now)
    async with store.pool.connection() as db:
        kept = await quarantine.retried(db, name, sorted(again.good), now)
        await quarantine.explain(db, name, again.still)
    return kept


async def _asked(database: str, ask: Any) -> Any:
    async with _database(database) as db:
        return await ask(db)


@contextlib.asynccontextmanager
async def _database(database: str) -> AsyncIterator[Connection]:
    url = engines(database).database_url
    await migrate(url)
    async with await connect(url) as db:
        yield db


def _one(rows: Sequence[dict[str, Any]], start: str) -> dict[str, Any]:
    if len(rows) != 1:
        wrong = "no record's hash begins so; see `ioc quarantine list`" if not rows else "more than one record's hash begins so; give more"
        raise ConfigError([f"{start!r}: {wrong}"])
    return rows[0]


def _local(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
