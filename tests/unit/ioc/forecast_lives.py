"""Lives of dossiers for the tests of the forecast: one honest default, in November 2026, compared by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ioc.calendar import WorkCalendar
from ioc.forecast.lives import Clock, Life, Version
from ioc.model import State

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK = Clock(WorkCalendar())


def at(text: str) -> datetime:
    """A local instant of 2026: "16/11 09:00"."""
    return datetime.strptime(f"2026 {text}", "%Y %d/%m %H:%M").replace(tzinfo=LOCAL).astimezone(UTC)


DUE = at("21/11 00:00")  # late from the midnight after Friday the 20th


def version(**facts: Any) -> Version:
    """Received on Monday 02/11, known at once, due on Friday 20/11, being worked on."""
    defaults: dict[str, Any] = {
        "known_from": at("02/11 09:00"), "known_until": None, "unit": 1, "procedure": "P", "step": "S", "state": State.WORKING,
        "received_at": at("02/11 09:00"), "late_from": DUE,
    }  # fmt: skip
    return Version(**(defaults | facts))


def life(*versions: Version, code: str = "A") -> Life:
    """Versions in order; each ends where the next begins."""
    ended = [replace(v, known_until=n.known_from) for v, n in pairwise(versions)]
    return Life(code=code, versions=(*ended, versions[-1]))
