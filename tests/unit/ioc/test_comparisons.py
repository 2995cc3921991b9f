"""What a period is held against, and at which instant: the same hour of the same day, and whole periods against whole ones."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ioc.comparisons import How, compared_with
from ioc.periods import VIETNAM, PeriodError, period


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


NOW = "2026-11-22T14:05"  # a Sunday, the 22nd of the month
ENDS = "T23:59:59.999999"

RUNNING = [
    ("today", NOW, "before", "2026-11-21", "2026-11-21T14:05"),
    ("today", NOW, "week", "2026-11-15", "2026-11-15T14:05"),
    ("today", NOW, "year", "2025-11-22", "2025-11-22T14:05"),
    ("today", "2026-11-22T23:59", "before", "2026-11-21", "2026-11-21T23:59"),
    ("today", "2026-11-23T00:01", "before", "2026-11-22", "2026-11-22T00:01"),
    ("today", "2026-03-01T00:01", "before", "2026-02-28", "2026-02-28T00:01"),
    ("today", "2024-03-01T08:00", "before", "2024-02-29", "2024-02-29T08:00"),
    ("today", "2024-02-29T08:00", "year", "2023-02-28", "2023-02-28T08:00"),
    ("today", "2025-02-28T08:00", "year", "2024-02-28", "2024-02-28T08:00"),
    ("today", "2027-01-01T00:01", "before", "2026-12-31", "2026-12-31T00:01"),
    ("week", NOW, "before", "2026-W46", "2026-11-15T14:05"),
    ("week", NOW, "week", "2026-W46", "2026-11-15T14:05"),
    ("week", NOW, "year", "2025-W47", "2025-11-23T14:05"),  # the Sunday of that week, not the 22nd
    ("week", "2026-12-29T09:00", "year", "2025-W52", "2025-12-23T09:00"),  # 2026 has a week 53, 2025 has none
    ("week", "2027-01-02T09:00", "before", "2026-W52", "2026-12-26T09:00"),  # that Saturday still lies in 2026-W53
    ("month", NOW, "before", "2026-10", "2026-10-22T14:05"),
    ("month", NOW, "year", "2025-11", "2025-11-22T14:05"),
    ("month", "2026-10-31T14:05", "before", "2026-09", "2026-09-30T14:05"),
    ("month", "2026-03-31T14:05", "before", "2026-02", "2026-02-28T14:05"),
    ("month", "2024-03-30T14:05", "before", "2024-02", "2024-02-29T14:05"),
    ("month", "2024-02-29T14:05", "year", "2023-02", "2023-02-28T14:05"),
    ("quarter", NOW, "before", "2026-Q3", "2026-08-22T14:05"),
    ("quarter", "2026-05-31T14:05", "before", "2026-Q1", "2026-02-28T14:05"),
    ("half", NOW, "before", "2026-H1", "2026-05-22T14:05"),
    ("nine_months", "2026-08-31T14:05", "before", "2025-9M", "2025-08-31T14:05"),
    ("year", "2024-02-29T14:05", "before", "2023", "2023-02-28T14:05"),
    ("year", NOW, "year", "2025", "2025-11-22T14:05"),
    ("2026-11-20/2026-11-24", NOW, "before", "2026-11-15/2026-11-19", "2026-11-17T14:05"),
    ("2026-11-20/2026-11-24", NOW, "week", "2026-11-13/2026-11-17", "2026-11-15T14:05"),
    ("2026-11-10/2026-11-30", NOW, "year", "2025-11-10/2025-11-30", "2025-11-22T14:05"),
    ("2026-09/2026-11", NOW, "before", "2026-06/2026-08", "2026-08-22T14:05"),
]


@pytest.mark.parametrize(("text", "at", "how", "other", "then"), RUNNING)
def test_a_running_period_is_compared_up_to_the_same_hour(text: str, at: str, how: How, other: str, then: str) -> None:
    found, instant = compared_with(period(text, local(at)), local(at), how)
    assert (found.name, instant) == (other, local(then))


PASSED = [
    ("2026-02", "before", "2026-01"),
    ("2024-Q1", "before", "2023-Q4"),
    ("2024-Q1", "year", "2023-Q1"),
    ("2026-H2", "before", "2026-H1"),
    ("2026-9M", "before", "2025-9M"),
    ("2020-W53", "year", "2019-W52"),
    ("2020-W53", "before", "2020-W52"),
    ("2024-02-29", "year", "2023-02-28"),
    ("2024-02-10/2024-02-29", "year", "2023-02-10/2023-02-28"),
    ("2016-01/2016-07", "before", "2015-06/2015-12"),
    ("2016-01/2016-07", "year", "2015-01/2015-07"),
    ("2025", "before", "2024"),
]


@pytest.mark.parametrize(("text", "how", "other"), PASSED)
@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=400)], ids=["at its last instant", "long after"])
def test_a_period_that_has_passed_is_compared_whole(text: str, how: How, other: str, late: timedelta) -> None:
    asked = period(text, local(NOW))
    found, instant = compared_with(asked, asked.last_instant + late, how)
    assert (found.name, instant) == (other, found.last_instant)


@pytest.mark.parametrize(("text", "how"), [("all", "before"), ("all", "year"), ("month", "week"), ("2026", "week"), ("0001", "before")])
def test_what_has_nothing_before_it_is_an_error_that_says_so(text: str, how: How) -> None:
    with pytest.raises(PeriodError) as caught:
        compared_with(period(text, local(NOW)), local(NOW), how)
    assert repr(text) in str(caught.value)


WORDS = st.sampled_from(["today", "week", "month", "quarter", "half", "nine_months", "year"])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)).map(lambda at: at.replace(tzinfo=VIETNAM))


@settings(max_examples=150, deadline=None)
@given(WORDS, INSTANTS, st.sampled_from(["before", "year"]))
def test_the_other_period_can_be_asked_for_by_its_name_and_holds_the_other_instant(word: str, at: datetime, how: How) -> None:
    asked = period(word, at)
    assume(at in asked)  # nine months may be over
    found, then = compared_with(asked, at, how)
    assert period(found.name, at) == found
    assert then in found
    assert found.until <= asked.since
    assert then.astimezone(VIETNAM).time() == at.time()
