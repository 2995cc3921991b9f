"""/api/v1/forecast: which open dossiers will become overdue, certain and likely (≈) kept apart; and how well that was foretold so far."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from ioc.catalogue import Reading
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known

LONGEST_LIST = 1000


def forecast_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/forecast")
    async def get_forecast(
        unit: Annotated[str | None, Query(max_length=64)] = None,
        slots: Literal["hours", "days"] = "hours",
        slot: Annotated[int | None, Query(ge=0, le=50)] = None,
        reading: Reading = "now",
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 100,
        skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> dict[str, Any]:
        """Slots to the end of the next working day, or the next ten working days; `slot` lists the dossiers of one alone."""
        now = jobs.utcnow()
        async with center.pool.connection() as db:
            return await center.forecaster.forecast(db, now, unit, slots, by=reading, only=slot, limit=limit, skip=skip)

    @api.get("/forecast/backtest")
    async def get_backtest() -> dict[str, Any]:
        """Learned from the earlier 70 % of the dossiers, asked about the later ones: calibration, scores, where it does badly."""
        now = jobs.utcnow()
        async with center.pool.connection() as db:
            report = await center.forecaster.test(db, now)
        return {"state": "not_enough", "quality": "est"} if report is None else {"state": "ready", **report}

    return api
