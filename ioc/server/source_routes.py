"""/api/v1/sources and /api/v1/feeders: how every source is and was, and who delivered by the cut-off. Added to the other routes by http.py.

Every list is bounded. The state of the sources is what the process that leads told, through the bus; the rest is read from the database.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request
from starlette.responses import Response

from ioc import ledger, watchbook
from ioc.answers import instant
from ioc.calendar import WorkCalendar
from ioc.catalogue import load
from ioc.config import FeedersConfig
from ioc.db import Connection
from ioc.feeders import Delivery, Tally, flag, span, tally, verdict
from ioc.hub import Hub
from ioc.periods import VIETNAM
from ioc.server import jobs
from ioc.server.center import Center

LONGEST_HISTORY = 1000  # flips of one answer
MISSES = 100  # listed of one unit and source
HEADERS = (
    "Nguồn", "Mã đơn vị", "Đơn vị", "Phải nộp", "Đúng hạn", "Nộp muộn", "Không nộp", "Được miễn trừ", "Số lần nhắc", "Nhắc trong năm",
    "Xem xét", "Các lần thiếu",
)  # fmt: skip
FLAGS = {"": "", "review": "Kiểm điểm", "discipline": "Xem xét kỷ luật"}
EXCUSED, LATE, MISSED = "miễn trừ", "muộn", "thiếu"


def about_sources(api: APIRouter, center: Center) -> None:
    @api.get("/sources")
    async def get_sources(request: Request) -> dict[str, Any]:
        """Every source: how it is and since when, how old its data are, what drifts, what it could not read, when it is asked again."""
        hub: Hub = request.app.state.hub
        known = hub.topics["sources"].values
        return {"sources": [state for key, state in known.items() if key.startswith("src.")], "system": known.get("system")}

    @api.get("/sources/{name}/history")
    async def get_history_of_source(name: str, since: Annotated[str | None, Query(max_length=40)] = None) -> dict[str, Any]:
        """How a source was, flip by flip, oldest first, beginning with what held at `since` (24 hours ago when it is not given)."""
        if name not in center.feeds:
            known = ", ".join(sorted(center.feeds)[:20])
            raise HTTPException(
                404, {"code": "unknown_source", "vi": "Không có nguồn này.", "en": f"There is no source {name[:40]!r}; known: {known}."}
            )
        begin = instant(since) if since else jobs.utcnow() - timedelta(days=1)
        async with center.pool.connection() as db:
            flips = await watchbook.history(db, name, begin, LONGEST_HISTORY + 1)
        listed = [
            {
                "at": f.at.isoformat(),
                "state": f.state,
                "since": f.since.isoformat(),
                "stuck": _iso(f.stuck),
                "drift": _iso(f.drift),
                "why": f.why,
            }
            for f in flips[:LONGEST_HISTORY]
        ]
        return {"source": name, "flips": listed, "next": flips[-1].at.isoformat() if len(flips) > LONGEST_HISTORY else None}

    @api.get("/feeders", response_model=None)
    async def get_feeders(
        year: Annotated[int | None, Query(ge=2000, le=2099)] = None,
        month: Annotated[int | None, Query(ge=1, le=12)] = None,
        source: Annotated[str | None, Query(max_length=32)] = None,
        unit: Annotated[str | None, Query(max_length=64)] = None,
        format: Literal["json", "csv"] = "json",
    ) -> dict[str, Any] | Response:
        """Who delivered by the cut-off, and who did not, in a month and its year. Without a month the whole year is listed."""
        chosen = year or jobs.utcnow().astimezone(center.calendar.zone).year
        titles = {name: feed.title for name, feed in center.feeds.items()}
        async with center.pool.connection() as db:
            answer = await feeders(db, center.calendar, titles, center.limits, year=chosen, month=month, source=source, unit=unit)
        if format == "json":
            return answer
        name = f"so-theo-doi-{chosen}{f'-{month:02}' if month else ''}.csv"
        return Response(
            table(answer), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


async def feeders(
    db: Connection,
    calendar: WorkCalendar,
    titles: Mapping[str, str],
    limits: FeedersConfig,
    *,
    year: int,
    month: int | None = None,
    source: str | None = None,
    unit: str | None = None,
) -> dict[str, Any]:
    """The ledger as /api/v1/feeders and `ioc feeders` answer it. Raises UnitError."""
    catalogue = await load(db)
    code = catalogue.tree.resolve(unit) if catalogue and unit else unit
    deliveries = await ledger.listed(db, *span(year, None, calendar), source=source, unit=code)
    names = {one.code: one.name for one in catalogue.tree} if catalogue else {}
    within = span(year, month, calendar) if month else None
    return {"year": year, "month": month, "feeders": rows(deliveries, within, titles, names, limits)}


def rows(
    deliveries: list[Delivery],
    within: tuple[datetime, datetime] | None,
    titles: Mapping[str, str],
    names: Mapping[str, str],
    limits: FeedersConfig,
) -> list[dict[str, Any]]:
    """One row a source and unit: the deliveries of a year, those `within` a month of it by themselves, and what is missing. Pure."""
    grouped: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in deliveries:
        grouped.setdefault((delivery.source, delivery.unit), []).append(delivery)
    made = []
    for (source, unit), year in grouped.items():
        listed = [one for one in year if within is None or within[0] <= one.due_at < within[1]]
        whole = tally(year)
        misses = [one for one in listed if verdict(one) != "met"]
        made.append({
            "source": source, "title": titles.get(source, source), "unit": unit, "name": names.get(unit, unit),
            "month": _counts(tally(listed)) if within else None, "year": _counts(whole),
            "flag": flag(whole.reminders, limits.review, limits.discipline),
            "misses": [
                {"due_at": one.due_at.isoformat(), "came_at": _iso(one.came_at), "verdict": verdict(one), "excused": one.excused}
                for one in misses[-MISSES:]
            ],
        })  # fmt: skip
    return made


def _counts(counted: Tally) -> dict[str, int]:
    return {name: getattr(counted, name) for name in Tally.__slots__}


def table(answer: dict[str, Any]) -> str:
    """The same as CSV for people's spreadsheets: a byte-order mark, Vietnamese headers, local times. Pure."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    for row in answer["feeders"]:
        counted = row["month"] or row["year"]
        listed = "; ".join(_said(miss) for miss in row["misses"])
        numbers = [counted[name] for name in ("due", "met", "late", "missed", "excused", "reminders")]
        writer.writerow(
            [_cell(v) for v in (row["title"], row["unit"], row["name"])] + numbers + [row["year"]["reminders"], FLAGS[row["flag"]], listed]
        )
    return "\ufeff" + out.getvalue()


def _said(miss: dict[str, Any]) -> str:
    due = _local(miss["due_at"])
    match miss["verdict"]:
        case "late":
            return f"{due} ({LATE}: {_local(miss['came_at'])})"
        case "excused":
            return f"{due} ({EXCUSED}: {miss['excused']})"
    return f"{due} ({MISSED})"


def _local(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
