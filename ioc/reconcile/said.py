"""What a report says as plain values, for JSON and for tables. Pure. No dossier is named but by its own code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from ioc.reconcile import causes, verdict
from ioc.reconcile.causes import Cause, Effect
from ioc.reconcile.counting import Dossier
from ioc.reconcile.verdict import Line, Report

NAMED = 100  # dossiers of one cause in an answer; the count says how many there are


def plain(report: Report, codes: Mapping[int, str], *, lines: Iterable[Line] | None = None) -> dict[str, Any]:
    """A report as values that JSON knows. `codes`: units by key. `lines`: only these; the tally is of all."""
    return {
        "as_of": report.at.isoformat(),
        "unexplained_differences": report.unexplained,
        "verdicts": report.tally,
        "figures": [line_(one, codes) for one in (report.lines if lines is None else lines)],
        "checks": [asdict(check) for check in report.checks],
    }


def line_(line: Line, codes: Mapping[int, str]) -> dict[str, Any]:
    """One figure with its verdict."""
    one, (vi, en) = line.published, verdict.WORDS[line.verdict]
    return {
        "set": one.set_name, "reported": one.reported, "unit": one.unit, "level": one.level, "period": one.period, "figure": one.figure,
        "published": one.value, "measured_in": one.measured_in, "detail": dict(one.detail),
        "ours": line.ours, "judged_at": line.at.isoformat() if line.at else None, "verdict": line.verdict.value, "vi": vi, "en": en,
        "note_vi": line.vi, "note_en": line.en, "difference": line.difference, "rest": line.rest,
        "causes": [_effect(effect, codes) for effect in line.causes],
        "possible": [_effect(effect, codes) for effect in line.possible],
        "lists": links(line),
    }  # fmt: skip


def links(line: Line) -> dict[str, str]:
    """Where the items behind ours are listed, by indicator; none for figures of one level alone, which no single unit counts."""
    if line.at is None or line.published.level or line.ours is None:
        return {}
    asked = {"unit": line.unit, "period": line.published.period, "as_of": line.at.isoformat()}
    return {name: f"/api/v1/items?{urlencode({'indicator': name, **asked})}" for name in line.counts}


def _effect(effect: Effect, codes: Mapping[int, str]) -> dict[str, Any]:
    vi, en = causes.WORDS[effect.cause]
    of = effect.of
    return {
        "cause": effect.cause.value, "change": effect.change, "vi": f"{vi}: {effect.vi}" if effect.vi else vi,
        "en": f"{en}: {effect.en}" if effect.en else en, "more": of.more if of else 0, "fewer": of.fewer if of else 0,
        "missing_here": [_dossier(one, effect.cause, codes) for one in (of.added if of else ())[:NAMED]],
        "only_here": [_dossier(one, effect.cause, codes) for one in (of.left_out if of else ())[:NAMED]],
    }  # fmt: skip


def _dossier(one: Dossier, cause: Cause, codes: Mapping[int, str]) -> dict[str, Any]:
    told: dict[str, Any] = {"code": one.code}
    if one.source:
        told["source"] = one.source
    if one.unit is not None:
        told["unit"] = codes.get(one.unit, str(one.unit))
    if one.state:
        told["state"] = one.state
    times = {"received_at": one.received_at, "closed_at": one.closed_at}
    times |= {"gone_at" if cause is Cause.GONE else "learned_at": one.learned_at}
    return told | {name: at.isoformat() for name, at in times.items() if at is not None}
