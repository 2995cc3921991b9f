"""How likely an open dossier is to become late: shares of similar dossiers at the same remaining working time, pooled. Pure.

At fixed remaining times the dossiers of the past that were open then are counted, and those of them that ended late: for everything, for
each procedure, for each unit of it and for each step there. A group with few dossiers is drawn towards the wider one (beta-binomial,
empirical Bayes: how hard, the counts themselves say), so that one bad dossier makes no bad office. Between two remaining times the share
is interpolated; with none left an open dossier is late. See docs/forecast.md.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ioc.forecast.lives import Ask

REMAINING = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0)  # working days at which the past is counted
LEAST_DOSSIERS, LEAST_LATE = 200, 20  # less history than this is no forecast but a guess
LEAST_AT = 30  # dossiers open at a remaining time, for it to be used
LEAST_SHOWN = 10  # dossiers behind an explanation, where there are so many
PULLS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 1024.0)  # tried: so many dossiers the wider group is worth

Group = tuple[str | int, ...]
Count = tuple[int, int]  # (dossiers, late ones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a probability can be explained with: `late` of `dossiers` similar ones that were open with `remaining` working days left.

    `depth`: how similar; 0 any, 1 the same procedure, 2 and unit, 3 and step.
    """

    depth: int
    remaining: float
    dossiers: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """The probability of becoming late, its standard error, and its explanation. `group`: whose errors are made together."""

    probability: float
    error: float
    basis: Basis
    group: tuple[Group, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learned at `trained_at` from `dossiers`, `late` of them: `counts` by group at each of `remaining`, `pulls` by depth."""

    trained_at: datetime
    dossiers: int
    late: int
    remaining: tuple[float, ...]
    counts: Mapping[Group, Mapping[float, Count]]
    pulls: tuple[float, ...]

    @property
    def enough(self) -> bool:
        return self.dossiers >= LEAST_DOSSIERS and self.late >= LEAST_LATE and bool(self.remaining)

    def likely(self, ladder: Sequence[Group], remaining: float) -> Likely:
        """The forecast of one open dossier with `remaining` working days left. Only of a model that has `enough`."""
        at = bisect_left(self.remaining, remaining)
        if at == len(self.remaining):  # further off than was ever counted: as at the furthest
            above, share = at - 1, 1.0
        else:
            above, low = at, self.remaining[at - 1] if at else 0.0
            share = (remaining - low) / (self.remaining[at] - low)
        p, error = self._share(ladder, self.remaining[above])
        under, under_error = self._share(ladder, self.remaining[above - 1]) if above else (1.0, 0.0)
        nearest = self.remaining[above if share >= 0.5 or not above else above - 1]
        basis = self._basis(ladder, nearest)
        return Likely(
            probability=share * p + (1 - share) * under,
            error=share * error + (1 - share) * under_error,
            basis=basis,
            group=(ladder[basis.depth], nearest),
        )

    def _share(self, ladder: Sequence[Group], remaining: float) -> tuple[float, float]:
        """(the pooled share of late ones, its standard error)."""
        n, late = self.counts[()][remaining]
        p, strength = (late + 0.5) / (n + 1), n + 1.0
        for depth, group in enumerate(ladder[1:], 1):
            n, late = self.counts.get(group, {}).get(remaining, (0, 0))
            p, strength = pooled(n, late, p, self.pulls[depth]), n + min(self.pulls[depth], strength)
        return p, math.sqrt(p * (1 - p) / (strength + 1))

    def _basis(self, ladder: Sequence[Group], remaining: float) -> Basis:
        """The narrowest group with dossiers enough to be told."""
        found = [(depth, self.counts.get(group, {}).get(remaining, (0, 0))) for depth, group in enumerate(ladder)]
        depth, (n, late) = next((one for one in reversed(found) if one[1][0] >= LEAST_SHOWN), found[0])
        return Basis(depth=depth, remaining=remaining, dossiers=n, late=late)


def train(asks: Iterable[Ask], at: datetime) -> Model:
    """Count the asks (at REMAINING, decided at `at`; each dossier at most once a remaining time) and learn how hard to pool."""
    counts: dict[Group, dict[float, list[int]]] = {(): {}}
    ends: dict[str, bool] = {}
    depths: dict[Group, Group | None] = {(): None}  # group -> the wider one
    for ask in asks:
        ends[ask.code] = ask.late
        for wider, group in zip((None, *ask.ladder), ask.ladder, strict=False):
            depths.setdefault(group, wider)
            cell = counts.setdefault(group, {}).setdefault(ask.remaining, [0, 0])
            cell[0] += 1
            cell[1] += ask.late
    usable = tuple(r for r in sorted(counts[()]) if counts[()][r][0] >= LEAST_AT)
    kept = {group: {r: (n, late) for r, (n, late) in cells.items() if r in usable} for group, cells in counts.items()}
    return Model(
        trained_at=at,
        dossiers=len(ends),
        late=sum(ends.values()),
        remaining=usable,
        counts=kept,
        pulls=_pulls(kept, depths, usable),
    )


def pooled(n: int, late: int, wider: float, pull: float) -> float:
    """The share of late ones in a group, drawn towards that of the wider one as if `pull` dossiers had been seen there."""
    return (late + pull * wider) / (n + pull)


def expected(picks: Iterable[Likely]) -> tuple[float, float, float]:
    """(how many of them will be late, and the bounds that hold four times in five).

    Each is late or not by itself, and the errors of one group's share are made together, so they add up before they are squared.
    """
    total = variance = 0.0
    count, together = 0, dict[tuple[Group, float], float]()
    for pick in picks:
        count, total = count + 1, total + pick.probability
        variance += pick.probability * (1 - pick.probability)
        together[pick.group] = together.get(pick.group, 0.0) + pick.error
    spread = 1.2816 * math.sqrt(variance + sum(error * error for error in together.values()))
    return total, max(0.0, total - spread), min(float(count), total + spread)


def _pulls(
    counts: Mapping[Group, Mapping[float, Count]], wider: Mapping[Group, Group | None], remaining: Sequence[float]
) -> tuple[float, ...]:
    """For each depth the pull under which its counts are most probable, given the shares of the wider groups."""
    shares: dict[tuple[Group, float], float] = {((), r): (counts[()][r][1] + 0.5) / (counts[()][r][0] + 1) for r in remaining}
    pulls = [0.0]
    for depth in (1, 2, 3):
        cells = [
            (group, r, n, late, shares[wider[group] or (), r])
            for group, at in counts.items()
            if len(group) == depth
            for r, (n, late) in at.items()
        ]
        pulls.append(max(PULLS, key=lambda pull: sum(_log_likelihood(n, late, p, pull) for *_, n, late, p in cells)))
        shares |= {(group, r): pooled(n, late, p, pulls[-1]) for group, r, n, late, p in cells}
    return tuple(pulls)


def _log_likelihood(n: int, late: int, wider: float, pull: float) -> float:
    """Beta-binomial, but for what does not depend on `pull`."""
    p = min(max(wider, 0.001), 0.999)
    a, b, ln = pull * p, pull * (1 - p), math.lgamma
    return ln(late + a) - ln(a) + ln(n - late + b) - ln(b) + ln(pull) - ln(n + pull)
