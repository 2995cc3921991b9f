"""A number as a curve: any count or rate of any unit, from the minute to the month. Behind /api/v1/history and `ioc history`.

As it was known then: read from the samples (ioc/samples.py), by time_bucket in local time. As it is known now, or was known at one instant:
counted again at the end of every bucket. A bucket holds the number at its end. One in which nobody measured holds none, never 0; one that
was measured and where a unit had nothing is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, Reading, load
from ioc.curves import (
    DAILY,
    LONGEST_RECOUNT,
    WIDTHS,
    Bucket,
    Curve,
    HistoryError,
    Measured,
    Point,
    Step,
    buckets,
    carried,
    curve_of,
    step_for,
)
from ioc.db import Connection
from ioc.indicators import BY_NAME
from ioc.meter import ages, past
from ioc.periods import VIETNAM, period
from ioc.samples import ALL, EVERY, INSTANT
from ioc.units import UnitError

__all__ = ["HistoryError", "Point", "Series", "Step", "answer", "points"]

Keys = Callable[[datetime], Sequence[int] | None]  # the keys a unit is made of at an instant; None: everything there is

# `points`: what was measured, each day's closing numbers in place of its minutes where whole days are asked for.
MINUTES = """
with points as (
    select at, unit, numbers, whole, counted_at from samples where unit = any(%(units)s) and at >= %(since)s and at < %(until)s)"""
DAYS = """
with closing as (
    select (day + 1)::timestamp at time zone %(zone)s - interval '1 microsecond' as at, unit, numbers, true as whole, counted_at, day
    from daily_samples where unit = any(%(units)s) and day >= (%(since)s::timestamptz at time zone %(zone)s)::date
), points as (
    select at, unit, numbers, whole, counted_at from closing where at < %(until)s
    union all
    select at, unit, numbers, whole, counted_at from samples s
    where unit = any(%(units)s) and at >= %(since)s and at < %(until)s
      and not exists (select from closing c where c.unit = 0 and c.day = (s.at at time zone %(zone)s)::date))"""
VALUES = """
select time_bucket(%(width)s::interval, at, %(zone)s) as bucket, unit, name, last(value, at), max(at)
from points cross join unnest(%(names)s::text[]) as asked (name)
cross join lateral (select case when whole then coalesce((numbers ->> name)::bigint, 0) else (numbers ->> name)::bigint end) as read (value)
where value is not null group by bucket, unit, name"""
MEASURED = """
select time_bucket(%(width)s::interval, at, %(zone)s) as bucket, max(at), max(at) filter (where whole), last(counted_at is not null, at)
from points where unit = 0 group by bucket"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Which curve: of a unit with all below it (None: everything), over [since, until), in steps (None: by the span).

    `indicator` of a period carries it, as in dossiers_received.today. `known` "then": as it was measured; "now": counted again from what is
    known now; with `known_at`: from what was known at that one instant, which ends the curve.
    """

    indicator: str
    since: datetime
    until: datetime
    unit: str | None = None
    step: Step | None = None
    reading: Reading = "now"
    known: Literal["then", "now"] = "then"
    known_at: datetime | None = None


async def answer(
    db: Connection, asked: Series, now: datetime, zone: ZoneInfo = VIETNAM, calendar: WorkCalendar | None = None
) -> dict[str, Any]:
    """{"indicator", "unit", "step", ..., "points": [{"at", "value", "measured_at", "counted"}]}: `at` is where a bucket begins, `counted`
    says that its number was not measured at the time but counted from history.

    Raises HistoryError, IndicatorError, UnitError, PeriodError.
    """
    catalogue = await load(db, now.astimezone(zone).date())
    step, made = await points(db, catalogue, asked, now, zone, calendar)
    listed = [
        {"at": p.at.isoformat(), "value": p.value, "measured_at": p.measured_at and p.measured_at.isoformat(), "counted": p.counted}
        for p in made
    ]
    return {
        "indicator": asked.indicator,
        "unit": (catalogue.tree.resolve(asked.unit) if asked.unit else catalogue.offices().top) if catalogue else "",
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "step": step,
        "reading": asked.reading,
        "known": asked.known if asked.known_at is None else "at",
        "known_at": asked.known_at.isoformat() if asked.known_at else None,
        "points": listed,
    }


async def points(
    db: Connection, catalogue: Catalogue | None, asked: Series, now: datetime, zone: ZoneInfo, calendar: WorkCalendar | None
) -> tuple[Step, list[Point]]:
    """The step taken and the curve, oldest first."""
    again = asked.known == "now" or asked.known_at is not None
    curve = curve_of(asked.indicator, sampled=not again)
    until = min(asked.until, asked.known_at or now, now)
    step = asked.step or step_for(asked.since, until, LONGEST_RECOUNT if again else None)
    wanted = buckets(asked.since, until, step, zone, LONGEST_RECOUNT if again else None)
    keys = _keys(catalogue, asked, now, zone)
    if again:
        return step, [await _counted(db, curve, bucket, keys, asked.known_at, zone, calendar) for bucket in wanted]
    return step, await _sampled(db, curve, wanted, step, keys, zone) if wanted else []


def _keys(catalogue: Catalogue | None, asked: Series, now: datetime, zone: ZoneInfo) -> Keys:
    """Whose numbers are added up at an instant: by today's tree, or by the tree of that day."""
    code = asked.unit
    if code is None:
        return lambda _: None
    if catalogue is None:
        raise UnitError(f"unit {code!r} is not known: the unit catalogue is empty; import one, or leave the unit out")
    found: dict[Any, list[int]] = {}

    def keys(at: datetime) -> Sequence[int]:
        day = (now if asked.reading == "now" else at).astimezone(zone).date()
        if day not in found:
            found[day] = sorted(catalogue.keys(code, asked.reading, day))
        return found[day]

    keys(now)  # a unit nobody knows is said at once, also where no bucket is asked for
    return keys


async def _sampled(db: Connection, curve: Curve, wanted: Sequence[Bucket], step: Step, keys: Keys, zone: ZoneInfo) -> list[Point]:
    """The curve as it was measured. What holds at the beginning was kept up to EVERY before."""
    of = {bucket: keys(bucket.until - INSTANT) for bucket in wanted}
    units = sorted({ALL}.union(*(found for found in of.values() if found is not None)))
    values = {
        "units": units, "names": list(curve.columns), "width": WIDTHS[step], "zone": zone.key, "until": wanted[-1].until,
        "since": wanted[0].since - EVERY,
    }  # fmt: skip
    points = DAYS if step in DAILY else MINUTES
    rows = await (await db.execute((points + VALUES).encode(), values)).fetchall()
    times = await (await db.execute((points + MEASURED).encode(), values)).fetchall()
    read: dict[datetime, dict[tuple[int, str], tuple[int, datetime]]] = {}
    for bucket, unit, name, value, at in rows:
        read.setdefault(bucket, {})[unit, name] = (value, at)
    measured = {bucket: Measured(at=at, whole_at=whole_at, counted=counted) for bucket, at, whole_at, counted in times}
    return carried(curve, wanted, measured, read, {bucket: [ALL] if found is None else found for bucket, found in of.items()})


async def _counted(
    db: Connection, curve: Curve, bucket: Bucket, keys: Keys, known_at: datetime | None, zone: ZoneInfo, calendar: WorkCalendar | None
) -> Point:
    """One point counted again, at the last instant of its bucket."""
    at = bucket.until - INSTANT
    relation, values = past(at, known_at)
    within, units = period(curve.span or "all", at, zone), keys(at)
    sums = ", ".join(f"count(*) filter (where {BY_NAME[name].sql()})" for name in curve.names)
    query = (
        f"select {sums} from (select *, %(now)s::timestamptz as at from {relation}) judged"
        " where %(units)s::int[] is null or unit = any(%(units)s)"
    )
    values |= {"since": within.since, "until": within.until, "units": None if units is None else list(units), **ages(at, calendar)}
    row = await (await db.execute(query.encode(), values)).fetchone()
    assert row is not None
    return Point(at=bucket.since, value=curve.value(dict(zip(curve.names, row, strict=True))), measured_at=at, counted=True)
