"""Rates round as the published tables do, sums that do not close are named, and predicates watch columns only."""

from __future__ import annotations

import re

import pytest

from ioc.indicators import BY_NAME, INDICATORS, RATES, IndicatorError, rate, unclosed_sums, with_rates
from ioc.meter import CLOCKS, FACTS, NAMES, predicate


def test_published_percentages_are_reproduced() -> None:
    assert (rate(249278, 278617), rate(25924, 278617), rate(3415, 278617)) == (89.47, 9.3, 1.23)
    assert (rate(86, 1787), rate(486, 1787), rate(1215, 1787)) == (4.81, 27.2, 67.99)


def test_a_half_is_rounded_up_and_nothing_divides_by_zero() -> None:
    assert rate(1, 800) == 0.13  # 0.125
    assert rate(0, 0) is None


def test_every_indicator_the_reports_name_is_declared() -> None:
    named = {
        "dossiers_received", "dossiers_resolved", "dossiers_early", "dossiers_on_time", "dossiers_late", "dossiers_in_progress",
        "dossiers_within_time", "dossiers_overdue", "dossiers_due_soon", "dossiers_waiting", "online_rate", "early_rate", "on_time_rate",
        "late_rate", "documents_in", "documents_out", "documents_overdue", "documents_signed_rate",
    }  # fmt: skip
    assert named <= {*BY_NAME, *(one.name for one in RATES)}


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.name)
def test_a_predicate_looks_at_the_clock_only_through_the_columns_the_meter_watches(indicator) -> None:  # type: ignore[no-untyped-def]
    where = re.sub(r"\{\w+\}", "", indicator.where)
    assert set(re.findall(r"(\w+) [<>]=? at\b", where)) <= {column for columns in CLOCKS.values() for column in columns}
    assert len(re.findall(r"\bat\b", where)) == len(re.findall(r"\w+ [<>]=? at\b", where)), "at stands in comparisons only"
    assert not re.search(r"now\(|current_|clock_", where)
    used = set(re.findall(r"\b[a-z_]+(?:_at|_before|_from)\b", where))
    assert used <= set(FACTS.split(", ")), "the meter carries these columns only"


def test_sums_that_do_not_close_are_named_with_their_figures() -> None:
    good = dict.fromkeys(BY_NAME, 0) | {
        "dossiers_received": 3,
        "dossiers_resolved": 2,
        "dossiers_early": 2,
        "dossiers_in_progress": 1,
        "dossiers_within_time": 1,
    }
    assert unclosed_sums(good) == []
    (line,) = unclosed_sums(good | {"dossiers_early": 1})
    assert line == "resolved = early + on time + late: 2 is not 1"


def test_rates_stand_beside_their_counts() -> None:
    full = with_rates(dict.fromkeys(BY_NAME, 0) | {"dossiers_resolved": 4, "dossiers_early": 3, "dossiers_on_time": 1})
    assert (full["early_rate"], full["early_and_on_time_rate"], full["online_rate"]) == (75.0, 100.0, None)


def test_a_rate_lists_what_its_numerator_counts_and_an_unknown_name_is_refused() -> None:
    assert BY_NAME["dossiers_early"].sql() in predicate("early_rate")
    with pytest.raises(IndicatorError, match=r"dossiers_overdu.*dossiers_overdue"):
        predicate("dossiers_overdu")


def test_running_numbers_are_named_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
