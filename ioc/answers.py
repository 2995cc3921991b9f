"""Questions about numbers, answered the same way for the command line and the HTTP interface: values, and the items behind them.

With no instant given the answer is for `now`, or for the end of a period that has passed. Values of the past are judged by what we know
now; `known_at` asks what was known then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ioc.catalogue import Catalogue, Reading, load
from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import INDICATORS, RATE_BY_NAME, unclosed_sums, with_rates
from ioc.meter import count_at, items_behind
from ioc.periods import VIETNAM, Period, PeriodError, period
from ioc.units import UnitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which numbers: of a unit with all below it (None: everything), within a period, at an instant, under a comparison.

    `reading` "now": by today's offices, a merged one's history counted to its heir; "then": by the offices as they were at that instant.
    """

    unit: str | None = None
    period: str = "all"
    as_of: datetime | None = None
    known_at: datetime | None = None
    compare: Compare | None = None
    reading: Reading = "now"

    def span(self, now: datetime) -> tuple[Period, datetime]:
        """The period and the instant asked about."""
        within = period(self.period, self.as_of or now)
        return within, self.as_of or min(now, within.last_instant)


def instant(text: str, zone: ZoneInfo = VIETNAM) -> datetime:
    """An ISO instant in UTC. Without a zone it is local; a "+" that a URL turned into a space is mended. Raises PeriodError."""
    mended = re.sub(r"(T\S+) (\d\d:?\d\d)$", r"\1+\2", text.strip())
    try:
        at = datetime.fromisoformat(mended)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PeriodError(f"{text[:40]!r} is not an instant; write one like 2026-11-20T14:05:00+07:00") from None


def _units(catalogue: Catalogue | None, unit: str | None) -> frozenset[int] | None:
    if unit is None:
        return None
    if catalogue is None:
        raise UnitError(f"unit {unit!r} is not known: the unit catalogue is empty; import one, or leave the unit out")
    return catalogue.keys(unit)


async def indicators(db: Connection, asked: Question, now: datetime) -> dict[str, Any]:
    """{"as_of", "unit", "period", "indicators": {name: {"value", "as_of", "unit_of_measure"}}}; "checks" names sums that do not close."""
    within, at = asked.span(now)
    wanted = _units(await load(db), asked.unit)
    counts = await count_at(db, at, within, known_at=asked.known_at, compare=asked.compare)
    totals = {i.name: sum(c[i.name] for u, c in counts.items() if wanted is None or u in wanted) for i in INDICATORS}
    values = with_rates(totals)
    return {
        "as_of": at.isoformat(),
        "unit": asked.unit,
        "period": asked.period,
        "compare": asked.compare or "as configured",
        "known_at": asked.known_at.isoformat() if asked.known_at else None,
        "indicators": {
            name: {"value": value, "as_of": at.isoformat(), "unit_of_measure": "%" if name in RATE_BY_NAME else "items"}
            for name, value in values.items()
        },
        "checks": unclosed_sums(totals),
    }


async def items(
    db: Connection, name: str, asked: Question, now: datetime, *, limit: int | None = None, after: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The items behind a number, in order of (source, code); "next" is where to go on when `limit` cut the list."""
    within, at = asked.span(now)
    catalogue = await load(db)
    wanted = _units(catalogue, asked.unit)
    units = None if wanted is None else sorted(wanted)
    more = None if limit is None else limit + 1
    rows = await items_behind(db, name, units, at, within, known_at=asked.known_at, compare=asked.compare, limit=more, after=after)
    cut = limit is not None and len(rows) > limit
    codes = catalogue.codes if catalogue else {}
    listed = [{**row, "unit": codes.get(row["unit"], str(row["unit"]))} for row in rows[:limit]]
    return {
        "as_of": at.isoformat(),
        "indicator": name,
        "unit": asked.unit,
        "period": asked.period,
        "items": listed,
        "next": f"{listed[-1]['source']}/{listed[-1]['code']}" if cut else None,
    }
