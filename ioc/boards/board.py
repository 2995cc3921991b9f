"""A board asked for: which units are its rows, one count of everything at the right instant, and the answer in JSON.

A period that has passed is judged at its end, whatever is asked later: what is in progress now was not then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ioc.answers import Question, local_day
from ioc.boards.columns import COLUMNS
from ioc.boards.rows import Row, in_order, row, unlike
from ioc.calendar import WorkCalendar
from ioc.catalogue import load
from ioc.db import Connection
from ioc.indicators import INDICATORS
from ioc.meter import count_at
from ioc.offices import offices
from ioc.periods import Period
from ioc.units import Level, UnitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`asked` is the question as it was answered: its instant is set, its period has the name that means the same tomorrow."""

    asked: Question
    span: Period
    at: datetime
    level: Level | None
    rows: Sequence[Row]
    total: Row
    checks: Sequence[str]


async def board(
    db: Connection, asked: Question, now: datetime, *, level: Level | None = None, sort: str = "", calendar: WorkCalendar | None = None
) -> Board:
    """The board of a unit (None: of everything): its direct offices, or all offices of `level` below it. Raises UnitError, BoardError."""
    catalogue = await load(db, local_day(now))
    if catalogue is None:
        raise UnitError("the unit catalogue is empty, so there is no row to show; import one first")
    asked, span, at = as_it_ended(asked, now)
    parts, whole = offices(catalogue, asked, at, level)
    counts = await count_at(db, at, span, known_at=asked.known_at, seen=asked.seen, compare=asked.compare, calendar=calendar)
    names = [one.name for one in INDICATORS]
    rows = [row(part, counts, names) for part in parts]
    rows = [one for one in rows if one.office.only != "own" or any(one.values.values())]
    total = row(whole, counts, names)
    checks = [*total.checks, *unlike(total, rows)]
    return Board(
        asked=replace(asked, unit=whole.unit), span=span, at=at, level=level, rows=in_order(rows, sort), total=total, checks=checks
    )


def as_it_ended(asked: Question, now: datetime) -> tuple[Question, Period, datetime]:
    """The question with its instant set, no later than its period's last, and the period named so that it means the same tomorrow."""
    span, at = asked.span(now)
    last = min(at, span.last_instant)
    seen = asked.seen if last == at else None  # what was seen is of the instant it came with
    return replace(asked, as_of=last, period=span.name, seen=seen), span, last


def told(one: Board) -> dict[str, Any]:
    """As JSON. Behind a cell: /api/v1/items of its column's indicators, with the row's unit and only, and the board's period and as_of."""
    asked = one.asked
    return {
        "as_of": one.at.isoformat(), "period": asked.period, "since": one.span.since.isoformat(), "until": one.span.until.isoformat(),
        "unit": asked.unit, "level": one.level.value if one.level else None, "reading": asked.reading,
        "compare": asked.compare or "as configured", "known_at": asked.known_at.isoformat() if asked.known_at else None,
        "columns": [
            {
                "key": column.key, "vi": column.vi, "en": column.en, "of": {"vi": column.of_vi, "en": column.of_en},
                "indicators": list(column.indicators), "measured_in": "%" if column.rate else "hồ sơ",
            }
            for column in COLUMNS
        ],
        "rows": [_row(each) for each in one.rows], "total": _row(one.total), "checks": list(one.checks),
    }  # fmt: skip


def _row(one: Row) -> dict[str, Any]:
    office = one.office
    return {
        "unit": office.unit, "only": office.only, "name": office.name, "level": office.level, "values": dict(one.values),
        "checks": list(one.checks),
    }  # fmt: skip
