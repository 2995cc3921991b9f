"""The dossiers that come in on one day, the same for a day and seed whenever they are asked for. Called by province.py and _life.py.

Counters take dossiers within working hours, in a morning and an afternoon wave; online ones trickle in at night and on rest days.
Some offices are slower than others: what is late gathers in about forty of them, and most of it in two or three.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from collectors.departments.province_cases import (
    Case,
    Clock,
    Sort,
    Stop,
    System,
    calendar,
    days,
    later,
    midnight,
    rng_of,
    today,
)
from collectors.departments.province_names import is_ward, units
from collectors.departments.province_procedures import COMMUNE, PROCEDURES, Procedure
from collectors.departments.province_traits import sent_early
from ioc.model import Pause, Way
from ioc.units import Level

A_WORKING_DAY, A_REST_DAY = 1100, 120  # dossiers
WEEKDAYS = (1.12, 1.05, 1.0, 0.97, 0.9, 1.0, 1.0)  # Saturday and Sunday only as make-up days
OPEN_HOURS = Clock((
    ("07:30", "08:30", 0.16), ("08:30", "10:00", 0.29), ("10:00", "11:30", 0.16),
    ("13:00", "14:00", 0.11), ("14:00", "15:30", 0.19), ("15:30", "17:00", 0.09),
))  # fmt: skip
AT_NIGHT = Clock((
    ("00:00", "05:30", 0.05), ("05:30", "07:30", 0.12), ("11:30", "13:00", 0.17), ("17:00", "20:00", 0.36), ("20:00", "22:30", 0.24),
    ("22:30", "24:00", 0.06),
))  # fmt: skip
ON_REST_DAYS = Clock((("00:00", "06:00", 0.04), ("06:00", "12:00", 0.38), ("12:00", "18:00", 0.32), ("18:00", "24:00", 0.26)))
AFTER_HOURS = 0.13  # of a working day's dossiers; all of them online
ONLINE, POST = 0.545, 0.05  # of those within hours

OWN_SYSTEMS = {"H99.14": System.LAND, "H99.10": System.EDUCATION}  # everybody else shares the one-stop or the communes' system

LATE, ON_TIME = 0.0125, 0.087  # of all closings; a few more fall on their due day because there was no day before
REFUSED, WITHDRAWN, PAUSED = 0.008, 0.014, 0.085
SOONEST = 0.3  # working hours; what must be closed sooner than that is not closed early any more

# The slow offices and their shares of what is late. The rest of it is spread over SLOW others.
WORST = {
    "P. Tân Hòa": 0.19, "X. Bình Lợi": 0.12, "Sở Xây dựng": 0.085, "VP đăng ký đất đai": 0.065, "X. Đông Mỹ": 0.05, "Sở NN&MT": 0.045,
    "P. Phú Lộc": 0.035, "P. Mỹ Hội": 0.03,
}  # fmt: skip
SLOW = 31


@lru_cache(maxsize=1)
def slow_units() -> dict[str, float]:
    """Unit code -> its share of all that is late; they sum to 1."""
    named = {unit.code: WORST[unit.name] for unit in units() if unit.name in WORST}
    others = [unit.code for unit in units() if unit.level is Level.COMMUNE and unit.code not in named]
    chosen = random.Random("slow").sample(others, SLOW)
    rest = 1 - sum(named.values())
    return named | dict.fromkeys(chosen, rest / SLOW)


@lru_cache(maxsize=1)
def volumes() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The communes and the running sum of how much comes to each: wards are busier, and the slow ones busier than most."""
    rng = random.Random("volumes")
    communes = [unit for unit in units() if unit.level is Level.COMMUNE]
    sizes = [rng.uniform(0.6, 1.5) * (2.0 if is_ward(unit) else 1.0) * (2.2 if unit.name in WORST else 1.0) for unit in communes]
    return tuple(unit.code for unit in communes), tuple(accumulate(sizes))


@lru_cache(maxsize=1)
def systems() -> dict[str, System]:
    """Which system keeps the dossiers of a unit."""
    shared = {
        unit.code: System.ONESTOP if unit.level is Level.DEPARTMENT or is_ward(unit) else System.COMMUNE
        for unit in units()
        if unit.level is not Level.PROVINCE
    }
    return shared | OWN_SYSTEMS


@lru_cache(maxsize=1)
def late_rates() -> dict[str, float]:
    """Unit code -> the chance of one of its dossiers to run late, so that the shares of slow_units() come out."""
    codes, sums = volumes()
    total = sum(p.weight for p in PROCEDURES)
    communal = sum(p.weight for p in PROCEDURES if p.at == COMMUNE) / total
    share = {code: (b - a) / sums[-1] * communal for code, a, b in zip(codes, (0.0, *sums), sums, strict=False)}
    for procedure in PROCEDURES:
        if procedure.at != COMMUNE:
            share[procedure.at] = share.get(procedure.at, 0.0) + procedure.weight / total
    return {code: min(0.7, LATE * part / share[code]) for code, part in slow_units().items()}


def arrivals(day: date, seed: int) -> list[Case]:
    """Everything sent in on one local day, in the order it was received, with its number, its deadline and its planned end."""
    rng = rng_of(seed, "dossiers", day)
    worked = calendar().is_working(day)
    count = round((A_WORKING_DAY * WEEKDAYS[day.weekday()] if worked else A_REST_DAY) * rng.uniform(0.95, 1.05))
    start = midnight(day)
    procedures = rng.choices(PROCEDURES, cum_weights=_weights(), k=count)
    made = sorted((_received(rng, start, worked), n) for n in range(count))
    numbers: Counter[str] = Counter()
    cases = []
    for (at, way), n in made:
        unit = _unit(rng, procedures[n])
        numbers[unit] += 1
        code = f"{unit}-{day:%y%m%d}-{numbers[unit]:04d}"
        cases.append(_case(rng, code, unit, procedures[n], at, way))
    return cases


@lru_cache(maxsize=1)
def _weights() -> Sequence[float]:
    return tuple(accumulate(p.weight for p in PROCEDURES))


def _received(rng: random.Random, start: datetime, worked: bool) -> tuple[datetime, Way]:
    if not worked:
        return start + ON_REST_DAYS.draw(rng), Way.ONLINE
    if rng.random() < AFTER_HOURS:
        return start + AT_NIGHT.draw(rng), Way.ONLINE
    chance = rng.random()
    return start + OPEN_HOURS.draw(rng), Way.ONLINE if chance < ONLINE else Way.POST if chance < ONLINE + POST else Way.COUNTER


def _unit(rng: random.Random, procedure: Procedure) -> str:
    if procedure.at != COMMUNE:
        return procedure.at
    codes, sums = volumes()
    return codes[bisect(sums, rng.random() * sums[-1])]


def _case(rng: random.Random, code: str, unit: str, procedure: Procedure, at: datetime, way: Way) -> Case:
    plain_due = calendar().due(at, days(procedure.days)) if procedure.days else None
    sent = at - timedelta(minutes=rng.uniform(4, 180)) if way is Way.ONLINE and rng.random() < 0.4 else at
    sent = (sent_early(code, at) if way is Way.ONLINE else None) or sent
    case = Case(
        code=code, sort=Sort.DOSSIER, system=systems()[unit], unit=unit, sent=sent, received=at, due=plain_due, changed=at, ends=at,
        subject=rng.randrange(1000), procedure=procedure, way=way, plain_due=plain_due,
        refused=way is Way.ONLINE and rng.random() < REFUSED / 0.62, withdrawn=rng.random() < WITHDRAWN,
    )  # fmt: skip
    if procedure.days >= 5 and rng.random() < PAUSED:
        _pause(rng, case, procedure.days)
    case.ends = _end(rng, case)
    return case


def _pause(rng: random.Random, case: Case, length: int) -> None:
    """The office asks for a supplement; the applicant brings it after some days, and the return date moves."""
    since = later(case.received, length * rng.uniform(0.1, 0.4))
    until = calendar().next_opening(since + timedelta(days=rng.uniform(3, 16))) + timedelta(minutes=rng.uniform(0, 200))
    case.pauses = [(since, until)]
    case.stop = rng.choices((Stop.PAPERS, Stop.FEE, Stop.SUSPENDED), cum_weights=(75, 92, 100))[0]
    case.due = calendar().due(case.received, days(length), [Pause(since=since, until=until)])


def _end(rng: random.Random, case: Case) -> datetime:
    """When it would be closed: most before the day they are due, some on that day, a few in slow offices days after."""
    start = case.pauses[0][1] or case.received if case.pauses else case.received
    if case.due is None:
        return later(start, rng.uniform(0.5, 6))
    luck = rng.random()
    if luck < late_rates().get(case.unit, 0.0):
        worst = 1.25 if slow_units()[case.unit] > 0.1 else 1.0
        return later(case.due, rng.uniform(1.05, 21) * worst)
    due_day = midnight(today(case.due))
    room = calendar().elapsed(start, due_day) / timedelta(hours=1)
    if room < SOONEST or luck > 1 - ON_TIME:
        opening = due_day + timedelta(hours=7, minutes=32)
        return opening + max(case.due - opening, timedelta(hours=1.5)) * rng.random()
    return later(start, timedelta(hours=room * max(0.06, rng.random() ** 0.55)))
