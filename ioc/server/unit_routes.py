"""/api/v1/units: the offices of a day as a tree, and one of them through time: its names, who it came out of, who took it over."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc.catalogue import Catalogue, load
from ioc.periods import PeriodError
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known
from ioc.units import Unit, UnitError

LONGEST_LIST = 1000


def unit_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known)])

    async def catalogue() -> Catalogue | None:
        async with center.pool.connection() as db:
            return await load(db, today())

    def today() -> date:
        return jobs.utcnow().astimezone(center.calendar.zone).date()

    @api.get("/units")
    async def get_units(
        day: Annotated[str | None, Query(max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = LONGEST_LIST,
        after: Annotated[str, Query(max_length=64)] = "",
    ) -> dict[str, Any]:
        """The units in force on a day (today), in order of their codes; each names its parent. `after` is the `next` of the page before."""
        asked = _day(day) if day else today()
        held = await catalogue()
        offices = held.tree.at(asked) if held else None
        listed = sorted((unit for unit in offices or () if unit.code > after), key=lambda unit: unit.code)
        page = listed[:limit]
        return {
            "day": asked, "roots": [unit.code for unit in offices.roots] if offices else [], "units": [_told(unit) for unit in page],
            "next": page[-1].code if len(listed) > limit else None,
        }  # fmt: skip

    @api.get("/units/{code}")
    async def get_unit(code: str) -> dict[str, Any]:
        """One unit, by any of its codes: every stretch of it, oldest first, and where its items count today."""
        held = await catalogue()
        if held is None:
            raise UnitError(f"unit {code[:64]!r} is not known: the unit catalogue is empty; import one")
        tree, unit = held.tree, held.tree[code]
        return {
            "code": unit.code, "alt_codes": unit.alt_codes, "row": unit.row, "col": unit.col,
            "stretches": [_told(stretch) for stretch in tree.stretches(unit.code)],
            "predecessors": sorted(tree.predecessors(unit.code)), "successors": unit.successors,
            "counts_at": tree.current(unit.code, today()),
        }  # fmt: skip

    return api


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PeriodError(f"{text!r} is not a day; write one like 2025-06-30") from None


def _told(unit: Unit) -> dict[str, Any]:
    """A stretch of a unit; `valid_to` is the first day it is no more."""
    return {
        "code": unit.code, "name": unit.name, "short": unit.short, "level": unit.level, "parent": unit.parent,
        "valid_from": unit.valid_from, "valid_to": unit.valid_to,
    }  # fmt: skip
