"""The arithmetic of a change: the parts sum to it exactly, whatever the groups, and so do the printed ones."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.answers import Question
from ioc.breakdown import DimensionError
from ioc.indicators import IndicatorError, rate
from ioc.periods import PeriodError
from ioc.why import asked
from ioc.why.shares import Counted, apportioned, decomposed, printed, total

counted = st.integers(0, 5000).flatmap(lambda n: st.builds(Counted, part=st.integers(0, n), whole=st.just(n)))
groups = st.dictionaries(st.sampled_from("abcdefgh"), counted, max_size=8)


@given(before=groups, after=groups)
def test_mix_and_rate_of_all_groups_sum_to_the_change_exactly(before: dict[str, Counted], after: dict[str, Counted]) -> None:
    effects = decomposed(before, after)
    first, last = total(before.values()), total(after.values())
    if not first.whole or not last.whole:
        assert effects is None
        return
    assert effects is not None
    assert effects.keys() == before.keys() | after.keys()
    assert sum(effect.both for effect in effects.values()) == Fraction(last.part, last.whole) - Fraction(first.part, first.whole)


@given(before=groups, after=groups)
def test_a_group_that_stays_the_same_share_with_the_same_rate_has_no_effect(before: dict[str, Counted], after: dict[str, Counted]) -> None:
    if (effects := decomposed(before, before)) is not None:
        assert all(effect.mix == effect.rate == 0 for effect in effects.values())
    for key, effect in (decomposed(before, after) or {}).items():
        if key not in after or not after[key].whole:
            assert effect.rate == 0, "one that has gone is all mix"
        if key not in before or not before[key].whole:
            assert effect.mix == 0, "one that came is all rate"


@given(values=st.lists(st.fractions(min_value=-10_000, max_value=10_000), min_size=1, max_size=40), off=st.integers(-60, 60))
def test_printed_parts_sum_to_the_printed_whole_and_are_next_to_the_exact_ones(values: list[Fraction], off: int) -> None:
    exact = sum(values)
    whole = exact.numerator // exact.denominator
    near = apportioned(values, whole)
    assert sum(near) == whole
    assert all(abs(shown - value) < 1 for shown, value in zip(near, values, strict=True))
    assert sum(apportioned(values, whole + off)) == whole + off


@given(part=st.integers(0, 10**6), more=st.integers(0, 10**6))
def test_a_rate_is_printed_as_on_every_screen(part: int, more: int) -> None:
    shown, told = printed(Counted(part=part, whole=part + more)), rate(part, part + more)
    assert (None if shown is None else shown / 100) == told


def test_a_better_office_that_shrinks_and_a_worse_one_that_grows_are_told_apart() -> None:
    """Both offices do better, and still the rate falls: the mix did it."""
    before = {"good": Counted(part=90, whole=100), "bad": Counted(part=20, whole=100)}
    after = {"good": Counted(part=19, whole=20), "bad": Counted(part=45, whole=180)}
    effects = decomposed(before, after)
    assert effects is not None
    assert all(effect.rate > 0 and effect.mix < 0 for effect in effects.values())
    assert sum(effect.both for effect in effects.values()) == Fraction(64, 200) - Fraction(110, 200)


def test_moments_are_instants_or_dated_periods_and_nothing_else() -> None:
    change = asked("dossiers_overdue", "2026-11-19T08:00", "2026-11-20", "unit", Question(unit="U1", period="month"))
    assert (change.since.as_of is not None, change.since.period) == (True, "month")
    assert (change.until.as_of, change.until.period, change.until.unit) == (None, "2026-11-20", "U1")
    assert asked("early_rate", "2026-10", "2026-11", "field", Question()).whole == "dossiers_resolved"


@pytest.mark.parametrize(
    ("indicator", "since", "by", "error", "names"),
    [
        ("dossiers", "2026-10", "unit", IndicatorError, "dossiers"),
        ("handling_median", "2026-10", "unit", DimensionError, "dossiers_resolved"),
        ("dossiers_overdue", "2026-10", "colour", DimensionError, "colour"),
        ("dossiers_overdue", "2026-13", "unit", PeriodError, "2026-13"),
        ("dossiers_overdue", "12:99", "unit", PeriodError, "12:99"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(indicator: str, since: str, by: str, error: type[Exception], names: str) -> None:
    with pytest.raises(error, match=names):
        asked(indicator, since, "2026-11", by, Question())
