"""One honest default of each noun; tests override what they are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ioc.model import Item, State

MORNING = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # Wednesday 18/11/2026 09:00 in Vietnam


def item(code: str = "H99.14-261118-0001", **facts: Any) -> Item:
    """A dossier received on Wednesday morning, due on Friday at 09:00."""
    defaults: dict[str, Any] = {
        "unit": "U01",
        "state": State.WORKING,
        "received_at": MORNING,
        "due_at": MORNING + timedelta(days=2),
    }
    chosen = defaults | facts
    chosen.setdefault("happened_at", chosen["received_at"])
    return Item(code=code, **chosen)
