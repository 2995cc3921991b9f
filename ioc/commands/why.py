"""`ioc why`: what made a number move, in words and as a table; JSON for machines."""

from __future__ import annotations

import asyncio

from rich.table import Table

from ioc.answers import Question
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.commands.reconcile import number, sign
from ioc.db import connect, migrate
from ioc.server.jobs import utcnow
from ioc.why import Change, Why, asked, in_words, plain, why
from ioc.why.asked import Known


def tell(
    indicator: str, since: str, until: str, by: str, question: Question, database: str, *, known: Known, top: int, as_json: bool
) -> None:
    """Raises IndicatorError, DimensionError, PeriodError or UnitError for what cannot be asked."""
    one = asyncio.run(_ask(asked(indicator, since, until, by, question, known), database))
    told = plain(one, top)
    if as_json:
        say(told)
        return
    for words in in_words(one):
        out.print(words, markup=False)
    rate = one.asked.is_rate
    table = Table(one.asked.by.words.vi, "trước / before", "sau / after", "thay đổi", *(("cơ cấu / mix", "tự thân / rate") if rate else ()))
    for column in table.columns[1:]:
        column.justify = "right"
    for part in told["parts"]:
        effects = (sign(part["mix"]), sign(part["rate"])) if rate else ()
        table.add_row(part["vi"], number(part["before"]), number(part["after"]), sign(part["change"]), *effects)
    if others := told["others"]:
        table.add_row(f"{others['parts']} phần khác / others", "", "", sign(others["change"]))
    out.print(table)
    for side, vi, en in (("entered", "vào", "entered"), ("left", "ra", "left")):
        happened = ", ".join(f"{entry['vi']} {number(entry['items'])}" for entry in told["movement"][f"{side}_by"])
        out.print(f"{number(told['movement'][side])} {vi} / {en}{': ' if happened else ''}{happened}", markup=False)
        for item in told["movement"][f"{side}_items"][:10]:
            out.print(f"  {item['source']}/{item['code']}  {item['what']}", markup=False)


async def _ask(change: Change, database: str) -> Why:
    url = engines(database).database_url
    await migrate(url)
    async with await connect(url) as db:
        return await why(db, change, utcnow())
