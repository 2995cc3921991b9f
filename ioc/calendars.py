"""Bringing another calendar in force: what it would move, and moving exactly that. Called by `ioc calendar` and /api/v1/calendar.

preview() folds every item whose clocks could move by the calendar asked about and writes nothing. apply() does the same, then takes every
source's lock for a moment, judges again what was stored meanwhile, and writes new versions of the items that move: no state changes, so
nothing is told anew, and what was believed before can still be asked for. Memory is bounded: items come and go in small batches.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.multirange import TimestamptzMultirange

from ioc.calendar import WorkCalendar
from ioc.calendar_versions import bring, first_difference, in_force, newest, rules_of
from ioc.db import Connection
from ioc.item_rows import COPIED, FACTS, Profile, row
from ioc.model import Item, Kind, Pause, Reason, State, Term, TermUnit, Way

Stretches = TimestamptzMultirange | None

AT_A_TIME = 250  # items folded before others may do something
CLOCKS = (
    "appointed_at", "due_at", "soon_at", "early_before", "late_from", "reception_due_at", "apology_due_at", "counted_from",
    "handled_minutes",
)  # fmt: skip
SHOWN = {
    name: CLOCKS.index(column)
    for name, column in {
        "due": "appointed_at", "soon": "soon_at", "reception": "reception_due_at", "apology": "apology_due_at",
        "handled": "handled_minutes", "counted_from": "counted_from",
    }.items()
}  # fmt: skip
PLACES = [list(COPIED).index(name) for name in CLOCKS]
FOLDED = ("unit", "state", "kind", "channel", "received_at", "submitted_at", "happened_at", "closed_at", "apology_at", "first_due_at",
          "term", "pauses", "supplements")  # fmt: skip

ITEMS = f"""
select i.source, i.code, u.code, {", ".join(f"i.{name}" for name in (*FOLDED[1:], *CLOCKS))}
from items i join units u on u.id = i.unit {{joined}}
where {{where}}
order by i.source, i.code"""
REACHED = "greatest(i.received_at, i.appointed_at, i.first_due_at, i.closed_at, i.reception_due_at) >= %(since)s"
SOURCES = "select name, title, zone, compare::text from sources"

MARKS = "create temp table marks on commit drop as select source, learned_at from cursors"
REFOLDED = f"""
create temp table refolded (source text, code text, {", ".join(f"{name} {FACTS[name]}" for name in CLOCKS)}) on commit drop"""
ONE_AT_A_TIME = "lock table calendar_changes in share row exclusive mode"
LOCK = "lock table cursors in exclusive mode"  # every source waits, those never read too, and then folds by the new calendar
MOVE = "update cursors set learned_at = greatest(%(now)s, learned_at + interval '1 microsecond')"
STORED_SINCE = "left join marks m on m.source = i.source", "(m.source is null or i.learned_at > m.learned_at)"
FORGET = """
delete from refolded r using items i left join marks m on m.source = i.source
where i.source = r.source and i.code = r.code and (m.source is null or i.learned_at > m.learned_at)"""
COUNTED = f"""
select count(*), {", ".join(f"count(*) filter (where i.{CLOCKS[at]} is distinct from n.{CLOCKS[at]})" for at in SHOWN.values())}
from refolded n join items i using (source, code)"""
WRITE = f"""
with logged as (
    insert into transitions (refolded, learned_at, happened_at, source, code, to_state, was_learned_at, was_happened_at, was_calendar,
                             {", ".join(f"was_{name}" for name in FACTS)})
    select true, c.learned_at, i.happened_at, i.source, i.code, i.state, i.learned_at, i.happened_at, i.calendar,
           {", ".join(f"i.{name}" for name in FACTS)}
    from refolded n join items i using (source, code) join cursors c using (source)
)
update items i set {", ".join(f"{name} = n.{name}" for name in CLOCKS)}, calendar = %(version)s, learned_at = c.learned_at
from refolded n join cursors c using (source) where i.source = n.source and i.code = n.code"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One item whose clocks another calendar moves: what they were and what they become, in the order of CLOCKS."""

    source: str
    code: str
    unit: str
    state: str
    was: tuple[Any, ...]
    becomes: tuple[Any, ...]

    @property
    def clocks(self) -> dict[str, tuple[Any, Any]]:
        """What moves, by the names people read (SHOWN): from what to what."""
        pairs = {name: (self.was[at], self.becomes[at]) for name, at in SHOWN.items()}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(slots=True, kw_only=True)
class Preview:
    """What a calendar moves or moved: `items` in all, of each clock how many, and the first of them. `before`: what was in force."""

    version: str
    before: str | None
    items: int = 0
    clocks: Counter[str] = field(default_factory=Counter)
    listed: list[Move] = field(default_factory=list)


async def preview(db: Connection, calendar: WorkCalendar, *, limit: int = 100) -> Preview:
    """What bringing `calendar` in force would move. Nothing is written."""
    found = Preview(version=calendar.version, before=await newest(db))
    async with db.transaction():
        await _refold(db, calendar, found, limit, await _since(db, calendar))
    return found


async def apply(db: Connection, calendar: WorkCalendar, now: datetime, *, note: str = "", limit: int = 100) -> Preview:
    """Bring `calendar` in force and move the clocks preview() names, all or nothing. Once more changes nothing."""
    async with db.transaction():
        await db.execute(ONE_AT_A_TIME)
        found = Preview(version=calendar.version, before=await newest(db))
        await db.execute(MARKS)
        await db.execute(REFOLDED)
        since = await _since(db, calendar)
        await _refold(db, calendar, found, limit, since, keep=True)
        await db.execute(LOCK)
        await db.execute(MOVE, {"now": now})
        await db.execute(FORGET)
        meanwhile = Preview(version=calendar.version, before=None)
        await _refold(db, calendar, meanwhile, 0, since, keep=True, only=STORED_SINCE)
        counted = await (await db.execute(COUNTED.encode())).fetchone()
        assert counted is not None
        found.items, found.clocks = counted[0], Counter({name: n for name, n in zip(SHOWN, counted[1:], strict=True) if n})
        await db.execute(WRITE.encode(), {"version": calendar.version})
        if found.items or found.before != calendar.version:
            await bring(db, calendar, now, note=note, moved=found.items)
    return found


async def _since(db: Connection, calendar: WorkCalendar) -> datetime | None:
    """Before this instant both calendars say the same, so only what reaches beyond it can move; None: anything may."""
    before = await in_force(db)
    day = first_difference(before.rules, rules_of(calendar)) if before else None
    return None if day is None else datetime.combine(day, time(), UTC) - timedelta(days=1)  # no zone is a day ahead of UTC


async def _refold(
    db: Connection,
    calendar: WorkCalendar,
    found: Preview,
    limit: int,
    since: datetime | None,
    *,
    keep: bool = False,
    only: tuple[str, str] = ("", "true"),
) -> None:
    """Fold items by a calendar and note in `found` those that move; with `keep` in the table `refolded` too."""
    profiles = await _profiles(db, calendar)
    where = [only[1], *([REACHED] if since else [])]
    asked = ITEMS.format(joined=only[0], where=" and ".join(where))
    async for rows in _batches(db, asked, {"since": since}):
        moves = [move for one in rows if (move := _move(one, profiles[one[0]]))]
        found.items += len(moves)
        found.clocks.update(name for move in moves for name in move.clocks)
        found.listed += moves[: max(0, limit - len(found.listed))]
        if keep and moves:
            await _keep(db, moves)
        await asyncio.sleep(0)  # a server previews beside its other work


async def _keep(db: Connection, moves: Iterable[Move]) -> None:
    async with db.cursor().copy("copy refolded from stdin (format binary)") as copy:
        copy.set_types(["text", "text", *(FACTS[name] for name in CLOCKS)])
        for move in moves:
            await copy.write_row((move.source, move.code, *move.becomes))


async def _batches(db: Connection, asked: str, values: Mapping[str, Any]) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    async with db.cursor(name="refold") as cursor:
        await cursor.execute(asked.encode(), values)
        while rows := await cursor.fetchmany(AT_A_TIME):
            yield rows


async def _profiles(db: Connection, calendar: WorkCalendar) -> dict[str, Profile]:
    rows = await (await db.execute(SOURCES)).fetchall()
    return {
        name: Profile(name=name, title=title, calendar=calendar, zone=ZoneInfo(zone), compare=compare)
        for name, title, zone, compare in rows
    }


def _move(stored: Sequence[Any], profile: Profile) -> Move | None:
    """What folding a stored item by the profile's calendar moves; None: nothing."""
    folded = row(item_of(stored), profile, 0)
    was, becomes = tuple(stored[-len(CLOCKS) :]), tuple(folded[place] for place in PLACES)
    if was == becomes:
        return None
    return Move(source=profile.name, code=stored[1], unit=stored[2], state=stored[3], was=was, becomes=becomes)


def item_of(stored: Sequence[Any]) -> Item:
    """A stored item as far as its clocks go. A deadline computed from a term is left to be computed again, a stated one stays."""
    facts = dict(zip(FOLDED, stored[2:], strict=False))
    clocks = dict(zip(CLOCKS, stored[-len(CLOCKS) :], strict=True))
    term, channel, pauses, supplements = (facts.pop(name) for name in ("term", "channel", "pauses", "supplements"))
    return Item(
        code=stored[1],
        **{**facts, "kind": Kind(facts["kind"]), "state": State(facts["state"])},
        channel=Way(channel),
        term=read_term(term) if term else None,
        due_at=None if term else clocks["appointed_at"],
        pauses=tuple(_pauses(pauses, supplements)),
    )


def read_term(written: str) -> Term:
    """A term from its column: "5 working_days"."""
    amount, unit = written.split(" ")
    return Term(amount=float(amount), unit=TermUnit(unit))


def _pauses(pauses: Stretches, supplements: Stretches) -> Iterable[Pause]:
    """The stretches of a stored item. Where papers were missing is in both columns, and an overlap counts once."""
    for stretches, reason in ((pauses, Reason.OTHER), (supplements, Reason.SUPPLEMENT)):
        for one in stretches or ():
            assert one.lower is not None  # ioc/item_rows.py writes none without a begin
            yield Pause(since=one.lower, until=one.upper, reason=reason)
