"""The working time this server goes by: the calendar in force, and taking another one up when a person brings it in force.

Every process looks once a second (lead.py, jobs.py); the store looks by itself whenever it stores. What is configured but not in force is
said when it is noticed and shown by /api/v1/calendar: only `ioc calendar apply` changes clocks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from ioc import calendar_versions
from ioc.calendar import CalendarError
from ioc.calendar_versions import InForce, rebuilt
from ioc.db import Connection
from ioc.server.center import Center

log = structlog.get_logger("ioc.calendar")


async def begin(center: Center, db: Connection, now: datetime) -> None:
    """At the start: go by the calendar in force. An empty database takes the configured one. Raises CalendarError."""
    found = await calendar_versions.begin(db, center.configured, now)
    _go_by(center, found)
    if found.version != center.configured.version:
        log.error(
            "the configured calendar is not in force; see what it moves with `ioc calendar diff`, then `ioc calendar apply`",
            configured=center.configured.version,
            in_force=found.version,
            since=found.since.isoformat(),
        )


async def go_by_calendar(center: Center, db: Connection) -> bool:
    """Go by what is in force; True when that has changed. What it moved is then no news to anybody."""
    if center.in_force is None or await calendar_versions.newest(db) == center.in_force.version:
        return False
    try:
        found = await calendar_versions.in_force(db)
        assert found is not None  # what was in force once stays written down
        _go_by(center, found)
    except CalendarError as error:
        log.error("the calendar in force cannot be read", error=str(error))
        return False
    log.info("another calendar is in force", version=found.version, moved=found.moved, note=found.note)
    return True


def _go_by(center: Center, found: InForce) -> None:
    """Let everything that counts in working time count by it."""
    calendar = rebuilt(found.rules)
    center.in_force, center.calendar = found, calendar
    center.watch = replace(center.watch, calendar=calendar)
    center.ledger.calendar = calendar
    center.forecaster.calendar = calendar
    for feed in center.feeds.values():
        feed.rule = replace(feed.rule, calendar=calendar)
