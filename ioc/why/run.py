"""Why a number moved: its parts at two moments, what each contributed, and the items that came and went.

Called for the command line and the interface; reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from ioc.answers import Question, keys_of, local_day, offices_below
from ioc.breakdown.dimensions import UNIT
from ioc.breakdown.split import counted_by
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.why.asked import Change
from ioc.why.moved import Movement, moved
from ioc.why.shares import HUNDREDTHS, NONE, Counted, apportioned, decomposed, printed, total

Groups = dict[str, Counted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One part: counts of it before and after, and what it adds to the change: items, or of a rate hundredths of a point, mix and rate
    apart. `own`: what the unit holds itself, beside the offices below it."""

    key: str
    vi: str
    en: str
    before: Counted
    after: Counted
    change: int
    mix: int = 0
    rate: int = 0
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The answer. `before`, `after`, `change`: items, or of a rate hundredths of a per cent and points (None: nothing to divide by). The
    `parts` sum to the change exactly, largest first; none where a rate is not determined."""

    asked: Change
    moments: tuple[datetime, datetime]
    before: int | None
    after: int | None
    change: int | None
    parts: Sequence[Contribution]
    movement: Movement


async def why(db: Connection, change: Change, now: datetime, calendar: WorkCalendar | None = None) -> Why:
    """Raises UnitError for a unit there is not. The counts and the items are read in one snapshot, so that they agree to the last item."""
    moments = (change.since.span(now)[1], change.until.span(now)[1])
    async with db.transaction():
        await db.execute("set transaction isolation level repeatable read, read only")
        catalogue = await load(db, local_day(now))
        before = await _groups(db, change, change.since, moments[0], now, catalogue, calendar)
        after = await _groups(db, change, change.until, moments[1], now, catalogue, calendar)
        movement = await moved(db, change, moments, now, calendar)
    names = _names(change, moments[1], catalogue)
    made = _of_rate(before, after, names) if change.is_rate else _of_count(before, after, names)
    first, last = (printed(total(side.values())) if change.is_rate else total(side.values()).part for side in (before, after))
    return Why(
        asked=change, moments=moments, before=first, after=last, change=None if first is None or last is None else last - first,
        parts=sorted(made, key=lambda one: (-abs(one.change), -abs(one.mix), one.vi)), movement=movement,
    )  # fmt: skip


async def _groups(
    db: Connection,
    change: Change,
    question: Question,
    at: datetime,
    now: datetime,
    catalogue: Catalogue | None,
    calendar: WorkCalendar | None,
) -> Groups:
    """The parts at one moment."""
    known = replace(question, known_at=at if change.known == "then" else None)
    names = list(dict.fromkeys((*change.counts, *filter(None, [change.whole]))))
    found = await counted_by(db, names, change.by.sql, known, now, calendar)
    home = _homes(question, at, catalogue) if change.by.name == UNIT else {}
    groups: Groups = {}
    for value, numbers in found.items():
        key = home.get(int(value or 0), str(value)) if change.by.name == UNIT else value or ""
        so_far = groups.get(key, NONE)
        part = sum(numbers[name] for name in change.counts)
        groups[key] = Counted(part=so_far.part + part, whole=so_far.whole + (numbers[change.whole] if change.whole else 0))
    return groups


def _homes(question: Question, at: datetime, catalogue: Catalogue | None) -> dict[int, str]:
    """Every unit's key -> the office directly below the one asked about that it is counted for, or that one itself."""
    if catalogue is None:
        return {}
    day = local_day(at)
    code = catalogue.tree.resolve(question.unit) if question.unit else catalogue.offices(question.reading, day).top
    homes = dict.fromkeys(keys_of(catalogue, question, at) or catalogue.codes, code)
    for office in offices_below(catalogue, code, question.reading, day):
        homes |= dict.fromkeys(catalogue.keys(office.code, question.reading, day), office.code)
    return homes


def _names(change: Change, at: datetime, catalogue: Catalogue | None) -> dict[str, tuple[str, str, bool]]:
    """What people read of a unit's part: its name, and whether it is the unit asked about itself. The parts of others: see Dimension.of."""
    if change.by.name != UNIT or catalogue is None:
        return {}
    day, question = local_day(at), change.until
    top = catalogue.tree.resolve(question.unit) if question.unit else catalogue.offices(question.reading, day).top
    names = {unit.code: (catalogue.tree.on(unit.code, day) or unit).name for unit in catalogue.tree}
    return {
        code: (f"{name} (trực tiếp)", f"{name} (itself)", True) if code == top else (name, name, False) for code, name in names.items()
    } | {"": (change.by.of(None).vi, change.by.of(None).en, False)}


def _contribution(key: str, sides: tuple[Groups, Groups], names: Mapping[str, tuple[str, str, bool]], **effects: int) -> Contribution:
    vi, en, own = names.get(key, (key, key, False))
    before, after = sides[0].get(key, NONE), sides[1].get(key, NONE)
    return Contribution(key=key, vi=vi, en=en, own=own, before=before, after=after, **effects)


def _of_count(before: Groups, after: Groups, names: Mapping[str, tuple[str, str, bool]]) -> list[Contribution]:
    keys = before.keys() | after.keys()
    changes = {key: after.get(key, NONE).part - before.get(key, NONE).part for key in keys}
    return [_contribution(key, (before, after), names, change=change) for key, change in changes.items()]


def _of_rate(before: Groups, after: Groups, names: Mapping[str, tuple[str, str, bool]]) -> list[Contribution]:
    """Mix and rate of every part in hundredths of a point; all of them together are the printed change."""
    effects = decomposed(before, after)
    first, last = printed(total(before.values())), printed(total(after.values()))
    if effects is None or first is None or last is None:
        return []
    keys = sorted(effects)
    exact = [effect for key in keys for effect in (effects[key].mix, effects[key].rate)]
    rounded = apportioned([Fraction(100 * HUNDREDTHS) * value for value in exact], last - first)
    pairs = zip(keys, rounded[::2], rounded[1::2], strict=True)
    return [_contribution(key, (before, after), names, change=mix + rate, mix=mix, rate=rate) for key, mix, rate in pairs]
