"""One number held against the same hour of another period: both values, the difference, and by how much in per cent or points."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ioc.answers import Question, indicators, measured_in
from ioc.boards.board import as_it_ended
from ioc.calendar import WorkCalendar
from ioc.comparisons import How, compared_with
from ioc.db import Connection
from ioc.indicators import BY_NAME, QUANTILE_BY_NAME, RATE_BY_NAME, unknown
from ioc.periods import VIETNAM


async def compare(
    db: Connection, name: str, asked: Question, now: datetime, how: How = "before", calendar: WorkCalendar | None = None
) -> dict[str, Any]:
    """{"value", "then", "difference", "per_cent"}; of a rate the difference is in points and there is no per cent of it.

    A period that has passed is judged at its end, as a board is. A stock has no period of its own: it is compared at the two instants.
    Raises IndicatorError, PeriodError, UnitError.
    """
    declared = BY_NAME.get(name) or RATE_BY_NAME.get(name) or QUANTILE_BY_NAME.get(name)
    if declared is None:
        raise unknown(name)
    here, span, at = as_it_ended(asked, now)
    zone = calendar.zone if calendar else VIETNAM
    other, before = compared_with(span, at, how, zone)
    there = replace(asked, period=other.name, as_of=before, seen=None)
    ours, theirs = [(await indicators(db, one, now, calendar))["indicators"][name]["value"] for one in (here, there)]
    return {
        "indicator": name, "vi": declared.words.vi, "en": declared.words.en, "unit": asked.unit, "how": how, "better": declared.better,
        "measured_in": measured_in(name), "value": ours, "as_of": at.isoformat(), "period": span.name,
        "then": {"value": theirs, "as_of": before.isoformat(), "period": other.name},
        **difference(ours, theirs, in_points=name in RATE_BY_NAME),
    }  # fmt: skip


def difference(ours: float | None, theirs: float | None, *, in_points: bool) -> dict[str, float | str | None]:
    """How much more, and by how many per cent (half up, 2 decimals). What has nothing to be held against is None, never 0."""
    if ours is None or theirs is None:
        return {"difference": None, "difference_in": "points" if in_points else "units", "per_cent": None}
    more = Decimal(str(ours)) - Decimal(str(theirs))
    share = None if in_points or not theirs else 100 * more / Decimal(str(theirs))
    per_cent = None if share is None else float(share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
    plain = float(more) if more % 1 else int(more)
    return {"difference": plain, "difference_in": "points" if in_points else "units", "per_cent": per_cent}
