"""`ioc figure`: a number somebody reads in a decision or a letter, typed in. It is kept like any reported one, with who said so: the source
`typed`. The same number again changes nothing; another one for the same unit and period is a correction, and the former stays in history.
"""

from __future__ import annotations

import asyncio
import math
from datetime import datetime

from ioc.calendar import WorkCalendar
from ioc.catalogue import load
from ioc.commands.data import out, say
from ioc.commands.engines import engines
from ioc.config import ConfigError
from ioc.db import connect, migrate, pool
from ioc.figures import BY_NAME
from ioc.model import Batch, Figure
from ioc.periods import period as named
from ioc.server.jobs import utcnow
from ioc.store import Profile, Store

SOURCE = "typed"


def keep(name: str, value: float, period: str, unit: str | None, reported_at: datetime | None, database: str, *, as_json: bool) -> None:
    """Raises ConfigError, PeriodError or UnitError for what cannot be a figure."""
    if name not in BY_NAME:
        raise ConfigError([f"{name!r}: there is no such figure; known: {', '.join(BY_NAME)}"])
    if not math.isfinite(value) or value < 0:
        raise ConfigError([f"{value}: a figure is a number from 0 on"])
    now = utcnow()
    if named(period, now).since > now:
        raise ConfigError([f"period {period!r} has not begun; name one that has"])
    changed = asyncio.run(_keep(name, value, period, unit, reported_at, engines(database).database_url, now))
    if as_json:
        say({"changed": changed})
    else:
        out.print(f"{BY_NAME[name].vi}: {value:g} {BY_NAME[name].measured_in}, {period}" if changed else "đã có số này / known already")


async def _keep(name: str, value: float, period: str, unit: str | None, reported_at: datetime | None, url: str, now: datetime) -> bool:
    await migrate(url)
    async with await connect(url) as db:
        catalogue = await load(db)
    if catalogue is None:
        raise ConfigError(["the database has no units yet; start the server with a unit catalogue, or import one, first"])
    code = catalogue.tree.resolve(unit) if unit else catalogue.tree.root
    figure = Figure(
        unit=code, period=period, name=name, value=value, measured_in=BY_NAME[name].measured_in, reported_at=reported_at or now
    )  # fmt: skip
    async with pool(url, size=2) as connections:
        store = Store(connections)
        await store.declare(Profile(name=SOURCE, title="Nhập tay", calendar=WorkCalendar()))
        applied = await store.apply(SOURCE, Batch(position=None, figures=[figure]), now)
    return applied.changed > 0
