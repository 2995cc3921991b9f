"""/api/v1/why: what each part contributed to the change of a number between two moments, and which dossiers came and went."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import Asked, known
from ioc.why import asked, plain, why
from ioc.why.asked import Known


def why_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/why")
    async def get_why(
        question: Asked,
        indicator: Annotated[str, Query(max_length=64)],
        since: Annotated[str, Query(alias="from", max_length=40)],
        until: Annotated[str, Query(alias="to", max_length=40)],
        by: Annotated[str, Query(max_length=40)] = "unit",
        known: Known = "now",
        top: Annotated[int, Query(ge=1, le=1000)] = 10,
    ) -> dict[str, Any]:
        """`from` and `to`: instants (then `period` is seen from each), or dated periods as they stood at their ends. `known=then`: with
        what was known at each."""
        change = asked(indicator, since, until, by, question, known)
        async with center.pool.connection() as db:
            return plain(await why(db, change, jobs.utcnow(), center.calendar), top)

    return api
