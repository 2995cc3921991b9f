"""`ioc reconcile`: a sheet of published figures is read, kept, and held against ours. A table for people, JSON for machines.

A sheet that cannot be read as a whole ends with status 2 and a line for each problem; nothing was changed then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from collectors.formats import Layout, decoded
from collectors.readers import compile as compile_mapping
from ioc.catalogue import load
from ioc.commands.data import err, out, say
from ioc.commands.engines import engines
from ioc.config import ConfigError
from ioc.db import connect, migrate
from ioc.reconcile import Published, PublishedError, Report, Verdict, keep, plain, published, reconcile, reported, sets
from ioc.server.jobs import utcnow

# Where the header of a table stands; what the rows say is read by ioc/reconcile/published.py.
SHEET = {"name": "published", "figures": {"unit": "unit", "period": "period", "name": "figure", "value": "value", "decimal": ","}}
CALM = (Verdict.EQUAL, Verdict.SHOWN)


def compare(file: Path | None, set_name: str, sheet: str, database: str, *, everything: bool, as_json: bool) -> None:
    """Raises ConfigError for rows that are no figures, SourceError for a file that cannot be read."""
    listed = read(file, set_name, sheet) if file else None
    report, codes = asyncio.run(_compare(listed, set_name, database))
    told = plain(report, codes)
    if as_json:
        say(told)
        return
    _show(told, everything=everything)
    if report.unexplained:
        err.print(f"{report.unexplained} số lệch chưa giải thích / differences unexplained", style="red")


def read(file: Path, set_name: str, sheet: str) -> list[Published]:
    """The figures of a file; its name is the set's where nothing else says one."""
    content = decoded(file, compile_mapping(SHEET), Layout(sheet=sheet))
    try:
        return published(content.records(), utcnow(), set_name or file.stem)
    except PublishedError as error:
        raise ConfigError([f"{file.name}: {problem}" for problem in error.problems]) from None


async def _compare(listed: list[Published] | None, set_name: str, database: str) -> tuple[Report, Mapping[int, str]]:
    url, now = engines(database).database_url, utcnow()
    await migrate(url)
    async with await connect(url) as db:
        if listed is not None:
            await keep(db, listed, now)
            kept = await sets(db, {one.set_name for one in listed})
        else:
            everything = [*await sets(db), *await reported(db, now)]
            kept = [one for one in everything if set_name in ("", one.set_name)]
        catalogue = await load(db)
        return await reconcile(db, kept, now), catalogue.codes if catalogue else {}


def _show(told: Mapping[str, Any], *, everything: bool) -> None:
    table = Table("bộ / set", "đơn vị", "kỳ", "số liệu / figure", "công bố", "của ta / ours", "kết luận / verdict", title="Đối soát")
    for column in table.columns[4:6]:
        column.justify = "right"
    for line in told["figures"]:
        if everything or line["verdict"] not in CALM:
            unit = f"{line['unit']} ({line['level']})" if line["level"] else line["unit"]
            verdict = f"{line['vi']} / {line['en']}"
            table.add_row(
                line["set"], unit, line["period"], line["figure"], number(line["published"]), number(line["ours"]), verdict
            )  # fmt: skip
    if table.row_count:
        out.print(table)
    for line in told["figures"]:
        for effect in line["causes"]:
            out.print(f"{line['figure']} {line['unit']}: {sign(effect['change'])} {effect['vi']} / {effect['en']}", markup=False)
            named = [*effect["missing_here"], *effect["only_here"]]
            out.print(f"  {', '.join(one['code'] for one in named[:20])}{' …' if len(named) > 20 else ''}", markup=False)
        if line["verdict"] == Verdict.UNEXPLAINED:
            note = f" ({line['note_vi']} / {line['note_en']})" if line["note_vi"] else ""
            out.print(f"{line['figure']} {line['unit']}: {sign(line['rest'])} chưa rõ vì sao / nobody knows why{note}", markup=False)
    for check in told["checks"]:
        if not check["holds"]:
            both = f"{number(check['left'])} ≠ {number(check['right'])}"
            out.print(f"bảng không tự khớp / the sheet disagrees with itself: {check['about']}: {both}", markup=False)
    out.print(", ".join(f"{name} {count}" for name, count in told["verdicts"].items()))


def number(value: float | None) -> str:
    """1.234,56 as it is printed here."""
    if value is None:
        return "—"
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))


def sign(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{number(abs(value))}"
