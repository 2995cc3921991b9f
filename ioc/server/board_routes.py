"""/api/v1/board, compare, breakdown, documents, tasks: the board of a province, comparisons, parts of a number, the pictures W3 and W6."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ioc import boards, breakdown
from ioc.comparisons import How
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import LONGEST_LIST, Asked, known
from ioc.units import Level

MOST_PARTS = 400
Name = Annotated[str, Query(max_length=64)]


def board_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/board", response_model=None)
    async def get_board(
        question: Asked,
        level: Literal["department", "district", "commune"] | None = None,
        sort: Annotated[str, Query(max_length=40)] = "",
        format: Literal["json", "csv"] = "json",
    ) -> dict[str, Any] | Response:
        """One row a unit: its direct offices, or all of a level. `sort=-late` is largest first; `format=csv` opens in Excel."""
        async with center.pool.connection() as db:
            wanted = Level(level) if level else None
            made = await boards.board(db, question, jobs.utcnow(), level=wanted, sort=sort, calendar=center.calendar)
        if format == "json":
            return boards.told(made)
        name = boards.file_name(made, center.calendar.zone)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(boards.sheet(made).encode(), media_type="text/csv; charset=utf-8", headers=headers)

    @api.get("/compare")
    async def get_comparison(question: Asked, indicator: Name, how: How = "before") -> dict[str, Any]:
        """A number beside the same hour of the period before, of a week ago or of a year ago."""
        async with center.pool.connection() as db:
            return await boards.compare(db, indicator, question, jobs.utcnow(), how, center.calendar)

    @api.get("/breakdown")
    async def get_breakdown(
        question: Asked, indicator: Name, by: Name, top: Annotated[int, Query(ge=1, le=MOST_PARTS)] = MOST_PARTS
    ) -> dict[str, Any]:
        """A count by one dimension; the parts shown and the others sum to it."""
        async with center.pool.connection() as db:
            wanted = breakdown.dimension(by)
            return breakdown.told(await breakdown.split(db, indicator, wanted, question, jobs.utcnow(), top=top, calendar=center.calendar))

    @api.get("/breakdown/items")
    async def get_breakdown_items(
        question: Asked,
        indicator: Name,
        by: Name,
        part: Annotated[str | None, Query(max_length=300)] = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 100,
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        """The items of one part; without `part`, those of which it is not stated. `after` is the `next` of the page before."""
        source, _, code = (after or "").partition("/")
        begin = (source, code) if after else None
        async with center.pool.connection() as db:
            return await breakdown.listed(
                db, indicator, breakdown.dimension(by), part, question, jobs.utcnow(), calendar=center.calendar, limit=limit, after=begin
            )  # fmt: skip

    @api.get("/documents")
    async def get_documents(question: Asked) -> dict[str, Any]:
        """Documents: numbers, funnel, urgency, who holds them longest, steps, flow by hour."""
        async with center.pool.connection() as db:
            return await breakdown.documents(db, question, jobs.utcnow(), center.calendar)

    @api.get("/tasks")
    async def get_tasks(question: Asked) -> dict[str, Any]:
        """Tasks: numbers, by assigner, due calendar of four weeks, the ones late the longest."""
        async with center.pool.connection() as db:
            return await breakdown.tasks(db, question, jobs.utcnow(), center.calendar)

    return api
