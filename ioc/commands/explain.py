"""`ioc explain`: where a number comes from, in Vietnamese for people or as JSON for machines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from ioc.answers import Question
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.db import connect, migrate
from ioc.explain import explain as explained
from ioc.periods import VIETNAM
from ioc.server.jobs import utcnow

SIDES = {"numerator": "Tử số", "denominator": "Mẫu số"}
STATES = {"never": "chưa từng đọc", "fresh": "mới", "late": "chậm", "stale": "cũ", "down": "mất kết nối", None: "không theo dõi"}


def explain(name: str, asked: Question, database: str, *, as_json: bool) -> None:
    """Ask the database and print the answer. Raises IndicatorError, PeriodError, UnitError."""
    answer = asyncio.run(_ask(name, asked, database))
    if as_json:
        say(answer)
        return
    for line in lines(answer):
        out.print(line)
    if answer["inputs"]:
        out.print(sources(answer["inputs"]))


async def _ask(name: str, asked: Question, database: str) -> dict[str, Any]:
    url = engines(database).database_url
    await migrate(url)
    async with await connect(url) as db:
        return await explained(db, name, asked, utcnow())


def lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """What people read first: the number, what it means, whether its sources agree on the time, its lists."""
    words = answer["definition"]
    yield f"[bold]{escape(words['vi'])}[/] ({escape(words['en'])}): [bold]{number(answer['value'])} {answer['measured_in']}[/]"
    yield f"Đơn vị: {escape(answer['unit'] or 'toàn tỉnh')} · kỳ: {answer['period']} · thời điểm: {local(answer['as_of'])}"
    if then := answer.get("known_then"):
        yield f"Lúc đó biết là: {number(then['value'])}"
    yield escape(words["about_vi"])
    yield f"Căn cứ: {escape(words['basis'])} · chịu trách nhiệm: {escape(words['owner'])} · phiên bản {words['version']}"
    if rule := words["formula"] or words["predicate"]:
        yield f"[dim]{escape(rule)}[/]"
    yield answer["instant"]["vi"]
    if cover := answer.get("coverage"):
        yield f"Đơn vị có dữ liệu: {cover['reporting']}/{cover['expected']} · bản ghi cách ly: {answer['quarantined']}"
    for part in answer["parts"]:
        counted = number(part["count"] if "count" in part else part["value"])
        title = SIDES.get(part.get("side", ""), part.get("vi", part["indicator"]))
        yield f"  {escape(title)}: {counted}  [dim]{escape(part.get('items') or '')}[/]"


def sources(inputs: list[dict[str, Any]]) -> Table:
    table = Table("nguồn", "trạng thái", "dữ liệu đến lúc", "đọc lúc", "số bản ghi", "cách ly")
    for one in inputs:
        state = (
            STATES.get(one["state"], one["state"]) + (", đứng yên" if one["stuck"] else "") + (", lệch cấu trúc" if one["drift"] else "")
        )
        counted = one["items"] if "items" in one else one["rows"]
        cells = (one["title"], state, local(one["as_of"]), local(one["read_at"]), number(counted), number(one["quarantined"]))
        table.add_row(*map(escape, cells))
    return table


def number(value: float | None) -> str:
    """1.234,56 as people here write it; a number nobody knows is a dash."""
    if value is None:
        return "—"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def local(text: str | None) -> str:
    return "—" if text is None else f"{datetime.fromisoformat(text).astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
