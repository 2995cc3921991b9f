"""The estimator: what it counts, how it pools, that it says when it does not know, and that its bounds hold what they promise."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.forecast.estimate import REMAINING, Model, expected, pooled, train
from ioc.forecast.lives import Ask, ladder
from tests.unit.ioc.forecast_lives import DUE

LEFT = (1.0, 3.0, 5.0)


def told(n: int, late: int, procedure: str = "P", unit: int = 1, step: str | None = None) -> Iterator[Ask]:
    """`n` dossiers open at each of LEFT, `late` of them late in the end."""
    for k in range(n):
        for days in LEFT:
            groups = ladder(procedure, unit, step)
            yield Ask(code=f"{procedure}/{unit}/{step}/{k}", at=DUE, remaining=days, ladder=groups, late=k < late, known=True)


def model(*groups: Iterator[Ask]) -> Model:
    return train([ask for group in groups for ask in group], DUE)


def test_the_explanation_is_the_count_of_similar_dossiers() -> None:
    made = model(told(200, 20, "P", 1), told(40, 12, "Q", 7))
    basis = made.likely(ladder("Q", 7, None), 1.0).basis
    assert (basis.late, basis.dossiers, basis.remaining, basis.depth) == (12, 40, 1.0, 2)
    assert (made.dossiers, made.late) == (240, 32)


def test_a_group_of_which_little_is_known_is_explained_by_the_wider_one() -> None:
    made = model(told(200, 20, "P", 1), told(30, 12, "Q", 7), told(3, 3, "Q", 8))
    assert made.likely(ladder("Q", 8, "Thẩm định"), 3.0).basis.depth == 1
    assert made.likely(ladder("new", 99, None), 3.0).basis.depth == 0


def test_many_dossiers_speak_for_themselves_and_few_are_drawn_to_the_wider_group() -> None:
    made = model(*(told(300, 30 * n, f"P{n}", n) for n in range(1, 9)), told(3, 3, "P1", 50))
    many, few = made.likely(ladder("P8", 8, None), 1.0), made.likely(ladder("P1", 50, None), 1.0)
    assert many.probability == pytest.approx(0.8, abs=0.02)
    assert 0.1 < few.probability < 0.7, "three late ones of three are no certainty"
    assert few.error > many.error
    assert made.likely(ladder("P1", 51, None), 1.0).error < 0.1, "an unknown office of a known procedure is no coin"


def test_how_hard_to_pool_is_learned_from_how_different_the_groups_are() -> None:
    alike = model(*(told(50, 10, f"P{n}", n) for n in range(20)))
    apart = model(*(told(50, 45 if n % 2 else 5, f"P{n}", n) for n in range(20)))
    assert alike.pulls[1] > 10 * apart.pulls[1]


def test_with_no_time_left_an_open_dossier_is_late_and_between_two_counts_the_share_is_interpolated() -> None:
    made = model(told(400, 100))
    groups = ladder("P", 1, None)
    assert made.likely(groups, 0.0).probability == 1.0
    at_one = made.likely(groups, 1.0).probability
    assert made.likely(groups, 0.5).probability == pytest.approx((1 + at_one) / 2)
    assert made.likely(groups, 400.0).probability == made.likely(groups, 5.0).probability


def test_too_little_history_is_said_and_not_guessed() -> None:
    assert not model(told(199, 100)).enough
    assert not model(told(1000, 19)).enough
    assert not train([], DUE).enough
    assert model(told(200, 20)).enough


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=60, max_size=120), st.floats(0, 100))
def test_whatever_the_past_a_probability_is_one(dossiers: list[tuple[int, int, bool]], left: float) -> None:
    asked = [
        Ask(code=str(k), at=DUE, remaining=days, ladder=ladder(str(p), u, None), late=late, known=True)
        for k, (p, u, late) in enumerate(dossiers)
        for days in REMAINING
    ]
    made = train(asked, DUE)
    for p in range(5):
        found = made.likely(ladder(str(p), 1, "?"), left)
        assert 0 <= found.probability <= 1
        assert 0 <= found.error < 1


@given(st.integers(0, 50), st.floats(0, 1), st.floats(0.1, 1000))
def test_a_pooled_share_lies_between_its_own_and_the_wider_one(late: int, wider: float, pull: float) -> None:
    low, high = sorted((late / 50, wider))
    assert low - 1e-9 <= pooled(50, late, wider, pull) <= high + 1e-9


def test_the_bounds_of_a_sum_hold_about_four_times_in_five() -> None:
    """Learned from chance, asked about chance: 150 provinces whose procedures differ."""
    rnd, held = random.Random(766), 0
    for _ in range(150):
        truth = {f"P{n}": rnd.uniform(0.05, 0.6) for n in range(6)}
        made = model(*(told(60, sum(rnd.random() < p for _ in range(60)), name, 1) for name, p in truth.items()))
        total, low, high = expected(made.likely(ladder(name, 1, None), 1.0) for name in truth for _ in range(30))
        came = sum(rnd.random() < p for p in truth.values() for _ in range(30))
        held += low <= came <= high
        assert low < total < high
    assert 0.74 < held / 150 < 0.90


def test_of_nothing_nothing_is_expected() -> None:
    assert expected([]) == (0.0, 0.0, 0.0)
