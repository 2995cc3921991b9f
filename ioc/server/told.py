"""What systems report, and what the portal shows otherwise than we do, on their way to the wall. Called by the measure job."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ioc.db import Connection
from ioc.indicators import rate
from ioc.mirrors import Tally
from ioc.model import Kind
from ioc.reconcile import Report
from ioc.reported import read
from ioc.server.aims import Aim
from ioc.server.center import Center, millis
from ioc.server.tiles import Basis, kpis
from ioc.wire import Freshness, Kpi, Target

SYNC, UNEXPLAINED = "portal_sync_rate", "unexplained_differences"
COMPARED = 600  # seconds between two comparisons with what was published


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
    ours = center.fresh_of(center.fed.kinds.get(Kind.DOSSIER, ()), now)
    apart = published_kpi(center.compared, ours, today, center.aims.get(UNEXPLAINED))
    return made | ({SYNC: sync} if sync else {}) | ({UNEXPLAINED: apart} if apart else {})


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


def published_kpi(report: Report | None, quality: Freshness, period: str, aim: Aim | None) -> Kpi | None:
    """How many published numbers differ from ours and nobody knows why; None where there is nothing to compare with."""
    if report is None or not report.compared:
        return None
    tally = report.tally
    kpi: Kpi = {
        "v": report.unexplained, "u": "count", "dp": 0, "st": aim.state(report.unexplained) if aim else "", "period": period,
        "q": {**quality, "obs": millis(report.at), "exp": COMPARED},
        "parts": {"compared": report.compared, "explained": tally["explained"], "not_comparable": tally["not_comparable"]},
    }  # fmt: skip
    if aim:
        kpi["tgt"] = Target(v=aim.v, dir=aim.dir)
    return kpi
