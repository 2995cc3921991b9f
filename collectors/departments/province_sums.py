"""Totals over the demo province's dossiers, as those systems report them that show no dossier: payments, digitisation, online votes. Pure.

They are counted over the very dossiers the other systems show (province_arrivals.py), so a total and its dossiers agree at any instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache

from collectors.departments.province_arrivals import arrivals
from collectors.departments.province_cases import DAY, Case, midnight, today
from collectors.departments.province_papers import days_between
from collectors.departments.province_traits import REUSED, chance, digitised, fee, paid_online
from collectors.departments.statistics_shape import Asked, Row
from ioc.figures import VOTES
from ioc.model import Way

VOTING_ONLINE = 0.055  # of those who send a dossier in online
ONLINE_SATISFIED = (0.52, 0.915)  # cumulative; harsher than at the kiosk


@dataclass(slots=True)
class Sums:
    """What the dossiers a unit received within a time come to. Money in đồng."""

    received: int = 0
    online: int = 0
    fees: int = 0
    paid_online: int = 0
    amount: int = 0
    digitised: int = 0
    reused: int = 0
    late: int = 0
    votes_very_satisfied: int = 0
    votes_satisfied: int = 0
    votes_unsatisfied: int = 0

    def add(self, case: Case) -> None:
        self.received += 1
        self.online += case.way is Way.ONLINE
        self.fees += fee(case) > 0
        if paid_online(case):
            self.paid_online += 1
            self.amount += fee(case)
        if digitised(case):
            self.digitised += 1
            self.reused += chance(case.code, "reused") < REUSED
        self.late += case.due is not None and today(case.ends) > today(case.due)
        if case.way is Way.ONLINE and chance(case.code, "voting") < VOTING_ONLINE:
            self._vote(chance(case.code, "vote"))

    def _vote(self, drawn: float) -> None:
        name = VOTES[sum(drawn >= limit for limit in ONLINE_SATISFIED)]
        setattr(self, name, getattr(self, name) + 1)

    def plus(self, other: Sums) -> Sums:
        return Sums(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


def day_sums(day: date, now: datetime, seed: int) -> Mapping[str, Sums]:
    """Unit code -> what it received on a day until now."""
    return _whole_day(day, seed) if now >= midnight(day + DAY) else _summed(_received(day, seed), now)


def province_sums(first: date, last: date, now: datetime, seed: int) -> Sums:
    """The whole province from one day to another until now."""
    total = Sums()
    for day in days_between(first, last):
        for sums in day_sums(day, now, seed).values():
            total = total.plus(sums)
    return total


@lru_cache(maxsize=64)
def _whole_day(day: date, seed: int) -> Mapping[str, Sums]:
    return _summed(_received(day, seed), midnight(day + DAY))


@lru_cache(maxsize=2)
def _received(day: date, seed: int) -> tuple[Case, ...]:
    return tuple(case for case in arrivals(day, seed) if not case.refused)


def _summed(cases: Iterable[Case], now: datetime) -> Mapping[str, Sums]:
    made: defaultdict[str, Sums] = defaultdict(Sums)
    for case in cases:
        if case.received <= now:
            made[case.unit].add(case)
    return made


def payments(asked: Asked, seed: int) -> Iterator[Row]:
    """The payment platform's day, one row a unit: what was due, what of it was paid online, and how much."""
    for unit, sums in sorted(_asked(asked, seed).items()):
        if sums.fees:
            yield {"unit": unit, "payments": sums.fees, "payments_online": sums.paid_online, "payments_amount": sums.amount}


def papers(asked: Asked, seed: int) -> Iterator[Row]:
    """The digitisation platform's day, one row a unit."""
    for unit, sums in sorted(_asked(asked, seed).items()):
        yield {"unit": unit, "papers_due": sums.received, "papers_digitised": sums.digitised, "papers_reused": sums.reused}


def online_votes(asked: Asked, seed: int) -> Iterator[Row]:
    """What applicants said on the public-service portal, one row a unit that was voted on."""
    for unit, sums in sorted(_asked(asked, seed).items()):
        votes = {name: getattr(sums, name) for name in VOTES}
        if any(votes.values()):
            yield {"unit": unit, **votes}


def _asked(asked: Asked, seed: int) -> Mapping[str, Sums]:
    return day_sums(date.fromisoformat(asked.period), asked.now, seed)
