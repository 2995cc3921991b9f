"""`ioc sample` and `ioc backfill`: one source of a configuration looked at, or an old stretch of it read again.

JSON for machines, tables for people. Both take the source from the configuration the server runs with, so that what they show and
store is what the server would.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from collectors.backfill import BackfillReport, walk
from collectors.backfill import Progress as Came
from collectors.dates import read_instant
from collectors.sample import Sample
from collectors.sample import sample as ask_once
from collectors.source import Refused, Source, Unavailable, shown
from collectors.sources import build
from ioc.backfills import Backfill, Backfills, Span, listing
from ioc.commands.data import err, out, say
from ioc.commands.engines import engines
from ioc.config import Config, ConfigError, SourceEntry, load, service_url
from ioc.db import connect, migrate, pool
from ioc.model import Figure, Gone, Item
from ioc.periods import VIETNAM
from ioc.privacy import masked
from ioc.server.app import calendar_of, profile_of
from ioc.server.jobs import utcnow
from ioc.store import Store
from ioc.unit_files import units_from_csv
from ioc.units import UnitError, UnitTree

UNSHOWN = frozenset({"kind", "channel", "changed", "suspect"})  # of an item in a table: a terminal is 80 letters wide
INTERRUPTED = 130  # what a shell expects of a command that Ctrl-C ended


def _entry(config: Config, name: str) -> SourceEntry:
    found = next((entry for entry in config.source if entry.name == name), None)
    if found is None:
        known = ", ".join(entry.name for entry in config.source) or "none"
        raise ConfigError([f"no source is called {name!r}; known: {known}"])
    return found


# --- sample -----------------------------------------------------------------------------------------------------------------------


def sample(name: str, path: Path, *, records: int, as_json: bool) -> None:
    """Ask a source once and show what would become of its answer. Nothing is stored."""
    config = load(path)
    source = build(_entry(config, name), config.folder)
    found = asyncio.run(ask_once(source, utcnow(), _known_units(config)))
    if as_json:
        say(_plain(found, records))
    else:
        _show(found, records)


def _known_units(config: Config) -> Callable[[str], bool]:
    if not config.units:
        return lambda _: True
    tree = UnitTree(units_from_csv(config.folder / config.units))

    def known(code: str) -> bool:
        try:
            tree.resolve(code)
        except UnitError:
            return False
        return True

    return known


def _plain(found: Sample, records: int) -> dict[str, Any]:
    bad = [{"code": row.code, "fault": row.fault.value, "reason": row.reason} for row in found.bad[:records]]
    return {
        "source": found.source,
        "records": found.records,
        "as_of": found.as_of,
        "fields": [asdict(each) for each in found.fields],
        "missing": [asdict(each) for each in found.missing],
        "became": {"items": len(found.items), "figures": len(found.figures), "bad": len(found.bad)},
        "items": [_row(each) for each in found.items[:records]],
        "figures": [asdict(each) for each in found.figures[:records]],
        "bad": bad,
        "unknown_codes": [{"reason": reason, "times": times} for reason, times in found.unknown_codes],
        "unknown_units": [{"unit": unit, "times": times} for unit, times in found.unknown_units],
    }


def _row(item: Item | Gone) -> dict[str, Any]:
    if isinstance(item, Gone):
        return {"code": masked(item.code), "gone": item.happened_at}
    said = {"code": masked(item.code), "kind": item.kind.value, "unit": item.unit, "state": item.state.value, "channel": item.channel.value}
    times = {"received": item.received_at, "due": item.due_at, "closed": item.closed_at, "changed": item.happened_at}
    return {**said, **times, "suspect": item.suspect}


def _show(found: Sample, records: int) -> None:
    table = Table("field", "came in", "declared", "example", title=f"{found.source} · {found.records} records")
    for each in found.fields:
        table.add_row(escape(each.name), f"{each.times}", "yes" if each.declared else "", escape(each.example))
    out.print(table)
    for lost in found.missing:
        hint = f"; did you mean {lost.near!r}?" if lost.near else ""
        out.print(f"declared, but in no record: {lost.name}{hint}", style="yellow", markup=False)
    rows: list[dict[str, Any]] = [_row(item) for item in found.items[:records]] + [_figure(each) for each in found.figures[:records]]
    if rows:
        names = [name for name in rows[0] if name not in UNSHOWN]
        became = Table(*names, title=f"{len(found.items)} items, {len(found.figures)} figures, {len(found.bad)} bad records")
        for row in rows:
            became.add_row(*(_cell(row.get(name)) for name in names))
        out.print(became)
    for bad in found.bad[:records]:
        out.print(f"bad: {bad.code or 'without a code'}: {bad.reason}", style="red", markup=False)
    for reason, times in found.unknown_codes:
        out.print(f"{times} x {reason}", style="yellow", markup=False)
    for unit, times in found.unknown_units:
        out.print(f"{times} x unknown unit {unit!r}; add it to the unit catalogue", style="yellow", markup=False)


def _figure(figure: Figure) -> dict[str, Any]:
    return {"unit": figure.unit, "name": figure.name, "period": figure.period, "value": figure.value, "reported": figure.reported_at}


def _cell(value: Any) -> str:
    day = value.astimezone(VIETNAM) if isinstance(value, datetime) else None
    return f"{day:%d/%m/%Y}" if day else "" if value is None else escape(str(value))


# --- backfill ---------------------------------------------------------------------------------------------------------------------


def span(since: str, until: str, zone: ZoneInfo, now: datetime) -> Span:
    """The stretch two texts mean, in one of the five date shapes; a day alone as its end is that whole day. Raises ConfigError."""
    try:
        begin, end = read_instant(since, zone), read_instant(until, zone)
    except (ValueError, OverflowError) as error:
        raise ConfigError([f"--from {shown(since)} --to {shown(until)}: {error}; write days like 2026-06-30 or 30/06/2026"]) from None
    if ":" not in until:
        end += timedelta(days=1)
    if begin >= min(end, now):
        raise ConfigError([f"--from {shown(since)} --to {shown(until)}: no time lies between them, up to now; correct one of them"])
    return Span(since=begin, until=min(end, now))


def backfill(name: str, path: Path, since: str, until: str, *, pause: float, as_json: bool) -> None:
    """Read an old stretch of a source again, or go on with one. Ctrl-C and kills leave it open, to be gone on with."""
    config = load(path)
    entry = _entry(config, name)
    source = build(entry, config.folder)
    asked = span(since, until, ZoneInfo(config.calendar.zone), utcnow())
    try:
        report = asyncio.run(_walk(config, entry, source, asked, pause=pause))
    except KeyboardInterrupt:
        err.print("stopped; what was read is stored, and the same command goes on from there")
        sys.exit(INTERRUPTED)
    if as_json:
        say({**asdict(report), "span": asdict(report.span)})
    else:
        _tell(report)
    if not report.ok:
        raise (Refused if report.refused else Unavailable)(f"{name}: {report.error}; what was read is stored, the same command goes on")


async def _walk(config: Config, entry: SourceEntry, source: Source, asked: Span, *, pause: float) -> BackfillReport:
    url = engines(database_url=service_url(config.database, "IOC_DATABASE_URL", config.folder)).database_url
    await migrate(url)
    async with pool(url, size=4) as connections:
        store = Store(connections)
        await store.declare(profile_of(source, entry, config, calendar_of(config)))
        with _bar(entry.name) as tell:
            return await walk(source, Backfills(store), asked, utcnow(), pause=pause, tell=tell)


@contextmanager
def _bar(name: str) -> Any:
    """How far it has come, on standard error: the share of the stretch, records, records a second, and the day it stands at."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[read]:,} records"),
        TextColumn("{task.fields[speed]:,.0f}/s"), TextColumn("{task.fields[at]}"), TimeElapsedColumn(),
    )  # fmt: skip
    tasks: dict[int, TaskID] = {}
    with Progress(*columns, console=err, transient=True) as bar:

        def tell(came: Came) -> None:
            part = came.part
            if part.id not in tasks:
                words = f"{name} {_day(part.span.since)}–{_day(part.span.until)}" + (" (resumed)" if part.position else "")
                tasks[part.id] = bar.add_task(words, total=1.0, read=0, speed=0.0, at="")
            elapsed = bar.tasks[tasks[part.id]].elapsed or 0.0
            speed = came.read / elapsed if elapsed else 0.0
            bar.update(tasks[part.id], completed=came.share, read=part.read + came.read, speed=speed, at=_day(came.at) if came.at else "")

        yield tell


def _tell(report: BackfillReport) -> None:
    begin, end = _day(report.span.since), _day(report.span.until)
    how = "gone on with" if report.resumed else "read"
    counts = f"{report.read:,} records {how}, {report.changed:,} changed, {report.quarantined:,} quarantined"
    out.print(f"{report.source} {begin}–{end}: {counts}{'' if report.ok else '; not finished'}", markup=False)


def _day(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def backfills(path: Path, name: str | None, *, as_json: bool) -> None:
    """The stretches that were read again, and those still open."""
    config = load(path)

    async def ask() -> list[Backfill]:
        url = engines(database_url=service_url(config.database, "IOC_DATABASE_URL", config.folder)).database_url
        await migrate(url)
        async with await connect(url) as db:
            return await listing(db, name)

    found = asyncio.run(ask())
    if as_json:
        say([asdict(each) for each in found])
        return
    table = Table("no.", "source", "from", "to", "read", "changed", "begun", "done", title="backfills")
    for each in found:
        done = _day(each.done_at) if each.done_at else f"open, last moved {_day(each.moved_at)}"
        begun = _day(each.started_at)
        table.add_row(
            str(each.id), each.source, _day(each.span.since), _day(each.span.until), f"{each.read:,}", f"{each.changed:,}", begun, done
        )
    out.print(table)
