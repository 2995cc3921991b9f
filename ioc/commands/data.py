"""`ioc import`, `ioc indicators`, `ioc items`, `ioc migrate`: files in, numbers out. JSON for machines, tables for people.

A bad file, mapping, unit, period or indicator ends with status 2 and one line that says what to do; nothing was changed then.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from collectors.formats import Layout, decoded
from collectors.pieces import batches as read_batches
from collectors.readers import load
from ioc import answers
from ioc.answers import Question
from ioc.calendar import WorkCalendar
from ioc.commands.engines import engines
from ioc.db import Connection, connect, migrate, pool
from ioc.indicators import RATE_BY_NAME
from ioc.meter import Side
from ioc.periods import VIETNAM
from ioc.server.jobs import utcnow
from ioc.store import Profile, Store

WIDE = 200  # columns of a table that goes into a file or a pipe: there nothing is cut to a screen
out, err = Console(soft_wrap=True, width=None if sys.stdout.isatty() else WIDE), Console(stderr=True, soft_wrap=True)


REASONS = "select distinct reason from quarantine where source = %s and resolved_at is null order by reason"


def say(answer: Any) -> None:
    """JSON on standard output, nothing else there."""
    print(json.dumps(answer, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def import_file(path: Path, mapping_path: Path, database: str, *, layout: Layout, as_json: bool) -> None:
    """The whole file is decoded before the first row is stored; bad rows are quarantined, counted and warned about."""
    now = utcnow()
    mapping = load(mapping_path)
    content = decoded(path, mapping, layout)
    batches = list(read_batches(content, mapping, now))
    counts, reasons = asyncio.run(_apply(mapping, batches, database, now))
    done = {"read": content.count, **counts}
    if as_json:
        say(done)
    else:
        table = Table(*done, title=f"{path.name} → {mapping.name}")
        table.add_row(*(f"{count:,}" for count in done.values()))
        out.print(table)
    if done["quarantined"]:
        shown = "\n  ".join(reasons[:5])
        more = f"\n  … and {len(reasons) - 5} more reasons" if len(reasons) > 5 else ""
        err.print(f"{done['quarantined']} rows were put into quarantine:\n  {shown}{more}", style="yellow", markup=False)


async def _apply(mapping: Any, batches: Sequence[Any], database: str, now: datetime) -> tuple[dict[str, int], list[str]]:
    """What was stored, and why rows are in quarantine: what could not be read and what the store could not keep."""
    url = engines(database).database_url
    await migrate(url)
    totals = dict.fromkeys(("items", "quarantined", "suspect", "transitions"), 0)
    figures = sum(len(batch.figures) for batch in batches)
    totals |= {"figures": figures} if figures else {}
    async with pool(url, size=2) as connections:
        store = Store(connections)
        profile = Profile(
            name=mapping.name, title=mapping.title, calendar=WorkCalendar(), zone=mapping.zone, create_units=mapping.create_units
        )
        await store.declare(profile)
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err, transient=True
        )
        with bar:
            for batch in bar.track(batches, description="importing"):
                applied = await store.apply(mapping.name, batch, now)
                totals["items"] += len(batch.items)
                totals["quarantined"] += applied.quarantined
                totals["suspect"] += applied.suspect
                totals["transitions"] += applied.changed
        async with connections.connection() as db:
            rows = await (await db.execute(REASONS, [mapping.name])).fetchall()
    return totals, [reason for (reason,) in rows]


@contextlib.asynccontextmanager
async def _database(database: str) -> AsyncIterator[Connection]:
    url = engines(database).database_url
    await migrate(url)
    async with await connect(url) as db:
        yield db


def indicators(asked: Question, database: str, *, as_json: bool) -> None:
    async def ask() -> dict[str, Any]:
        async with _database(database) as db:
            return await answers.indicators(db, asked, utcnow())

    answer = asyncio.run(ask())
    if as_json:
        say(answer)
        return
    table = Table("indicator", "value", title=f"{asked.unit or 'everything'} · {asked.period} · as of {answer['as_of']}")
    table.columns[1].justify = "right"
    for name, entry in answer["indicators"].items():
        table.add_row(name, "—" if entry["value"] is None else f"{entry['value']:.2f} %" if name in RATE_BY_NAME else f"{entry['value']:,}")
    out.print(table)
    if answer["undivided"]:
        out.print(f"Đã chia tách, chỉ tính được ở cấp trên / Divided, counted above only: {', '.join(answer['undivided'])}")


def _local(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def items(name: str, asked: Question, database: str, *, side: Side, limit: int | None, as_json: bool) -> None:
    async def ask() -> dict[str, Any]:
        async with _database(database) as db:
            return await answers.items(db, name, asked, utcnow(), side=side, limit=limit)

    answer = asyncio.run(ask())
    if as_json:
        say(answer)
        return
    table = Table("source", "code", "unit", "state", "received", "due", "closed", title=f"{name} · {len(answer['items'])} items")
    for item in answer["items"]:
        times = [_local(item[at]) for at in ("received_at", "appointed_at", "closed_at")]
        table.add_row(item["source"], item["code"], item["unit"], item["state"], *times)
    out.print(table)


def migrate_database(database: str) -> None:
    done = asyncio.run(migrate(engines(database).database_url))
    out.print("\n".join(done) if done else "nothing to do: the database is at this program's version")
