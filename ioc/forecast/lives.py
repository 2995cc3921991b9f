"""What was known of a dossier at any instant, and how it ended: the material the forecast learns from and is tested on. Pure.

`asks` puts one question a fixed remaining working time: "so much was left, it was open; was it late in the end?" It sees a dossier as the
store knew it at that instant and its end as known at `by`, so nothing learned later leaks into what is learned from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from ioc.calendar import WorkCalendar
from ioc.model import State, Term, TermUnit

UNTOLD = (State.SUBMITTED, State.REFUSED)  # never received: in no total, hence in no forecast
Stretch = tuple[datetime, datetime | None]


@dataclass(slots=True, eq=False)
class Clock:
    """Working time before deadlines. Deadlines compared by date are few and each is asked for often, so what was found is kept."""

    calendar: WorkCalendar
    _found: dict[tuple[datetime, float], datetime] = field(default_factory=dict)

    def left(self, now: datetime, late_from: datetime) -> float:
        """Working days left at `now`."""
        return self.calendar.elapsed_days(now, late_from)

    def with_left(self, late_from: datetime, days: float, pauses: tuple[Stretch, ...] = ()) -> datetime:
        """When `days` working days were left before `late_from`; working time inside a pause does not count as left."""
        at, left = late_from, days
        for since, until in sorted((one for one in pauses if one[0] < late_from), key=itemgetter(0), reverse=True):
            worked = self.left(min(until or late_from, late_from), at)
            if worked >= left:
                break
            at, left = since, left - worked
        return self._earlier(at, left)

    def _earlier(self, late_from: datetime, days: float) -> datetime:
        known = self._found.get((late_from, days))
        if known is None:
            known = self._found[late_from, days] = self.calendar.since(late_from, Term(amount=days, unit=TermUnit.WORKING_DAYS))
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A dossier as it was known during [known_from, known_until); None: it still is. `unit` is the database's key."""

    known_from: datetime
    known_until: datetime | None
    unit: int
    procedure: str
    step: str
    state: State
    received_at: datetime
    late_from: datetime | None
    closed_at: datetime | None = None
    pauses: tuple[Stretch, ...] = ()

    def worked_on(self, at: datetime) -> bool:
        """Whether it was received, not closed, and its clock ran. Judged by the dated facts, so also for instants before it was known."""
        closed = self.closed_at is not None and self.closed_at <= at
        return self.state not in UNTOLD and self.received_at <= at and not closed and not _paused(self.pauses, at)

    def late(self, by: datetime) -> bool | None:
        """Whether its deadline passed while it was open. None: not decided at `by`, or the clock stood still when it would have passed."""
        if self.late_from is None or self.late_from > by or self.state in UNTOLD:
            return None
        if self.closed_at is not None and self.closed_at <= by:
            return self.closed_at >= self.late_from
        return None if _paused(self.pauses, self.late_from) else True


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One dossier: its versions in the order they were learned, at least one."""

    code: str
    versions: tuple[Version, ...]

    def known_at(self, at: datetime) -> Version | None:
        """The version known then; None: nothing was."""
        for version in reversed(self.versions):
            if version.known_from <= at:
                return version if version.known_until is None or at < version.known_until else None
        return None

    def ended(self, by: datetime) -> bool | None:
        """Whether it was late, as known at `by`. What was learned only later (history read in at a start) is taken at its dates."""
        version = self.known_at(by) or (self.versions[0] if self.versions[0].known_from > by else None)
        return None if version is None else version.late(by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: `remaining` working days before its deadline, at `at`, the dossier `view` was open; it ended `late` or not.

    `ladder`: the groups it belongs to, see `ladder()`. `known`: the store knew it at that instant; else it was taken at its dates.
    """

    code: str
    at: datetime
    remaining: float
    ladder: tuple[tuple[str | int, ...], ...]
    late: bool
    known: bool


def ladder(procedure: str, unit: int, step: str | None) -> tuple[tuple[str | int, ...], ...]:
    """The groups of a dossier from the widest to the narrowest: everything, its procedure, its unit, its step (None: not known then)."""
    groups: tuple[tuple[str | int, ...], ...] = ((), (procedure,), (procedure, unit))
    return groups if step is None else (*groups, (procedure, unit, step))


def seen(life: Life, at: datetime) -> tuple[Version, bool] | None:
    """The dossier as one would have seen it at `at`, if it was being worked on in time; and whether the store knew it then."""
    version = life.known_at(at)
    known = version is not None
    if version is None and at < life.versions[0].known_from:
        version = life.versions[0]
    if version is None or version.late_from is None or version.late_from <= at or not version.worked_on(at):
        return None
    return version, known


def asks(life: Life, remaining: Iterable[float], clock: Clock, *, by: datetime, since: datetime | None = None) -> Iterator[Ask]:
    """One question for each of `remaining` at which the dossier was open, no earlier than `since`; none while its end is not decided."""
    late = life.ended(by)
    if late is None:
        return
    deadlines = {version.late_from: version for version in life.versions if version.late_from is not None and version.known_from <= by}
    if not deadlines and life.versions[0].late_from is not None:
        deadlines = {life.versions[0].late_from: life.versions[0]}
    for days in remaining:
        for late_from, version in deadlines.items():
            at = clock.with_left(late_from, days, version.pauses)
            found = seen(life, at) if since is None or at >= since else None
            if found and found[0].late_from == late_from and at <= by:
                view, known = found
                groups = ladder(view.procedure, view.unit, view.step if known else None)
                yield Ask(code=life.code, at=at, remaining=days, ladder=groups, late=late, known=known)
                break


def _paused(pauses: tuple[Stretch, ...], at: datetime) -> bool:
    return any(since <= at and (until is None or at < until) for since, until in pauses)
