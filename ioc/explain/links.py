"""The addresses of a number's lists, with the very instant it was counted for: so the list is as long as the number. Pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from ioc.answers import Question
from ioc.meter import Side


def listed(indicator: str, asked: Question, at: datetime, side: Side = "part") -> str:
    """/api/v1/items of a number; of a rate's `whole`, what it is divided by."""
    return f"/api/v1/items?{_query(indicator, asked, at)}" + ("&side=whole" if side == "whole" else "")


def explained(indicator: str, asked: Question, at: datetime) -> str:
    """The same explanation again, of the same instant."""
    return f"/api/v1/explain?{_query(indicator, asked, at)}"


def _query(indicator: str, asked: Question, at: datetime) -> str:
    given = {
        "indicator": indicator,
        "unit": asked.unit,
        "period": asked.period,
        "as_of": at.isoformat(),
        "known_at": asked.known_at.isoformat() if asked.known_at and not asked.seen else None,
        "seen": asked.seen,
        "compare": asked.compare,
        "reading": asked.reading if asked.reading != "now" else None,
        "only": asked.only or None,
    }
    return urlencode({name: value for name, value in given.items() if value is not None})
