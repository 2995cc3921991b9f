"""The forecast held against what happened: learned from the earlier dossiers, asked about the later ones. Pure.

Of every dossier whose deadline passed after the training, one question is put at each of ASKED remaining times at which it was open. The
questions about one dossier share its end, so they are no independent proofs: at one remaining time a dossier counts once, and the standard
errors over all questions are those between dossiers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ioc.forecast.estimate import REMAINING, Model, expected, train
from ioc.forecast.lives import Ask, Clock, Life, asks, ladder, seen

ASKED = (0.75, 1.5, 3.0, 6.0, 8.0, 12.0, 18.0, 25.0, 35.0)  # working days left, most of them between the ones learned from
THRESHOLDS = (0.3, 0.5, 0.7, 0.9)
BINS = 10
AHEAD = 10.0  # working days: what the weekly sums look at
FURTHEST = timedelta(days=60)  # so many days hold them, whatever rests lie between

Said = tuple[float, float, float, float]  # the forecast's answer, and those of the simpler ones in the order of Brier


@dataclass(frozen=True, slots=True, kw_only=True)
class Brier:
    """The mean squared error of the forecast and of simpler ones, and how much better the forecast is (± one standard error).

    `base`: the late share of the training for all; `hindsight`: that of the questions themselves, which nobody could know;
    `remaining_only`: the share by remaining time alone.
    """

    forecast: float
    base: float
    hindsight: float
    remaining_only: float
    better_than_base: tuple[float, float]
    better_than_remaining: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Questions answered between `low` and `high`; `predicted` and `observed` are the mean answer and the share that was late."""

    low: float
    high: float
    questions: int
    dossiers: int
    predicted: float | None
    observed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Calling late everything from `threshold` on: `precision` of the called were late, `recall` of the late were called."""

    threshold: float
    called: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The questions put at one remaining time."""

    remaining: float
    dossiers: int
    predicted: float
    observed: float
    forecast: float  # Brier scores
    remaining_only: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was to become late within AHEAD working days of `at`: foretold with its bounds, and what came."""

    at: datetime
    dossiers: int
    expected: float
    low: float
    high: float
    came: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole back-test. `reconstructed`: questions about instants at which the store did not know the dossier yet."""

    model: Model
    until: datetime
    dossiers: int
    late: int
    questions: int
    reconstructed: int
    brier: Brier
    bins: Sequence[Bin]
    cuts: Sequence[Cut]
    at: Sequence[At]
    weeks: Sequence[Week]

    @property
    def weeks_inside(self) -> int:
        """Weeks whose number lay within the bounds; four in five are promised."""
        return sum(1 for week in self.weeks if math.floor(week.low) <= week.came <= math.ceil(week.high))


def learned(lives: Iterable[Life], clock: Clock, at: datetime) -> Model:
    """The model of all that was known at `at`."""
    return train((ask for life in lives for ask in asks(life, REMAINING, clock, by=at)), at)


def split(lives: Sequence[Life], share: float = 0.7) -> datetime | None:
    """The reception of the dossier before which `share` of them were received; None: there are none."""
    received = sorted(life.versions[-1].received_at for life in lives)
    return received[min(int(share * len(received)), len(received) - 1)] if received else None


def backtest(lives: Sequence[Life], clock: Clock, at: datetime, until: datetime) -> Report | None:
    """Learn at `at`, ask about everything after it that was decided at `until`. None: too little to learn from, or nothing to ask about."""
    model = learned(lives, clock, at)
    by_dossier = {life.code: list(asks(life, ASKED, clock, by=until, since=at)) for life in lives}
    put = [ask for asked in by_dossier.values() for ask in asked]
    if not model.enough or not put:
        return None
    base, hindsight = _share_late([ask for life in lives for ask in asks(life, ASKED, clock, by=at)]), _share_late(put)
    said = [_said(model, ask, base, hindsight) for ask in put]
    answered = [(ask, answers[0]) for ask, answers in zip(put, said, strict=True)]
    return Report(
        model=model,
        until=until,
        dossiers=sum(1 for asked in by_dossier.values() if asked),
        late=sum(1 for asked in by_dossier.values() if asked and asked[0].late),
        questions=len(put),
        reconstructed=sum(1 for ask in put if not ask.known),
        brier=_brier(put, said),
        bins=[_bin(answered, n) for n in range(BINS)],
        cuts=[_cut(answered, threshold) for threshold in THRESHOLDS],
        at=[found for remaining in ASKED if (found := _at(put, said, remaining))],
        weeks=_weeks(lives, model, clock, at, until),
    )


def _share_late(put: Sequence[Ask]) -> float:
    return sum(ask.late for ask in put) / len(put) if put else 0.0


def _said(model: Model, ask: Ask, base: float, hindsight: float) -> Said:
    remaining_only = model.likely(ask.ladder[:1], ask.remaining).probability
    return model.likely(ask.ladder, ask.remaining).probability, base, hindsight, remaining_only


def _brier(put: Sequence[Ask], said: Sequence[Said]) -> Brier:
    errors = [tuple((answer - ask.late) ** 2 for answer in answers) for ask, answers in zip(put, said, strict=True)]
    forecast, base, hindsight, remaining = (sum(column) / len(put) for column in zip(*errors, strict=True))
    return Brier(
        forecast=forecast,
        base=base,
        hindsight=hindsight,
        remaining_only=remaining,
        better_than_base=_mean_and_error(put, [row[1] - row[0] for row in errors]),
        better_than_remaining=_mean_and_error(put, [row[3] - row[0] for row in errors]),
    )


def _mean_and_error(put: Sequence[Ask], values: Sequence[float]) -> tuple[float, float]:
    """The mean over the questions, and its standard error between dossiers: what one dossier's questions add up to is one error."""
    mean = sum(values) / len(values)
    sums: dict[str, float] = {}
    for ask, value in zip(put, values, strict=True):
        sums[ask.code] = sums.get(ask.code, 0.0) + value - mean
    return mean, math.sqrt(sum(one * one for one in sums.values())) / len(values)


Answered = Sequence[tuple[Ask, float]]


def _bin(answered: Answered, n: int) -> Bin:
    inside = [one for one in answered if min(int(one[1] * BINS), BINS - 1) == n]
    return Bin(
        low=n / BINS,
        high=(n + 1) / BINS,
        questions=len(inside),
        dossiers=len({ask.code for ask, _ in inside}),
        predicted=sum(p for _, p in inside) / len(inside) if inside else None,
        observed=_share_late([ask for ask, _ in inside]) if inside else None,
    )


def _cut(answered: Answered, threshold: float) -> Cut:
    called = [ask for ask, p in answered if p >= threshold]
    right, late = sum(ask.late for ask in called), sum(ask.late for ask, _ in answered)
    return Cut(
        threshold=threshold, called=len(called), precision=right / len(called) if called else None, recall=right / late if late else None
    )


def _at(put: Sequence[Ask], said: Sequence[Said], remaining: float) -> At | None:
    rows = [(ask.late, *answers) for ask, answers in zip(put, said, strict=True) if ask.remaining == remaining]
    if not rows:
        return None
    n = len(rows)
    return At(
        remaining=remaining,
        dossiers=n,
        predicted=sum(row[1] for row in rows) / n,
        observed=sum(row[0] for row in rows) / n,
        forecast=sum((row[1] - row[0]) ** 2 for row in rows) / n,
        remaining_only=sum((row[4] - row[0]) ** 2 for row in rows) / n,
    )


def _weeks(lives: Sequence[Life], model: Model, clock: Clock, at: datetime, until: datetime) -> list[Week]:
    """One forecast a week, as long as what it foretells is decided."""
    decided = [(life, late) for life in lives if (late := life.ended(until)) is not None]
    weeks, when = [], clock.calendar.next_opening(at)
    while clock.left(when, until) >= AHEAD:
        weeks += _week(decided, model, clock, when)
        when = clock.calendar.next_opening(when + timedelta(days=7))
    return weeks


def _week(decided: Sequence[tuple[Life, bool]], model: Model, clock: Clock, when: datetime) -> list[Week]:
    """The dossiers then open whose deadline lies within AHEAD working days, and how many of them were late; none without any."""
    picks, came = [], 0
    for life, late in decided:
        if not any(v.late_from and when < v.late_from < when + FURTHEST for v in life.versions) or (found := seen(life, when)) is None:
            continue
        view, known = found
        if view.late_from and (left := clock.left(when, view.late_from)) <= AHEAD:
            picks.append(model.likely(ladder(view.procedure, view.unit, view.step if known else None), left))
            came += late
    if not picks:
        return []
    total, low, high = expected(picks)
    return [Week(at=when, dossiers=len(picks), expected=total, low=low, high=high, came=came)]
