"""The items that entered a number and those that left it between two moments, each with what happened to it.

Entered less left is the change, always: both lists are made by the indicator's own predicate, judged at the two moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ioc.answers import keys_of, local_day
from ioc.calendar import WorkCalendar
from ioc.catalogue import load
from ioc.db import Connection
from ioc.indicators import Words
from ioc.meter import ages, judged, past, predicate
from ioc.why.asked import Change

NAMED = 50  # items named on each side

# What happened, by the first line that holds; b: as the item was at the first moment, a: at the second; null: not there.
HAPPENED: tuple[tuple[str, str, Words], ...] = (
    ("received", "b.code is null and a.received_at > %(b_now)s", Words(vi="mới tiếp nhận", en="received")),
    ("learned", "b.code is null", Words(vi="biết muộn", en="learned late")),
    ("gone", "a.code is null", Words(vi="nguồn thu hồi", en="taken back by its source")),
    ("moved", "b.inside is distinct from a.inside", Words(vi="chuyển đơn vị", en="moved to or from another unit")),
    ("received", "b.state = 'submitted' and a.state in ('working', 'waiting')", Words(vi="mới tiếp nhận", en="received")),
    ("resumed", "b.state = 'waiting' and a.state = 'working'", Words(vi="tiếp tục xử lý", en="work went on")),
    ("reopened", "a.state <> b.state and a.state = 'working'", Words(vi="mở lại", en="reopened")),
    ("waits", "a.state <> b.state and a.state = 'waiting'", Words(vi="chờ bổ sung", en="waits for the applicant")),
    ("resolved", "a.state <> b.state and a.state = 'done'", Words(vi="đã giải quyết", en="resolved")),
    ("returned", "a.state <> b.state and a.state = 'withdrawn'", Words(vi="trả lại, rút", en="returned or withdrawn")),
    ("refused", "a.state <> b.state", Words(vi="không tiếp nhận", en="refused")),
    ("rescheduled", "a.late_from is distinct from b.late_from", Words(vi="đổi hạn", en="its deadline moved")),
    ("overdue", "a.late_from > %(b_now)s and a.late_from <= %(a_now)s", Words(vi="đến lúc quá hạn", en="became overdue by the clock")),
    ("due_soon", "a.soon_at > %(b_now)s and a.soon_at <= %(a_now)s", Words(vi="đến lúc sắp hạn", en="became due soon by the clock")),
    ("step_late", "a.step_due_at > %(b_now)s and a.step_due_at <= %(a_now)s", Words(vi="đến lúc trễ bước", en="its step became late")),
    ("period", "%(b_since)s <> %(a_since)s or %(b_until)s <> %(a_until)s", Words(vi="thuộc kỳ khác", en="of another period")),
)
CORRECTED = ("corrected", Words(vi="thông tin được sửa", en="corrected"))
WORDS = {**{name: words for name, _, words in HAPPENED}, CORRECTED[0]: CORRECTED[1]}
_CASE = "case " + " ".join(f"when {holds} then '{name}'" for name, holds, _ in HAPPENED) + f" else '{CORRECTED[0]}' end"
_FACTS = "source, code, state::text, received_at, late_from, soon_at, step_due_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One item that entered (or left) the number."""

    entered: bool
    what: str  # see HAPPENED
    source: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How many entered and left, by what happened, and at most NAMED of each side by name."""

    entered: dict[str, int]
    left: dict[str, int]
    named: Sequence[Moved]

    @property
    def change(self) -> int:
        return sum(self.entered.values()) - sum(self.left.values())


async def moved(
    db: Connection, change: Change, moments: tuple[datetime, datetime], now: datetime, calendar: WorkCalendar | None = None
) -> Movement:
    """What moved a count, or what stands above the line of a rate. `moments`: the instants the two sides are judged at."""
    before, values = await _side(db, change, "b_", moments[0], now, calendar)
    after, more = await _side(db, change, "a_", moments[1], now, calendar)
    query = f"""
with b as materialized ({before}), a as materialized ({after}), apart as (
    select coalesce(a.counted, false) as entered, coalesce(a.source, b.source) as source, coalesce(a.code, b.code) as code,
           {_CASE} as what
    from b full join a on (a.source, a.code) = (b.source, b.code)
    where coalesce(a.counted, false) <> coalesce(b.counted, false)
), numbered as (
    select *, count(*) over (partition by entered, what) as many, row_number() over (partition by entered order by source, code) as nth,
           row_number() over (partition by entered, what order by source, code) as nth_of_it
    from apart)
select entered, what, source, code, many, nth from numbered where nth <= {NAMED} or nth_of_it = 1 order by entered desc, source, code"""
    rows: list[tuple[Any, ...]] = await (await db.execute(query.encode(), {**values, **more})).fetchall()
    tallies: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for entered, what, _, _, many, _ in rows:
        tallies[entered][what] = many
    named = [Moved(entered=entered, what=what, source=source, code=code) for entered, what, source, code, _, nth in rows if nth <= NAMED]
    return Movement(entered=tallies[True], left=tallies[False], named=named)


async def _side(
    db: Connection, change: Change, prefix: str, at: datetime, now: datetime, calendar: WorkCalendar | None
) -> tuple[str, dict[str, Any]]:
    """Every item as it was at one moment, whether it counted, and whether it was the unit's."""
    question = change.since if prefix == "b_" else change.until
    span, _ = question.span(now)
    keys = keys_of(await load(db, local_day(now)), question, at)
    relation, values = past(at, at if change.known == "then" else None)
    inside = "true" if keys is None else "unit = any(%(units)s)"
    counted = f"({inside}) and ({predicate(change.indicator)})"
    text = f"select {_FACTS}, {inside} as inside, coalesce({counted}, false) as counted from {judged(relation, question.compare)}"
    values |= {"since": span.since, "until": span.until, **ages(at, calendar)} | ({} if keys is None else {"units": sorted(keys)})
    return text.replace("%(", f"%({prefix}"), {f"{prefix}{name}": value for name, value in values.items()}
