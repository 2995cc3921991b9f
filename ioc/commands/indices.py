"""`ioc index` and `ioc yearly`: the indices as tables for people, JSON for machines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ioc import yearly as series
from ioc.answers import Question
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.db import Connection, connect, migrate
from ioc.server.jobs import utcnow
from ioc.service_index import answer
from ioc.service_index.criteria import Criteria, read
from ioc.units import Level, UnitError


def index(asked: Question, wishes: Sequence[str], criteria: str, database: str, *, as_json: bool) -> None:
    made, changes = _criteria(criteria), answer.changes(wishes)
    told = _asked(database, lambda db: answer.index(db, made, asked, utcnow(), changes))
    if as_json:
        say(told)
        return
    ours, published = told["estimate"], told["published"]
    table = Table(
        "", "tiêu chí / criterion", "%", "điểm / points", title=f"{told['name']} · {told['period']} · ≈ {_number(ours['score'])}/100"
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for mark in ours["criteria"]:
        points = f"{_number(mark['points'])}/{mark['of']:g}" if mark["points"] is not None else "chưa xác định"
        table.add_row(mark["id"], mark["vi"], _number(mark["ratio"]), points)
    out.print(table)
    if published:
        out.print(f"Công bố / published: {_number(published['score'])} ({published['period']}, {published['source']})")
    for gain in ours["gains"][:3]:
        out.print(f"  {gain['vi']}")
    if "what_if" in told:
        out.print(f"Nếu / what if: ≈ {_number(told['what_if']['score'])} ({_number(told['what_if']['difference'])})")


def ranking(asked: Question, level: str, criteria: str, database: str, *, as_json: bool) -> None:
    if level not in list(Level):
        raise UnitError(f"level {level!r} is none of {', '.join(Level)}")
    made = _criteria(criteria)
    told = _asked(database, lambda db: answer.ranking(db, made, asked, Level(level), utcnow()))
    if as_json:
        say(told)
        return
    table = Table("hạng", "đơn vị", "≈ điểm", title=f"{told['level']} · {told['period']}")
    for row in told["units"]:
        table.add_row("—" if row["rank"] is None else str(row["rank"]), row["name"], _number(row["score"]))
    out.print(table)


def yearly(unit: str | None, database: str, *, as_json: bool) -> None:
    told = _asked(database, lambda db: series.yearly(db, unit, utcnow(), {}))
    if as_json:
        say(told)
        return
    for one in told["series"]:
        table = Table("năm", "điểm", "hạng", "tăng", title=one["vi"])
        for point in one["points"]:
            rank = "—" if point["rank"] is None else f"{point['rank']}/{point['of']}"
            table.add_row(str(point["year"]), _number(point["value"]), rank, "—" if point["gained"] is None else f"{point['gained']:+d}")
        out.print(table)


def _criteria(path: str) -> Criteria:
    return read(Path(path)) if path else read()


def _asked(database: str, ask: Callable[[Connection], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        url = engines(database).database_url
        await migrate(url)
        async with await connect(url) as db:
            return await ask(db)

    return asyncio.run(run())


def _number(value: float | None) -> str:
    """As people here write it: 1.234,56."""
    return "—" if value is None else f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
