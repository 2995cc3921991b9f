"""What is heard of a source, as plain facts. Pure; kept by ioc/watchbook.py, judged by collectors/health.py, shown by ioc/server/board.py.

`Heard` is what the polls and pushes of one source came to, `Flip` one change of how it is, `KnownField` a field its records came with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`as_of`: the last instant it said its data are true for (never ahead of our clock), first heard at `said_at`.

    `started`: when it was first listened to, `resumed`: since when without a break. `spared`: time since `as_of` (since `started`, before
    the first answer) in which nobody listened. `turned_at`: since when its polls end as the last one did; `refused_at`: since when a
    person must act. `skew`: seconds its clock is ahead of ours.
    """

    started: datetime
    resumed: datetime
    spared: timedelta = NOTHING
    first_at: datetime | None = None
    read_at: datetime | None = None
    as_of: datetime | None = None
    said_at: datetime | None = None
    day_at: datetime | None = None
    moved_at: datetime | None = None
    turned_at: datetime | None = None
    refused_at: datetime | None = None
    failures: int = 0
    error: str = ""
    skew: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """How a source is from `at` on. `since`: when its state began; `stuck` and `drift`: since when, None: not."""

    source: str
    at: datetime
    state: str
    since: datetime
    stuck: datetime | None = None
    drift: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownField:
    """A field a source's records came with. `missing`: records read in a row without it, since `missing_since`; `gap`: the longest row it
    came back from."""

    first_at: datetime
    last_at: datetime
    accepted: bool
    missing: int = 0
    missing_since: datetime | None = None
    gap: int = 0
