"""The service index as an answer: a unit's score with its marks, the ranking of units, and "what if". Same for HTTP and the command line.

Our estimate and the published value stand beside each other under their own keys and are never combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from ioc.answers import Question
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.periods import VIETNAM
from ioc.service_index.criteria import Criteria, CriteriaError
from ioc.service_index.inputs import gather
from ioc.service_index.score import Gain, Mark, Score, Values, band, gains, next_band, ranks, score
from ioc.units import Level, UnitError

TOTAL, RANK = "index766", "index766_rank"
PUBLISHED = """
select distinct on (name) name, period, value, source, coalesce(reported_at, learned_at)
from figures where unit = %(unit)s and name = any(%(names)s) and learned_at <= %(known_at)s
order by name, period desc, learned_at desc"""


def shown(number: Fraction | None, places: int = 2) -> float | None:
    """Rounded half up, as the published tables are."""
    if number is None:
        return None
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


async def index(
    db: Connection, criteria: Criteria, asked: Question, now: datetime, changes: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """One unit's index; with `changes` also what it would be, were there so many more (or fewer) of those numbers."""
    catalogue = await _catalogue(db, now)
    code = catalogue.tree.resolve(asked.unit) if asked.unit else catalogue.offices().top
    inputs = await gather(db, criteria.names(), asked, now)
    values = inputs.of(catalogue.keys(code, asked.reading, _day(asked, now)), criteria.names(), catalogue.ids[code])
    answer = {**_head(asked, now, code), "name": catalogue.tree[code].name, "estimate": estimate(criteria, values)}
    answer["published"] = await _published(db, criteria, catalogue.ids[code], asked.known_at or now)
    if changes:
        answer["what_if"] = _what_if(criteria, values, changes)
    return answer


async def ranking(db: Connection, criteria: Criteria, asked: Question, level: Level, now: datetime) -> dict[str, Any]:
    """All units of a level in force, ranked by score and by each group."""
    catalogue = await _catalogue(db, now)
    inputs = await gather(db, criteria.names(), asked, now)
    day = _day(asked, now)
    units = [unit for unit in catalogue.tree if unit.level is level and unit.in_force(day)]
    keys = {unit.code: catalogue.keys(unit.code, asked.reading, day) for unit in units}
    scores = {code: score(criteria, inputs.of(mine, criteria.names(), catalogue.ids[code])) for code, mine in keys.items()}
    places = ranks({code: one.value for code, one in scores.items()})
    by_group = {group.id: ranks({code: one.group(group.id).value for code, one in scores.items()}) for group in criteria.groups}
    rows = [
        {
            "unit": unit.code, "name": unit.name, "rank": places.get(unit.code), "score": shown(one.value), "of": shown(one.of),
            "band": _band(criteria, one.value),
            "groups": {g.id: {"score": shown(one.group(g.id).value), "rank": by_group[g.id].get(unit.code)} for g in criteria.groups},
        }
        for unit in units
        for one in [scores[unit.code]]
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, row["unit"]))
    return {**_head(asked, now, None), "level": level.value, "ranked": len(places), "units": rows, "quality": "est"}


def estimate(criteria: Criteria, values: Values) -> dict[str, Any]:
    """A unit's own estimate: score, marks, where points are lost, what would bring some back."""
    made = score(criteria, values)
    groups = [
        {
            "id": group.id, "vi": group.vi, "en": group.en, "points": shown(part.points), "of": shown(part.of), "max": group.points,
            "undetermined": [mark.criterion.id for mark in part.marks if mark.points is None],
        }
        for group in criteria.groups
        for part in [made.group(group.id)]
    ]  # fmt: skip
    lost = sorted((mark for mark in made.marks if mark.points is not None and mark.points < mark.of), key=lambda m: (m.points or 0) - m.of)
    return {
        "quality": "est", "score": shown(made.value), "points": shown(made.points), "of": shown(made.of),
        "band": _band(criteria, made.value),
        "groups": groups, "criteria": [_mark(mark, values) for mark in made.marks],
        "lost": [{"id": mark.criterion.id, "points": shown(mark.of - (mark.points or 0))} for mark in lost],
        "gains": [_gain(gain, criteria) for gain in gains(criteria, values)], "next_band": _to_next(criteria, made, values),
    }  # fmt: skip


def _day(asked: Question, now: datetime) -> date:
    """The local day of the instant asked about: whose offices those are."""
    return asked.span(now)[1].astimezone(VIETNAM).date()


def _mark(mark: Mark, values: Values) -> dict[str, Any]:
    one = mark.criterion
    ratios = [one.ratio] if one.ratio else list(one.rest)
    names = [name for ratio in ratios for name in (*ratio.parts, *ratio.whole)]
    missing = sorted({name for name in names if values.get(name) is None})
    told = {
        "id": one.id, "group": one.group, "vi": one.vi, "en": one.en, "of": one.points, "threshold": one.threshold,
        "ratio": shown(mark.ratio), "points": shown(mark.points), "values": {name: values.get(name) for name in names},
    }  # fmt: skip
    if mark.points is None:
        vi, en = _why(missing, declared=bool(names))
        told |= {"vi_why": f"Chưa xác định: {vi}", "en_why": f"Undetermined: {en}"}
    return told


def _why(missing: list[str], *, declared: bool) -> tuple[str, str]:
    """Why a criterion cannot be determined."""
    if missing:
        return f"chưa có số liệu {', '.join(missing)}", f"nobody reports {', '.join(missing)}"
    return ("mẫu số bằng 0", "nothing to divide by") if declared else ("chưa khai báo số liệu", "no number is declared")


def _gain(gain: Gain, criteria: Criteria) -> dict[str, Any]:
    one = next(one for one in criteria.criteria if one.id == gain.criterion)
    sign = "−" if gain.fewer else "+"
    more = f"{gain.more:,}"
    points = shown(gain.points) or 0
    return {
        "id": gain.criterion, "number": gain.name, "change": -gain.more if gain.fewer else gain.more, "points": points,
        "vi": f"{one.vi}: {sign}{more.replace(',', '.')} ≈ +{f'{points:g}'.replace('.', ',')} điểm",
        "en": f"{one.en}: {sign}{more} ≈ +{points:g} points",
    }  # fmt: skip


def _to_next(criteria: Criteria, made: Score, values: Values) -> dict[str, Any] | None:
    """What the next band needs, and which criterion alone would reach it."""
    above = next_band(criteria, made.value) if made.value is not None else None
    if above is None or made.value is None:
        return None
    missing = (Fraction(str(above.since)) - made.value) * made.of / 100  # in points that can be determined
    alone = [gain for gain in gains(criteria, values, missing) if gain.points >= missing]
    return {
        "from": above.since,
        "vi": above.vi,
        "en": above.en,
        "missing": shown(missing),
        "alone": [_gain(gain, criteria) for gain in alone],
    }


def _what_if(criteria: Criteria, values: Values, changes: Mapping[str, int]) -> dict[str, Any]:
    """The index with some numbers changed. Raises CriteriaError for a number the index does not use, or one nobody reports."""
    for name in changes:
        if name not in criteria.names():
            raise CriteriaError(f"{name!r} is not a number the index is made of; it is made of {', '.join(sorted(criteria.names()))}")
        if values.get(name) is None:
            raise CriteriaError(f"{name!r} is reported by nobody in this period, so there is nothing to change")
    moved = {name: max(0, (number or 0) + changes.get(name, 0)) if number is not None else None for name, number in values.items()}
    before, after = score(criteria, values), score(criteria, moved)
    difference = after.value - before.value if before.value is not None and after.value is not None else None
    return {
        "changes": dict(changes), "score": shown(after.value), "points": shown(after.points), "difference": shown(difference),
        "band": _band(criteria, after.value),
    }  # fmt: skip


async def _published(db: Connection, criteria: Criteria, unit: int, known_at: datetime) -> dict[str, Any] | None:
    """What the portal published of a unit, newest period first; None: never anything."""
    names = [TOTAL, RANK, *(group.published for group in criteria.groups if group.published)]
    rows = await (await db.execute(PUBLISHED, {"unit": unit, "names": names, "known_at": known_at})).fetchall()
    newest = {name: (span, value, source, at) for name, span, value, source, at in rows}
    if TOTAL not in newest:
        return None
    span, value, source, at = newest[TOTAL]
    same = {name: one for name, (its, one, _, _) in newest.items() if its == span}
    groups = {group.id: same.get(group.published) for group in criteria.groups}
    return {"score": value, "rank": same.get(RANK), "period": span, "source": source, "reported_at": at.isoformat(), "groups": groups}


def _band(criteria: Criteria, value: Fraction | None) -> dict[str, Any] | None:
    if value is None:
        return None
    found = band(criteria, value)
    return {"from": found.since, "vi": found.vi, "en": found.en}


def _head(asked: Question, now: datetime, unit: str | None) -> dict[str, Any]:
    return {"as_of": asked.span(now)[1].isoformat(), "period": asked.period, "unit": unit}


async def _catalogue(db: Connection, now: datetime) -> Catalogue:
    catalogue = await load(db, now.astimezone(VIETNAM).date())
    if catalogue is None:
        raise UnitError("the unit catalogue is empty; import one first")
    return catalogue


def changes(texts: Iterable[str]) -> dict[str, int]:
    """Wishes like "dossiers_paid_online:+620" as numbers. Raises CriteriaError."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = text.partition(":")
        try:
            found[name] = found.get(name, 0) + int(number)
        except ValueError:
            raise CriteriaError(f"{text[:60]!r} is no change; write NAME:+NUMBER or NAME:-NUMBER") from None
    return found
