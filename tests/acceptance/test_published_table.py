"""Tiền Giang's published table (seed-figures.json): 281,821 dossiers with those outcomes give the printed counts and percentages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from ioc import answers
from ioc.answers import Question
from ioc.db import Connection
from ioc.model import Batch, Item, State, Way
from ioc.periods import period
from ioc.store import Store
from tests.conftest import ROOT
from tests.factories import item
from tests.world import UNITS

FIGURES = json.loads((ROOT / "tests" / "data" / "seed-figures.json").read_text(encoding="utf-8"))
PRINTED = {f["figure"]: f["value"] for f in FIGURES if f["unit"] == "Tiền Giang" and f["period"] == "2024-H1"}
HALF = period("2024-H1", datetime(2024, 8, 1, tzinfo=UTC))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def generated() -> list[Item]:
    """Dossiers with the printed outcomes, spread over the half year; the rest is still being worked on."""
    outcomes = [(State.DONE, timedelta(days=-2))] * PRINTED["dossiers_early"]
    outcomes += [(State.DONE, timedelta(hours=-1))] * PRINTED["dossiers_on_time"]
    outcomes += [(State.DONE, timedelta(days=2))] * PRINTED["dossiers_late"]
    outcomes += [(State.WORKING, timedelta(0))] * PRINTED["dossiers_in_progress"]
    span = (HALF.until - HALF.since - timedelta(days=12)) / len(outcomes)
    made = []
    for n, (state, ahead) in enumerate(outcomes):
        received = HALF.since + n * 7919 % len(outcomes) * span
        due = (received + timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0)  # 16:00 in Vietnam
        closed = due + ahead if state is State.DONE else None
        channel = Way.ONLINE if n < len(outcomes) * PRINTED["online_rate"] / 100 else Way.COUNTER
        made.append(
            item(
                f"TG-{n:06}",
                unit=UNITS[n % 12],
                state=state,
                received_at=received,
                due_at=due,
                closed_at=closed,
                channel=channel,
                happened_at=closed or received,
            )
        )
    return made


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_printed_table_is_reproduced_to_the_last_dossier(store: Store, db: Connection) -> None:
    items = generated()
    for n in range(0, len(items), 20000):
        await store.apply("by_date", Batch(position=str(n), items=items[n : n + 20000]), NOW)
    answer = await answers.indicators(db, Question(period="2024-H1"), NOW)
    values = {name: entry["value"] for name, entry in answer["indicators"].items()}
    for name in ("received", "resolved", "in_progress", "early", "on_time", "late"):
        assert values[f"dossiers_{name}"] == PRINTED[f"dossiers_{name}"], name
    for name in ("early_rate", "on_time_rate", "late_rate", "online_rate"):
        assert values[name] == PRINTED[name], name
    assert values["early_and_on_time_rate"] == 98.77
    assert answer["checks"] == []
