"""What systems reported becomes numbers as each figure is declared: days add up or the last counts, and nothing reported is no number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ioc.figures import BY_NAME, FIGURE_RATES, FIGURES
from ioc.reported import Told, numbers, rates

NOW = datetime(2026, 11, 20, 7, 5, tzinfo=UTC)  # 20/11/2026 14:05 in Vietnam


def told(
    name: str, period: str, total: float, source: str = "kiosk", *, most: float | None = None, own: float | None = None, ago: int = 0
) -> Told:
    return Told(
        source=source, name=name, period=period, total=total, most=total if most is None else most, own=own, units=3,
        at=NOW - timedelta(minutes=ago),
    )  # fmt: skip


def test_days_of_a_month_add_up() -> None:
    rows = [told("visits", "2026-11-19", 40), told("visits", "2026-11-20", 12), told("visits", "2026-10-31", 900)]
    assert numbers(rows, NOW, "month")["visits"].value == 52
    assert numbers(rows, NOW, "today")["visits"].value == 12


def test_of_a_stock_the_newest_day_counts() -> None:
    rows = [told("queue_waiting", "2026-11-19", 40), told("queue_waiting", "2026-11-20", 12)]
    assert numbers(rows, NOW, "month")["queue_waiting"].value == 12


def test_a_source_that_reported_the_month_is_taken_at_its_word_and_another_by_its_days() -> None:
    rows = [
        told("votes_satisfied", "2026-11", 500, "paper"), told("votes_satisfied", "2026-11-20", 30, "paper"),
        told("votes_satisfied", "2026-11-19", 7, "kiosk"), told("votes_satisfied", "2026-11-20", 8, "kiosk"),
    ]  # fmt: skip
    found = numbers(rows, NOW, "month")["votes_satisfied"]
    assert (found.value, found.sources) == (515, {"paper", "kiosk"})


def test_a_month_or_quarter_that_was_reported_is_not_added_to_what_lies_in_it() -> None:
    rows = [
        told("visits", "2026-Q1", 900), told("visits", "2026-03", 300), told("visits", "2026-03-30", 10), told("visits", "2026-04", 50),
        told("visits", "2026-04-01", 2), told("visits", "2026-05-04", 3), told("visits", "2026-04-01", 7, "portal"),
    ]  # fmt: skip
    assert numbers(rows, NOW, "2026")["visits"].value == 900 + 50 + 3 + 7


def test_a_waiting_time_is_that_of_the_worst_centre() -> None:
    rows = [told("wait_p90", "2026-11-20", 75, most=31)]
    assert numbers(rows, NOW, "today")["wait_p90"].value == 31


def test_a_score_is_the_provinces_own_and_never_a_sum_of_its_units() -> None:
    rows = [told("par_index", "2025", 240.5, own=88.54), told("pci", "2025", 140)]
    found = numbers(rows, NOW, "newest")
    assert found["par_index"].value == 88.54
    assert "pci" not in found


def test_the_newest_period_that_has_begun_counts_and_the_one_before_it_is_known() -> None:
    rows = [told("sipas", year, 0, own=value) for year, value in (("2024", 85.89), ("2025", 87.1), ("2027", 99))]
    found = numbers(rows, NOW, "newest")["sipas"]
    assert (found.value, found.period, found.before) == (87.1, "2025", 85.89)


def test_of_two_sources_of_one_score_the_one_told_last_counts() -> None:
    rows = [told("index766", "2026", 0, "sheet", own=80, ago=90), told("index766", "2026", 0, "portal", own=82.5)]
    found = numbers(rows, NOW, "newest")["index766"]
    assert (found.value, found.sources) == (82.5, {"portal"})


def test_what_nobody_reported_for_the_period_is_no_number() -> None:
    assert numbers([told("visits", "2026-11-19", 40)], NOW, "today") == {}
    assert numbers([told("nobody_knows_this", "2026-11-20", 1)], NOW, "today") == {}


def test_a_rate_needs_all_its_parts_and_something_to_divide_by() -> None:
    votes = [told("votes_very_satisfied", "2026-11-20", 700), told("votes_satisfied", "2026-11-20", 72)]
    assert rates(numbers(votes, NOW, "month")) == {}
    known = numbers([*votes, told("votes_unsatisfied", "2026-11-20", 40)], NOW, "month")
    assert rates(known)["satisfaction_rate"].value == 95.07  # 772 of 812
    nothing = [told(name, "2026-11-20", 0) for name in ("votes_very_satisfied", "votes_satisfied", "votes_unsatisfied")]
    assert rates(numbers(nothing, NOW, "month")) == {}


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f.name)
def test_every_figure_has_a_unit_of_measure_and_a_name_in_both_languages(figure: object) -> None:
    assert figure.measured_in  # type: ignore[attr-defined]
    assert figure.vi  # type: ignore[attr-defined]
    assert figure.en  # type: ignore[attr-defined]


def test_names_are_used_once_and_rates_are_made_of_declared_figures() -> None:
    assert len(BY_NAME) == len(FIGURES)
    assert {part for one in FIGURE_RATES for part in (*one.parts, *one.whole)} <= BY_NAME.keys()
