"""The offices the server works with: a new catalogue is taken up while it runs. Called by the measure job before every reading of facts.

`ioc units apply`, on this machine or another, marks the database; here the mark is looked for every few seconds. A new local day may bring
changes announced before, so it counts as a change too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from ioc.catalogue import changed_at, load
from ioc.db import Connection
from ioc.server.center import Center

log = structlog.get_logger("ioc.units")

LOOK = timedelta(seconds=5)  # between two looks


async def take_up(center: Center, db: Connection, now: datetime) -> None:
    """Read the catalogue where it is missing, another one, or lacks a unit that has items; rules and codes follow it."""
    assert center.meter is not None
    today = now.astimezone(center.calendar.zone).date()
    held, looked = center.catalogue, center.offices_at
    strangers = held is None or bool(center.meter.totals.keys() - held.codes.keys())
    if not strangers and looked is not None and looked <= now < looked + LOOK:
        return
    center.offices_at = now
    if not strangers and held is not None and held.today == today and held.changed_at == await changed_at(db):
        return
    center.catalogue = new = await load(db, today)
    if new is None:
        return
    center.watch = replace(center.watch, tree=new.tree)
    if held is not None and held.changed_at != new.changed_at:
        await center.store.learn_units(db)
        log.info("a new catalogue of units", units=len(new.tree))
