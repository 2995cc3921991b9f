"""`ioc board`, `ioc compare`, `ioc breakdown`: tables for people, JSON for machines, CSV for Excel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from rich.table import Table

from ioc import boards
from ioc import breakdown as parts
from ioc.answers import Question
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.comparisons import How
from ioc.db import Connection, connect, migrate
from ioc.periods import VIETNAM
from ioc.server.jobs import utcnow
from ioc.units import Level

Answer = TypeVar("Answer")


def board(asked: Question, level: str, sort: str, file: Path | None, database: str, *, as_json: bool) -> None:
    made = _asked(database, lambda db: boards.board(db, asked, utcnow(), level=Level(level) if level else None, sort=sort))
    if file is not None:
        file.write_bytes(boards.sheet(made).encode())
        out.print(f"{len(made.rows)} rows → {file}")
        return
    if as_json:
        say(boards.told(made))
        return
    title = f"{made.total.office.name} · {made.asked.period} · {made.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    table = Table("đơn vị / unit", *(column.heading for column in boards.COLUMNS), title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in (*made.rows, made.total):
        table.add_row(row.office.name, *(_number(row.values[column.key], column.rate) for column in boards.COLUMNS))
    out.print(table)
    for line in (*made.checks, *(check for row in made.rows for check in row.checks)):
        out.print(f"! {line}", style="red", markup=False)


def compare(indicator: str, how: How, asked: Question, database: str, *, as_json: bool) -> None:
    told = _asked(database, lambda db: boards.compare(db, indicator, asked, utcnow(), how))
    if as_json:
        say(told)
        return
    pct = told["measured_in"] == "%"
    table = Table("kỳ / period", "đến / as of", told["vi"], title=f"{indicator} · {asked.unit or 'toàn tỉnh'}")
    for side in (told, told["then"]):
        table.add_row(side["period"], side["as_of"], _number(side["value"], pct))
    out.print(table)
    share = "" if told["per_cent"] is None else f" ({_number(told['per_cent'], True)} %)"
    out.print(f"Chênh lệch / difference: {_number(told['difference'], pct)}{' điểm' if pct else ''}{share}")


def breakdown(indicator: str, by: str, top: int | None, asked: Question, database: str, *, as_json: bool) -> None:
    told = parts.told(_asked(database, lambda db: parts.split(db, indicator, parts.dimension(by), asked, utcnow(), top=top)))
    if as_json:
        say(told)
        return
    table = Table(told["by_vi"], told["vi"], title=f"{indicator} · {told['period']} · {told['as_of']}")
    table.columns[1].justify = "right"
    for part in told["parts"]:
        table.add_row(part["vi"], _number(part["value"]))
    if told["others"]:
        table.add_row(f"{told['others']['parts']} phần khác / others", _number(told["others"]["value"]))
    table.add_row("Tổng cộng / total", _number(told["value"]))
    out.print(table)


def _asked(database: str, ask: Callable[[Connection], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        url = engines(database).database_url
        await migrate(url)
        async with await connect(url) as db:
            return await ask(db)

    return asyncio.run(run())


def _number(value: float | None, rate: bool = False) -> str:
    """As people here write it: 1.234 or 98,77."""
    if value is None:
        return "—"
    text = f"{value:,.2f}" if rate or value % 1 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))
