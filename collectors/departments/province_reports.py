"""What systems of the demo province report that deal with no dossier: feedback, video conferences, the catalogue of procedures, the yearly
indices, paper votes. Pure; the same day and seed always report the same.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from collectors.departments.province_arrivals import ON_REST_DAYS, OPEN_HOURS
from collectors.departments.province_cases import calendar, days, later, midnight, rng_of, today
from collectors.departments.province_names import PROVINCE, units
from collectors.departments.province_papers import days_between
from collectors.departments.statistics_shape import Asked, Row
from ioc.figures import VOTES
from ioc.periods import period
from ioc.units import Level

FEEDBACKS = (44, 13)  # on a working day, on a rest day
ANSWERED_WITHIN = 7  # working days, by rule
FEEDBACK_LATE = 0.055
SLOWEST = timedelta(days=40)  # no answer takes longer
SESSIONS = (2, 6)  # video conferences a working day
CONNECTED = 0.985
LEVEL_COUNTS = (1215, 486, 86)  # procedures: full online services, partial ones, information only
AT_COMMUNES = (61, 24, 5)  # of these, the ones every commune has; they are listed once, for the province
PAPER_BOXES = 24  # communes with a ballot box
VOTES_HEADER = ["Mã đơn vị", "Đơn vị", "Ngày", "Rất hài lòng", "Hài lòng", "Không hài lòng"]
# Year -> score and rank of each index.
YEARLY = {
    "PAR INDEX": {2021: (84.62, 41), 2022: (85.93, 34), 2023: (87.18, 27), 2024: (88.41, 19), 2025: (89.27, 14)},
    "SIPAS": {2021: (83.95, 38), 2022: (85.89, 29), 2023: (86.72, 25), 2024: (88.16, 17), 2025: (88.94, 15)},
    "PCI": {2021: (62.74, 36), 2022: (64.85, 30), 2023: (66.2, 24), 2024: (67.91, 18), 2025: (68.55, 16)},
    "PAPI": {2021: (41.83, 33), 2022: (42.46, 27), 2023: (42.95, 22), 2024: (43.72, 15), 2025: (43.61, 17)},
}
YEARLY_HEADER = ["Mã đơn vị", "Năm", *(name for index in YEARLY for name in (index, f"Hạng {index}"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One phản ánh, kiến nghị: who must answer, when it came, when it is answered and until when it should be."""

    unit: str
    came: datetime
    answered: datetime
    due: datetime


def feedback(asked: Asked, seed: int) -> list[Row]:
    """The feedback system's month, one row a unit: received and answered in it so far, and answered in time."""
    span = period(asked.period, asked.now)
    until = min(span.until, asked.now + timedelta(microseconds=1))
    received, answered, on_time = Counter[str](), Counter[str](), Counter[str]()
    for day in days_between(today(span.since - SLOWEST), today(min(span.until, asked.now))):
        for each in _feedbacks(day, seed):
            received[each.unit] += span.since <= each.came < until
            if span.since <= each.answered < until:
                answered[each.unit] += 1
                on_time[each.unit] += each.answered <= each.due
    return [
        {"unit": unit, "feedback_received": received[unit], "feedback_answered": answered[unit], "feedback_on_time": on_time[unit]}
        for unit in sorted(received)
        if received[unit] or answered[unit]
    ]


@lru_cache(maxsize=128)
def _feedbacks(day: date, seed: int) -> tuple[Feedback, ...]:
    rng = rng_of(seed, "feedback", day)
    offices = [unit.code for unit in units() if unit.level is not Level.PROVINCE]
    worked = calendar().is_working(day)
    count = round(FEEDBACKS[not worked] * rng.uniform(0.85, 1.15))
    return tuple(_one_feedback(rng, rng.choice(offices), midnight(day) + (OPEN_HOURS if worked else ON_REST_DAYS).draw(rng))
                 for _ in range(count))  # fmt: skip


def _one_feedback(rng: random.Random, unit: str, came: datetime) -> Feedback:
    due = calendar().due(came, days(ANSWERED_WITHIN))
    late = rng.random() < FEEDBACK_LATE
    answered = later(due, rng.uniform(0.2, 6)) if late else later(came, rng.uniform(0.3, ANSWERED_WITHIN - 0.3))
    return Feedback(unit=unit, came=came, answered=answered, due=due)


def conferences(asked: Asked, seed: int) -> list[Row]:
    """The province's video conferences that have begun on the day asked for."""
    day = date.fromisoformat(asked.period)
    rng = rng_of(seed, "conferences", day)
    sessions = points = connected = 0
    for _ in range(rng.randint(*SESSIONS) if calendar().is_working(day) else 0):
        begins = midnight(day) + timedelta(minutes=rng.choice((450, 480, 510, 540, 600, 780, 810, 840, 900)))
        invited = rng.choice((12, 21, 38, 152, 172))
        present = sum(rng.random() < CONNECTED for _ in range(invited))
        if begins <= asked.now:
            sessions, points, connected = sessions + 1, points + invited, connected + present
    row = {"unit": PROVINCE.code, "conference_sessions": sessions}
    return [row | {"conference_points": points, "conference_connected": connected} if sessions else row]


def procedures(_asked: Asked, _seed: int) -> list[Row]:
    """The catalogue: procedures of each department by service level, and those of the communes once, under the province."""
    departments = [unit.code for unit in units() if unit.level is Level.DEPARTMENT]
    weights = [3 + (7 * n) % 11 for n in range(len(departments))]
    spread = [_spread(total - own, weights) for total, own in zip(LEVEL_COUNTS, AT_COMMUNES, strict=True)]
    return [_levels(PROVINCE.code, AT_COMMUNES)] + [
        _levels(code, counts) for code, counts in zip(departments, zip(*spread, strict=True), strict=True)
    ]


def _levels(unit: str, counts: tuple[int, ...]) -> Row:
    full, partial, info = counts
    return {"unit": unit, "procedures_full": full, "procedures_partial": partial, "procedures_info": info}


def _spread(total: int, weights: list[int]) -> list[int]:
    """`total` in whole parts by weight; what rounding leaves goes to the first ones."""
    parts = [total * weight // sum(weights) for weight in weights]
    return [part + (n < total - sum(parts)) for n, part in enumerate(parts)]


def yearly(now: datetime) -> list[list[Any]]:
    """The rows of the sheet of yearly indices whose results are out; they come in April of the next year. See YEARLY_HEADER."""
    years = [year for year in YEARLY["PAR INDEX"] if today(now) >= date(year + 1, 4, 20)]
    return [[PROVINCE.code, year, *(cell for index in YEARLY.values() for cell in index[year])] for year in years]


def paper_votes(friday: date, seed: int) -> list[list[Any]]:
    """The rows of the sheet of a week's ballots, counted on a Friday and dated so. See VOTES_HEADER."""
    rows: list[list[Any]] = []
    for unit in [unit for unit in units() if unit.level is Level.COMMUNE][::6][:PAPER_BOXES]:
        rng = rng_of(seed, f"paper {unit.code}", friday)
        drawn = rng.choices(VOTES, weights=(55, 38, 7), k=rng.randint(4, 22))
        rows.append([unit.code, unit.name, f"{friday:%d/%m/%Y}", *(drawn.count(name) for name in VOTES)])
    return rows


def fridays(now: datetime, weeks: int = 5) -> list[date]:
    """The last Fridays on which ballots were counted by now, at four in the afternoon."""
    day = today(now)
    last = day - timedelta(days=(day.weekday() - 4) % 7)
    return [each for each in (last - timedelta(weeks=n) for n in range(weeks)) if midnight(each) + timedelta(hours=16) <= now]
