"""The service centres of the demo province: who comes, how long they wait, how they vote at the kiosk by the door. Pure.

Whoever hands in a dossier at a counter is one visit; others ask, or fetch a result. They queue at a few counters, first come, first
served, so waiting times follow from the crowd. The same day and seed always have the same visitors.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from collectors.departments.province_arrivals import OPEN_HOURS, arrivals, volumes
from collectors.departments.province_cases import DAY, calendar, midnight, rng_of
from collectors.departments.province_traits import chance
from collectors.departments.province_words import by_code
from collectors.departments.statistics_shape import Asked, Row
from ioc.figures import VOTES
from ioc.model import Way
from ioc.units import Level

PROVINCE_CENTRE = "H99.20"
COMMUNE_CENTRES = 12  # the busiest communes have counters that count their visitors
ASKING = 1.5  # visitors without a dossier for each one who hands one in
MINUTES = (9.0, 4.5)  # at the counter, on average: handing in, anything else
WALK_INS = (18, 45)  # at a commune's counter, whether dossiers come or not
BUSY = 0.66  # the share of the time a counter is meant to be occupied
VOTING = 0.42  # of those served
VERY_SATISFIED, SATISFIED = 0.685, 0.97  # cumulative


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreDay:
    """One day of one centre: when each visitor came, was called and left, and how they voted ("": not at all), in the order of coming."""

    centre: str
    day: date
    came: Sequence[datetime]
    called: Sequence[datetime]
    left: Sequence[datetime]
    votes: Sequence[str]

    def visits(self, now: datetime) -> int:
        return bisect_right(self.came, now)

    def served(self, now: datetime) -> int:
        return sum(1 for left in self.left if left <= now)

    def waiting(self, now: datetime) -> int:
        return self.visits(now) - bisect_right(self.called, now)

    def wait_p90(self, now: datetime) -> float | None:
        """Minutes nine of ten waited at most, of all called so far; None before the first."""
        count = bisect_right(self.called, now)
        waits = sorted((called - came) / timedelta(minutes=1) for came, called in zip(self.came[:count], self.called, strict=False))
        return round(waits[-(-9 * count // 10) - 1], 1) if waits else None

    def voted(self, now: datetime) -> dict[str, int]:
        """The three figures of VOTES."""
        said = [vote for vote, left in zip(self.votes, self.left, strict=True) if vote and left <= now]
        return {vote: said.count(vote) for vote in VOTES}


@lru_cache(maxsize=1)
def centres() -> tuple[str, ...]:
    """The province's centre and the busiest communes."""
    codes, sums = volumes()
    sizes = {code: after - before for code, before, after in zip(codes, (0.0, *sums), sums, strict=False)}
    return (PROVINCE_CENTRE, *sorted(sizes, key=lambda code: -sizes[code])[:COMMUNE_CENTRES])


@lru_cache(maxsize=4)
def centre_days(day: date, seed: int) -> tuple[CentreDay, ...]:
    """The day at every centre; on rest days nobody comes."""
    if not calendar().is_working(day):
        return ()
    handed: dict[str, list[datetime]] = {centre: [] for centre in centres()}
    for case in arrivals(day, seed):
        place = case.unit if by_code()[case.unit].level is Level.COMMUNE else PROVINCE_CENTRE
        if case.way is Way.COUNTER and place in handed:
            handed[place].append(case.received)
    return tuple(_centre_day(centre, day, seed, times) for centre, times in handed.items())


def _centre_day(centre: str, day: date, seed: int, handed: Sequence[datetime]) -> CentreDay:
    rng = rng_of(seed, f"visits {centre}", day)
    others = round(len(handed) * ASKING * rng.uniform(0.9, 1.1)) + (0 if centre == PROVINCE_CENTRE else rng.randint(*WALK_INS))
    coming = [(at, MINUTES[0]) for at in handed] + [(midnight(day) + OPEN_HOURS.draw(rng), MINUTES[1]) for _ in range(others)]
    coming.sort()
    work = sum(minutes for _, minutes in coming)
    counters = max(1, round(work / (BUSY * 480)))
    free = [midnight(day)] * counters
    called, left = [], []
    for at, minutes in coming:
        begin = max(at, heapq.heappop(free))
        called.append(begin)
        left.append(begin + timedelta(minutes=minutes * rng.uniform(0.4, 1.6)))
        heapq.heappush(free, left[-1])
    votes = [_vote(f"{centre} {day} {number}") for number in range(len(coming))]
    return CentreDay(centre=centre, day=day, came=[at for at, _ in coming], called=called, left=left, votes=votes)


def _vote(visitor: str) -> str:
    """The figure this visitor's vote belongs to."""
    if chance(visitor, "voting") >= VOTING:
        return ""
    drawn = chance(visitor, "vote")
    return VOTES[0] if drawn < VERY_SATISFIED else VOTES[1] if drawn < SATISFIED else VOTES[2]


def queues(asked: Asked, seed: int) -> list[Row]:
    """What the queue systems report of the day asked for, one row a centre; a day that is over stands as it ended."""
    day, at = _day_of(asked)
    rows: list[Row] = []
    for each in centre_days(day, seed):
        row = {"unit": each.centre, "visits": each.visits(at), "served": each.served(at), "queue_waiting": each.waiting(at)}
        wait = each.wait_p90(at)
        rows.append(row if wait is None else row | {"wait_p90": wait})
    return rows


def kiosk_votes(asked: Asked, seed: int) -> list[Row]:
    """The votes at the kiosks on the day asked for, one row a centre."""
    day, at = _day_of(asked)
    return [{"unit": each.centre, **each.voted(at)} for each in centre_days(day, seed)]


def _day_of(asked: Asked) -> tuple[date, datetime]:
    """The day, and the instant it is to be seen at."""
    day = date.fromisoformat(asked.period)
    return day, min(asked.now, midnight(day + DAY))
