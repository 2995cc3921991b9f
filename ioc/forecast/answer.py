"""The two forecasts as one answer, the same for the server and the command line: slots, totals, and the endangered dossiers by name.

Kept apart everywhere: `certain`, the dossiers whose deadline falls into a slot; `likely`, how many of these will pass it unfinished (≈).
Adding up the list by slot gives the counts; adding up its probabilities gives the expected numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ioc.calendar import WorkCalendar
from ioc.forecast import words
from ioc.forecast.backtest import Report
from ioc.forecast.estimate import Likely, Model, expected
from ioc.forecast.lives import ladder
from ioc.forecast.reading import Open
from ioc.forecast.slots import Slot, last_moment, slot_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One open dossier with the slot its deadline falls into; `likely` None: the history is too thin."""

    dossier: Open
    slot: int
    moment: datetime  # the last working moment in time
    remaining: float  # working days
    likely: Likely | None


def picks(
    open_: Sequence[Open], heirs: Mapping[int, int], model: Model, calendar: WorkCalendar, slots: Sequence[Slot], now: datetime
) -> list[Pick]:
    """The dossiers whose deadlines fall into the slots, the most endangered first. `heirs`: whose history each unit is held against."""
    found = []
    for dossier in open_:
        moment = last_moment(calendar, dossier.due_at, dossier.late_from)
        slot = slot_of(slots, moment)
        if slot is None:
            continue
        left = calendar.elapsed_days(now, dossier.late_from)
        groups = ladder(dossier.procedure, heirs.get(dossier.unit, dossier.unit), dossier.step)
        likely = model.likely(groups, left) if model.enough else None
        found.append(Pick(dossier=dossier, slot=slot, moment=moment, remaining=left, likely=likely))
    return sorted(found, key=lambda p: (-(p.likely.probability if p.likely else 0.0), p.moment, p.dossier.source, p.dossier.code))


def told(
    found: Sequence[Pick],
    model: Model,
    calendar: WorkCalendar,
    slots: Sequence[Slot],
    now: datetime,
    codes: Mapping[int, str],
    *,
    only: int | None = None,
    limit: int = 100,
    skip: int = 0,
) -> dict[str, Any]:
    """{"slots", "totals", "items", "next", "model"}. `only`: list the dossiers of this slot; `next`: what to skip for the next page."""
    listed = [pick for pick in found if only is None or pick.slot == only]
    by_slot = [[pick for pick in found if pick.slot == n] for n in range(len(slots))]
    shown = []
    for slot, inside in zip(slots, by_slot, strict=True):
        vi, en = words.ends(slot.until, now, calendar.zone)
        shown.append({"since": slot.since, "until": slot.until, "vi": vi, "en": en, **_sums(inside)})
    return {
        "slots": shown,
        "totals": {
            "next_24_hours": {"until": now + DAY, **_sums([pick for pick in found if pick.moment <= now + DAY])},
            "all_slots": {"until": slots[-1].until if slots else None, **_sums(found)},
        },
        "items": [_item(pick, codes) for pick in listed[skip : skip + limit]],
        "next": skip + limit if len(listed) > skip + limit else None,
        "model": _model(model),
    }


def _sums(inside: Collection[Pick]) -> dict[str, Any]:
    """The certain count, and the expected number of late ones among them; None where the history is too thin."""
    likely = [pick.likely for pick in inside if pick.likely]
    if len(likely) < len(inside):
        return {"certain": len(inside), "likely": None}
    total, low, high = expected(likely)
    told = {"value": round(total, 2), "low": round(low, 2), "high": round(high, 2), "share": 0.8, "text": words.about(total, low, high)}
    return {"certain": len(inside), "likely": told}


def _item(pick: Pick, codes: Mapping[int, str]) -> dict[str, Any]:
    one = pick.dossier
    vi, en = words.why(pick.likely.basis) if pick.likely else ("", "")
    return {
        "source": one.source, "code": one.code, "unit": codes.get(one.unit, str(one.unit)), "procedure": one.procedure, "step": one.step,
        "field": one.field, "due_at": one.due_at, "late_from": one.late_from, "slot": pick.slot,
        "remaining_days": round(pick.remaining, 2), "probability": round(pick.likely.probability, 4) if pick.likely else None,
        "basis": asdict(pick.likely.basis) if pick.likely else None, "why_vi": vi, "why_en": en,
    }  # fmt: skip


def _model(model: Model) -> dict[str, Any]:
    """What the estimate was learned from; `state` "not_enough": there is none, and why."""
    about = {"trained_at": model.trained_at, "dossiers": model.dossiers, "late": model.late, "quality": "est"}
    if model.enough:
        return {"state": "ready", **about}
    vi, en = words.too_little(model)
    return {"state": "not_enough", "vi": vi, "en": en, **about}


def report_told(report: Report) -> dict[str, Any]:
    """A back-test as JSON: what it learned from, the scores, the reliability table and where it does badly."""
    plain = {name: [asdict(row) for row in getattr(report, name)] for name in ("bins", "cuts", "at", "weeks")}
    return {
        "quality": "est",
        "trained_at": report.model.trained_at,
        "until": report.until,
        "trained": {"dossiers": report.model.dossiers, "late": report.model.late},
        "asked": {"dossiers": report.dossiers, "late": report.late, "questions": report.questions, "reconstructed": report.reconstructed},
        "brier": asdict(report.brier),
        "weeks_inside": report.weeks_inside,
        **plain,
    }
