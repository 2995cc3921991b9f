"""/api/v1/figures and /api/v1/differences: reported numbers with where they come from, and what two systems say differently of one dossier.

The share of our dossiers that the portal shows is the KPI `portal_sync_rate`; the list of the others is here, so the number can be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from ioc.catalogue import load
from ioc.figures import BY_NAME, RATES
from ioc.indicators import rate
from ioc.mirrors import DifferenceKind, Tally, differences
from ioc.reported import Number, Span, numbers, rates, read
from ioc.server import jobs
from ioc.server.aims import Aim
from ioc.server.center import Center
from ioc.server.http import known
from ioc.wire import Freshness, Kpi, Target

SYNC = "portal_sync_rate"
LONGEST_LIST = 1000


def sync_kpi(tallies: Iterable[Tally], quality: Freshness, period: str, aim: Aim | None) -> Kpi | None:
    """How many of our dossiers the portal shows, in per cent, and how many of all it shows differ; None where nothing is compared."""
    listed = list(tallies)
    if not listed:
        return None
    value = rate(sum(one.found for one in listed), sum(one.expected for one in listed))
    missing = sum(one.missing_there + one.missing_here for one in listed)
    differ = sum(one.trap + one.other_state + one.other_due for one in listed)
    kpi: Kpi = {
        "v": value, "u": "pct", "dp": 2, "st": aim.state(value) if aim else "", "q": quality, "period": period,
        "parts": {"differences": missing + differ, "missing": missing, "trap": sum(one.trap for one in listed)},
    }  # fmt: skip
    if aim:
        kpi["tgt"] = Target(v=aim.v, dir=aim.dir)
    return kpi


def quality_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    @api.get("/figures")
    async def get_figures(span: Span = "month", unit: Annotated[str | None, Query(max_length=64)] = None) -> dict[str, Any]:
        """Every figure reported of a unit (with all below it): today, this month, or its newest period; with its sources and its date."""
        now = jobs.utcnow()
        async with center.pool.connection() as db:
            catalogue = await load(db)
            if catalogue is None:
                return {"as_of": now, "span": span, "figures": {}}
            code = catalogue.tree.resolve(unit) if unit else catalogue.tree.root
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
            catalogue = await load(db)
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


def month_of(now: datetime, center: Center) -> str:
    """The running month by its own name."""
    return f"{now.astimezone(center.calendar.zone):%Y-%m}"
