"""The documents and tasks of one day in the demo province, the same for a day and seed whenever asked for. Called like province_arrivals.

Letters out are done when they are sent, and nearly all are signed digitally. Letters in and tasks have a deadline, mostly kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from collectors.departments.province_cases import Case, Clock, Sort, System, calendar, days, later, midnight, rng_of
from collectors.departments.province_names import units
from collectors.departments.province_traits import chance
from ioc.model import State
from ioc.units import Level

LETTERS_IN, LETTERS_OUT, TASKS = 335, 290, 5  # on a working day
AT_REST = 0.05  # of that on a rest day: the national document axis never sleeps
SIGNED = 0.967
LATE_LETTER, LATE_TASK = 0.0105, 0.09
EXCHANGED = 0.24  # of the letters: those with ministries and other provinces, which go by the national axis
OFFICE = Clock((("07:30", "11:30", 0.52), ("13:00", "17:00", 0.41), ("17:00", "21:00", 0.07)))
CODE = {Sort.LETTER_IN: "VBDEN", Sort.LETTER_OUT: "VBDI", Sort.TASK: "NV"}
TERMS = {
    Sort.LETTER_IN: (0, 3, 5, 7, 10),
    Sort.LETTER_OUT: (0,),
    Sort.TASK: (15, 20, 30, 45, 60),
}  # working days, 0: for information


def papers(day: date, seed: int) -> list[Case]:
    """Letters in and out and tasks of one local day, in order."""
    rng = rng_of(seed, "papers", day)
    share = 1.0 if calendar().is_working(day) else AT_REST
    made = []
    for sort, daily in ((Sort.LETTER_IN, LETTERS_IN), (Sort.LETTER_OUT, LETTERS_OUT), (Sort.TASK, TASKS)):
        if sort is Sort.TASK and share < 1:
            continue
        times = sorted(midnight(day) + OFFICE.draw(rng) for _ in range(round(daily * share * rng.uniform(0.9, 1.1))))
        made += [_paper(rng, f"{CODE[sort]}-{day:%y%m%d}-{number:04d}", sort, at) for number, at in enumerate(times, 1)]
    return sorted(made, key=lambda case: (case.received, case.code))


def _paper(rng: random.Random, code: str, sort: Sort, at: datetime) -> Case:
    codes, weights = _offices()
    length = rng.choice(TERMS[sort])
    due = calendar().due(at, days(length)) if length else None
    done = sort is Sort.LETTER_OUT
    return Case(
        code=code, sort=sort, system=_system(code, sort), unit=rng.choices(codes, cum_weights=weights)[0], sent=at, received=at, due=due,
        subject=rng.randrange(1000), changed=at, ends=at if done else _end(rng, sort, at, due, length),
        state=State.DONE if done else State.WORKING, closed=at if done else None, signed=done and rng.random() < SIGNED,
    )  # fmt: skip


def _system(code: str, sort: Sort) -> System:
    """Tasks have a system of their own; a letter is either in the axis or in the province's document system, never in both."""
    if sort is Sort.TASK:
        return System.TASKS
    return System.AXIS if chance(code, "axis") < EXCHANGED else System.DOCUMENTS


def _end(rng: random.Random, sort: Sort, at: datetime, due: datetime | None, length: int) -> datetime:
    if due is None:
        return later(at, rng.uniform(0.1, 3))
    if rng.random() < (LATE_TASK if sort is Sort.TASK else LATE_LETTER):
        return later(due, rng.uniform(1.05, 25 if sort is Sort.TASK else 12))
    return later(at, max(0.1, (length - rng.uniform(0.05, 0.9)) * rng.random() ** 0.4))


@lru_cache(maxsize=1)
def _offices() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Departments write and receive far more than communes; the office of the province most."""
    offices = [unit for unit in units() if unit.level is not Level.PROVINCE]
    weights = (30.0 if n == 0 else 10.0 if unit.level is Level.DEPARTMENT else 1.5 for n, unit in enumerate(offices))
    return tuple(unit.code for unit in offices), tuple(accumulate(weights))


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
