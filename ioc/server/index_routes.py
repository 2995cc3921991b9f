"""/api/v1/index766 and /api/v1/yearly: the service index estimated and published, its ranking, "what if", and the yearly indices."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc import yearly
from ioc.answers import instant
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import Asked, known
from ioc.service_index import answer
from ioc.units import Level


def index_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/index766")
    async def get_index(question: Asked, change: Annotated[list[str] | None, Query(max_length=100)] = None) -> dict[str, Any]:
        """A unit's index within a period; `change=dossiers_paid_online:+620` shows what it would be."""
        async with center.pool.connection() as db:
            return await answer.index(db, center.criteria, question, jobs.utcnow(), answer.changes((change or [])[:20]))

    @api.get("/index766/ranking")
    async def get_ranking(question: Asked, level: Level = Level.COMMUNE) -> dict[str, Any]:
        """The units of a level by our own estimate, ranked over all and by each group."""
        async with center.pool.connection() as db:
            return await answer.ranking(db, center.criteria, question, level, jobs.utcnow())

    @api.get("/yearly")
    async def get_yearly(
        unit: Annotated[str | None, Query(max_length=64)] = None, known_at: Annotated[str | None, Query(max_length=40)] = None
    ) -> dict[str, Any]:
        """PAR INDEX, SIPAS, PCI, PAPI and 766 year by year: value, rank, places gained, target."""
        async with center.pool.connection() as db:
            return await yearly.yearly(db, unit, jobs.utcnow(), center.aims, instant(known_at) if known_at else None)

    return api
