"""What the wall shows of reported figures: one table, and its numbers as Kpi values. Pure; called by the measure job.

Numbers counted from items are in overview.py; here are those that systems only report, each with the period it is of: a queue is of today,
an index of a year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from ioc.figures import RATES, VOTES
from ioc.periods import VIETNAM
from ioc.reported import Number, Span, Told, numbers, rates
from ioc.server.aims import Aim
from ioc.wire import Freshness, Kpi, Target

Fresh = Callable[[frozenset[str]], Freshness]
A_YEAR = 366 * 86400  # seconds
SPANS: tuple[Span, ...] = ("today", "month", "newest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One number. `parts`: what stands beside it, each the sum of some figures of the same span. `least`: the smallest part `n` (votes) the
    number may be made of; below it there is no number, because a handful says nothing of a province."""

    name: str
    u: Literal["count", "pct", "min", "score"]
    span: Span = "month"
    dp: int = 0
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    least: int = 0


TILES = (
    Tile(name="visits", u="count", span="today", parts={"served": ("served",)}),
    Tile(name="wait_p90", u="min", span="today", parts={"waiting": ("queue_waiting",), "visits": ("visits",)}),
    Tile(name="satisfaction_rate", u="pct", dp=1, parts={"n": VOTES}, least=30),
    Tile(name="papers_digitised_rate", u="pct", dp=1, parts={"n": ("papers_due",)}),
    Tile(name="payments_online_rate", u="pct", dp=1, parts={"n": ("payments",)}),
    Tile(name="feedback_on_time_rate", u="pct", dp=1, parts={"received": ("feedback_received",)}),
    Tile(name="conference_connected_rate", u="pct", dp=1, parts={"sessions": ("conference_sessions",), "points": ("conference_points",)}),
    Tile(name="procedures_full_rate", u="pct", span="newest", dp=2, parts={"full": ("procedures_full",)}),
    Tile(name="index766", u="score", span="newest", dp=2, parts={"rank": ("index766_rank",)}),
    Tile(name="par_index", u="score", span="newest", dp=2, parts={"rank": ("par_index_rank",)}),
    Tile(name="sipas", u="score", span="newest", dp=2, parts={"rank": ("sipas_rank",)}),
    Tile(name="pci", u="score", span="newest", dp=2, parts={"rank": ("pci_rank",)}),
    Tile(name="papi", u="score", span="newest", dp=2, parts={"rank": ("papi_rank",)}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the tiles are drawn from: the instant, what the numbers should reach, and how old each source's are."""

    now: datetime
    fresh: Fresh
    aims: Mapping[str, Aim] = field(default_factory=dict)
    zone: ZoneInfo = VIETNAM


def kpis(told: Iterable[Told], basis: Basis) -> dict[str, Kpi]:
    """The tiles of which somebody has ever reported something, by name. One whose period holds nothing is null, not left out."""
    rows = list(told)
    known: dict[Span, dict[str, Number]] = {}
    for span in SPANS:
        found = numbers(rows, basis.now, span, basis.zone)
        known[span] = {**found, **rates(found)}
    newest = known["newest"]
    heard = newest.keys() | {name for name, one in RATES.items() if all(part in newest for part in one.whole)}
    return {tile.name: _kpi(tile, known[tile.span], newest, basis) for tile in TILES if tile.name in heard}


def _kpi(tile: Tile, known: Mapping[str, Number], newest: Mapping[str, Number], basis: Basis) -> Kpi:
    number, aim = known.get(tile.name), basis.aims.get(tile.name)
    parts = _parts(tile, number, known)
    enough = (parts.get("n") or 0) >= tile.least
    value = round(number.value, tile.dp) if number is not None and enough else None
    kpi: Kpi = {
        "v": value, "u": tile.u, "dp": tile.dp, "st": aim.state(value) if aim else "", "q": _quality(tile, number, newest, basis.fresh),
        "parts": parts, "period": number.period if number else _period(tile, basis),
    }  # fmt: skip
    if aim:
        kpi["tgt"] = Target(v=aim.v, dir=aim.dir)
    return kpi


def _parts(tile: Tile, number: Number | None, known: Mapping[str, Number]) -> dict[str, float | None]:
    parts: dict[str, float | None] = {
        name: sum(known[figure].value for figure in figures) if all(figure in known for figure in figures) else None
        for name, figures in tile.parts.items()
    }
    if number is not None and number.before is not None:
        parts["change"] = round(number.value - number.before, tile.dp)
    return parts


def _quality(tile: Tile, number: Number | None, newest: Mapping[str, Number], fresh: Fresh) -> Freshness:
    """Of the sources it comes from: how lately we asked them. What it is of, a day or a year, is its period.

    A number typed in or imported has no source that is asked: it is as old as its publication, and may be a year.
    """
    used = number or newest.get(tile.name)
    one = RATES.get(tile.name)
    sources = used.sources if used else frozenset().union(*(newest[part].sources for part in one.whole)) if one else frozenset()
    quality = fresh(sources)
    if quality["src"] or used is None:
        return quality
    told = round(used.at.timestamp() * 1000)
    return {**quality, "as_of": told, "obs": told, "src": sorted(sources), "exp": A_YEAR}


def _period(tile: Tile, basis: Basis) -> str:
    day = basis.now.astimezone(basis.zone).date()
    return f"{day}" if tile.span == "today" else f"{day:%Y-%m}"
