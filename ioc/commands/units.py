"""`ioc units diff` and `ioc units apply`: a catalogue of units held against the one there is, unit by unit, and taken up whole.

A file that is no tree, or that leaves out a unit which has items, ends with status 2 and one line that says what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.config import ConfigError
from ioc.db import Connection, connect, migrate
from ioc.server.jobs import utcnow
from ioc.unit_book import Revision
from ioc.unit_book import apply as write
from ioc.unit_book import compare as hold
from ioc.unit_changes import Change, What
from ioc.unit_files import units_from_csv
from ioc.units import Unit

WORDS: dict[What, str] = {
    "added": "thêm / added",
    "renamed": "đổi tên / renamed",
    "moved": "đổi cấp trên / moved",
    "level": "đổi cấp / other level",
    "ended": "kết thúc / ended",
    "merged": "sáp nhập / merged",
    "split": "chia tách / split",
    "recoded": "đổi mã / re-coded",
    "reopened": "mở lại / reopened",
    "corrected": "đính chính / corrected",
    "forgotten": "không có trong tệp, giữ nguyên / not in the file, kept",
}
LONGEST_NOTE = 500


def diff(file: Path, database: str, *, as_json: bool) -> None:
    revision = _with(file, database, hold)
    told = _plain(revision) | {"applied": False, "refused": list(revision.refused)}
    _say(file, revision, told, as_json=as_json)
    if revision.refused and not as_json:
        out.print(
            f"Không áp dụng được: tệp bỏ sót {len(revision.refused)} đơn vị đang có hồ sơ / Cannot be applied: the file leaves out"
            f" units that have items: {', '.join(revision.refused[:10])}",
            style="red",
        )


def apply(file: Path, database: str, *, note: str, as_json: bool) -> None:
    if len(note) > LONGEST_NOTE:
        raise ConfigError([f"--note has {len(note)} letters; give at most {LONGEST_NOTE}"])

    async def change(db: Connection, units: list[Unit]) -> Revision:
        return await write(db, units, utcnow(), note=note)

    revision = _with(file, database, change)
    _say(file, revision, _plain(revision) | {"applied": True}, as_json=as_json)


def _with(file: Path, database: str, ask: Callable[[Connection, list[Unit]], Awaitable[Revision]]) -> Revision:
    try:
        units = units_from_csv(file)
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read ({error.strerror}); correct the path"]) from None
    url = engines(database).database_url

    async def run() -> Revision:
        await migrate(url)
        async with await connect(url) as db:
            return await ask(db, units)

    return asyncio.run(run())


def _plain(revision: Revision) -> dict[str, Any]:
    """The changes as JSON has them, each with what stands at its unit where that matters."""
    return {"changes": [_row(change, revision) for change in revision.changes]}


def _row(change: Change, revision: Revision) -> dict[str, Any]:
    standing = revision.standing.get(change.code)
    day = change.day.isoformat() if change.day else None
    return asdict(change) | {"day": day} | ({} if standing is None else asdict(standing))


def _say(file: Path, revision: Revision, told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(told)
        return
    if not revision.changes:
        out.print("Không có gì thay đổi / Nothing changes")
        return
    heads = (
        "",
        "mã / code",
        "tên / name",
        "từ ngày / since",
        "trước / before",
        "sau / after",
        "hồ sơ (đang mở) / items (open)",
        "số liệu / figures",
    )
    table = Table(*heads, title=f"{file.name} · {len(revision.changes)} thay đổi / changes")
    for change in revision.changes:
        standing = revision.standing.get(change.code)
        counts = (_counted(standing.items, standing.open), _number(standing.figures)) if standing else ("", "")
        day = f"{change.day:%d/%m/%Y}" if change.day else ""
        table.add_row(WORDS[change.what], change.code, change.name, day, change.before, change.after, *counts)
    out.print(table)


def _counted(items: int, still: int) -> str:
    return f"{_number(items)} ({_number(still)})"


def _number(n: int) -> str:
    return f"{n:,}".replace(",", ".")
