"""The JSON contract with screens. web/src/wire.ts is generated from this file (ioc/typescript.py), so both sides agree.

Every message is a JSON object with a type `t`. A topic's content travels as Updates: `snap` is the whole topic, `delta` builds on
`prev`; `set` holds absolute values by key, `del` the keys that left. What a key may hold is declared by the value types below.
Instants are milliseconds since the epoch, UTC. None (null) is "not known" and is shown as a dash, never as 0.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

PROTOCOL = 1
HEARTBEAT = 10  # seconds between two `hb`
DEAD = 25  # seconds without any frame after which a client gives a connection up

Business = Literal["", "warn", "crit", "sev", "na"]  # decided by the server's rules, never by the screen
Quality = Literal["live", "late", "stale", "down", "daily", "manual", "est"]


class Freshness(TypedDict):
    """Where a value comes from and how old it is; the screen ages it by itself."""

    as_of: int | None  # the oldest of its sources says its data are true for this instant; null: never heard
    obs: int | None  # when that was collected
    src: list[str]  # names of the sources
    lag: int | None  # obs - as_of, seconds
    exp: int  # seconds expected between two collections
    cov: tuple[int, int]  # units reporting, units in all
    bad: int  # quarantined records that may be missing from this value


class Target(TypedDict):
    v: float
    dir: Literal["max", "min"]  # max: stay at or below; min: reach at least


class Compared(TypedDict):
    v: float | None
    base: Literal["yesterday", "last_week"]  # at the same time of day


class Spark(TypedDict):
    """A shape in a fixed window: `n` slots of `dt` seconds from `t0`; `y` as far as it is known."""

    t0: int
    dt: int
    n: int
    y: list[float | None]
    ghost: list[float | None]


class Kpi(TypedDict):
    """One number. `parts` are named numbers shown beside it (units concerned, oldest, shares, ...)."""

    v: float | None
    u: Literal["count", "pct", "min", "score"]
    dp: int
    st: Business
    q: Freshness
    tgt: NotRequired[Target]
    cmp: NotRequired[Compared]
    parts: NotRequired[dict[str, float | None]]
    period: NotRequired[str]


class Flow(TypedDict):
    """Received above, resolved below, in `n` slots of `dt` seconds from `t0`; g*: mean of the last four same weekdays."""

    t0: int
    dt: int
    n: int
    came: list[int | None]
    went: list[int | None]
    gcame: list[float | None]
    gwent: list[float | None]
    total_came: int
    total_went: int


class Cell(TypedDict):
    """One unit on the tile map. `level` 0..3: share of open dossiers, a quiet shade; `st` "" = within tolerance."""

    name: str
    short: str
    r: int
    c: int
    level: int
    open: int
    over: int
    soon: int
    st: Business
    old: bool  # a source of this unit is silent


class Ranked(TypedDict):
    code: str
    name: str
    st: Business
    over: int
    soon: int
    oldest: float | None  # working days the oldest overdue dossier is late
    old: bool


class Attention(TypedDict):
    rows: list[Ranked]
    rest_units: int
    rest_over: int


class Day(TypedDict):
    """What the header must say about today."""

    province: str
    date: str  # ISO, local
    rest_day: str | None  # null: a working day; else why not ("weekend", a holiday's name)
    grid: tuple[int, int]  # columns, rows of the tile map
    located: bool  # False: the cells stand in no geographical order
    units: int


class Measured(TypedDict):
    """Which instant all counted numbers of the topic are of, and what was stored then: with both, /api/v1/explain and the lists answer for
    the very numbers the screen shows."""

    at: str  # ISO, to the microsecond: a deadline may fall on it
    seen: str


class Drift(TypedDict):
    """How a source's answers no longer look as they did."""

    what: Literal["unknown_code", "missing_field", "new_field"]  # a new field holds nothing back, the others do
    name: str  # their field, or "field: code"
    n: int  # records concerned
    since: int


class SourceState(TypedDict):
    """Health of one department system: fresh within its period, late within its grace, then stale (it answers) or down (it does not)."""

    name: str
    title: str
    type: str
    kind: Literal["poll", "push", "daily", "manual"]
    as_of: int | None
    obs: int | None  # last successful collection
    exp: int  # seconds between two collections
    period: int  # seconds its data stay fresh
    grace: int  # and so many more they are only late
    st: Literal["never", "fresh", "late", "stale", "down"]
    since: int  # in this state since
    stuck: int | None  # answers, but nothing has changed through so much working time; since when
    drift: list[Drift]
    skew: int  # seconds its clock is ahead of ours, 0 when it cannot be told from ours
    next: int | None  # while it fails it is asked less often: when again
    why: str  # last error in one line, "" when fine
    bad: int  # records in quarantine
    items: int
    figures: int  # numbers it reported


class SystemState(TypedDict):
    """The server about itself."""

    db: bool
    db_since: int
    bus: bool
    bus_since: int
    checked: int  # when the alert rules last ran


class AlertLine(TypedDict):
    """One firing alert on the strip."""

    id: int
    st: Business
    rule: str
    title_vi: str
    title_en: str
    subject: str
    text_vi: str
    text_en: str
    count: int
    since: int  # the moment it became true
    frozen: bool  # its source is silent: kept, not resolved


class Tick(TypedDict):
    """One line of the ticker: what happened at one unit, aggregated, nobody named."""

    id: int
    at: int
    unit: str
    what: Literal["received", "resolved", "overdue"]
    n: int


# Topic -> what its keys hold. A key "kpi." stands for every key with that prefix.
TOPICS: dict[str, dict[str, Any]] = {
    "overview": {"day": Day, "measured": Measured, "kpi.": Kpi, "spark.": Spark, "flow": Flow, "cell.": Cell, "attention": Attention},
    "sources": {"src.": SourceState, "system": SystemState},
    "alerts": {"alert.": AlertLine},
    "ticker": {"tick.": Tick},
}


class Wanted(TypedDict):
    n: str
    since: NotRequired[Since]


class Since(TypedDict):
    ep: str
    seq: int


class Hello(TypedDict):
    t: Literal["hello"]
    proto: int
    ui: str
    lang: NotRequired[str]
    w: NotRequired[int]
    h: NotRequired[int]


class Sub(TypedDict):
    t: Literal["sub"]
    topics: list[Wanted]


class Unsub(TypedDict):
    t: Literal["unsub"]
    topics: list[str]


class Welcome(TypedDict):
    t: Literal["welcome"]
    now: int
    proto: int
    srv: str
    ui: str
    hb: int
    dead: int
    topics: list[str]


class Snap(TypedDict):
    t: Literal["snap"]
    n: str
    ep: str
    seq: int
    set: dict[str, Any]


class Delta(TypedDict):
    t: Literal["delta"]
    n: str
    ep: str
    seq: int
    prev: int
    set: dict[str, Any]
    del_: NotRequired[list[str]]  # "del" on the wire


class Heartbeat(TypedDict):
    t: Literal["hb"]
    now: int
    heads: dict[str, int]  # seq of each topic: a lost update is found even in a quiet one


class Problem(TypedDict):
    t: Literal["err"]
    code: str
    vi: str
    en: str


# Why the server closes a connection. 1006 (nothing heard) must be treated like 4429 by a client.
CLOSES = {
    1007: "not a message of ours",
    1008: "too many messages",
    1009: "message too big",
    1012: "restarting",
    4401: "sign in",
    4403: "not allowed",
    4408: "no hello",
    4409: "other protocol",
    4429: "too slow",
}

CLIENT = (Hello, Sub, Unsub)
SERVER = (Welcome, Snap, Delta, Heartbeat, Problem)
