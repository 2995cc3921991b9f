"""The health of a source over a timeline of polls: said once when it breaks, once when it is back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.health import Health, HealthState, health
from collectors.poll import PollReport

NINE = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


def report(minute: int, *, ok: bool = True, **changes: Any) -> PollReport:
    at = NINE + timedelta(minutes=minute)
    base = PollReport(source="onestop", started=at, ended=at, ok=ok, error="" if ok else "status 500", as_of=at if ok else None)
    return replace(base, **changes)


def timeline(*reports: PollReport, **rules: Any) -> list[Health]:
    states: list[Health] = []
    for each in reports:
        states.append(health(states[-1] if states else None, each, **rules))
    return states


def test_a_source_that_works_from_the_first_poll_is_no_news() -> None:
    first, second = timeline(report(0), report(1))
    assert (first.state, first.changed, first.since) == (HealthState.OK, False, NINE)
    assert (second.state, second.changed, second.since, second.why) == (HealthState.OK, False, NINE, "")


def test_failures_are_late_then_down_and_are_said_once() -> None:
    states = timeline(report(0), *(report(m, ok=False) for m in (1, 2, 3, 4)), report(5), report(6), patience=3)
    assert [s.state.value for s in states] == ["ok", "late", "late", "down", "down", "ok", "ok"]
    assert [s.changed for s in states] == [False, True, False, False, False, True, False]
    assert [s.failures for s in states] == [0, 1, 2, 3, 4, 0, 0]
    assert states[4].since == NINE + timedelta(minutes=3)
    assert states[4].why == "status 500"
    assert (states[4].read_at, states[4].as_of) == (NINE, NINE)
    assert states[5].since == NINE + timedelta(minutes=5)


def test_a_source_never_read_is_never_until_it_is() -> None:
    states = timeline(report(0, ok=False), report(1, ok=False, refused=True), report(2))
    assert [s.state.value for s in states] == ["never", "never", "ok"]
    assert [s.changed for s in states] == [True, False, True]
    assert states[1].since == NINE
    assert states[1].read_at is None


def test_what_needs_a_person_is_down_at_once() -> None:
    states = timeline(report(0), report(1, ok=False, refused=True, error="status 403"))
    assert (states[1].state, states[1].changed, states[1].why) == (HealthState.DOWN, True, "status 403")


def test_an_answer_from_yesterday_is_late_though_the_poll_went_well() -> None:
    hour = timedelta(hours=1)
    stale = [report(m, as_of=NINE) for m in (60, 61, 300)]
    states = timeline(report(0), *stale, report(301), fresh=hour)
    assert [s.state.value for s in states] == ["ok", "ok", "late", "late", "ok"]
    assert [s.changed for s in states] == [False, False, True, False, True]
    assert states[2].why == "answers, but only for 2026-09-15 02:00:00 UTC; 61 min old, 60 min allowed"
    assert "5 h old" in states[3].why


def test_an_answer_without_an_instant_keeps_the_last_one() -> None:
    states = timeline(report(0), report(90, as_of=None), fresh=timedelta(hours=1))
    assert (states[1].state, states[1].as_of) == (HealthState.LATE, NINE)
