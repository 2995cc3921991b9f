"""Scoring by the criteria: points, bands, ranks, and what one more dossier would bring. Pure; exact fractions until something is shown.

Points = all of them from the threshold on, below it in proportion. A criterion with a missing number is undetermined: it counts neither as
zero nor as full; the score is what was reached of the points that can be determined, on a scale of 100.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ioc.service_index.criteria import Band, Criteria, Criterion, Ratio

Values = Mapping[str, float | None]  # a number's name -> its value; None or absent: nobody says
TIE = Fraction(1, 1000)  # scores nearer than this share a rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one criterion reached: `ratio` in per cent, `points` of `of`; both None when undetermined."""

    criterion: Criterion
    ratio: Fraction | None
    points: Fraction | None

    @property
    def of(self) -> Fraction:
        return Fraction(str(self.criterion.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A unit's marks. `points` reached of `of` that can be determined; `value` the same on a scale of 100, None when nothing can."""

    marks: tuple[Mark, ...]

    @property
    def points(self) -> Fraction:
        return sum((mark.points for mark in self.marks if mark.points is not None), Fraction(0))

    @property
    def of(self) -> Fraction:
        return sum((mark.of for mark in self.marks if mark.points is not None), Fraction(0))

    @property
    def value(self) -> Fraction | None:
        return 100 * self.points / self.of if self.of else None

    def group(self, group: str) -> Score:
        return Score(marks=tuple(mark for mark in self.marks if mark.criterion.group == group))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """So many `more` of `name` (fewer, where `fewer`) bring `points` in one criterion, all else as it is."""

    criterion: str
    name: str
    more: int
    points: Fraction
    fewer: bool = False


def score(criteria: Criteria, values: Values) -> Score:
    """All marks for these numbers."""
    ratios = {one.id: _own(one, values) for one in criteria.criteria}
    return Score(marks=tuple(_mark(one, _with_factor(one, ratios)) for one in criteria.criteria))


def _mark(one: Criterion, ratio: Fraction | None) -> Mark:
    if ratio is None:
        return Mark(criterion=one, ratio=None, points=None)
    threshold, of = Fraction(str(one.threshold)), Fraction(str(one.points))
    return Mark(criterion=one, ratio=ratio, points=of if ratio >= threshold else ratio / threshold * of)


def _own(one: Criterion, values: Values) -> Fraction | None:
    """A criterion's ratio in per cent before any factor, between 0 and 100."""
    if one.ratio is not None:
        share = _share(one.ratio, values)
        return None if share is None else min(100 * share, Fraction(100))
    shares = [_share(ratio, values) for ratio in one.rest]
    if not shares or None in shares:
        return None
    return max(100 * (1 - sum((share for share in shares if share is not None), Fraction(0))), Fraction(0))


def _with_factor(one: Criterion, ratios: Mapping[str, Fraction | None]) -> Fraction | None:
    own = ratios[one.id]
    if own is None or not one.factor:
        return own
    factor = ratios[one.factor]
    return None if factor is None else own * factor / 100


def _share(ratio: Ratio, values: Values) -> Fraction | None:
    parts, whole = [values.get(name) for name in ratio.parts], [values.get(name) for name in ratio.whole]
    if None in parts or None in whole:
        return None
    numbers = [Fraction(str(number)) for number in whole if number is not None]
    below = max(numbers) if ratio.largest else sum(numbers, Fraction(0))
    above = sum((Fraction(str(number)) for number in parts if number is not None), Fraction(0))
    return above / below if below else None


def band(criteria: Criteria, value: Fraction) -> Band:
    """What a score is called."""
    return next(one for one in criteria.bands if value >= Fraction(str(one.since)))


def next_band(criteria: Criteria, value: Fraction) -> Band | None:
    """The band above; None from the highest."""
    above = [one for one in criteria.bands if value < Fraction(str(one.since))]
    return above[-1] if above else None


def ranks(values: Mapping[str, Fraction | None]) -> dict[str, int]:
    """Competition ranks ("1224") from the highest; nearly equal scores share one, what has no score has no rank."""
    order = sorted(((value, name) for name, value in values.items() if value is not None), key=lambda pair: (-pair[0], pair[1]))
    found: dict[str, int] = {}
    first: tuple[int, Fraction] | None = None
    for place, (value, name) in enumerate(order, 1):
        if first is None or first[1] - value >= TIE:
            first = place, value
        found[name] = first[0]
    return found


def gains(criteria: Criteria, values: Values, wanted: Fraction = Fraction(1)) -> list[Gain]:
    """For each criterion below its threshold: how many more (or fewer) bring `wanted` points, or all that are left; the nearest first.

    All else stays as it is, the whole too: one more online payment is one of a dossier already counted.
    """
    ratios = {one.id: _own(one, values) for one in criteria.criteria}
    found = []
    for mark in score(criteria, values).marks:
        if mark.points is None or mark.ratio is None or mark.points >= mark.of:
            continue
        one = mark.criterion
        factor = Fraction(1) if not one.factor else (ratios[one.factor] or Fraction(0)) / 100
        target = min(mark.points + wanted, mark.of)
        need = (target / mark.of * Fraction(str(one.threshold)) - mark.ratio) / 100  # of the share
        if factor and need > 0:
            found += _gains_of(one, values, need / factor, target - mark.points)
    return sorted(found, key=lambda gain: (gain.more / max(gain.points, Fraction(1, 10**6)), gain.criterion))


def _gains_of(one: Criterion, values: Values, need: Fraction, points: Fraction) -> list[Gain]:
    if one.ratio is not None:
        below = _below(one.ratio, values)
        have = sum(Fraction(str(values[name])) for name in one.ratio.parts)
        more = math.ceil(need * below)
        possible = have + more <= below or one.ratio.largest
        return [Gain(criterion=one.id, name=one.ratio.parts[0], more=more, points=points)] if possible else []
    made = []
    for ratio in one.rest:
        have = sum(Fraction(str(values[name])) for name in ratio.parts)
        fewer = math.ceil(need * _below(ratio, values))
        if fewer <= have:
            made.append(Gain(criterion=one.id, name=ratio.parts[0], more=fewer, points=points, fewer=True))
    return made


def _below(ratio: Ratio, values: Values) -> Fraction:
    numbers: Sequence[Fraction] = [Fraction(str(values[name])) for name in ratio.whole]
    return max(numbers) if ratio.largest else sum(numbers, Fraction(0))
