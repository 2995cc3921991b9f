"""/api/v1/explain: where a number comes from. The answer is ioc/explain's; here is what the configuration adds."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc.explain import Fed, explain
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import Asked, known


def explain_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/explain")
    async def get_explain(question: Asked, indicator: Annotated[str, Query(max_length=64)]) -> dict[str, Any]:
        """One number: its definition, the sources it was counted from with their ages, and the lists behind it.

        Every server answers, from the database alone: one that does not lead knows no less.
        """
        async with center.pool.connection() as db:
            return await explain(db, indicator, question, jobs.utcnow(), fed_by(center), center.calendar)

    return api


def fed_by(center: Center) -> dict[str, Fed]:
    """What the configuration says of each source."""
    return {name: Fed(title=feed.title, type=feed.entry.type, every=feed.entry.every) for name, feed in center.feeds.items()}
