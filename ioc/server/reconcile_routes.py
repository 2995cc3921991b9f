"""/api/v1/reconciliation: published figures held against ours, with the dossiers that make a difference.

Its number of unexplained ones is the KPI `unexplained_differences`: both are of the comparison made every ten minutes, `as_of` says when.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc.catalogue import load
from ioc.reconcile import Report, Verdict, plain
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known
from ioc.server.rounds import published_report

LONGEST_LIST = 1000


def reconcile_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])
    one_at_a_time = asyncio.Lock()  # a comparison counts all dossiers several times

    async def report(fresh: bool) -> Report:
        async with one_at_a_time:
            if center.compared is not None and not fresh:
                return center.compared
            return await published_report(center, jobs.utcnow())

    @api.get("/reconciliation")
    async def get_reconciliation(
        set_name: Annotated[str | None, Query(alias="set", max_length=120)] = None,
        verdict: Verdict | None = None,
        fresh: bool = False,
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 200,
    ) -> dict[str, Any]:
        """Every figure with its verdict, the unexplained first; `set`, `verdict`: only those. `fresh=true` compares now."""
        made = await report(fresh)
        async with center.pool.connection() as db:
            catalogue = await load(db)
        lines = [
            line for line in made.lines
            if set_name in (None, line.published.set_name) and verdict in (None, line.verdict)
        ]  # fmt: skip
        told = plain(made, catalogue.codes if catalogue else {}, lines=lines[:limit])
        return {**told, "sets": sorted({line.published.set_name for line in made.lines}), "more": len(lines) > limit}

    return api
