"""/api/v1/history and /api/v1/replay: a number as a curve, and the wall as it was known at a past instant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query

from ioc.answers import instant
from ioc.catalogue import Reading, load
from ioc.curves import Step
from ioc.history import Series, answer
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known
from ioc.server.replayed import replayed

Instant = Annotated[str, Query(max_length=40)]


def history_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/history")
    async def get_history(
        indicator: Annotated[str, Query(max_length=64)],
        since: Instant,
        until: Annotated[str | None, Query(max_length=40)] = None,
        unit: Annotated[str | None, Query(max_length=64)] = None,
        step: Step | Literal["auto"] = "auto",
        reading: Reading = "now",
        known: Literal["then", "now"] = "then",
        known_at: Annotated[str | None, Query(max_length=40)] = None,
    ) -> dict[str, Any]:
        """A number over time, in the smallest step that fits. Periodic ones carry their period, as online_rate.month does."""
        now = jobs.utcnow()
        asked = Series(
            indicator=indicator, unit=unit, since=instant(since), until=instant(until) if until else now,
            step=None if step == "auto" else step, reading=reading, known=known, known_at=instant(known_at) if known_at else None,
        )  # fmt: skip
        async with center.pool.connection() as db:
            return await answer(db, asked, now, center.calendar.zone, center.calendar)

    @api.get("/replay")
    async def get_replay(at: Instant, topics: Literal["overview"] = "overview") -> dict[str, Any]:  # noqa: ARG001  the only one kept
        """The content of a topic as it was known at a past instant, later corrections left out."""
        now, past = jobs.utcnow(), instant(at)
        if past > now:
            raise HTTPException(400, {"code": "not_yet", "vi": "Thời điểm này chưa đến.", "en": f"{past.isoformat()} is yet to come."})
        async with center.pool.connection() as db:
            catalogue = await load(db, past.astimezone(center.calendar.zone).date())
            if catalogue is None:
                raise HTTPException(400, {"code": "no_units", "vi": "Danh mục đơn vị còn trống.", "en": "There is no unit yet."})
            return await replayed(center, db, catalogue, past)

    return api
