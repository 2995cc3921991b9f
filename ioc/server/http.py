"""/api/v1: numbers, the items behind them, the sources; and what watches the server (healthz, readyz, metrics).

Answers come from ioc/answers.py, the same as on the command line. Every list is bounded and says where it goes on. A bad question is a 400
that names the value and the remedy, in Vietnamese and English; without the database the answer is a 503 that says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

import psycopg
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from ioc import metrics
from ioc.answers import LONGEST_SEEN, Only, Question, indicators, instant, items, snapshot
from ioc.boards import BoardError
from ioc.breakdown import DimensionError
from ioc.catalogue import Reading
from ioc.history import HistoryError
from ioc.hub import Hub
from ioc.indicators import IndicatorError
from ioc.meter import Side
from ioc.periods import PeriodError
from ioc.server import jobs
from ioc.server.board import measured
from ioc.server.center import Center
from ioc.server.source_routes import about_sources
from ioc.service_index.criteria import CriteriaError
from ioc.units import UnitError

LONGEST_LIST = 1000


async def known(request: Request) -> None:
    """Only somebody we know is answered."""
    if await request.app.state.who(request) is None:
        raise HTTPException(401, {"code": "sign_in", "vi": "Chưa có quyền truy cập.", "en": "Not signed in."})


def asked(
    unit: Annotated[str | None, Query(max_length=64)] = None,
    period: Annotated[str, Query(max_length=40)] = "all",
    as_of: Annotated[str | None, Query(max_length=40)] = None,
    known_at: Annotated[str | None, Query(max_length=40)] = None,
    compare: Literal["date", "instant"] | None = None,
    reading: Reading = "now",
    only: Only = "",
    seen: Annotated[str | None, Query(max_length=LONGEST_SEEN)] = None,
) -> Question:
    return Question(
        unit=unit,
        period=period,
        compare=compare,
        reading=reading,
        only=only,
        as_of=instant(as_of) if as_of else None,
        known_at=instant(known_at) if known_at else None,
        seen=snapshot(seen) if seen else None,
    )


Asked = Annotated[Question, Depends(asked)]


def routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/indicators")
    async def get_indicators(question: Asked) -> dict[str, Any]:
        """Every indicator of a unit (with all below it), within a period, at an instant."""
        async with center.pool.connection() as db:
            return await indicators(db, question, jobs.utcnow(), center.calendar)

    @api.get("/items")
    async def get_items(
        question: Asked,
        indicator: Annotated[str, Query(max_length=64)],
        side: Side = "part",
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 100,
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        """The items behind a number; of a rate those above the line, or with `side=whole` below. `after`: the `next` of the page before."""
        source, _, code = (after or "").partition("/")
        async with center.pool.connection() as db:
            begin = (source, code) if after else None
            return await items(db, indicator, question, jobs.utcnow(), side=side, calendar=center.calendar, limit=limit, after=begin)

    @api.get("/snap")
    async def get_snap(request: Request, topics: Annotated[str, Query(max_length=200)]) -> Response:
        """The present content of topics, for a screen whose proxy lets no WebSocket through. ETag: ask again with If-None-Match."""
        hub: Hub = request.app.state.hub
        viewer = await request.app.state.who(request)
        names = [name for name in topics.split(",") if name in hub.topics and name in viewer.topics]
        tag = '"' + ".".join(f"{hub.topics[n].epoch}-{hub.topics[n].seq}" for n in names) + '"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        snaps = [{"t": "snap", "n": n, "ep": hub.topics[n].epoch, "seq": hub.topics[n].seq, "set": hub.topics[n].values} for n in names]
        return JSONResponse({"now": jobs.clock(), "topics": snaps}, headers={"ETag": tag, "Cache-Control": "no-cache"})

    about_sources(api, center)
    return api


def probe_routes(center: Center) -> APIRouter:
    probes = APIRouter()

    @probes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @probes.get("/readyz")
    async def readyz() -> Response:
        """It can do its work: the database answers, and where it leads, it has measured lately."""
        late = center.leading and (center.measured_at is None or jobs.utcnow() - center.measured_at > timedelta(seconds=30))
        said = {"database": center.db_up, "bus": center.bus.healthy, "leading": center.leading, "measuring": not late}
        return JSONResponse(said, 200 if center.db_up and not late else 503)

    @probes.get("/metrics", include_in_schema=False)
    async def get_metrics(request: Request) -> Response:
        hub: Hub = request.app.state.hub
        metrics.SCREENS.set(len(hub.lines))
        metrics.UPDATES.set(hub.updates)
        metrics.BUS_UP.set(center.bus.healthy)
        measured(center.feeds if center.leading else {}, center.facts.bad if center.facts else {}, jobs.utcnow())
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return probes


def _refuse(status: int, code: str, vi: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refuse(_: Request, error: Exception) -> Response:
        en = "The database does not answer; try again shortly." if status == 503 else str(error)
        return JSONResponse({"code": code, "vi": vi, "en": en}, status, {"Retry-After": "5"} if status == 503 else None)

    return refuse


def errors(app: FastAPI) -> None:
    """What goes wrong with a question, as an answer that says what to do."""
    app.add_exception_handler(PeriodError, _refuse(400, "bad_time", "Kỳ hoặc thời điểm không hợp lệ; xem các dạng được chấp nhận."))
    app.add_exception_handler(UnitError, _refuse(400, "unknown_unit", "Không có đơn vị này trong danh mục."))
    app.add_exception_handler(IndicatorError, _refuse(400, "unknown_indicator", "Không có chỉ số này; xem danh sách chỉ số."))
    app.add_exception_handler(HistoryError, _refuse(400, "bad_curve", "Đường biểu diễn quá dài; chọn bước dài hơn hoặc khoảng ngắn hơn."))
    app.add_exception_handler(CriteriaError, _refuse(400, "bad_change", "Thay đổi không hợp lệ; viết TÊN:+SỐ với số liệu của bộ chỉ số."))
    app.add_exception_handler(BoardError, _refuse(400, "bad_board", "Không có cột này để sắp xếp; xem danh sách cột."))
    app.add_exception_handler(DimensionError, _refuse(400, "bad_split", "Không chia được số này theo chiều đã chọn; xem danh sách chiều."))
    for lost in (psycopg.OperationalError, PoolTimeout):
        app.add_exception_handler(lost, _refuse(503, "database_away", "Cơ sở dữ liệu chưa trả lời; hãy thử lại sau ít giây."))
