"""The demo province living on: what changes in its three systems from one instant to the next, several a minute at any hour.

The demo calls `step(now)` every second or so and puts the changes into the department servers. Arrivals are the ones province.py
would show at that instant; what is finished follows the desks (province_desk.py), so the stock is steady for weeks. Now and then a
record is wrong until somebody corrects it, and one system falls silent for some minutes.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from collectors.departments.province import Stand, refused_at
from collectors.departments.province_arrivals import WITHDRAWN, arrivals, slow_units
from collectors.departments.province_cases import DAY, Case, Sort, Step, Stop, System, calendar, days, midnight, today
from collectors.departments.province_desk import Desk, Level
from collectors.departments.province_dialects import Record, write
from collectors.departments.province_papers import papers
from ioc.model import Pause, State

SLICE = timedelta(seconds=60)  # the longest stretch in which rates are taken as constant
DOSSIERS = Level(stock=7760, late=160, today=(108, 12), tomorrow=(700, 112))
LETTERS = Level(stock=1270, late=24, today=(60, 2.8), tomorrow=(200, 60))
TASKS = Level(stock=130, late=5, today=(3, 0.3), tomorrow=(4, 3))
WAITING = 640

# Changes a minute: within working hours, and else.
FINISHED = {Sort.DOSSIER: (2.0, 0.12), Sort.LETTER_IN: (0.66, 0.03), Sort.TASK: (0.0105, 0.0)}
ADVANCED, DELIVERED = (1.4, 1.9), (1.1, 0.5)
ASKED, BROUGHT = (0.14, 0.0), (0.13, 0.005)
WRONG, SILENT = 0.02, 1 / 300
BROKEN = {
    System.ONESTOP: (("TrangThaiHoSo", "99"), ("NgayHenTra", "20261332250000")),
    System.COMMUNE: (("trangThai", 99), ("ngayNhan", "2026-02-30T08:00:00+07:00")),
    System.DOCUMENTS: (("trangThai", "khong_ro"), ("hanXuLy", "32/13/2026 17:00:00")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record that is new or different since `at`."""

    at: datetime
    system: System
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A system that does not answer on [at, until)."""

    at: datetime
    system: System
    until: datetime


class Life:
    """Moves a `Stand` on. The same stand, seed and instants give the same life."""

    def __init__(self, stand: Stand, seed: int | None = None) -> None:
        self.now = stand.now
        self._rng = random.Random(f"{stand.seed if seed is None else seed} life")
        self._seed = stand.seed
        self.dossiers = Desk(DOSSIERS, slow_units())
        self.letters = Desk(LETTERS)
        self.tasks = Desk(TASKS)
        self._desks = {Sort.DOSSIER: self.dossiers, Sort.LETTER_IN: self.letters, Sort.TASK: self.tasks}
        self.waiting: list[Case] = []
        self._ready: deque[Case] = deque()
        self._order = count()
        self._planned: list[tuple[datetime, int, Case]] = []  # what will happen to a case by itself: arrivals, refusals, corrections
        self._until = midnight(today(self.now) + DAY)
        for case in stand.cases:
            self._take(case)
        self._plan_day(self.now)

    def step(self, now: datetime) -> list[Change | Silence]:
        """Everything that happens after the last step and up to `now`, in order. A long gap is lived through, not skipped."""
        changes: list[Change | Silence] = []
        while self.now < now:
            until = min(self.now + SLICE, now)
            changes += self._slice(self.now, until)
            self.now = until
        return changes

    def _take(self, case: Case) -> None:
        """Put a case that stands where it belongs."""
        if case.state is State.WORKING:
            self._desks[case.sort].add(case)
        elif case.state is State.WAITING:
            self.waiting.append(case)
        elif case.state is State.SUBMITTED:
            self._plan(refused_at(case) if case.refused else case.received, case)
        elif case.state is State.DONE and case.sort is Sort.DOSSIER and not case.delivered:
            self._ready.append(case)

    def _plan(self, at: datetime, case: Case) -> None:
        heapq.heappush(self._planned, (at, next(self._order), case))

    def _plan_day(self, since: datetime) -> None:
        """What comes in after `since` on its local day."""
        for case in (*arrivals(today(since), self._seed), *papers(today(since), self._seed)):
            if case.sent > since:
                case.pauses, case.due = [], case.plain_due if case.sort is Sort.DOSSIER else case.due
                self._plan(case.sent, case)

    def _slice(self, since: datetime, until: datetime) -> list[Change | Silence]:
        if until > self._until:
            self._plan_day(self._until - timedelta(microseconds=1))  # those of the last instants of the old day stay planned
            self._plan_day(self._until)
            self._until += DAY
        happened = list(self._arrive(until))
        open_now = calendar().is_open(since)
        minutes = (until - since) / timedelta(minutes=1)
        for act, rate in self._rates(open_now):
            for _ in range(_poisson(self._rng, rate * minutes)):
                at = since + (until - since) * self._rng.random()
                change = act(at)
                if change is not None:
                    happened.append(change)
        return sorted(happened, key=lambda change: change.at)

    def _rates(self, open_now: bool) -> Iterator[tuple[_Act, float]]:
        """What may happen, and how often a minute; a desk above its stock is worked down faster."""
        column = 0 if open_now else 1
        for sort, desk in self._desks.items():
            pressure = 1 + (len(desk) - desk.level.stock) / (0.05 * desk.level.stock)
            yield self._finisher(sort, open_now), FINISHED[sort][column] * min(3.0, max(0.1, pressure))
        yield self._advance, ADVANCED[column]
        yield self._deliver, DELIVERED[column]
        yield self._ask, ASKED[column]
        yield self._bring, BROUGHT[column] * (len(self.waiting) / WAITING) ** 2
        yield self._fall_silent, SILENT
