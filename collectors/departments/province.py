"""The demo province as it stands at any instant: every dossier, document and task of the last weeks, deterministic from a seed.

`history(now)` gives the records of its systems; `stand(now)` the same as cases, from which province_life.py lives on. Planned
arrivals and ends make the flow; the stock is then set to what a province of this size has at any hour, on Sundays and at Tết too.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.departments.province_arrivals import arrivals, slow_units
from collectors.departments.province_axis import secret
from collectors.departments.province_cases import (
    DAY,
    SEED,
    Case,
    Sort,
    Step,
    Stop,
    System,
    calendar,
    days,
    later,
    midnight,
    rng_of,
    today,
)
from collectors.departments.province_dialects import write
from collectors.departments.province_papers import days_between, papers
from collectors.departments.province_portal import nationally
from collectors.departments.province_traits import apology, refusal, restricted_beside
from collectors.departments.province_words import Record
from ioc.model import State

WORKING, WAITING = 7760, 640  # open dossiers
OVERDUE, SOON = (152, 176), (276, 304)
LETTERS_LATE, TASKS_LATE = (22, 28), (4, 6)
ON_AXIS = 30 * DAY  # so long the document axis keeps what is finished


@dataclass(slots=True, kw_only=True)
class Stand:
    """Every case at the instant `now`."""

    now: datetime
    seed: int
    cases: list[Case] = field(default_factory=list)

    def records(self, of: Collection[System] = tuple(System)) -> dict[str, list[Record]]:
        """The records of some systems (all, when none are named), under the names of `System`."""
        written: dict[str, list[Record]] = {system.value: [] for system in of}
        for case in self.cases:
            if System.PORTAL in of:
                written[System.PORTAL.value] += nationally(case, self.now)
            if case.system not in of or self._off_the_axis(case):
                continue
            written[case.system.value].append(write(case))
            if case.system is System.AXIS and restricted_beside(case):
                written[case.system.value].append(secret(case))
        return written

    def _off_the_axis(self, case: Case) -> bool:
        return case.system is System.AXIS and case.closed is not None and self.now - case.closed > ON_AXIS


def history(now: datetime, days: int = 90, seed: int = SEED) -> dict[str, list[Record]]:
    """The records of each system as they stand at `now`, of all that came in during the last `days` days."""
    return stand(now, days, seed).records()


def stand(now: datetime, length: int = 90, seed: int = SEED) -> Stand:
    """All cases that came in during the last `length` days, as they stand at `now`."""
    rng = rng_of(seed, "stand", today(now))
    listed = list(days_between(today(now) - length * DAY, today(now)))
    dossiers = [case for day in listed for case in arrivals(day, seed) if case.sent <= now]
    others = [case for day in listed for case in papers(day, seed) if case.received <= now]
    _settle_dossiers(rng, dossiers, now)
    for sort, late in ((Sort.LETTER_IN, LETTERS_LATE), (Sort.TASK, TASKS_LATE)):
        _settle_papers([case for case in others if case.sort is sort], rng.randint(*late), now)
    for case in (*dossiers, *others):
        _date(rng, case, now)
        _apologise(case, now)
    return Stand(now=now, seed=seed, cases=dossiers + others)


def _settle_dossiers(rng: random.Random, dossiers: Iterable[Case], now: datetime) -> None:
    """Decide which are open: of each class as many as it should have, those planned to end last."""
    undated, passed, soon, beyond = [], [], [], []
    waiting = 0
    for case in dossiers:
        if case.refused or case.received > now:
            _not_received(case, now)
        elif case.pauses and _pausing(case, now):
            waiting += 1
        elif case.due is None:
            undated.append(case)
        elif case.due < midnight(today(now)):
            passed.append(case)
        elif case.due <= now:
            _end(rng, case, now)  # due earlier today: none is left, so that "late" does not hang on how dates are compared
        elif calendar().before(case.due, days(1)) <= now:
            soon.append(case)
        else:
            beyond.append(case)
    for case in undated:
        if case.ends <= now:
            _end(rng, case, now)
    late = _overdue(passed, rng.randint(*OVERDUE))
    near = _open_last(soon, rng.randint(*SOON))
    more = max(0, WAITING - waiting)
    open_undated = sum(case.state is State.WORKING for case in undated)
    far = _open_last(beyond, WORKING - len(late) - len(near) - open_undated + more)
    _suspend(rng, [case for case in far if now - case.received > 2 * DAY], more, now)
    kept = {id(case) for case in (*late, *near, *far)}
    for case in (*passed, *soon, *beyond):
        if id(case) not in kept:
            _end(rng, case, now)


def _apologise(case: Case, now: datetime) -> None:
    """The office said sorry for a dossier that is late, or was when it was closed."""
    at = case.closed or now
    if case.sort is not Sort.DOSSIER or case.due is None or today(at) <= today(case.due) or case.state not in (State.WORKING, State.DONE):
        return
    said = apology(case)
    if said is not None and said <= at:
        case.apology, case.changed = said, max(case.changed, said)


def _not_received(case: Case, now: datetime) -> None:
    """Sent in only, or refused some hours after; whatever was planned for later is forgotten."""
    case.state, case.changed = State.SUBMITTED, case.sent
    case.pauses, case.due = [], case.plain_due
    if case.refused and (at := refused_at(case)) <= now:
        case.state, case.closed, case.changed = State.REFUSED, at, at


def refused_at(case: Case) -> datetime:
    """When an office says that it will not take a dossier."""
    return later(case.received, refusal(case.code))


def _pausing(case: Case, now: datetime) -> bool:
    """Whether the planned supplement is being waited for; a pause still ahead is forgotten, its return date with it."""
    since, until = case.pauses[0]
    if since > now:
        case.pauses, case.due = [], case.plain_due
        return False
    if until is not None and until <= now:
        return False
    case.pauses, case.due, case.state, case.changed = [(since, None)], case.plain_due, State.WAITING, since
    return True


def _open_last(cases: list[Case], count: int) -> list[Case]:
    """The `count` cases that were to end last."""
    return sorted(cases, key=lambda case: case.ends)[max(0, len(cases) - count) :]


def _overdue(passed: list[Case], count: int) -> list[Case]:
    """`count` cases whose day has passed, spread over the slow offices by their shares; the latest planned ends first."""
    by_unit: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(passed, key=lambda case: case.ends):
        if case.due is not None and case.ends > case.due + DAY:
            by_unit[case.unit].append(case)
    chosen: list[Case] = []
    spill = 0.0
    for unit, share in sorted(slow_units().items(), key=lambda pair: -pair[1]):
        wanted = share * count + spill
        taken = by_unit[unit][-round(wanted) :] if round(wanted) else []
        spill = wanted - len(taken)
        chosen += taken
    return chosen


def _suspend(rng: random.Random, cases: list[Case], count: int, now: datetime) -> None:
    """Some of the open ones wait for the applicant since a while."""
    for case in rng.sample(cases, min(count, len(cases))):
        since = case.received + (now - case.received) * rng.uniform(0.3, 0.95)
        case.pauses = [*case.pauses, (max(since, case.pauses[-1][1] or since) if case.pauses else since, None)]
        case.state, case.changed = State.WAITING, case.pauses[-1][0]
        case.stop = rng.choices((Stop.PAPERS, Stop.FEE, Stop.SUSPENDED), cum_weights=(75, 92, 100))[0]


def _end(rng: random.Random, case: Case, now: datetime) -> None:
    """Closed when planned, or before now if it was planned for later."""
    at = case.ends
    if at > now:
        start = case.pauses[-1][1] or case.received if case.pauses else case.received
        worked = calendar().elapsed(start, now)
        at = min(later(start, worked * rng.uniform(0.6, 1.0)), now) if worked else now
    case.state = State.WITHDRAWN if case.withdrawn else State.DONE
    case.closed = case.changed = case.ends = at
    case.step = Step.SIGNED
    case.delivered = now - at > DAY and rng.random() < 0.985


def _settle_papers(cases: list[Case], late: int, now: datetime) -> None:
    """Letters in and tasks: open those planned to end later; of those whose day has passed exactly `late`."""
    start = midnight(today(now))
    passed = [case for case in cases if case.due is not None and case.due < start]
    kept = {id(case) for case in _open_last([case for case in passed if case.due and case.ends > case.due + DAY], late)}
    for case in cases:
        overdue = case.due is not None and case.due < start
        if id(case) in kept or (not overdue and case.ends > now and not (case.due and case.due <= now)):
            continue
        at = min(case.ends, now)
        case.state, case.closed, case.changed, case.ends = State.DONE, at, at, at


def _date(rng: random.Random, case: Case, now: datetime) -> None:
    """What is still being worked on has got somewhere, and somebody touched it last at some time since."""
    if case.state is not State.WORKING:
        return
    age = now - case.received
    if age > timedelta(hours=3):
        case.step = Step(rng.randint(1, 5) if age > 2 * DAY else 1)
        case.changed = max(case.changed, case.received + age * rng.uniform(0.2, 0.98))
        if case.pauses:
            case.changed = max(case.changed, case.pauses[-1][1] or case.changed)
