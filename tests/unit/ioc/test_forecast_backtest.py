"""The back-test: it finds what there is to find, finds nothing in chance, and its figures are the ones counted by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ioc.forecast.backtest import BINS, Report, backtest
from ioc.forecast.lives import Life
from ioc.model import State
from tests.unit.ioc.forecast_lives import CLOCK, at, life, version

DAY = timedelta(days=1)
START, TRAINED, END = at("05/01 09:00"), at("01/07 00:00"), at("01/12 00:00")


def lives(late: Callable[[str, random.Random], bool], n: int = 900) -> list[Life]:
    """Dossiers of two procedures over ten months, three weeks each; what is not late is closed within the last days before the deadline."""
    rnd, made = random.Random(7), []
    for k in range(n):
        procedure = rnd.choice("PQ")
        received = START + rnd.randrange(300) * DAY
        due = (received + 21 * DAY).replace(hour=17, minute=0)
        closed = due + (rnd.randrange(1, 9) * DAY if late(procedure, rnd) else -rnd.randrange(1, 12) * DAY)
        first = version(known_from=received, received_at=received, late_from=due, procedure=procedure)
        last = version(known_from=closed, received_at=received, late_from=due, procedure=procedure, state=State.DONE, closed_at=closed)
        made.append(life(first, last, code=str(k)))
    return made


def proved(late: Callable[[str, random.Random], bool]) -> Report:
    report = backtest(lives(late), CLOCK, TRAINED, END)
    assert report is not None
    return report


def test_where_procedures_differ_it_beats_the_base_rate_and_the_share_by_time_alone_and_is_calibrated() -> None:
    report = proved(lambda procedure, rnd: rnd.random() < (0.7 if procedure == "P" else 0.1))
    for better, error in (report.brier.better_than_base, report.brier.better_than_remaining):
        assert better > 4 * error
    for row in report.bins:
        if row.dossiers > 60 and row.predicted is not None and row.observed is not None:
            assert row.observed == pytest.approx(row.predicted, abs=0.12)
    assert report.weeks_inside >= 0.6 * len(report.weeks) > 5


def test_where_procedures_do_not_differ_it_claims_nothing_over_the_share_by_time_alone() -> None:
    better, error = proved(lambda _, rnd: rnd.random() < 0.3).brier.better_than_remaining
    assert abs(better) < 3 * error + 0.002


def test_its_counts_are_those_of_the_lives() -> None:
    report = proved(lambda procedure, rnd: rnd.random() < (0.7 if procedure == "P" else 0.1))
    assert sum(row.questions for row in report.bins) == sum(row.dossiers for row in report.at) == report.questions
    assert len(report.bins) == BINS
    low, high = report.cuts[0], report.cuts[-1]
    assert low.called >= high.called
    assert (low.recall or 0) >= (high.recall or 0)
    assert report.model.trained_at == TRAINED
    assert report.reconstructed == 0


def test_what_happens_after_the_training_changes_nothing_of_what_was_learned() -> None:
    """The leak test: another future, the same model."""
    made = lives(lambda _, rnd: rnd.random() < 0.4)
    other = [one if one.versions[0].received_at < TRAINED - 60 * DAY else _late(one) for one in made]
    first, second = (backtest(each, CLOCK, TRAINED, END) for each in (made, other))
    assert first is not None
    assert second is not None
    assert first.model == second.model
    assert first.late < second.late


def _late(one: Life) -> Life:
    """The same dossier, never closed, as far as the training instant does not know otherwise."""
    return one if one.versions[-1].known_from <= TRAINED else Life(code=one.code, versions=(replace(one.versions[0], known_until=None),))


def test_too_little_to_learn_from_is_no_report() -> None:
    made = lives(lambda _, rnd: rnd.random() < 0.5, n=150)
    assert backtest(made, CLOCK, TRAINED, END) is None
