"""What a curve is made of: which columns a number needs, the buckets of a span, and a value carried over sparse rows. Pure.

ioc/history.py asks the database by these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from ioc.indicators import BY_NAME, RATE_BY_NAME, rate, unknown
from ioc.meter import NAMES, PERIODS
from ioc.samples import EVERY

Step = Literal["minute", "half_hour", "hour", "day", "week", "month"]
STEPS: tuple[Step, ...] = get_args(Step)
WIDTHS: Mapping[Step, str] = {
    "minute": "1 minute",
    "half_hour": "30 minutes",
    "hour": "1 hour",
    "day": "1 day",
    "week": "7 days",
    "month": "1 month",
}
LENGTHS: Mapping[Step, timedelta] = {
    "minute": timedelta(minutes=1), "half_hour": EVERY, "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7),
    "month": timedelta(days=31),
}  # fmt: skip
DAILY: tuple[Step, ...] = ("day", "week", "month")  # read from the closing numbers of days
GOOD = 400  # points of a curve whose step is chosen by its span: as many as a screen can draw
LONGEST = 2000  # points at most
LONGEST_RECOUNT = 60  # points that are counted again: each looks at every item there is


class HistoryError(ValueError):
    """A curve that cannot be drawn; the message says what of it, and how to ask instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """[since, until), in UTC; the first and last of a curve may be cut short by its ends."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`at`: where its bucket begins. `measured_at`: the instant its number is of; None with `value` None: nobody measured."""

    at: datetime
    value: float | None
    measured_at: datetime | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """When numbers were kept in a bucket: last, and last all of them (None: only what changed)."""

    at: datetime
    whole_at: datetime | None
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What a curve is counted from: `parts` added up, as a share of `whole` ("": none), within the period `span` ("": a stock has none)."""

    parts: tuple[str, ...]
    whole: str = ""
    span: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.parts, self.whole) if self.whole else self.parts

    @property
    def columns(self) -> tuple[str, ...]:
        """As they are called in the samples."""
        return tuple(self.column(name) for name in self.names)

    def column(self, name: str) -> str:
        return f"{name}.{self.span}" if self.span else name

    def value(self, counts: Mapping[str, int]) -> float | None:
        """The number itself, of counts by name."""
        total = sum(counts[name] for name in self.parts)
        return rate(total, counts[self.whole]) if self.whole else total


def curve_of(text: str, *, sampled: bool) -> Curve:
    """What `dossiers_overdue`, `dossiers_received.today` or `online_rate.month` stands for. Raises IndicatorError.

    What was `sampled` exists for the running periods only; what is counted again may have any.
    """
    name, _, span = text.partition(".")
    declared = RATE_BY_NAME.get(name)
    curve = Curve(parts=declared.parts, whole=declared.whole, span=span) if declared else Curve(parts=(name,), span=span)
    missing = [one for one in curve.names if one not in BY_NAME or BY_NAME[one].per_period != bool(span)]
    if missing or (sampled and any(column not in NAMES for column in curve.columns)):
        raise unknown(text, [*NAMES, *(f"{one}.{within}" for one in RATE_BY_NAME for within in PERIODS)])
    return curve


def step_for(since: datetime, until: datetime, most: int | None = None) -> Step:
    """The smallest step of which no more than GOOD (or `most`) points come."""
    return next((step for step in STEPS if (until - since) / LENGTHS[step] <= (most or GOOD) - 1), STEPS[-1])


def buckets(since: datetime, until: datetime, step: Step, zone: ZoneInfo, most: int | None = None) -> list[Bucket]:
    """The buckets that [since, until) touches, as time_bucket lays them: on local midnights, Mondays, firsts. Raises HistoryError."""
    limit = most or LONGEST
    if (until - since) / LENGTHS[step] > limit:
        why = "counted again" if most else "drawn"
        raise HistoryError(
            f"{since.isoformat()} to {until.isoformat()} by {step} is more than {limit} points, which is the most that are {why};"
            " take a longer step or a shorter span"
        )
    made: list[Bucket] = []
    for begin, end in _grid(since, step, zone):
        if begin >= until:
            return made
        made.append(Bucket(since=begin, until=min(end, until)))
    return made


def _grid(since: datetime, step: Step, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Bucket after bucket, from the one `since` lies in."""
    local = since.astimezone(zone)
    if step in DAILY:
        day = {"day": local.date(), "week": local.date() - timedelta(days=local.weekday())}.get(step, local.date().replace(day=1))
        while True:
            after = (day + timedelta(days=32)).replace(day=1) if step == "month" else day + LENGTHS[step]
            yield _begin(day, zone), _begin(after, zone)
            day = after
    length = LENGTHS[step]
    begin = _begin(local.date(), zone)
    begin += (since - begin) // length * length
    while True:
        yield begin, begin + length
        begin += length


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def carried(
    curve: Curve,
    wanted: Sequence[Bucket],
    measured: Mapping[datetime, Measured],
    read: Mapping[datetime, Mapping[tuple[int, str], tuple[int, datetime]]],
    keys: Mapping[Bucket, Sequence[int]],
) -> list[Point]:
    """The curve over rows that only say what changed. `read`: bucket -> (unit, column) -> its last value and when that was.

    All numbers are kept every half hour: so what is older than the last whole sample is no more, and what is older than EVERY is unknown.
    """
    state: dict[tuple[int, str], tuple[int, datetime]] = {}
    last: Measured | None = None
    whole_at: datetime | None = None
    ends = {bucket.since: bucket for bucket in wanted}
    made = []
    for begin in sorted(ends.keys() | measured.keys()):
        if begin in measured:
            last = measured[begin]
            whole_at = last.whole_at or whole_at
            state |= read.get(begin, {})
        bucket = ends.get(begin)
        if bucket is None:
            continue
        if last is None or whole_at is None or (begin not in measured and bucket.until - last.at > EVERY):
            made.append(Point(at=begin, value=None))
            continue
        counts = dict.fromkeys(curve.names, 0)
        for name in curve.names:
            found = (state.get((unit, curve.column(name))) for unit in keys[bucket])
            counts[name] = sum(value for value, at in (one for one in found if one) if at >= whole_at)
        made.append(Point(at=begin, value=curve.value(counts), measured_at=last.at, counted=last.counted))
    return made
