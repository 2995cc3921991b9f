"""/api/v1/figures and /api/v1/differences: reported numbers with where they come from, and what two systems say differently of one dossier.

The share of our dossiers that the portal shows is the KPI `portal_sync_rate`; the list of the others is here, so the number can be checked.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from ioc.answers import local_day
from ioc.catalogue import load
from ioc.figures import BY_NAME, RATES
from ioc.mirrors import DifferenceKind, differences
from ioc.reported import Number, Span, numbers, rates, read
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known

LONGEST_LIST = 1000


def quality_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/figures")
    async def get_figures(span: Span = "month", unit: Annotated[str | None, Query(max_length=64)] = None) -> dict[str, Any]:
        """Every figure reported of a unit (with all below it): today, this month, or its newest period; with its sources and its date."""
        now = jobs.utcnow()
        async with center.pool.connection() as db:
            catalogue = await load(db, local_day(now))
            if catalogue is None:
                return {"as_of": now, "span": span, "figures": {}}
            code = catalogue.tree.resolve(unit) if unit else catalogue.offices().top
            keys = None if unit is None else sorted(catalogue.keys(code))
            found = numbers(await read(db, now, catalogue.ids[code], keys, center.calendar.zone), now, span, center.calendar.zone)
        listed = {name: _figure(name, number) for name, number in (found | rates(found)).items()}
        return {"as_of": now, "span": span, "unit": code, "figures": listed}

    @api.get("/differences")
    async def get_differences(
        unit: Annotated[str | None, Query(max_length=64)] = None,
        kind: DifferenceKind | None = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 100,
    ) -> dict[str, Any]:
        """Dossiers that the province's own systems and the portal show differently."""
        now = jobs.utcnow()
        async with center.pool.connection() as db:
            catalogue = await load(db, local_day(now))
            keys = catalogue.keys(catalogue.tree.resolve(unit)) if catalogue and unit else None
            if unit and catalogue is None:
                raise HTTPException(400, {"code": "unknown_unit", "vi": "Danh mục đơn vị còn trống.", "en": "There is no unit yet."})
            found = await differences(db, now, units=keys, kind=kind, limit=limit + 1)
        return {"as_of": now, "items": [asdict(one) for one in found[:limit]], "more": len(found) > limit}

    return api


def _figure(name: str, number: Number) -> dict[str, Any]:
    declared = BY_NAME.get(name)
    return {
        "value": number.value, "measured_in": declared.measured_in if declared else "%", "period": number.period, "before": number.before,
        "sources": sorted(number.sources), "reported_at": number.at, "units": number.units, "rate": name in RATES,
    }  # fmt: skip
