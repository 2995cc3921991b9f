"""The points of the service index (Decision 766/QĐ-TTg) as the national portal publishes them for the demo province. Pure.

They follow from the demo province's dossiers of the last thirty days, by the ratios and thresholds of domain.md section 3; what no system
here measures (openness, the population database) is fixed. Published at six each morning, of the days before.
"""

from __future__ import annotations

from datetime import timedelta

from collectors.departments.province_cases import DAY, midnight, rng_of, today
from collectors.departments.province_names import PROVINCE
from collectors.departments.province_reports import LEVEL_COUNTS
from collectors.departments.province_sums import Sums, province_sums
from collectors.departments.province_traits import ELECTRONIC
from collectors.departments.statistics_shape import Asked, Row
from ioc.periods import period

PUBLISHED = timedelta(hours=6)  # after local midnight
SPAN = 30  # days
OTHERS = 33  # provinces, since 1 July 2025


def index766(asked: Asked, seed: int) -> list[Row]:
    """The province's points and its groups' in the period asked for; nothing of one that has not begun."""
    span = period(asked.period, asked.now)
    published = midnight(today(asked.now - PUBLISHED))
    if span.since >= published:
        return []
    last = today(min(span.until, published) - timedelta(seconds=1))
    first = max(last - (SPAN - 1) * DAY, today(span.since))
    groups = points(province_sums(first, last, published, seed))
    return [{"unit": PROVINCE.code, "index766": round(sum(groups.values()), 2), **groups}]


def everybody(asked: Asked, seed: int) -> list[Row]:
    """The portal's whole table: the province among the country's others, whose points are drawn anew each month."""
    ours = index766(asked, seed)
    rng = rng_of(seed, "index766", today(period(asked.period, asked.now).since))
    others = [{"unit": f"H{n:02}", "index766": round(rng.uniform(68, 94), 2)} for n in range(2, 2 + OTHERS)]
    return [*others, *ours] if ours else []


def points(sums: Sums) -> dict[str, float]:
    """The six groups' points from what the province did, each by its figure's name."""
    votes = sums.votes_very_satisfied + sums.votes_satisfied + sums.votes_unsatisfied
    online = sum(LEVEL_COUNTS[:2]) / sum(LEVEL_COUNTS)
    groups = {
        "ckmb": 16.2,
        "tdgq": 20 * _share(sums.received - sums.late, sums.received),
        "clgq": 2 * _reached(online, 0.8) + 4 * 0.71 + 6 * _reached(_share(sums.online, sums.received), 0.5),
        "tttt": 4 * 0.8 + 6 * _reached(_share(sums.paid_online, sums.fees), 0.6),
        "mdsh": 6 * ELECTRONIC + 4 * _reached(_share(sums.digitised, sums.received), 0.8)
        + 2 * _reached(_share(sums.reused, sums.received), 0.8) + 10 * 0.58,
        "mdhl": 6 * 0.95 + 6 * 0.9 + 6 * _reached(_share(votes - sums.votes_unsatisfied, votes), 0.9),
    }  # fmt: skip
    return {f"index766_{group}": round(value, 2) for group, value in groups.items()}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _reached(share: float, threshold: float) -> float:
    """Full points from the threshold on, else their share of it."""
    return min(1.0, share / threshold)
