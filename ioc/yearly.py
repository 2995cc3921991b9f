"""The yearly indices as series: PAR INDEX, SIPAS, PCI, PAPI and the service index, with rank, places gained, target. For HTTP and CLI.

They are figures somebody published once a year; a year nobody published has no point. A lower rank is better, so a change is places gained.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ioc.catalogue import load
from ioc.db import Connection
from ioc.figures import BY_NAME
from ioc.periods import VIETNAM
from ioc.units import UnitError

INDICES = ("par_index", "sipas", "pci", "papi", "index766")
MERGED = 2025  # from this year on there are 34 provinces instead of 63 (Resolution 202/2025/QH15)

ROWS = """
select distinct on (name, period) name, period, value, source, coalesce(reported_at, learned_at)
from figures where unit = %(unit)s and name = any(%(names)s) and period ~ '^\\d{4}$' and learned_at <= %(known_at)s
order by name, period, learned_at desc"""


class Goal(Protocol):
    """What an index or rank should reach: `v`, at least ("min") or at most ("max")."""

    @property
    def v(self) -> float: ...
    @property
    def dir(self) -> str: ...


async def yearly(
    db: Connection, unit: str | None, now: datetime, goals: Mapping[str, Goal], known_at: datetime | None = None
) -> dict[str, Any]:
    """{"unit", "as_of", "series": [{"name", "vi", "en", "points": [...], "targets": {...}}]}. Raises UnitError for an unknown unit."""
    catalogue = await load(db, now.astimezone(VIETNAM).date())
    if catalogue is None:
        raise UnitError("the unit catalogue is empty; import one first")
    code = catalogue.tree.resolve(unit) if unit else catalogue.offices().top
    names = [name for index in INDICES for name in (index, f"{index}_rank")]
    values = {"unit": catalogue.ids[code], "names": names, "known_at": known_at or now}
    told: dict[str, dict[int, tuple[float, str, datetime]]] = {}
    for name, year, value, source, at in await (await db.execute(ROWS, values)).fetchall():
        told.setdefault(name, {})[int(year)] = (value, source, at)
    series = [made for index in INDICES if (made := _series(index, told, goals))]
    return {"unit": code, "as_of": (known_at or now).isoformat(), "series": series}


def _series(index: str, told: Mapping[str, Mapping[int, tuple[float, str, datetime]]], goals: Mapping[str, Goal]) -> dict[str, Any] | None:
    scores, places = told.get(index, {}), told.get(f"{index}_rank", {})
    points: list[dict[str, Any]] = []
    for year in sorted(scores.keys() | places.keys()):
        value, source, at = scores.get(year) or places[year]
        rank = round(places[year][0]) if year in places else None
        before = round(places[year - 1][0]) if year - 1 in places else None
        points.append({
            "year": year, "value": value if year in scores else None, "rank": rank, "of": of(year),
            "gained": before - rank if rank is not None and before is not None and of(year) == of(year - 1) else None,
            "source": source, "reported_at": at.isoformat(),
        })  # fmt: skip
    if not points:
        return None
    targets = {name: _target(goals[name], points[-1][key]) for name, key in ((index, "value"), (f"{index}_rank", "rank")) if name in goals}
    return {"name": index, "vi": BY_NAME[index].vi, "en": BY_NAME[index].en, "points": points, "targets": targets}


def of(year: int) -> int:
    """Among how many provinces a rank of that year is."""
    return 34 if year >= MERGED else 63


def _target(goal: Goal, value: float | None) -> dict[str, Any]:
    """`missing`: how far the newest value is from it, 0 when reached; None when there is no newest value."""
    gap = None if value is None else max(0, value - goal.v if goal.dir == "max" else goal.v - value)
    return {"v": goal.v, "dir": goal.dir, "missing": gap if gap is None else round(gap, 2)}
