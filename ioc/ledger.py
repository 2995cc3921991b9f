"""The feeder ledger, kept: cut-offs that have passed are judged from history, exactly and once, however long we were away. Called by the
ledger job each minute, read by /api/v1/feeders and `ioc feeders`. What counts is in ioc/feeders.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from ioc import watchbook
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue
from ioc.db import Connection
from ioc.feeders import Delivery, Due, Feeder, came, dues, excuse, unjudged, verdict

AT_A_TIME = 40  # cut-offs judged in one go: after years away the rest comes with the next minutes
LATE_FOR = timedelta(days=31)  # a delivery later than this fills nothing

# The unit of each version a change made: that of the version after it, or of the item as it is now.
CHANGES = """
select v.unit, t.happened_at, t.learned_at
from transitions t
left join items i on i.source = t.source and i.code = t.code
left join lateral (select was_unit from transitions n where n.source = t.source and n.code = t.code and n.learned_at > t.learned_at
                   order by n.learned_at limit 1) next on true
cross join lateral (select distinct unnest(array[t.was_unit, coalesce(next.was_unit, i.unit)]) as unit) v
where t.source = %(source)s and t.learned_at > %(after)s and t.learned_at <= %(until)s and v.unit = any(%(units)s) and not t.refolded
order by t.learned_at"""

REPORTED = """
select unit, coalesce(reported_at, learned_at) from figures
where source = %(source)s and period = %(day)s and unit = any(%(units)s) and learned_at <= %(until)s order by 2"""

JUDGED = "select max(due_at) from deliveries where source = %(source)s and unit = any(%(units)s)"
STATE_AT = "select state from source_health where source = %(source)s and at <= %(at)s order by at desc limit 1"
FIRST_READ = "select first_at from source_facts where source = %s"
WRITE = """
insert into deliveries (source, unit, due_at, came_at, excused)
select %(source)s, n.unit, %(due_at)s, n.came_at, n.excused
from unnest(%(units)s::int[], %(came)s::timestamptz[], %(excused)s::text[]) as n (unit, came_at, excused)
on conflict (source, unit, due_at) do nothing"""
WAITING = """
select distinct due_at from deliveries
where source = %(source)s and unit = any(%(units)s) and came_at is null and due_at > %(since)s and due_at < %(before)s"""
CAME = """
update deliveries d set came_at = n.came_at from unnest(%(units)s::int[], %(came)s::timestamptz[]) as n (unit, came_at)
where d.source = %(source)s and d.due_at = %(due_at)s and d.unit = n.unit and d.came_at is null"""
LISTED = """
select d.source, u.code, d.due_at, d.came_at, d.excused, d.reminders from deliveries d join units u on u.id = d.unit
where d.due_at >= %(since)s and d.due_at < %(until)s and (%(source)s::text is null or d.source = %(source)s)
  and (%(unit)s::text is null or u.code = %(unit)s) order by d.source, u.code, d.due_at"""


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The feeders of a configuration, and how far each is judged."""

    feeders: Sequence[Feeder]
    calendar: WorkCalendar
    _judged: dict[int, datetime] = field(default_factory=dict)
    _looked: dict[int, datetime] = field(default_factory=dict)  # until when what came late is filled in

    async def judge(self, db: Connection, catalogue: Catalogue, now: datetime) -> list[Delivery]:
        """Judge the cut-offs that have passed, and fill in what came late since; returns what was judged now."""
        judged: list[Delivery] = []
        for number, feeder in enumerate(self.feeders):
            for due in await self._open(db, number, feeder, catalogue, now):
                judged += await _judge(db, feeder, due, catalogue, self.calendar)
                self._judged[number] = due.at
            await self._came_late(db, number, feeder, catalogue, now)
        return judged

    async def _open(self, db: Connection, number: int, feeder: Feeder, catalogue: Catalogue, now: datetime) -> Sequence[Due]:
        """The cut-offs to judge, at most so many."""
        today = now.astimezone(self.calendar.zone).date()
        begins = feeder.given.since or await self._first_day(db, feeder.source)
        if begins is None or begins > today:
            return ()
        if number not in self._judged:
            values = {"source": feeder.source, "units": [catalogue.ids[code] for code in feeder.units(catalogue.tree, today)]}
            row = await (await db.execute(JUDGED, values)).fetchone()
            if row and row[0]:
                self._judged[number] = row[0]
        return unjudged(feeder.given, self._judged.get(number), begins, now, feeder.slack, self.calendar)[:AT_A_TIME]

    async def _first_day(self, db: Connection, source: str) -> date | None:
        """The local day a source was first read; None: it never was."""
        row = await (await db.execute(FIRST_READ, [source])).fetchone()
        return row[0].astimezone(self.calendar.zone).date() if row and row[0] else None

    async def _came_late(self, db: Connection, number: int, feeder: Feeder, catalogue: Catalogue, now: datetime) -> None:
        """Deliveries that came after their cut-off: of items before the next day's work, of figures whenever that day's come."""
        today = now.astimezone(self.calendar.zone).date()
        ids = [catalogue.ids[code] for code in feeder.units(catalogue.tree, today)]
        by_change = feeder.given.expects == "items"
        listed = dues(feeder.given, today - LATE_FOR, today, self.calendar)
        values = {"source": feeder.source, "units": ids, "since": now - LATE_FOR, "before": now}
        waiting = {due_at for (due_at,) in await (await db.execute(WAITING, values)).fetchall()}
        looked, self._looked[number] = self._looked.get(number, now - LATE_FOR), now
        for due in (due for due in listed if due.at in waiting and (not by_change or due.until + feeder.slack > looked)):
            later = replace(due, after=due.at) if by_change else due
            found = await _deliveries(db, feeder, later, min(now, due.until) if by_change else now, ids, self.calendar)
            if found:
                await db.execute(CAME, {"source": feeder.source, "due_at": due.at, "units": list(found), "came": list(found.values())})


async def _judge(db: Connection, feeder: Feeder, due: Due, catalogue: Catalogue, calendar: WorkCalendar) -> list[Delivery]:
    """One cut-off of all its units, written down."""
    codes = feeder.units(catalogue.tree, due.day)
    ids = {catalogue.ids[code]: code for code in codes}
    found = await _deliveries(db, feeder, due, due.at + feeder.slack, list(ids), calendar)
    row = await (await db.execute(STATE_AT, {"source": feeder.source, "at": due.at})).fetchone()
    why = excuse(await watchbook.listened(db, due.at), row[0] if row else "", feeder.title, feeder.given.expects)
    made = []
    for unit, code in ids.items():
        at = found.get(unit)
        excused = "" if at is not None and at <= due.at else why
        made.append(Delivery(source=feeder.source, unit=code, due_at=due.at, came_at=at, excused=excused))
    values = {"source": feeder.source, "due_at": due.at, "units": list(ids), "came": [d.came_at for d in made]}
    await db.execute(WRITE, {**values, "excused": [d.excused for d in made]})
    return made


async def _deliveries(
    db: Connection, feeder: Feeder, due: Due, until: datetime, ids: list[int], calendar: WorkCalendar
) -> dict[int, datetime]:
    """When each unit's first delivery for a cut-off came, as far as it was learned by `until`."""
    values: dict[str, Any] = {"source": feeder.source, "units": ids, "until": until}
    match feeder.given.expects:
        case "answer":
            at = await _answered(db, feeder.source, due, until, calendar)
            return dict.fromkeys(ids, at) if at else {}
        case "figures":
            rows = await (await db.execute(REPORTED, {**values, "day": due.day.isoformat()})).fetchall()
            return dict(reversed(rows))  # the first of each unit
    first: dict[int, datetime] = {}
    for unit, happened_at, learned_at in await (await db.execute(CHANGES, {**values, "after": due.after})).fetchall():
        if learned_at > due.after + feeder.slack or happened_at > due.after:  # else it counted for the cut-off before
            at = came(happened_at, learned_at, due, feeder.slack)
            first[unit] = min(at, first.get(unit, at))
    return first


async def _answered(db: Connection, source: str, due: Due, until: datetime, calendar: WorkCalendar) -> datetime | None:
    """When a source first answered for a cut-off's day. Of a day before the one it speaks of now, only how it was then is known."""
    known = (await watchbook.recall(db, [source])).get(source)
    if known is None or known[1].as_of is None or known[1].day_at is None or known[1].as_of < due.after:
        return None
    if known[1].as_of.astimezone(calendar.zone).date() == due.day:
        return known[1].day_at if known[1].day_at <= until else None
    row = await (await db.execute(STATE_AT, {"source": source, "at": due.at})).fetchone()
    return due.at if row and row[0] in ("fresh", "late") else None


async def listed(db: Connection, since: datetime, until: datetime, *, source: str | None = None, unit: str | None = None) -> list[Delivery]:
    """The deliveries whose cut-off lies in [since, until), by source, unit and time."""
    rows = await (await db.execute(LISTED, {"since": since, "until": until, "source": source, "unit": unit})).fetchall()
    return [
        Delivery(source=source, unit=code, due_at=due_at, came_at=came_at, excused=excused, reminders=reminders)
        for source, code, due_at, came_at, excused, reminders in rows
    ]


async def missed_today(db: Connection, now: datetime, calendar: WorkCalendar) -> Mapping[str, int]:
    """How many deliveries of today's cut-offs are missing, by source."""
    midnight = now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    counts: dict[str, int] = {}
    for delivery in await listed(db, midnight, now):
        counts[delivery.source] = counts.get(delivery.source, 0) + (verdict(delivery) == "missed")
    return counts
