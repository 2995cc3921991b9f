"""Running totals by unit, moved by the difference. Ticked once a second and after a batch by the measure job.

Two steps, each exact by itself:
  data   items touched since the last snapshot, both versions judged at the LAST instant (-1 old, +1 new)
  clock  items whose late_from or soon_at lies in (last, now], judged at both instants    (-1 last, +1 now)
Both are read by ONE statement, hence from one snapshot. What was touched is found through the transaction ids of the transitions,
so writers in other processes need not tell us, and a late commit is neither lost nor counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.deadline import Compare
from ioc.indicators import AGES, BY_NAME, INDICATORS, QUANTILE_BY_NAME, RATE_BY_NAME, RUNNING, unknown
from ioc.model import Term, TermUnit
from ioc.periods import VIETNAM, Period, period

PERIODS = ("today", "month", "year")  # kept running; any other period is a recount
COLUMNS = [(f"{i.name}.{p}" if p else i.name, i, p) for i in RUNNING for p in (PERIODS if i.per_period else ("",))]
NAMES = [name for name, _, _ in COLUMNS]
FACTS = (
    "unit, kind, channel, state, outgoing, signed, received_at, appointed_at, soon_at, early_before, late_from, closed_at, first_due_at,"
    " step_due_at, urgency, traits, reception_due_at, apology_at, apology_due_at"
)
WAS = ", ".join(f"was_{f}" for f in FACTS.split(", "))
NOW_FACTS = ", ".join(f"i.{f}" for f in FACTS.split(", "))
CLOCKS = {"working": ("late_from", "soon_at", "step_due_at"), "submitted": ("reception_due_at",)}  # state -> what time alone can pass
AS_TOLD = timedelta(seconds=1)
LONGEST = timedelta(hours=1)  # no transaction lives longer: the server enforces it (transaction_timeout)

Totals = dict[int, list[int]]  # unit -> one count per NAMES


def _sums(aggregate: str) -> str:
    sums = [i.sql(f"{p}_") for _, i, p in COLUMNS]
    return ",\n       ".join(f"{aggregate} filter (where {where})" for where in sums)


def _with_snapshot(query: str) -> str:
    """The query's rows, each with the snapshot it was read from; one empty row when it has none."""
    return f"select counted.*, seen.snapshot from (select pg_current_snapshot()::text) seen (snapshot) left join ({query}) counted on true"


def judged(relation: str, compare: Compare | None) -> str:
    """Items of a relation with the instant they are judged at; under the other comparison their deadlines are folded on the way."""
    if compare is None:
        return f"(select *, %(now)s::timestamptz as at from {relation}) judged"
    kept = (
        "source, code, unit, kind, field, procedure, step, channel, state, outgoing, signed, received_at, appointed_at, due_at, soon_at,"
        " closed_at, suspect, first_due_at, step_due_at, urgency, assigner, progress, traits, submitted_at, reception_due_at, apology_at,"
        " apology_due_at, waits_for, handled_minutes, learned_at, calendar"
    )
    folded = ", ".join(f"{f}(i.appointed_at, '{compare}', s.zone) as {f}" for f in ("early_before", "late_from"))
    columns = ", ".join(f"i.{c}" for c in kept.split(", "))
    return f"(select {columns}, {folded}, %(now)s::timestamptz as at from {relation} i join sources s on s.name = i.source) judged"


def recount_sql(relation: str = "items", compare: Compare | None = None) -> str:
    return _with_snapshot(f"select unit,\n       {_sums('count(*)')}\n    from {judged(relation, compare)}\n    group by unit")


TICK = f"""
with touched as (
    select distinct on (source, code) source, code, was_learned_at, {WAS}
    from transitions
    where xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot) and not pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)
      and learned_at > %(horizon)s
    order by source, code, learned_at
), judged ({FACTS}, at, weight) as (
    select {WAS}, %(last)s::timestamptz, -1 from touched where was_learned_at is not null
    union all
    select {NOW_FACTS}, %(last)s, +1 from touched t, lateral (select * from items where source = t.source and code = t.code offset 0) i
    union all
    select {FACTS}, side.at, side.weight
    from items, (values (%(last)s::timestamptz, -1), (%(now)s::timestamptz, +1)) as side (at, weight)
    where {" or ".join(f"state = '{s}' and ({' or '.join(f'{c} > %(last)s and {c} <= %(now)s' for c in cs)})" for s, cs in CLOCKS.items())}
)
{_with_snapshot(f"select unit, {_sums('sum(weight)')} from judged group by unit")}"""


async def prepare(db: Connection) -> Connection:
    """What the meter's own connection needs: TICK takes longer to plan than to run, and its best plan never changes.

    Without it the planner, guessing that a third of all transactions are new, comes to prefer a hash join over all items (60 times slower).
    """
    await db.execute("set plan_cache_mode = force_generic_plan")
    return db


def bounds(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The running periods `now` lies in, as {today_since, today_until, month_since, ...}."""
    spans = {name: period(name, now, zone) for name in PERIODS}
    return {f"{name}_{edge}": getattr(span, edge) for name, span in spans.items() for edge in ("since", "until")}


class Meter:
    """The totals of all units at `at`. One per process that measures; not safe for two ticks at once."""

    def __init__(self, db: Connection, zone: ZoneInfo = VIETNAM) -> None:
        self.db = db
        self.zone = zone
        self.totals: Totals = {}
        self.at: datetime | None = None
        self._snapshot = ""
        self._bounds: dict[str, datetime] = {}

    async def tick(self, now: datetime) -> set[int]:
        """Bring the totals to `now`; returns the units whose totals moved. A new day, or a clock set back, recounts."""
        if self.at is None or now < self.at or now >= self._bounds["today_until"]:
            return await self.recount(now)
        values = {"snapshot": self._snapshot, "last": self.at, "now": now, "horizon": self.at - LONGEST, **self._bounds}
        rows = await (await self.db.cursor(binary=True).execute(TICK.encode(), values, prepare=True)).fetchall()
        moved = set()
        for unit, *differences, _ in rows:
            if any(differences):
                totals = self.totals.setdefault(unit, [0] * len(NAMES))
                for n, difference in enumerate(differences):
                    if difference:
                        totals[n] += difference
                moved.add(unit)
        self.at, self._snapshot = now, rows[0][-1]
        return moved

    async def recount(self, now: datetime) -> set[int]:
        """The oracle: count everything again. Returns the units whose totals were not what they should be."""
        before, limits = self.totals, bounds(now, self.zone)
        rows = await (await self.db.cursor(binary=True).execute(recount_sql().encode(), {"now": now, **limits})).fetchall()
        self.totals = {unit: counts for unit, *counts, _ in rows if unit is not None}
        self.at, self._snapshot, self._bounds = now, rows[0][-1], limits
        nothing = [0] * len(NAMES)
        return {u for u in before.keys() | self.totals.keys() if before.get(u, nothing) != self.totals.get(u, nothing)}

    @property
    def seen(self) -> str:
        """What was stored when the totals were read, so that others can read the very same (see past)."""
        return self._snapshot

    def of(self, units: set[int] | frozenset[int], span: str) -> dict[str, int]:
        """Totals of some units together, by indicator, for one of PERIODS."""
        picked = [self.totals[u] for u in units if u in self.totals]
        return {i.name: sum(t[n] for t in picked) for n, (_, i, p) in enumerate(COLUMNS) if p in ("", span)}


def ages(at: datetime, calendar: WorkCalendar | None = None) -> dict[str, datetime]:
    """The borders of the ageing buckets: what is late from {age_n} or before has been so for n working days or more at `at`."""
    clock = calendar or WorkCalendar()
    return {f"age_{n}": clock.since(at, Term(amount=n, unit=TermUnit.WORKING_DAYS)) for n in AGES}


def past(at: datetime, known_at: datetime | None, seen: str | None = None) -> tuple[str, dict[str, Any]]:
    """The relation of a past instant: as known at `known_at`, or (None) as known now. `known_at` must be older than the longest apply
    under way, and a little later than `at`: two batches applied at one instant are learned a microsecond apart.

    Within AS_TOLD of `at` (or before it) it is what was believed, word for word, as the meter told it. What was known later of an instant
    holds what happened after it: that is undone, as it is for what is known now. `seen`, the snapshot that a measure read, needs none of
    this: it is what was stored by then, to the item."""
    if seen:
        return "items_seen(%(seen)s::pg_snapshot)", {"now": at, "seen": seen}
    if known_at and known_at - at <= AS_TOLD:
        return "items_known_at(%(known_at)s)", {"now": at, "known_at": known_at}
    if known_at:
        return "items_true_at(%(now)s, %(known_at)s)", {"now": at, "known_at": known_at}
    return "items_true_at(%(now)s)", {"now": at}


async def count_at(
    db: Connection,
    at: datetime,
    span: Period | None = None,
    *,
    known_at: datetime | None = None,
    seen: str | None = None,
    compare: Compare | None = None,
    calendar: WorkCalendar | None = None,
) -> dict[int, dict[str, int]]:
    """All indicators of a past instant by unit. `span` bounds the periodic ones (None: the whole of time)."""
    relation, values = past(at, known_at, seen)
    within = span or period("all", at)
    counts = [i.sql() for i in INDICATORS]
    sums = ", ".join(f"count(*) filter (where {where})" for where in counts)
    query = f"select unit, {sums} from {judged(relation, compare)} group by unit"
    values |= {"since": within.since, "until": within.until, **ages(at, calendar)}
    rows = await (await db.cursor(binary=True).execute(query.encode(), values)).fetchall()
    return {unit: dict(zip((i.name for i in INDICATORS), numbers, strict=True)) for unit, *numbers in rows}


Side = Literal["part", "whole"]  # of a rate: what stands above the line, or below


def predicate(name: str, side: Side = "part") -> str:
    """The SQL of an indicator; of a rate, what one side of it counts; of a quantile, what it is of. Raises IndicatorError."""
    if name in RATE_BY_NAME:
        declared = RATE_BY_NAME[name]
        return " or ".join(f"({BY_NAME[part].sql()})" for part in (declared.parts if side == "part" else (declared.whole,)))
    if name in QUANTILE_BY_NAME:
        return BY_NAME[QUANTILE_BY_NAME[name].of].sql()
    if name not in BY_NAME:
        raise unknown(name)
    return BY_NAME[name].sql()


LISTED = ("source", "code", "kind", "unit", "field", "procedure", "step", "channel", "state", "received_at", "due_at", "appointed_at",
          "closed_at", "late_from", "suspect", "urgency", "assigner", "progress")  # fmt: skip


async def items_behind(
    db: Connection,
    name: str,
    units: list[int] | None,
    at: datetime,
    span: Period | None = None,
    *,
    side: Side = "part",
    live: bool = False,
    known_at: datetime | None = None,
    seen: str | None = None,
    compare: Compare | None = None,
    calendar: WorkCalendar | None = None,
    narrowed: tuple[str, Mapping[str, Any]] | None = None,
    limit: int | None = None,
    after: tuple[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The items a number counts: the same predicate, listed in order of (source, code), from `after` on; `units` None: all.

    `live` lists what the meter counts at `at` (present rows); otherwise the past as count_at() judges it. `side`: of a rate.
    `narrowed`: one more condition, with its values (ioc/breakdown).
    """
    relation, values = ("items", dict[str, Any](now=at)) if live else past(at, known_at, seen)
    within = span or period("all", at)
    conditions = [f"({predicate(name, side)})"]
    if units is not None:
        conditions.append("unit = any(%(units)s)")
    if narrowed is not None:
        conditions.append(f"({narrowed[0]})")
        values.update(narrowed[1])
    if after is not None:
        conditions.append("(source, code) > (%(after_source)s, %(after_code)s)")
        values |= {"after_source": after[0], "after_code": after[1]}
    values |= {"since": within.since, "until": within.until, "units": units, "limit": limit, **ages(at, calendar)}
    asked = f"select {', '.join(LISTED)} from {judged(relation, compare)} where {' and '.join(conditions)}"
    rows = await (await db.execute(f"{asked} order by source, code limit %(limit)s".encode(), values)).fetchall()
    return [dict(zip(LISTED, row, strict=True)) for row in rows]
