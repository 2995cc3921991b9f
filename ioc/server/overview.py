"""What the overview wall shows, from the meter's totals and a reading of the facts. Pure; called by the measure job.

Keys and shapes are those of ioc/wire.py. The business state of a number is decided here, by its target; that of a unit by its alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue
from ioc.indicators import RATE_BY_NAME, rate, with_rates
from ioc.meter import NAMES
from ioc.server.aims import Aim
from ioc.server.facts import SLOT, SLOTS, Facts, window
from ioc.units import Level, Unit
from ioc.wire import Attention, Business, Cell, Day, Flow, Freshness, Kpi, Ranked, Spark, Target

BRIEF = 14  # letters
RANKED = 12  # rows sent; the screen shows as many as fit
OVER, SOON, OPEN, HELD = (NAMES.index(n) for n in ("dossiers_overdue", "dossiers_due_soon", "dossiers_in_progress", "dossiers_waiting"))
Span = Literal["today", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One number of the overview: which indicator, of which period, from which kind of item, with how many decimals."""

    name: str
    kind: str
    span: Span = "today"
    dp: int = 0


SHOWN = (
    Shown(name="dossiers_overdue", kind="dossier"),
    Shown(name="dossiers_due_soon", kind="dossier"),
    Shown(name="dossiers_received", kind="dossier"),
    Shown(name="dossiers_resolved", kind="dossier"),
    Shown(name="dossiers_in_progress", kind="dossier"),
    Shown(name="dossiers_waiting", kind="dossier"),
    Shown(name="early_and_on_time_rate", kind="dossier", span="month", dp=2),
    Shown(name="online_rate", kind="dossier", span="month", dp=1),
    Shown(name="paid_online_rate", kind="dossier", span="month", dp=1),
    Shown(name="dossiers_digitised_rate", kind="dossier", span="month", dp=1),
    Shown(name="electronic_result_rate", kind="dossier", span="month", dp=1),
    Shown(name="documents_signed_rate", kind="document", span="month", dp=1),
    Shown(name="documents_in", kind="document"),
    Shown(name="documents_overdue", kind="document"),
    Shown(name="documents_urgent_open", kind="document"),
    Shown(name="tasks_overdue", kind="task"),
    Shown(name="tasks_on_time_rate", kind="task", span="year", dp=1),
)
SHAPED = ("dossiers_overdue", "dossiers_due_soon", "dossiers_in_progress")  # drawn from samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything the overview is drawn from, at one instant."""

    now: datetime
    totals: Mapping[int, Sequence[int]]
    sums: Mapping[Span, Mapping[str, int]]  # of the whole province, by period
    facts: Facts
    catalogue: Catalogue
    calendar: WorkCalendar
    province: str
    fresh: Mapping[str, Freshness]  # kind -> where its numbers come from
    silent_units: frozenset[int] = frozenset()
    states: Mapping[str, Business] = field(default_factory=dict)  # unit code -> its worst firing alert
    aims: Mapping[str, Aim] = field(default_factory=dict)
    told: Mapping[str, Kpi] = field(default_factory=dict)  # numbers that systems only report, by name (tiles.py, mirrored.py)


def overview(p: Picture) -> dict[str, Any]:
    """The whole topic: absolute values by key."""
    p = _at_home(p)
    shapes = {f"spark.{name}": _spark(p, name) for name in SHAPED} | {"spark.dossiers_received": _arrivals(p)}
    cells = list(_cells(p))
    grid = (max((c["c"] for _, c in cells), default=0) + 1, max((c["r"] for _, c in cells), default=0) + 1)
    day = _day(p, grid, len(cells))
    kpis = {f"kpi.{shown.name}": _kpi(p, shown) for shown in SHOWN if shown.kind in p.fresh}
    return {
        "day": day,
        "flow": _flow(p),
        "attention": _attention(p),
        **kpis,
        **{f"kpi.{name}": kpi for name, kpi in p.told.items()},
        **shapes,
        **{f"cell.{code}": cell for code, cell in cells},
    }


def _at_home(p: Picture) -> Picture:
    """By the offices of the day: what stands at a unit that is no more is brought to where it counts, so that none is lost, none twice."""
    ids = p.catalogue.ids
    homes = p.catalogue.tree.at(p.now.astimezone(p.calendar.zone).date()).homes
    moved = {ids[code]: ids[home] for code, home in homes.items() if home != code}
    if not moved:
        return p
    totals: dict[int, Sequence[int]] = {}
    for unit, row in p.totals.items():
        held = totals.get(home := moved.get(unit, unit))
        totals[home] = row if held is None else [a + b for a, b in zip(held, row, strict=True)]
    oldest: dict[int, datetime] = {}
    for unit, since in p.facts.oldest.items():
        home = moved.get(unit, unit)
        oldest[home] = min(since, oldest.get(home, since))
    states: dict[str, Business] = {}
    for code, state in p.states.items():
        states[homes.get(code, code)] = min(state, states.get(homes.get(code, code), state), key=lambda st: SERIOUS[st])
    return replace(
        p, totals=totals, facts=replace(p.facts, oldest=oldest), states=states,
        silent_units=frozenset(moved.get(unit, unit) for unit in p.silent_units),
    )  # fmt: skip


def _kpi(p: Picture, shown: Shown) -> Kpi:
    numbers = with_rates(p.sums[shown.span])
    value = numbers[shown.name]
    pct = shown.name in RATE_BY_NAME
    aim = p.aims.get(shown.name)
    kpi: Kpi = {
        "v": value, "u": "pct" if pct else "count", "dp": shown.dp, "st": aim.state(value) if aim else "", "q": p.fresh[shown.kind],
        "parts": _parts(p, shown.name), "period": _named(p, shown.span),
    }  # fmt: skip
    if aim:
        kpi["tgt"] = Target(v=aim.v, dir=aim.dir)
    if shown.name in SHAPED:
        slot = _slot(p.now)
        then = p.facts.ghosts.get(SLOTS if slot is None else slot)
        kpi["cmp"] = {"v": None if then is None else then.get(shown.name, 0), "base": "yesterday"}
    return kpi


def _named(p: Picture, span: Span) -> str:
    """The running period by its own name: 2026-11-20, 2026-11, 2026."""
    day = p.now.astimezone(p.calendar.zone).date().isoformat()
    return {"today": day, "month": day[:7], "year": day[:4]}[span]


def _parts(p: Picture, name: str) -> dict[str, float | None]:
    today, month = p.sums["today"], p.sums["month"]
    match name:
        case "dossiers_overdue":
            oldest = min(p.facts.oldest.values(), default=None)
            return {
                "units": sum(1 for t in p.totals.values() if t[OVER]),
                "oldest": None if oldest is None else round(p.calendar.elapsed_days(oldest, p.now), 2),
            }
        case "dossiers_in_progress":
            return {"waiting": today["dossiers_waiting"]}
        case "early_and_on_time_rate":
            rates = with_rates(month)
            return {"early": rates["early_rate"], "on_time": rates["on_time_rate"], "late": rates["late_rate"],
                    "resolved": month["dossiers_resolved"]}  # fmt: skip
        case "documents_in":
            return {"out": today["documents_out"]}
        case "dossiers_waiting":
            return {"share": rate(today["dossiers_waiting"], today["dossiers_waiting"] + today["dossiers_in_progress"])}
        case "tasks_overdue":
            return {"soon": today["tasks_due_soon"], "open": today["tasks_in_progress"]}
    return {}


def _slot(now: datetime) -> int | None:
    """The slot of the day's window `now` lies in; None outside it."""
    since, until = window(now)
    return int((now - since) / SLOT) if since <= now < until + SLOT else None


def _reached(now: datetime) -> int:
    """How many slots have begun today: 0 before the window, all after it."""
    since, _ = window(now)
    return max(0, min(SLOTS, int((now - since) / SLOT)))


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _spark(p: Picture, name: str) -> Spark:
    since, _ = window(p.now)
    known = p.facts.shapes
    y: list[float | None] = [known[n].get(name, 0) if n in known else None for n in range(_reached(p.now) + 1)] if p.now >= since else []
    slot = _slot(p.now)
    if slot is not None:
        y[slot] = p.sums["today"][name]
    ghosts = p.facts.ghosts
    ghost = [ghosts[n].get(name, 0) if n in ghosts else None for n in range(SLOTS + 1)]
    return {"t0": _millis(since), "dt": int(SLOT.total_seconds()), "n": SLOTS + 1, "y": y, "ghost": ghost}


def _mean(days: Sequence[Sequence[int]]) -> list[float | None]:
    return [round(sum(day[n] for day in days) / len(days), 1) if days else None for n in range(SLOTS)]


def _arrivals(p: Picture) -> Spark:
    since, _ = window(p.now)
    came = list[float | None](p.facts.today.came[: _reached(p.now)])
    ghost = _mean([d.came for d in p.facts.days])
    return {"t0": _millis(since), "dt": int(SLOT.total_seconds()), "n": SLOTS, "y": came, "ghost": ghost}


def _flow(p: Picture) -> Flow:
    since, _ = window(p.now)
    begun = _reached(p.now) + (_slot(p.now) is not None)
    future: list[int | None] = [None] * (SLOTS - min(begun, SLOTS))
    return {
        "t0": _millis(since), "dt": int(SLOT.total_seconds()), "n": SLOTS,
        "came": [*p.facts.today.came[:begun], *future], "went": [*p.facts.today.went[:begun], *future],
        "gcame": _mean([d.came for d in p.facts.days]), "gwent": _mean([d.went for d in p.facts.days]),
        "total_came": p.sums["today"]["dossiers_received"], "total_went": p.sums["today"]["dossiers_resolved"],
    }  # fmt: skip


def _day(p: Picture, grid: tuple[int, int], units: int) -> Day:
    local = p.now.astimezone(p.calendar.zone).date()
    located = any(u.row is not None for u in p.catalogue.tree.at(local) if u.level is Level.COMMUNE)
    return {
        "province": p.province, "date": local.isoformat(), "rest_day": p.calendar.why_rest(local), "grid": grid, "located": located,
        "units": units,
    }  # fmt: skip


def _places(units: Iterable[Unit]) -> dict[str, tuple[int, int]]:
    """(row, column) of each commune; without a layout an alphabetical block of about two columns to a row."""
    listed = sorted(units, key=lambda u: u.name)
    if any(u.row is not None for u in listed):
        return {u.code: (u.row, u.col) for u in listed if u.row is not None and u.col is not None}
    columns = max(1, round((2 * len(listed)) ** 0.5))
    return {u.code: divmod(n, columns) for n, u in enumerate(listed)}


def _cells(p: Picture) -> Iterable[tuple[str, Cell]]:
    communes = {u.code: u for u in p.catalogue.tree.at(p.now.astimezone(p.calendar.zone).date()) if u.level is Level.COMMUNE}
    nothing = [0] * len(NAMES)
    rows = {code: p.totals.get(p.catalogue.ids[code], nothing) for code in communes}
    ranks = sorted(t[OPEN] + t[HELD] for t in rows.values())
    steps = [ranks[int(len(ranks) * share)] for share in (0.4, 0.7, 0.9)] if ranks else []
    for code, (r, c) in _places(communes.values()).items():
        unit, t = communes[code], rows[code]
        held = t[OPEN] + t[HELD]
        yield code, {
            "name": unit.name, "short": unit.short or unit.name, "r": r, "c": c, "level": sum(held > step for step in steps), "open": held,
            "over": t[OVER], "soon": t[SOON], "st": p.states.get(code, ""), "old": p.catalogue.ids[code] in p.silent_units,
        }  # fmt: skip


SERIOUS: dict[Business, int] = {"sev": 0, "crit": 1, "warn": 2, "": 3, "na": 3}


def _attention(p: Picture) -> Attention:
    listed = [
        _ranked(p, code, t) for unit, t in p.totals.items() if (code := p.catalogue.codes.get(unit)) and (t[OVER] or p.states.get(code))
    ]
    listed.sort(key=lambda row: (SERIOUS[row["st"]], -row["over"], -(row["oldest"] or 0), row["code"]))
    rest = listed[RANKED:]
    return {"rows": listed[:RANKED], "rest_units": len(rest), "rest_over": sum(row["over"] for row in rest)}


def _brief(unit: Unit) -> str:
    """A name that fits a row of the list on a wall: the whole one, or the short one where that is too long."""
    return unit.name if len(unit.name) <= BRIEF or not unit.short else unit.short


def _ranked(p: Picture, code: str, t: Sequence[int]) -> Ranked:
    unit = p.catalogue.ids[code]
    oldest = p.facts.oldest.get(unit)
    return {
        "code": code, "name": _brief(p.catalogue.tree[code]), "st": p.states.get(code, ""), "over": t[OVER], "soon": t[SOON],
        "oldest": None if oldest is None else round(p.calendar.elapsed_days(oldest, p.now), 2), "old": unit in p.silent_units,
    }  # fmt: skip
