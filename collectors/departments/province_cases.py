"""Cases: the dossiers, documents and tasks of the demo province as its offices know them, and the rules of its days.

province_arrivals.py and province_papers.py plan them, province.py puts them where they stand at an instant, province_life.py moves
them on, province_dialects.py writes them as the records the department systems serve.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from collectors.departments.province_procedures import Procedure
from ioc.calendar import WorkCalendar
from ioc.model import State, Term, TermUnit, Way

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SEED = 2026
DAY = timedelta(days=1)
WORKDAY = timedelta(hours=8)  # of working time


class System(StrEnum):
    """The department systems that keep dossiers, documents or tasks; named as the demo's sources are (systems.py)."""

    ONESTOP = "onestop"
    COMMUNE = "commune"
    LAND = "land"  # the land registration branches
    EDUCATION = "education"  # the software of one department
    DOCUMENTS = "documents"
    AXIS = "axis"  # documents exchanged with ministries and other provinces
    TASKS = "tasks"
    PORTAL = "portal"  # keeps nothing of its own: it shows the dossiers of the others


class Sort(StrEnum):
    DOSSIER = "dossier"
    LETTER_IN = "den"
    LETTER_OUT = "di"
    TASK = "nhiem_vu"


class Step(IntEnum):
    """How far an open dossier is; what a one-stop system shows as the step in hand."""

    RECEIVED = 0
    ASSIGNED = 1
    EXAMINED = 2
    VERIFIED = 3
    SUBMITTED = 4
    SIGNED = 5


class Stop(IntEnum):
    """Why the clock of a waiting dossier stands still; the national codes of the three reasons."""

    PAPERS = 5
    FEE = 6
    SUSPENDED = 8


@dataclass(slots=True, eq=False, kw_only=True)
class Case:
    """One dossier, document or task. All instants are in UTC.

    `sent` is when the citizen handed it in, `received` when the office took it (for documents both are one). `pauses` are the
    supplements asked for; an open one has no end. `ends` is when it would be closed if nothing else decided, `refused` that the
    office will not take it, `apology` when it said sorry for being late.
    """

    code: str
    sort: Sort
    system: System
    unit: str
    sent: datetime
    received: datetime
    due: datetime | None
    subject: int = 0  # which subject line or person a record shows
    procedure: Procedure | None = None
    way: Way = Way.COUNTER
    state: State = State.WORKING
    step: Step = Step.RECEIVED
    changed: datetime
    closed: datetime | None = None
    apology: datetime | None = None
    delivered: bool = False
    refused: bool = False
    withdrawn: bool = False
    signed: bool = False
    stop: Stop = Stop.PAPERS
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    plain_due: datetime | None = None  # before the supplement moved it
    replaces: str = ""  # the code of the letter this one was sent in place of
    ends: datetime
    place: int = -1  # where a Desk keeps it


@lru_cache(maxsize=1)
def calendar() -> WorkCalendar:
    """The province works by the shipped calendar."""
    return WorkCalendar()


def days(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.WORKING_DAYS)


def hours(amount: float) -> Term:
    return Term(amount=amount, unit=TermUnit.WORKING_HOURS)


def later(instant: datetime, working: timedelta | float) -> datetime:
    """`instant` plus working time (a number: working days of eight hours)."""
    amount = working * 8 if isinstance(working, float | int) else working / timedelta(hours=1)
    return calendar().due(instant, hours(amount))


def local(instant: datetime) -> datetime:
    return instant.astimezone(VIETNAM)


@lru_cache(maxsize=1024)
def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)


def today(now: datetime) -> date:
    return now.astimezone(VIETNAM).date()


class Clock:
    """When within a day things come in: quarters of an hour with weights, drawn to the second."""

    def __init__(self, busy: Sequence[tuple[str, str, float]]) -> None:
        """`busy`: from, to (local, "HH:MM"), and the share of the day between them."""
        self._starts: list[int] = []
        weights: list[float] = []
        for since, until, share in busy:
            begins = range(_seconds(since), _seconds(until), 900)
            self._starts += begins
            weights += [share / len(begins)] * len(begins)
        self._sums = list(accumulate(weights))

    def draw(self, rng: random.Random) -> timedelta:
        """Since local midnight."""
        start = self._starts[bisect(self._sums, rng.random() * self._sums[-1])]
        return timedelta(seconds=start + rng.randrange(900))


def _seconds(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def rng_of(seed: int, what: str, day: date) -> random.Random:
    """The same day of the same province always draws the same."""
    return random.Random(f"{seed} {what} {day.isoformat()}")
