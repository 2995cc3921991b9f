"""The picture of tasks (nhiệm vụ, screen W6): what was assigned by whom, when it is due, and what is late.

The four weeks of the calendar with what is due before, after and never hold every task in progress once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ioc.answers import Question, indicators, items
from ioc.breakdown.dimensions import DIMENSIONS, NOT_STATED
from ioc.breakdown.split import Counted, counted_by
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.indicators import rate
from ioc.offices import in_alphabet

WEEKS = 4
LISTED = 20  # late tasks shown; the list behind tasks_overdue has them all
OPEN = ("tasks_in_progress", "tasks_due_soon", "tasks_overdue")
DONE = ("tasks_done", "tasks_done_on_time")
NONE = dict.fromkeys(OPEN, 0)


async def tasks(db: Connection, asked: Question, now: datetime, calendar: WorkCalendar | None = None) -> dict[str, Any]:
    """Numbers, by assigner, the due calendar from this week's Monday on, and the tasks late the longest."""
    days = calendar or WorkCalendar()
    answer = await indicators(db, asked, now, days)
    at = asked.span(now)[1]
    assigners = await counted_by(db, (*OPEN, *DONE), DIMENSIONS["assigner"].sql, asked, now, days)
    due = await counted_by(db, OPEN, DIMENSIONS["due"].sql, asked, now, days)
    late = await items(db, "tasks_overdue", asked, now, calendar=days)
    longest = sorted(late["items"], key=lambda item: (item["late_from"], item["code"]))
    return {
        **{key: answer[key] for key in ("as_of", "unit", "period", "reading", "known_at")},
        "numbers": {name: entry for name, entry in answer["indicators"].items() if name.startswith("tasks_")},
        "assigners": by_assigner(assigners),
        "due": due_calendar(due, at.astimezone(days.zone).date(), days),
        "overdue": [_late(item, at, days) for item in longest[:LISTED]],
        "overdue_in_all": len(longest),
    }


def by_assigner(counted: Counted) -> list[dict[str, Any]]:
    """One line an assigner, who has most in progress first. Pure."""
    lines = [
        {
            "assigner": key, "vi": key or NOT_STATED.vi, "en": key or NOT_STATED.en, **counts,
            "tasks_on_time_rate": rate(counts["tasks_done_on_time"], counts["tasks_done"]),
        }
        for key, counts in counted.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (-int(line["tasks_in_progress"] or 0), in_alphabet(str(line["vi"]))))


def due_calendar(counted: Counted, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    """A cell a day from this week's Monday on, with what is due before, after and at no time. All of them sum to what was counted. Pure."""
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=n) for n in range(7 * WEEKS)]
    dated = {key: counts for key, counts in counted.items() if key is not None}
    first, last = days[0].isoformat(), days[-1].isoformat()
    return {
        "days": [
            {
                "day": day.isoformat(), "working": calendar.is_working(day), "why_rest": calendar.why_rest(day), "today": day == today,
                **dated.get(day.isoformat(), NONE),
            }
            for day in days
        ],
        "before": _sum(counts for key, counts in dated.items() if key < first),
        "after": _sum(counts for key, counts in dated.items() if key > last),
        "undated": counted.get(None, NONE),
    }  # fmt: skip


def _sum(many: Any) -> dict[str, int]:
    listed: list[Mapping[str, int]] = list(many)
    return {name: sum(counts[name] for counts in listed) for name in OPEN}


def _late(item: Mapping[str, Any], at: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "source": item["source"], "code": item["code"], "unit": item["unit"], "assigner": item["assigner"], "progress": item["progress"],
        "step": item["step"], "due_at": item["due_at"].isoformat() if item["due_at"] else None,
        "working_days_late": round(calendar.elapsed_days(item["late_from"], at), 1),
    }  # fmt: skip
