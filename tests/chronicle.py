"""Seven weeks of a small province as its systems would tell them: dossiers, documents and tasks that live, stop, end and are corrected.

`told` is the chronicle itself, in plain columns of its own: every version of every item and when it was told. Numbers counted from it by
tests/second.py share nothing with the store but these facts. Everything told is true at the moment it is told, though often told late.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ioc.db import Connection
from ioc.model import Batch, Gone, Item, Kind, Pause, Reason, State, Trait, Urgency, Way
from ioc.store import Store

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = datetime(2026, 6, 8, tzinfo=LOCAL).astimezone(UTC)  # no public holiday from here to the last deadline
LAST = datetime(2026, 7, 24, 14, 5, tzinfo=LOCAL).astimezone(UTC)
UNITS = [f"U{n:02}" for n in range(10)]
SOURCES = {"by_date": "date", "by_instant": "instant"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Version = Item | Gone

TOLD = """
create table told (
    source text, code text, told_at timestamptz, gone boolean, unit text, kind text, way text, stage text, sent timestamptz,
    came timestamptz, due timestamptz, first_due timestamptz, step_due timestamptz, ended timestamptz, stopped timestamptz,
    went_on timestamptz, sorry timestamptz, outgoing boolean, signed boolean, urgent boolean, traits text[]
)"""


@dataclass(slots=True)
class Chronicle:
    """`events`: (when told, source, version), in the order of telling."""

    seed: int
    many: int
    random: random.Random = field(init=False)
    events: list[tuple[datetime, str, Version]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for n in range(self.many):
            source = self.random.choice(list(SOURCES))
            last = FIRST
            for known_at, version in self._life(f"H46.{n:05}"):
                last = self._told(max(known_at, version.happened_at), last)
                if last <= LAST:
                    self.events.append((last, source, version))
        self.events.sort(key=lambda event: event[0])

    def _told(self, true_at: datetime, after: datetime) -> datetime:
        """The round of polls that brings it: every eight hours, sometimes days later, never before what was told last."""
        late = self.random.choices((0, 1, 4), (17, 2, 1))[0] * DAY
        rounds = (max(true_at + late, after) - FIRST) // (8 * HOUR) + 1
        return FIRST + rounds * 8 * HOUR + timedelta(seconds=7)

    def _office(self, after: datetime, days: float) -> datetime:
        """A moment some days later when an office is open, on a full minute."""
        r = self.random
        local = (after + r.random() * days * DAY).astimezone(LOCAL)
        while local.weekday() > 4:
            local += DAY
        at = local.replace(hour=r.choice((8, 9, 10, 13, 14, 15)), minute=r.randrange(1, 59), second=0, microsecond=0).astimezone(UTC)
        return at if at > after else self._office(after + DAY / 2, days)

    def _due(self, after: datetime) -> datetime:
        due = self._office(after, 12).astimezone(LOCAL)
        return due.replace(hour=self.random.choice((10, 16, 17)), minute=0).astimezone(UTC) + self.random.choice((0, 0, 7)) * DAY

    def _life(self, code: str) -> Iterator[tuple[datetime, Version]]:
        """(when it could be told first, version) of one item, from its beginning to its end."""
        r = self.random
        kind = r.choices((Kind.DOSSIER, Kind.DOCUMENT, Kind.TASK, Kind.MIRROR), (14, 3, 2, 1))[0]
        sent = FIRST + r.random() * 44 * DAY
        sent = sent.replace(second=0, microsecond=0)
        online = kind is Kind.DOSSIER and r.random() < 0.5
        came = self._office(sent, 2 if online else 0.2)
        due = None if r.random() < 0.1 else self._due(came)
        one = Item(
            code=code, unit=r.choice(UNITS), kind=kind, state=State.WORKING, received_at=came, happened_at=came, due_at=due,
            channel=Way.ONLINE if online else r.choice((Way.COUNTER, Way.POST)), submitted_at=sent if online else None,
            step_due_at=self._office(came, 3) if r.random() < 0.5 else None, outgoing=r.random() < 0.5, signed=r.random() < 0.6,
            urgency=r.choice(list(Urgency)), traits=frozenset(trait for trait in Trait if r.random() < 0.4),
        )  # fmt: skip
        if online:
            waiting = replace(one, state=State.SUBMITTED, received_at=sent, happened_at=sent, due_at=None, step_due_at=None)
            yield sent, waiting
            if r.random() < 0.12:
                if r.random() < 0.7:
                    yield came, replace(waiting, state=State.REFUSED, happened_at=came, closed_at=came)
                return
        yield came, one
        yield from self._work(one)

    def _work(self, one: Item) -> Iterator[tuple[datetime, Version]]:
        """What becomes of it once it was received."""
        r, at = self.random, one.received_at
        if one.kind is Kind.DOSSIER and r.random() < 0.25:
            at = self._office(at, 4)
            one = replace(one, state=State.WAITING, happened_at=at, pauses=(Pause(since=at),), waits_for=r.choice(list(Reason)))
            yield at, one
            if r.random() < 0.3:
                return
            at = self._office(at, 6)
            one = replace(one, state=State.WORKING, happened_at=at, pauses=(Pause(since=one.pauses[0].since, until=at),), waits_for=None)
            yield at, one
        if one.due_at and r.random() < 0.2:
            at = self._office(at, 3)
            one = replace(one, happened_at=at, first_due_at=one.due_at, due_at=self._due(one.due_at))
            yield at, one
        if one.kind is Kind.DOSSIER and one.due_at and r.random() < 0.2:
            at = self._office(at, 3)
            one = replace(one, happened_at=at, apology_at=at)
            yield at, one
        if r.random() < 0.25:
            return
        at = one.due_at if one.due_at and one.due_at > at and r.random() < 0.15 else self._office(at, 8)  # to the very minute, too
        state = State.WITHDRAWN if one.kind is Kind.DOSSIER and r.random() < 0.1 else State.DONE
        one = replace(one, state=state, happened_at=at, closed_at=at)
        yield at, one
        yield from self._corrected(one, at)

    def _corrected(self, one: Item, at: datetime) -> Iterator[tuple[datetime, Version]]:
        """Some ends are told wrong and put right days later; a few items should never have been there."""
        later = at + self.random.choice((1, 3, 9)) * DAY
        match self.random.choices(("", "ended", "unit", "open", "gone"), (80, 8, 5, 4, 3))[0]:
            case "ended":
                earlier = max(at - 2 * DAY, max([one.received_at, *(pause.until for pause in one.pauses if pause.until)]))
                yield later, replace(one, closed_at=earlier)
            case "unit":
                yield later, replace(one, unit=self.random.choice(UNITS))
            case "open":
                yield later, replace(one, state=State.WORKING, closed_at=None)
            case "gone":
                yield later, Gone(code=one.code, happened_at=later)

    async def tell(self, store: Store) -> None:
        """Everything into the store, round by round, as the polls would."""
        rounds: dict[tuple[datetime, str], list[Version]] = {}
        for at, source, version in self.events:
            rounds.setdefault((at, source), []).append(version)
        for (at, source), items in rounds.items():
            done = await store.apply(source, Batch(position=at.isoformat(), items=items), at)
            assert done.quarantined == 0

    async def write_down(self, db: Connection) -> None:
        """Everything into the table `told`, as plain as it is."""
        await db.execute(TOLD)
        async with db.cursor().copy("copy told from stdin") as copy:
            for at, source, version in self.events:
                await copy.write_row(_plain(at, source, version))
        await db.execute("create index on told (source, code, told_at)")
        await db.execute("analyze told")


def _plain(at: datetime, source: str, one: Version) -> list[object]:
    if isinstance(one, Gone):
        return [source, one.code, at, True, *[None] * 17]
    never = one.state in (State.SUBMITTED, State.REFUSED)
    pause = one.pauses[0] if one.pauses else None
    return [
        source, one.code, at, False, one.unit, one.kind.value, one.channel.value, one.state.value, one.submitted_at,
        None if never else one.received_at, one.due_at, one.first_due_at, one.step_due_at, one.closed_at,
        pause and pause.since, pause and pause.until, one.apology_at, one.outgoing, one.signed, one.urgency is not Urgency.NORMAL,
        [trait.value for trait in one.traits],
    ]  # fmt: skip
