"""`ioc sources list`, `ioc sources accept`, `ioc feeders`: how the sources are, and who delivered by the cut-off, from the database.

They read what the running server wrote down and need no server themselves; what is accepted, it notices within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from collectors.drift import Drift, Refused, drifts
from collectors.source import SettingsError, suggestion
from ioc import watchbook
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.config import Config, load, service_url
from ioc.db import Connection, connect, migrate
from ioc.periods import VIETNAM, PeriodError
from ioc.server import source_routes
from ioc.server.app import calendar_of
from ioc.server.jobs import utcnow

DRIFTS = {"unknown_code": "mã lạ", "missing_field": "thiếu trường", "new_field": "trường mới"}
STATES = {"never": "chưa đọc", "fresh": "mới", "late": "trễ", "stale": "cũ", "down": "mất"}
WAITING = "select source, count(*)::int from quarantine where resolved_at is null group by source"
LAST = "select max(until) from listening"
MONTH = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", re.ASCII)


@contextlib.asynccontextmanager
async def _database(config: Config) -> AsyncIterator[Connection]:
    """The database of a configuration; the private one where it names none."""
    url = engines(database_url=service_url(config.database, "IOC_DATABASE_URL", config.folder)).database_url
    await migrate(url)
    async with await connect(url) as db:
        yield db


def _known(config: Config, name: str) -> None:
    names = [entry.name for entry in config.source]
    if name not in names:
        raise SettingsError(f"there is no source {name!r}{suggestion(name, names)}")


async def _drift(db: Connection) -> dict[str, tuple[Drift, ...]]:
    codes: dict[str, list[Refused]] = {}
    for source, reason, records, since in await watchbook.unknown_codes(db):
        codes.setdefault(source, []).append(Refused(reason=reason, records=records, since=since))
    fields = await watchbook.known_fields(db)
    return {name: drifts(fields.get(name, {}), codes.get(name, ())) for name in fields.keys() | codes.keys()}


async def _states(config: Config) -> tuple[list[dict[str, Any]], datetime | None]:
    """Every configured source as the server last wrote it down, and when a server last listened."""
    async with _database(config) as db:
        standing, known, found = await watchbook.standing(db), await watchbook.recall(db), await _drift(db)
        waiting = dict(await (await db.execute(WAITING)).fetchall())
        row = await (await db.execute(LAST)).fetchone()
    states = []
    for entry in config.source:
        flip, heard = standing.get(entry.name), known[entry.name][1] if entry.name in known else None
        states.append({
            "source": entry.name, "title": entry.title or entry.name, "state": flip.state if flip else "never",
            "since": flip.since if flip else None, "stuck": flip.stuck if flip else None,
            "as_of": heard.as_of if heard else None, "read_at": heard.read_at if heard else None,
            "failures": heard.failures if heard else 0, "skew": heard.skew if heard else 0, "why": flip.why if flip else "",
            "drift": [asdict(drift) for drift in found.get(entry.name, ())], "quarantine": waiting.get(entry.name, 0),
        })  # fmt: skip
    return states, row[0] if row else None


def listing(path: Path, *, as_json: bool) -> None:
    states, listened = asyncio.run(_states(load(path)))
    if as_json:
        say({"listened": listened, "sources": states})
        return
    shown = Table("nguồn", "trạng thái", "từ", "số liệu lúc", "cách ly", title="Nguồn dữ liệu / Sources")
    for state in states:
        word = STATES[state["state"]] + (", đứng yên" if state["stuck"] else "")
        shown.add_row(state["source"], word, _local(state["since"]), _local(state["as_of"]), str(state["quarantine"]))
    out.print(shown)
    for state in states:
        for drift in state["drift"]:
            out.print(f"{state['source']}: {DRIFTS[drift['what']]} {drift['name']} ({drift['records']})", markup=False)
        if state["why"]:
            out.print(f"{state['source']}: {state['failures']} lần lỗi liền / failures in a row: {state['why']}", markup=False)
    out.print(f"Máy chủ nghe lần cuối / A server last listened: {_local(listened)}")


def accept(path: Path, source: str, *, as_json: bool) -> None:
    """Take a source's answers as they are: new fields are no news any more, and missing ones are not waited for."""
    config = load(path)
    _known(config, source)

    async def ask() -> tuple[list[str], list[str]]:
        async with _database(config) as db:
            missing = [d.name for d in (await _drift(db)).get(source, ()) if d.what == "missing_field"]
            return await watchbook.accept(db, source, missing, utcnow())

    new, gone = asyncio.run(ask())
    if as_json:
        say({"source": source, "accepted": new, "forgotten": gone})
        return
    out.print(f"{source}: nhận trường mới / new fields accepted: {', '.join(new) or '—'}")
    out.print(f"{source}: thôi chờ trường / fields no longer expected: {', '.join(gone) or '—'}")


def feeders(path: Path, month: str, source: str | None, unit: str | None, *, as_csv: bool, as_json: bool) -> None:
    """The ledger of a month (2026-11) or a year (2026), as /api/v1/feeders answers it."""
    met = MONTH.fullmatch(month)
    if not met:
        raise PeriodError(f"month {month!r} is not understood; write 2026-11, or 2026 for the whole year")
    answer = asyncio.run(_ledger(load(path), int(met[1]), int(met[2]) if met[2] else None, source, unit))
    if as_json:
        say(answer)
    elif as_csv:
        print(source_routes.table(answer), end="")
    else:
        out.print(_table(answer))


async def _ledger(config: Config, year: int, month: int | None, source: str | None, unit: str | None) -> dict[str, Any]:
    titles = {entry.name: entry.title or entry.name for entry in config.source}
    async with _database(config) as db:
        return await source_routes.feeders(
            db, calendar_of(config), titles, config.feeders, year=year, month=month, source=source, unit=unit
        )


def _table(answer: dict[str, Any]) -> Table:
    when = f"{answer['month']:02}/{answer['year']}" if answer["month"] else f"{answer['year']}"
    columns = ("nguồn", "đơn vị", "phải nộp", "đúng hạn", "muộn", "không nộp", "miễn trừ", "nhắc")
    shown = Table(*columns, title=f"Sổ theo dõi nộp số liệu {when} / Deliveries")
    for row in answer["feeders"]:
        counted = row["month"] or row["year"]
        numbers = [str(counted[name]) for name in ("due", "met", "late", "missed", "excused", "reminders")]
        shown.add_row(row["title"], row["name"], *numbers)
    return shown


def _local(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
