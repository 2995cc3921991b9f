"""/api/v1/calendar: the working time in force, the rest days of a year, and what the configured calendar would move before it is applied.

Nothing is changed here; `ioc calendar apply` does that. A preview folds every item, so one runs at a time and its answer is kept a while.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ioc import calendars
from ioc.calendar_versions import in_force, rebuilt, rules_of
from ioc.calendar_year import FIRST, LAST, shown, year_of
from ioc.calendars import Preview
from ioc.server import jobs
from ioc.server.center import Center
from ioc.server.http import known

LISTED = 200  # items of one answer
KEPT = timedelta(minutes=1)


def calendar_routes(center: Center) -> APIRouter:
    api = APIRouter(prefix="/api/v1/calendar", dependencies=[Depends(known)])
    previews = _Previews(center)

    @api.get("")
    async def get_calendar(year: Annotated[int | None, Query(ge=FIRST, le=LAST)] = None) -> dict[str, Any]:
        """The hours, the days of a year that are not what their weekday says, the version, and whether another one is configured."""
        async with center.pool.connection() as db:
            found = await in_force(db)
        calendar = rebuilt(found.rules) if found else center.calendar
        chosen = year or jobs.utcnow().astimezone(calendar.zone).year
        return {
            "version": calendar.version,
            "since": found.since.isoformat() if found else None,
            "note": found.note if found else "",
            "moved": found.moved if found else 0,
            "rules": shown(rules_of(calendar)),
            "year": chosen,
            "days": year_of(calendar, chosen),
            "configured": {"version": center.configured.version, "in_force": center.configured.version == calendar.version},
        }

    @api.get("/preview")
    async def get_preview(limit: Annotated[int, Query(ge=0, le=LISTED)] = 50) -> dict[str, Any]:
        """What bringing the configured calendar in force would move: how many items, how many of each clock, and the first of them."""
        at, found = await previews.now(jobs.utcnow())
        listed = [
            {
                "source": one.source,
                "code": one.code,
                "unit": one.unit,
                "state": one.state,
                "clocks": {n: [*p] for n, p in one.clocks.items()},
            }
            for one in found.listed[:limit]
        ]
        return {
            "as_of": at.isoformat(), "version": found.version, "before": found.before, "items": found.items, "clocks": dict(found.clocks),
            "listed": listed, "more": found.items > len(listed),
        }  # fmt: skip

    return api


class _Previews:
    """The last preview, kept for as long as it may be shown."""

    def __init__(self, center: Center) -> None:
        self._center, self._one = center, asyncio.Lock()
        self._last: tuple[datetime, Preview] | None = None

    async def now(self, now: datetime) -> tuple[datetime, Preview]:
        async with self._one:
            center = self._center
            version = center.in_force.version if center.in_force else None
            if self._last is None or now - self._last[0] > KEPT or self._last[1].before != version:
                async with center.pool.connection() as db:
                    self._last = now, await calendars.preview(db, center.configured, limit=LISTED)
            return self._last
