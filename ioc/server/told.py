"""What systems report, and what the portal shows otherwise than we do, on their way to the wall. Called by the measure job."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ioc.db import Connection
from ioc.indicators import rate
from ioc.mirrors import Tally
from ioc.model import Kind
from ioc.reported import read
from ioc.server.aims import Aim
from ioc.server.center import Center
from ioc.server.tiles import Basis, kpis
from ioc.wire import Freshness, Kpi, Target

SYNC = "portal_sync_rate"


async def read_told(center: Center, db: Connection, now: datetime, root: int) -> None:
    """The reported figures as they stand."""
    center.told = await read(db, now, root, zone=center.calendar.zone)


def told_kpis(center: Center, now: datetime) -> dict[str, Kpi]:
    """Reported figures and the comparison with the portal, as numbers of the overview."""
    basis = Basis(now=now, fresh=lambda sources: center.fresh_of(sources, now), aims=center.aims, zone=center.calendar.zone)
    made = kpis(center.told, basis)
    portals = frozenset(center.fed.kinds.get(Kind.MIRROR, ()))
    today = f"{now.astimezone(center.calendar.zone):%Y-%m-%d}"
    sync = sync_kpi(center.tallies, center.fresh_of(portals, now), today, center.aims.get(SYNC))
    return made | ({SYNC: sync} if sync else {})


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
