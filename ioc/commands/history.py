"""`ioc history`: a number as a curve, printed as a table or as JSON."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from rich.table import Table

from ioc import history
from ioc.answers import instant
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.db import connect, migrate
from ioc.history import Series
from ioc.indicators import RATE_BY_NAME
from ioc.periods import VIETNAM
from ioc.server.jobs import utcnow


def series(
    indicator: str, since: str, until: str, step: str, *, known: str, known_at: str | None, reading: str, unit: str | None
) -> Series:
    """The curve that the options' words ask for."""
    return Series(
        indicator=indicator, since=instant(since), until=instant(until) if until else utcnow(), unit=unit,
        step=None if step == "auto" else step, reading=reading, known=known, known_at=instant(known_at) if known_at else None,  # type: ignore[arg-type]
    )  # fmt: skip


def show(asked: Series, database: str, *, as_json: bool) -> None:
    async def ask() -> dict[str, Any]:
        url = engines(database).database_url
        await migrate(url)
        async with await connect(url) as db:
            return await history.answer(db, asked, utcnow())

    answer = asyncio.run(ask())
    if as_json:
        say(answer)
        return
    share = asked.indicator.partition(".")[0] in RATE_BY_NAME
    table = Table("từ / from", "giá trị / value", "đo lúc / measured", title=f"{asked.indicator} · {answer['unit']} · {answer['step']}")
    table.columns[1].justify = "right"
    for point in answer["points"]:
        table.add_row(_local(point["at"]), _number(point["value"], share=share), _local(point["measured_at"]) + " ≈" * point["counted"])
    out.print(table)
    if any(point["counted"] for point in answer["points"]):
        out.print("≈ đếm lại từ lịch sử, không phải số đo lúc đó / counted from history, not measured at the time")


def _local(text: str | None) -> str:
    return "—" if text is None else f"{datetime.fromisoformat(text).astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _number(value: float | None, *, share: bool) -> str:
    """As it is written in Vietnamese: 1.234 and 56,78 %."""
    if value is None:
        return "—"
    text = f"{value:,.2f} %" if share else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))
