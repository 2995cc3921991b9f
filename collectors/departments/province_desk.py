"""A desk of cases being worked on, and which of them is finished next so that the stock stays as it is. Used by province_life.py.

The choice steers, it does not plan: what is due today shrinks to the few that will be late, what is overdue hovers about its level and
stays in the slow offices, what is due tomorrow is mostly done by tonight. So the shares early, on time and late hold by themselves.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from collectors.departments.province_cases import WORKDAY, Case, calendar, midnight, today

SOME = 3  # cases looked at when any will do; the one with the least time left is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What a desk holds: `stock` in all, `late` overdue, and of one due day the count left at the beginning and end of a day.

    `today` is about the cases due on that very day, `tomorrow` about those due on the next working day.
    """

    stock: int
    late: float
    today: tuple[float, float]
    tomorrow: tuple[float, float]


class Desk:
    """Cases in hand, found by due day. `slow` holds each slow office's share of what is late."""

    def __init__(self, level: Level, slow: Mapping[str, float] | None = None) -> None:
        self.level = level
        self._slow = slow or {}
        self._cases: list[Case] = []
        self._by_day: defaultdict[date, dict[str, Case]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._cases)

    def add(self, case: Case) -> None:
        case.place = len(self._cases)
        self._cases.append(case)
        if case.due is not None:
            self._by_day[today(case.due)][case.code] = case

    def remove(self, case: Case) -> None:
        last = self._cases.pop()
        if last is not case:
            self._cases[case.place] = last
            last.place = case.place
        if case.due is not None:
            due_day = today(case.due)
            del self._by_day[due_day][case.code]
            if not self._by_day[due_day]:
                del self._by_day[due_day]

    def late(self, now: datetime) -> list[Case]:
        day = today(now)
        return [case for due_day, cases in self._by_day.items() if due_day < day for case in cases.values()]

    def some(self, rng: random.Random, now: datetime) -> Case | None:
        """Any case that is not due before the day after the next working day."""
        settled = midnight(_next_working_day(today(now)))
        for _ in range(20):
            case = self._cases[rng.randrange(len(self._cases))] if self._cases else None
            if case is None or case.due is None or (case.due > settled and today(case.due) > today(settled)):
                return case
        return None

    def finish(self, rng: random.Random, now: datetime, *, within_hours: bool) -> Case | None:
        """The case to be finished at `now`; it stays on the desk until removed."""
        day = today(now)
        if within_hours:
            done = calendar().elapsed(midnight(day), now) / WORKDAY
            due_today = self._by_day.get(day, {})
            if len(due_today) > max(0.0, _between(self.level.today, done)) + rng.random():
                return min(due_today.values(), key=lambda case: (case.unit in self._slow, case.due))
            late = self.late(now)
            if len(late) > self.level.late and rng.random() < 0.5:
                return self._worst(late, now)
        else:
            done = 1.0 if now >= calendar().closing(day) or not calendar().is_working(day) else 0.0
        due_next = self._by_day.get(_next_working_day(day), {})
        if len(due_next) > _between(self.level.tomorrow, done):
            return _any(rng, due_next.values())
        found = [case for _ in range(SOME) if (case := self.some(rng, now)) is not None]
        return min(found, key=lambda case: case.received, default=None)

    def _worst(self, late: list[Case], now: datetime) -> Case:
        """Of the office furthest above its share of what is late, the oldest; age counts too, so that none stays for ever."""
        held = Counter(case.unit for case in late)

        def above(case: Case) -> float:
            age = (now - (case.due or now)).days
            return held[case.unit] - self._slow.get(case.unit, 0.0) * self.level.late + age / 4

        return max(late, key=above)


def _between(ends: tuple[float, float], done: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * done


def _any(rng: random.Random, cases: Collection[Case]) -> Case:
    return list(cases)[rng.randrange(len(cases))]


def _next_working_day(day: date) -> date:
    return today(calendar().next_opening(calendar().closing(day)))
