"""`ioc calendar show|diff|apply`: the calendar in force, and bringing the configured one in force. A running server follows in seconds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.table import Table

from ioc import calendars
from ioc.calendar_versions import InForce, in_force, rebuilt, rules_of
from ioc.calendar_year import shown, year_of
from ioc.calendars import Preview
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.config import Config, load, service_url
from ioc.db import Connection, connect, migrate
from ioc.periods import VIETNAM
from ioc.server.app import calendar_of
from ioc.server.jobs import utcnow

CLOCKS = {
    "due": "Hạn trả", "soon": "Sắp đến hạn", "reception": "Hạn tiếp nhận", "apology": "Hạn xin lỗi", "handled": "Thời gian xử lý",
    "counted_from": "Tính lại từ",
}  # fmt: skip


@contextlib.asynccontextmanager
async def _database(config: Config) -> AsyncIterator[Connection]:
    """The database of a configuration; the private one where it names none."""
    url = engines(database_url=service_url(config.database, "IOC_DATABASE_URL", config.folder)).database_url
    await migrate(url)
    async with await connect(url) as db:
        yield db


def show(path: Path, year: int | None, *, as_json: bool) -> None:
    config = load(path)

    async def ask() -> InForce | None:
        async with _database(config) as db:
            return await in_force(db)

    found, configured = asyncio.run(ask()), calendar_of(config)
    calendar = rebuilt(found.rules) if found else configured
    chosen = year or utcnow().astimezone(calendar.zone).year
    days = year_of(calendar, chosen)
    if as_json:
        since = found.since if found else None
        say({"version": calendar.version, "since": since, "note": found.note if found else "", "moved": found.moved if found else 0,
             "rules": shown(rules_of(calendar)), "year": chosen, "days": days, "configured": configured.version})  # fmt: skip
        return
    begun = f"từ {_local(found.since)}" if found else "chưa có hiệu lực: sẽ dùng khi máy chủ chạy lần đầu"
    table = Table("Ngày", "", "Lý do", title=f"Lịch làm việc {calendar.version}, {begun} · {chosen}")
    for day in days:
        table.add_row(f"{datetime.fromisoformat(day['day']):%d/%m/%Y}", ", ".join(day["hours"]) or "nghỉ", day["why"])
    out.print(table)
    out.print("Giờ làm việc: " + ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in calendar.hours))
    if calendar.version != configured.version:
        out.print(f"Lịch trong cấu hình ({configured.version}) khác và chưa có hiệu lực: xem `ioc calendar diff`", style="yellow")


def diff(path: Path, limit: int, *, as_json: bool) -> None:
    config = load(path)

    async def ask() -> Preview:
        async with _database(config) as db:
            return await calendars.preview(db, calendar_of(config), limit=limit)

    _tell(asyncio.run(ask()), applied=False, as_json=as_json)


def apply(path: Path, note: str, limit: int, *, as_json: bool) -> None:
    config = load(path)

    async def do() -> Preview:
        async with _database(config) as db:
            return await calendars.apply(db, calendar_of(config), utcnow(), note=note, limit=limit)

    _tell(asyncio.run(do()), applied=True, as_json=as_json)


def _tell(found: Preview, *, applied: bool, as_json: bool) -> None:
    if as_json:
        listed = [{"source": m.source, "code": m.code, "unit": m.unit, "state": m.state, "clocks": _pairs(m.clocks)} for m in found.listed]
        say({"version": found.version, "before": found.before, "items": found.items, "clocks": dict(found.clocks), "listed": listed,
             "applied": applied})  # fmt: skip
        return
    if found.listed:
        table = Table("Nguồn", "Mã hồ sơ", "Đơn vị", "", "Từ", "Thành")
        for move in found.listed:
            for name, (was, now) in move.clocks.items():
                table.add_row(move.source, move.code, move.unit, CLOCKS[name], _local(was), _local(now))
        out.print(table)
    if found.items > len(found.listed):
        out.print(f"… và {found.items - len(found.listed)} hồ sơ khác")
    counted = ", ".join(f"{CLOCKS[name].lower()} {found.clocks[name]}" for name in CLOCKS if found.clocks[name]) or "không có mốc nào"
    done = "Đã áp dụng" if applied else "Xem trước, chưa ghi gì"
    out.print(f"{done}: lịch {found.before or '—'} → {found.version}; {found.items} hồ sơ đổi hạn ({counted})")


def _pairs(clocks: Any) -> dict[str, list[Any]]:
    return {name: [was, now] for name, (was, now) in clocks.items()}


def _local(value: Any) -> str:
    """A time as people here write it; minutes of working time as hours."""
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    return "—" if value is None else f"{timedelta(minutes=value) / timedelta(hours=1):.1f} giờ".replace(".", ",")
