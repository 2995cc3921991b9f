"""Questions about numbers, answered the same way for the command line and the HTTP interface: values, and the items behind them.

With no instant given the answer is for `now`, or for the end of a period that has passed. Values of the past are judged by what we know
now; `known_at` asks what was known then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, Reading, load, undivided
from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import BY_NAME, INDICATORS, QUANTILE_BY_NAME, QUANTILES, RATE_BY_NAME, unclosed_sums, with_rates
from ioc.meter import Side, count_at, items_behind
from ioc.periods import VIETNAM, Period, PeriodError, period
from ioc.quantiles import NOTHING, quantiles_at
from ioc.units import Level, Unit, UnitError

LONGEST_SEEN = 2000  # letters of a snapshot
Only = Literal["", "own", "department", "district", "commune"]
NO_SPREADS = {quantile.name: NOTHING for quantile in QUANTILES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which numbers: of a unit with all below it (None: everything), within a period, at an instant, under a comparison.

    `reading` "now": by today's offices, a merged one's history counted to its heir; "then": by the offices as they were at that instant.
    `only`: not the unit with all below it but what it holds itself ("own"), or only the offices of one level below it.
    `seen`: what was stored by then (see `snapshot`), as a screen's numbers carry it with their instant.
    """

    unit: str | None = None
    period: str = "all"
    as_of: datetime | None = None
    known_at: datetime | None = None
    compare: Compare | None = None
    reading: Reading = "now"
    only: Only = ""
    seen: str | None = None

    def span(self, now: datetime) -> tuple[Period, datetime]:
        """The period and the instant asked about."""
        if self.seen and self.as_of is None:
            raise PeriodError("seen says what was stored, not when it is judged; give the as_of it came with too")
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


def snapshot(text: str) -> str:
    """A mark of what was stored, as a screen's numbers carry it: "4711:4715:4711,4713", PostgreSQL's own text. Raises PeriodError."""
    parts = text.strip().split(":") if len(text) <= LONGEST_SEEN else []
    try:
        if len(parts) != 3 or not text.isascii() or not all(n.isdigit() for n in (*parts[:2], *filter(None, parts[2].split(",")))):
            raise ValueError
        under_way = [int(n) for n in parts[2].split(",")] if parts[2] else []
        first, after = int(parts[0]), int(parts[1])
        if not 0 < first <= after < 2**63 or any(not a < b for a, b in pairwise([first - 1, *under_way, after])):
            raise ValueError
    except ValueError:
        raise PeriodError(f"{text[:40]!r} is not what a screen saw; copy `seen` from a number, or leave it out") from None
    return f"{first}:{after}:{','.join(map(str, under_way))}"


def local_day(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def keys_of(catalogue: Catalogue | None, asked: Question, at: datetime) -> frozenset[int] | None:
    """The keys of the units whose items make up the answer, by the offices the question is read by; None: all."""
    if asked.unit is None and not asked.only:
        return None
    if catalogue is None:
        raise UnitError(f"unit {asked.unit!r} is not known: the unit catalogue is empty; import one, or leave the unit out")
    day = local_day(at)
    code = asked.unit or catalogue.offices(asked.reading, day).top
    whole = catalogue.keys(code, asked.reading, day)
    if not asked.only:
        return whole
    parts = offices_below(catalogue, code, asked.reading, day, None if asked.only == "own" else Level(asked.only))
    below = frozenset[int]().union(*(catalogue.keys(part.code, asked.reading, day) for part in parts))
    return whole - below if asked.only == "own" else below & whole


def offices_below(catalogue: Catalogue, code: str, reading: Reading, day: date, level: Level | None = None) -> tuple[Unit, ...]:
    """The offices directly below a unit, or all of a level below it: disjoint parts of its number."""
    offices = catalogue.offices(reading, day)
    if level is None:
        return offices.children(code)
    below = offices.subtree(code) - {catalogue.tree.resolve(code)}
    return tuple(unit for unit in offices if unit.level is level and unit.code in below)


async def _undivided(db: Connection, catalogue: Catalogue | None, asked: Question, at: datetime) -> list[str]:
    """The units that belong to the one asked about in part only, and so are not in its number, or in none of its parts'."""
    if asked.unit is None or catalogue is None:
        return []
    return await undivided(db, catalogue, asked.unit, asked.reading, local_day(at), at)


async def indicators(db: Connection, asked: Question, now: datetime, calendar: WorkCalendar | None = None) -> dict[str, Any]:
    """{"as_of", "unit", "period", "indicators": {name: {"value", "as_of", "unit_of_measure", "measured_in"}}}, quantiles with their "n".

    "checks" names sums that do not close. `calendar`: whose working days the ageing is counted in (None: the usual ones).
    """
    within, at = asked.span(now)
    catalogue = await load(db, local_day(now))
    wanted = keys_of(catalogue, asked, at)
    counts = await count_at(db, at, within, known_at=asked.known_at, seen=asked.seen, compare=asked.compare, calendar=calendar)
    totals = {i.name: sum(c[i.name] for u, c in counts.items() if wanted is None or u in wanted) for i in INDICATORS}
    groups = None if wanted is None else dict.fromkeys(wanted, "")
    spreads = await quantiles_at(db, at, within, groups=groups, known_at=asked.known_at, seen=asked.seen, compare=asked.compare)
    return {
        "as_of": at.isoformat(),
        "unit": asked.unit,
        "reading": asked.reading,
        "undivided": await _undivided(db, catalogue, asked, at),
        "period": within.name,
        "compare": asked.compare or "as configured",
        "known_at": asked.known_at.isoformat() if asked.known_at else None,
        "indicators": {
            **{name: _entry(name, value, at) for name, value in with_rates(totals).items()},
            **{name: _entry(name, spread.hours, at) | {"n": spread.n} for name, spread in (spreads.get("") or NO_SPREADS).items()},
        },
        "checks": unclosed_sums(totals) if at in within else [],  # outside its period a stock is of another time than the flows
    }


def _entry(name: str, value: float | None, at: datetime) -> dict[str, Any]:
    counted = "%" if name in RATE_BY_NAME else "hours" if name in QUANTILE_BY_NAME else "items"
    return {"value": value, "as_of": at.isoformat(), "unit_of_measure": counted, "measured_in": measured_in(name)}


def measured_in(name: str) -> str:
    """What a number is written with, in Vietnamese: "hồ sơ", "%", "giờ làm việc"."""
    if name in BY_NAME:
        return BY_NAME[name].measured_in
    return "%" if name in RATE_BY_NAME else "giờ làm việc"


async def items(
    db: Connection,
    name: str,
    asked: Question,
    now: datetime,
    *,
    side: Side = "part",
    narrowed: tuple[str, Mapping[str, Any]] | None = None,
    calendar: WorkCalendar | None = None,
    limit: int | None = None,
    after: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The items behind a number (of a rate: on one side of it), in order of (source, code); "next": where to go on when `limit` cut."""
    within, at = asked.span(now)
    catalogue = await load(db, local_day(now))
    wanted = keys_of(catalogue, asked, at)
    units = None if wanted is None else sorted(wanted)
    more = None if limit is None else limit + 1
    rows = await items_behind(
        db, name, units, at, within, side=side, known_at=asked.known_at, seen=asked.seen, compare=asked.compare, calendar=calendar,
        narrowed=narrowed, limit=more, after=after,
    )  # fmt: skip
    cut = limit is not None and len(rows) > limit
    codes = catalogue.codes if catalogue else {}
    listed = [{**row, "unit": codes.get(row["unit"], str(row["unit"]))} for row in rows[:limit]]
    return {
        "as_of": at.isoformat(),
        "indicator": name,
        "unit": asked.unit,
        "reading": asked.reading,
        "undivided": await _undivided(db, catalogue, asked, at),
        "period": within.name,
        "items": listed,
        "next": f"{listed[-1]['source']}/{listed[-1]['code']}" if cut else None,
    }
