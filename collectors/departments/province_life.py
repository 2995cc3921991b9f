"""The demo province living on: what changes in its systems from one instant to the next, several a minute at any hour.

The demo calls `step(now)` every second or so and puts the changes into the department servers. Arrivals are the ones province.py
would show at that instant; what is finished follows the desks (province_desk.py), so the stock is steady for weeks. Now and then a
record is wrong until somebody corrects it, and one system falls silent for some minutes.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from collectors.departments.province import Stand, refused_at
from collectors.departments.province_arrivals import WITHDRAWN, arrivals, slow_units
from collectors.departments.province_axis import recall
from collectors.departments.province_cases import DAY, Case, Sort, Step, Stop, System, calendar, days, midnight, today
from collectors.departments.province_desk import Desk, Level
from collectors.departments.province_dialects import write
from collectors.departments.province_events import BROKEN, Change, Event, Silence, poisson
from collectors.departments.province_papers import papers
from collectors.departments.province_portal import portal, shown_nationally
from collectors.departments.province_traits import lag, nationally_missing
from ioc.model import Pause, State

SLICE = timedelta(seconds=60)  # the longest stretch in which rates are taken as constant
DOSSIERS = Level(stock=7760, late=160, today=(108, 12), tomorrow=(580, 112))
LETTERS = Level(stock=1270, late=24, today=(60, 2.8), tomorrow=(200, 60))
TASKS = Level(stock=130, late=5, today=(3, 0.3), tomorrow=(4, 3))
WAITING = 640

# Changes a minute: within working hours, and else.
FINISHED = {Sort.DOSSIER: (2.0, 0.12), Sort.LETTER_IN: (0.66, 0.03), Sort.TASK: (0.0105, 0.0)}
ADVANCED, DELIVERED = (1.4, 1.9), (1.1, 0.5)
ASKED, BROUGHT = (0.165, 0.0), (0.13, 0.005)
TAKEN_BACK = (0.03, 0.0)  # of letters looked at; one in four goes by the axis
SORRY = (0.02, 0.0)  # letters of apology for what is late
SETTLED = timedelta(hours=1)  # a wrong record is corrected by then
WRONG, SILENT = 0.02, 1 / 300
Act = Callable[[datetime], Event | None]
Planned = Callable[[datetime], Event]


class Life:
    """Moves a `Stand` on. The same stand, seed and instants give the same life."""

    def __init__(self, stand: Stand, seed: int | None = None) -> None:
        self.now = stand.now
        self._seed = stand.seed
        self._rng = random.Random(f"{stand.seed if seed is None else seed} life")
        self._regret = random.Random(f"{stand.seed if seed is None else seed} regret")  # its own: apologies change nothing else
        self.desks = {
            Sort.DOSSIER: Desk(DOSSIERS, slow_units()),
            Sort.LETTER_IN: Desk(LETTERS),
            Sort.TASK: Desk(TASKS),
        }
        self.waiting: list[Case] = []
        self._ready: deque[Case] = deque()
        # What will happen by itself: an arrival, a refusal, the correction of a wrong record, what the portal hears of later.
        self._planned: list[tuple[datetime, int, Planned]] = []
        self._order = count()
        self._planned_to = midnight(today(self.now) + DAY)
        for case in stand.cases:
            self._take(case)
            if not shown_nationally(case, self.now):
                self._echo(case)
        for case in self._coming(midnight(today(self.now))):
            if case.sent > self.now:
                self._plan(case.sent, partial(self._arrive, case))

    def step(self, now: datetime) -> list[Event]:
        """Everything that happens after the last step and up to `now`, in order. A long gap is lived through, not skipped."""
        events: list[Event] = []
        while self.now < now:
            until = min(self.now + SLICE, now)
            events += sorted(self._slice(self.now, until), key=lambda event: event.at)
            self.now = until
        return events

    def _take(self, case: Case) -> None:
        """Put a case that stands where it belongs."""
        if case.state is State.WORKING:
            self.desks[case.sort].add(case)
        elif case.state is State.WAITING:
            self.waiting.append(case)
        elif case.state is State.SUBMITTED:
            self._plan(refused_at(case) if case.refused else case.received, partial(self._arrive, case))
        elif case.state is State.DONE and case.sort is Sort.DOSSIER and not case.delivered:
            self._ready.append(case)

    def _plan(self, at: datetime, act: Planned) -> None:
        heapq.heappush(self._planned, (at, next(self._order), act))

    def _coming(self, start: datetime) -> list[Case]:
        """All that comes in on the local day beginning at `start`."""
        dossiers = arrivals(today(start), self._seed)
        for case in dossiers:
            case.pauses, case.due = [], case.plain_due  # here supplements are asked for as life goes
        return dossiers + papers(today(start), self._seed)

    def _slice(self, since: datetime, until: datetime) -> Iterator[Event]:
        if until > self._planned_to:
            for case in self._coming(self._planned_to):
                self._plan(max(case.sent, self._planned_to), partial(self._arrive, case))
            self._planned_to += DAY
        while self._planned and self._planned[0][0] <= until:
            at, _, planned = heapq.heappop(self._planned)
            yield planned(at)
        open_now = calendar().is_open(since)
        minutes = (until - since) / timedelta(minutes=1)
        regret = (self._apologise, SORRY[0 if open_now else 1], self._regret)
        for act, rate, rng in (*((act, rate, self._rng) for act, rate in self._rates(open_now)), regret):
            for _ in range(poisson(rng, rate * minutes)):
                event = act(since + (until - since) * rng.random())
                if event is not None:
                    yield event

    def _rates(self, open_now: bool) -> Iterator[tuple[Act, float]]:
        """What may happen, and how often a minute; a desk above its stock is worked down faster."""
        column = 0 if open_now else 1
        for sort, desk in self.desks.items():
            pressure = 1 + (len(desk) - desk.level.stock) / (0.05 * desk.level.stock)
            yield partial(self._finish, sort, open_now), FINISHED[sort][column] * min(3.0, max(0.1, pressure))
        yield self._advance, ADVANCED[column]
        yield self._deliver, DELIVERED[column]
        yield self._ask, ASKED[column]
        yield self._bring, BROUGHT[column] * (len(self.waiting) / WAITING) ** 2
        yield self._take_back, TAKEN_BACK[column]
        yield self._fall_silent, SILENT

    def _arrive(self, case: Case, at: datetime) -> Event:
        """Sent in, then received or refused; a letter out is done when it is written."""
        case.changed = at
        if case.sort is Sort.LETTER_OUT:
            return self._changed(case)
        if case.refused and case.state is State.SUBMITTED:
            case.state, case.closed = State.REFUSED, at
        elif case.refused or at < case.received:
            case.state = State.SUBMITTED
            self._plan(refused_at(case) if case.refused else case.received, partial(self._arrive, case))
        else:
            case.state = State.WORKING
            self.desks[case.sort].add(case)
            if self._rng.random() < WRONG:
                self._plan(at + timedelta(minutes=self._rng.uniform(4, 25)), partial(self._correct, case))
                name, value = self._rng.choice(BROKEN[case.system])
                return Change(at=at, system=case.system, record=write(case) | {name: value})
        return self._changed(case)

    def _correct(self, case: Case, at: datetime) -> Event:
        case.changed = max(case.changed, at)
        return self._changed(case)

    def _finish(self, sort: Sort, within_hours: bool, at: datetime) -> Event | None:
        desk = self.desks[sort]
        case = desk.finish(self._rng, at, within_hours=within_hours)
        if case is None:
            return None
        desk.remove(case)
        early = case.due is not None and today(at) < today(case.due)
        withdrawn = sort is Sort.DOSSIER and early and self._rng.random() < WITHDRAWN
        case.state, case.step = (State.WITHDRAWN if withdrawn else State.DONE), Step.SIGNED
        case.closed = case.changed = max(at, case.changed)
        if sort is Sort.DOSSIER and not withdrawn:
            self._ready.append(case)
        return self._changed(case)

    def _advance(self, at: datetime) -> Event | None:
        """Somebody passes a case on."""
        sort = self._rng.choices((Sort.DOSSIER, Sort.LETTER_IN, Sort.TASK), cum_weights=(78, 97, 100))[0]
        case = self.desks[sort].some(self._rng, at)
        if case is None:
            return None
        case.step = Step(min(case.step + 1, Step.SUBMITTED))
        case.changed = max(at, case.changed)
        return self._changed(case)

    def _deliver(self, at: datetime) -> Event | None:
        """The applicant gets the result."""
        if not self._ready:
            return None
        case = self._ready.popleft()
        case.delivered, case.changed = True, max(at, case.changed)
        return self._changed(case)

    def _ask(self, at: datetime) -> Event | None:
        """The office asks for a supplement: the clock stops."""
        case = self.desks[Sort.DOSSIER].some(self._rng, at)
        if case is None or at - case.received < DAY:
            return None
        self.desks[Sort.DOSSIER].remove(case)
        case.changed = max(at, case.changed)
        case.state, case.pauses = State.WAITING, [*case.pauses, (case.changed, None)]
        case.stop = self._rng.choices((Stop.PAPERS, Stop.FEE, Stop.SUSPENDED), cum_weights=(75, 92, 100))[0]
        self.waiting.append(case)
        return self._changed(case)

    def _bring(self, at: datetime) -> Event | None:
        """The applicant brings it: the clock runs on, and the return date moves by the working time given back."""
        if not self.waiting:
            return None
        case = self.waiting.pop(self._rng.randrange(len(self.waiting)))
        at = max(at, case.pauses[-1][0])
        case.pauses = [*case.pauses[:-1], (case.pauses[-1][0], at)]
        if case.procedure is not None and case.procedure.days:
            pauses = [Pause(since=since, until=until) for since, until in case.pauses]
            case.due = calendar().due(case.received, days(case.procedure.days), pauses)
        case.state, case.changed = State.WORKING, at
        self.desks[Sort.DOSSIER].add(case)
        return self._changed(case)

    def _apologise(self, at: datetime) -> Event | None:
        """The office says sorry for one of its late dossiers."""
        owed = [case for case in self.desks[Sort.DOSSIER].late(at) if case.apology is None]
        if not owed:
            return None
        case = self._regret.choice(owed)
        case.apology = case.changed = max(at, case.changed)
        return self._changed(case)

    def _take_back(self, at: datetime) -> Event | None:
        """The sender of an exchanged letter recalls it, or sends another in its place; either way the first never was."""
        desk = self.desks[Sort.LETTER_IN]
        case = desk.some(self._rng, at)
        if case is None or case.system is not System.AXIS or case.replaces or at - case.received < SETTLED:
            return None
        desk.remove(case)
        if self._rng.random() < 0.4:
            return Change(at=at, system=System.AXIS, record=recall(case, at))
        case.replaces, case.code = case.code, f"{case.code[:-4]}9{case.code[-3:]}"
        case.changed = max(at, case.changed)
        desk.add(case)
        return self._changed(case)

    def _fall_silent(self, at: datetime) -> Event:
        length = timedelta(minutes=self._rng.uniform(3, 7))
        return Silence(at=at, system=self._rng.choice(list(System)), until=at + length)

    def _changed(self, case: Case) -> Change:
        self._echo(case)
        return Change(at=case.changed, system=case.system, record=write(case))

    def _echo(self, case: Case) -> None:
        """The national portal shows a dossier as it stands now, some minutes later."""
        if case.sort is Sort.DOSSIER and not nationally_missing(case):
            at = max(case.changed + lag(case), self.now + SLICE)
            change = Change(at=at, system=System.PORTAL, record=portal(case, at))
            self._plan(at, lambda _at: change)
