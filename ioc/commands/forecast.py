"""`ioc forecast` and `ioc forecast backtest`: the answers of ioc/forecast as tables, or as JSON for machines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table

from ioc.calendar import WorkCalendar
from ioc.calendar_versions import in_force, rebuilt
from ioc.catalogue import Reading
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.db import Connection, connect, migrate
from ioc.forecast.forecaster import Forecaster
from ioc.forecast.slots import Cut
from ioc.periods import VIETNAM
from ioc.server.jobs import utcnow


def forecast(unit: str | None, slots: Cut, reading: Reading, database: str, *, limit: int, as_json: bool) -> None:
    answer = asyncio.run(_forecast(unit, slots, reading, database, limit))
    if as_json:
        say(answer)
        return
    asked = f"{unit or 'toàn tỉnh'} · {answer['as_of'].astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    table = Table("đến / until", "chắc chắn / certain", "≈ trễ / late", title=asked)
    for slot in answer["slots"]:
        table.add_row(slot["vi"], str(slot["certain"]), _likely(slot))
    whole = answer["totals"]["all_slots"]
    table.add_row("Tổng / total", str(whole["certain"]), _likely(whole))
    out.print(table)
    if answer["model"]["state"] == "not_enough":
        out.print(answer["model"]["vi"], answer["model"]["en"], sep="\n", style="yellow")
    out.print(_named(answer["items"]))


async def _forecast(unit: str | None, slots: Cut, reading: Reading, database: str, limit: int) -> dict[str, Any]:
    async with _asked(database) as (db, forecaster):
        return await forecaster.forecast(db, utcnow(), unit, slots, by=reading, limit=limit)


@contextlib.asynccontextmanager
async def _asked(database: str) -> AsyncIterator[tuple[Connection, Forecaster]]:
    """A connection, and a forecaster by the calendar in force there."""
    url = engines(database).database_url
    await migrate(url)
    async with await connect(url) as db:
        found = await in_force(db)
        yield db, Forecaster(calendar=rebuilt(found.rules) if found else WorkCalendar())


def _likely(sums: Mapping[str, Any]) -> str:
    return sums["likely"]["text"] if sums["likely"] else "—"


def _named(items: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("hồ sơ / dossier", "đơn vị / unit", "thủ tục / procedure", "hạn / due", "≈", "vì / why")
    for item in items:
        chance = "—" if item["probability"] is None else f"{100 * item['probability']:.0f} %"
        table.add_row(
            item["code"], item["unit"], item["procedure"], f"{item['due_at'].astimezone(VIETNAM):%d/%m/%Y %H:%M}", chance, item["why_vi"]
        )
    return table


def backtest(database: str, as_of: datetime | None, *, as_json: bool) -> None:
    report = asyncio.run(_backtest(database, as_of or utcnow()))
    answer = {"state": "not_enough", "quality": "est"} if report is None else {"state": "ready", **report}
    if as_json:
        say(answer)
    elif report is None:
        out.print("Chưa đủ lịch sử để kiểm chứng. / Too little history for a back-test.", style="yellow")
    else:
        _show(report)


async def _backtest(database: str, now: datetime) -> dict[str, Any] | None:
    async with _asked(database) as (db, forecaster):
        return await forecaster.test(db, now)


def _show(report: Mapping[str, Any]) -> None:
    trained, asked = report["trained"]["dossiers"], report["asked"]
    out.print(f"học từ / learned from {trained:,} → {report['trained_at']:%d/%m/%Y}")
    put, dated = f"{asked['questions']:,} câu / questions", f"{asked['reconstructed']:,} dựng lại / reconstructed"
    out.print(f"hỏi / asked about {asked['dossiers']:,}: {put}, {dated}")
    out.print(_scores(report["brier"]))
    bins = Table("dự báo / forecast", "câu / questions", "trung bình / mean", "thực tế / observed")
    for row in report["bins"]:
        bins.add_row(f"{row['low']:.1f}–{row['high']:.1f}", str(row["questions"]), _share(row["predicted"]), _share(row["observed"]))
    cuts = Table("ngưỡng / threshold", "gọi / called", "đúng / precision", "bắt được / recall")
    for row in report["cuts"]:
        cuts.add_row(f"{row['threshold']:.1f}", str(row["called"]), _share(row["precision"]), _share(row["recall"]))
    at = Table("còn lại (ngày) / days left", "hồ sơ / dossiers", "dự báo / forecast", "thực tế / observed", "Brier", "theo giờ / by time")
    for row in report["at"]:
        shown = (row["predicted"], row["observed"], row["forecast"], row["remaining_only"])
        at.add_row(f"{row['remaining']:g}", str(row["dossiers"]), *(_share(value) for value in shown))
    for table in (bins, cuts, at):
        out.print(table)
    out.print(f"tuần trong khoảng 80 % / weeks within the 80 % bounds: {report['weeks_inside']}/{len(report['weeks'])}")


def _scores(brier: Mapping[str, Any]) -> Table:
    table = Table("Brier", "", "tốt hơn / better by")
    table.add_row("dự báo / forecast", f"{brier['forecast']:.4f}", "")
    table.add_row("tỷ lệ chung / base rate", f"{brier['base']:.4f}", _better(brier["better_than_base"]))
    table.add_row("tỷ lệ biết sau / share in hindsight", f"{brier['hindsight']:.4f}", "")
    table.add_row("theo thời gian còn lại / by remaining time", f"{brier['remaining_only']:.4f}", _better(brier["better_than_remaining"]))
    return table


def _better(pair: tuple[float, float]) -> str:
    return f"{pair[0]:+.4f} ± {pair[1]:.4f}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
