"""How often a failing source is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.breaker import PROBE, is_open, next_at, pause, retries
from collectors.poll import PollReport

NINE = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


def failed(**more: float) -> PollReport:
    return PollReport(source="onestop", started=NINE, ended=NINE, ok=False, error="status 500", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("every", "waits"),
    [
        (10, [10, 10, 20, 40, 80, 80]),
        (60, [60, 60, 120, 240, 300, 300]),
        (0.5, [0.5, 0.5, 1, 2, 4, 4]),
        (600, [600, 600, 600, 600]),  # never more often than usual either
    ],
)
def test_waits_double_after_three_failures_up_to_eight_times_and_five_minutes(every: float, waits: list[float]) -> None:
    assert [pause(n, every) for n in range(1, len(waits) + 1)] == waits


def test_while_it_is_open_a_poll_is_one_probe() -> None:
    assert [is_open(n) for n in (0, 2, 3, 99)] == [False, False, True, True]
    assert retries(2).tries > 1
    assert retries(3) == PROBE
    assert PROBE.tries == 1


def test_it_says_when_to_ask_again_and_the_first_good_answer_closes_it() -> None:
    assert next_at(2, 10, failed()) is None
    assert next_at(3, 10, failed()) == NINE + timedelta(seconds=20)
    assert next_at(0, 10, PollReport(source="onestop", started=NINE, ended=NINE, ok=True)) is None


def test_a_longer_wait_the_source_asks_for_is_honoured_within_an_hour() -> None:
    assert next_at(1, 10, failed(retry_after=45)) == NINE + timedelta(seconds=45)
    assert next_at(1, 10, failed(retry_after=5)) is None
    assert next_at(5, 10, failed(retry_after=45)) == NINE + timedelta(seconds=80)
    assert next_at(1, 10, failed(retry_after=10**9)) == NINE + timedelta(hours=1)
